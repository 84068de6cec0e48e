# SPDX-License-Identifier: GPL-3.0-or-later
"""Imported only by a process that waits for its function: what most handlers import, while nobody waits for it.

Nothing with a state that siblings must not share (random, uuid, ssl), and nothing that the user's settings change.
"""

import base64  # noqa: F401
import collections  # noqa: F401
import datetime  # noqa: F401
import decimal  # noqa: F401
import enum  # noqa: F401
import functools  # noqa: F401
import json  # noqa: F401
import os  # noqa: F401
import re  # noqa: F401
import time  # noqa: F401
import traceback  # noqa: F401
import typing  # noqa: F401
import urllib.parse  # noqa: F401
