# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the surroundings that a user's module expects, and finds its handler by AWS Lambda's rules."""

import posix
import sys

from _kiln.fault import Fault

OWN = (lambda: 0).__code__.co_filename.rpartition("_kiln/")[0]  # our folder as tracebacks name it


def system_path():
    """What `site` would have added behind the standard library."""
    prefix, name = sys.prefix, "python%d.%d" % sys.version_info[:2]
    places = [f"{prefix}/lib/{name}/site-packages"]
    if prefix == "/usr":  # Debian's own layout
        places = [f"/usr/local/lib/{name}/dist-packages", "/usr/lib/python3/dist-packages", f"/usr/lib/{name}/dist-packages"]
    for place in places:
        try:
            posix.stat(place)
        except OSError:
            continue
        sys.path.append(place)


def code_path(code):
    """The code first, our own folder last."""
    sys.path.append(sys.path.pop(0))  # see bootstrap.py
    sys.path.insert(0, code)


def set_environment(variables):
    # os.environ is made of this dict, and shows what is in it.
    environ, putenv = posix.environ, posix.putenv
    zone = environ.get(b"TZ")
    for key, value in variables.items():
        key, value = key.encode("utf-8", "surrogateescape"), value.encode("utf-8", "surrogateescape")
        environ[key] = value
        putenv(key, value)
    if environ.get(b"TZ") != zone:
        from time import tzset

        tzset()
    for place in reversed(variables.get("PYTHONPATH", "").split(":")):
        if place:
            sys.path.insert(1, place)


def load(handler, compiled=None):
    """The user's function; a Fault says why there is none. What the module itself raises comes through.

    `compiled` makes a module of code that was handed over; None when there is none for it.
    """
    module_name, dot, function = handler.rpartition(".")
    if not dot:
        raise Fault("MalformedHandlerName", f"Bad handler '{handler}': not enough values to unpack (expected 2, got 1)")
    if not module_name or not function:
        raise Fault("MalformedHandlerName", f"Bad handler '{handler}': expected file.function")
    dotted = module_name.replace("/", ".")
    if dotted.partition(".")[0] in sys.builtin_module_names:
        raise Fault("BuiltInModuleConflict", f"Cannot use built-in module {module_name} as a handler module")
    try:
        module = compiled(dotted) if compiled and dotted not in sys.modules else None
        if module is None:
            __import__(dotted)
            module = sys.modules[dotted]
    except ImportError as error:
        from _kiln import failure

        raise Fault("ImportModuleError", f"Unable to import module '{module_name}': {error}",
                    failure.stack(error, OWN)) from None
    except SyntaxError as error:
        text = (error.text or "").strip()
        place = f'  File "{error.filename}", line {error.lineno}'
        raise Fault("UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}",
                    [f"{place}\n    {text}" if text else place]) from None
    try:
        return getattr(module, function)
    except AttributeError:
        raise Fault("HandlerNotFound", f"Handler '{function}' missing on module '{module_name}'") from None
