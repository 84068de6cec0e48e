# SPDX-License-Identifier: GPL-3.0-or-later
"""Errors that the runtime itself tells."""


class Fault(Exception):
    """An error that the runtime itself tells, by its type's name on AWS Lambda."""

    def __init__(self, kind, message, stack=()):
        super().__init__(message)
        self.kind, self.stack = "Runtime." + kind, list(stack)
