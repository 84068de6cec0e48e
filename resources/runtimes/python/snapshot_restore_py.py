# SPDX-License-Identifier: GPL-3.0-or-later
"""Hooks around the copying of an initialised process, by the names of AWS Lambda's SnapStart for Python.

https://docs.aws.amazon.com/lambda/latest/dg/snapstart-runtime-hooks-python.html: those before run once, last registered
first; those after in each copy, first registered first.
"""

_before, _after = [], []


def register_before_snapshot(function, *args, **kwargs):
    _before.insert(0, (function, args, kwargs))
    return function


def register_after_restore(function, *args, **kwargs):
    _after.append((function, args, kwargs))
    return function


def get_before_snapshot():
    return list(_before)


def get_after_restore():
    return list(_after)
