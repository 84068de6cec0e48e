# SPDX-License-Identifier: GPL-3.0-or-later
"""What the user's modules keep in their variables: what the next invocation in this process finds."""

import sys
from types import BuiltinFunctionType, FunctionType, ModuleType

MOST, MOST_TEXT = 64, 100
PLAIN = (type(None), bool, int, float, complex, str, bytes)
COUNTED = (list, tuple, dict, set, frozenset, bytearray)
SHOWN = 4  # items of a container whose values are shown
# Of a module's own text rather than kept by it.
NO_STATE = (ModuleType, FunctionType, BuiltinFunctionType, type)


def text_of(value):
    """Never runs code of the user's: of his own types only the name is told."""
    kind = type(value)
    if kind in PLAIN:
        text = repr(value[:MOST_TEXT] if kind in (str, bytes) else value)
    elif kind not in COUNTED:
        text = kind.__name__
    else:
        items = list(value.items()) if kind is dict else list(value)
        parts = [part for item in items[:SHOWN] for part in (item if kind is dict else (item,))]
        if kind is not bytearray and len(items) <= SHOWN and all(type(part) in PLAIN for part in parts):
            text = repr(value)
        else:
            text = f"{kind.__name__} of {len(value)}"
    return text if len(text) <= MOST_TEXT else text[:MOST_TEXT] + "…"


def variables(code):
    """As the engine reads it; `code` is the folder of the user's modules."""
    kept, more = [], 0
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) if type(module) is ModuleType else None
        if not isinstance(file, str) or not file.startswith(code):
            continue
        for variable, value in list(vars(module).items()):
            if type(variable) is not str or variable.startswith("__") or isinstance(value, NO_STATE):
                continue
            if getattr(type(value), "__module__", None) == "typing" or type(value).__name__ == "_Feature":
                continue
            if len(kept) == MOST:
                more += 1
            else:
                kept.append([clean(f"{name}.{variable}"), clean(text_of(value))])
    return {"variables": kept, "more": more}


def clean(text):
    return text.encode("utf-8", "backslashreplace").decode()
