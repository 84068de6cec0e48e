# SPDX-License-Identifier: GPL-3.0-or-later
"""Compiles a function's modules for its later workers, in a sandbox; nothing of it is run.

    python3 -I -S compile_ahead.py FOLDER HANDLER_FILE

Writes to descriptor 3 the size in decimal, a line break, the interpreter's magic number, and a marshalled dict: name of
the module → (its file, whether it is a package, its marshalled code). What does not compile is left out, and told in the
form of g++'s warnings: whether it matters shows when it is imported.
"""

import marshal
import os
import sys
import warnings
from importlib.util import MAGIC_NUMBER

# More is compiled when it is imported: what is large are most often libraries of which little is used.
MOST_FILES, MOST_SOURCE, MOST_CODE = 500, 2 << 20, 1 << 20
ONE_SOURCE = 1 << 20
BEFORE_SOURCE = (".so", ".pyd")  # what the import system would rather take than a .py


def files_of(folder, first):
    """Modules, the handler's first, then those that are less deep."""
    if is_module(folder, first):
        yield first
    count, level = 1, [""]
    while level:
        below = []
        for part in level:
            for entry in sorted(os.scandir(os.path.join(folder, part)), key=lambda entry: entry.name):
                path = part + entry.name
                if entry.is_dir(follow_symlinks=False):
                    if entry.name.isidentifier():
                        below.append(path + "/")
                elif path != first and is_module(folder, path):
                    yield path
                    count += 1
                    if count >= MOST_FILES:
                        return
        level = below


def is_module(folder, file):
    """Whether `import` would take this file."""
    path = os.path.join(folder, file)
    place, name = os.path.split(path)
    stem, _, ending = name.rpartition(".")
    if ending != "py" or not stem.isidentifier() or os.path.islink(path) or not os.path.isfile(path):
        return False
    if any(other.startswith(stem + ".") and other.endswith(BEFORE_SOURCE) for other in os.listdir(place)):
        return False
    package = os.path.join(place, stem)
    return not any(os.path.lexists(os.path.join(package, f"__init__.{kind}")) for kind in ("py", "pyc", "so"))


def module_of(file):
    """("pkg.module", whether it is a package)"""
    parts = file[: -len(".py")].split("/")
    package = parts[-1] == "__init__" and len(parts) > 1
    return ".".join(parts[:-1] if package else parts), package


def tell(path, line, column, text):
    text = " ".join(str(text).split())
    print(f"{path}:{line or 1}:{column or 1}: warning: {text}")


def compiled(path):
    """The code of one file, as text to load; None when there is none."""
    if os.path.getsize(path) > ONE_SOURCE:
        return None
    with open(path, "rb") as file:
        source = file.read(ONE_SOURCE)
    try:
        return marshal.dumps(compile(source, path, "exec", dont_inherit=True)), len(source)
    except SyntaxError as error:
        tell(path, error.lineno, error.offset, f"{type(error).__name__}: {error.msg}")
    except (ValueError, OverflowError, MemoryError, RecursionError) as error:
        tell(path, 1, 1, f"{type(error).__name__}: {error}")
    return None


def main(folder, first):
    warnings.simplefilter("always", SyntaxWarning)
    warnings.showwarning = lambda message, category, file, line, *_: tell(file, line, 1, f"{category.__name__}: {message}")
    table, source, code = {}, 0, 0
    for file in files_of(folder, first):
        name, package = module_of(file)
        made = compiled(os.path.join(folder, file)) if name not in table else None
        if made is None or source + made[1] > MOST_SOURCE or code + len(made[0]) > MOST_CODE:
            continue
        source += made[1]
        code += len(made[0])
        table[name] = file, package, made[0]
    body = MAGIC_NUMBER + marshal.dumps(table)
    with open(3, "wb", closefd=False) as channel:
        channel.write(b"%d\n" % len(body))
        channel.write(body)


main(*sys.argv[1:3])
