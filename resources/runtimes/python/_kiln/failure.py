# SPDX-License-Identifier: GPL-3.0-or-later
"""Turns exceptions into what the engine stores. By hand: `traceback` costs 8 ms to import."""

import posix

from _kiln.fault import Fault

MESSAGE_LIMIT = 64 * 1024
FRAME_LIMIT = 100  # kept from each end of a deep stack
CHAIN_LIMIT = 10
SOURCE_LIMIT = 4 * 1024 * 1024
CAUSE = "The above exception was the direct cause of the following exception:"
CONTEXT = "During handling of the above exception, another exception occurred:"


def text(error):
    try:
        message = str(error)
    except Exception:
        message = f"<unprintable {type(error).__name__} object>"
    return message if len(message) <= MESSAGE_LIMIT else message[:MESSAGE_LIMIT] + "…"


def source_line(filename, number, files):
    if filename not in files:
        try:
            with open(filename, "rb") as file:
                files[filename] = file.read(SOURCE_LIMIT).splitlines()
        except (OSError, ValueError):
            files[filename] = []
    lines = files[filename]
    return lines[number - 1].decode("utf-8", "replace").strip() if number and 0 < number <= len(lines) else ""


def frames(trace, home, files):
    """Outermost first; those of the bootstrap and of the import system left out, repetitions folded as Python does."""
    places = []
    while trace is not None:
        code = trace.tb_frame.f_code
        name = code.co_filename
        if not name.startswith((home, "<frozen importlib")):
            place = (name, trace.tb_lineno, code.co_name)
            if places and places[-1][0] == place:
                places[-1][1] += 1
            else:
                places.append([place, 1])
        trace = trace.tb_next
    left_out = len(places) - 2 * FRAME_LIMIT
    if left_out > 0:
        places[FRAME_LIMIT:-FRAME_LIMIT] = [[None, left_out]]
    lines = []
    for place, count in places:
        if place is None:
            lines.append(f"  [{count} more frames]")
            continue
        filename, number, function = place
        line = f'  File "{filename}", line {number}, in {function}'
        source = source_line(filename, number, files)
        lines += [f"{line}\n    {source}" if source else line] * min(count, 3)
        if count > 3:
            lines.append(f"  [Previous line repeated {count - 3} more time{'s' if count > 4 else ''}]")
    return lines


def stack(error, home):
    """The frames of an exception, those of its causes before them, with Python's own words between."""
    chain, seen = [], set()
    while error is not None and id(error) not in seen and len(chain) < CHAIN_LIMIT:
        seen.add(id(error))
        if error.__cause__ is not None:
            before, words = error.__cause__, CAUSE
        else:
            before, words = (None if error.__suppress_context__ else error.__context__), CONTEXT
        chain.append((error, words))
        error = before
    files, lines = {}, []
    for index, (error, _) in reversed(list(enumerate(chain))):
        lines += frames(error.__traceback__, home, files)
        if index > 0:
            lines += [f"{type(error).__name__}: {text(error)}", chain[index - 1][1]]
    return lines


def clean(words):
    """Text that has a UTF-8: lone surrogates, as in odd file names, are spelled out."""
    return words.encode("utf-8", "backslashreplace").decode()


def describe(error, home):
    """{"type", "message", "stack"}"""
    if isinstance(error, Fault):
        name, lines = error.kind, error.stack
    else:
        name, lines = type(error).__name__, stack(error, home)
    return {"type": clean(name), "message": clean(text(error)), "stack": [clean(line) for line in lines]}


def log(told):
    """`[ERROR] KeyError: 'x'` and the traceback, straight into the pipe: sys.stdout may be the user's by now.

    All lines but the first and the traceback's title are indented: core/runtime/log_format.h tells by it what belongs
    together.
    """
    message = told["message"].replace("\n", "\n  ")
    out = f"[ERROR] {told['type']}: {message}\n"
    if told["stack"]:
        out += "Traceback (most recent call last):\n"
    for line in told["stack"]:
        out += (line if line.startswith(" ") else "  " + line) + "\n"
    rest = out.encode()
    try:
        while rest:
            rest = rest[posix.write(1, rest) :]
    except OSError:
        pass
