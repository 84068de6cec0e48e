# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports the function's modules from code that was compiled when it was saved: nothing is looked up, read or compiled.

What is handed over maps a module's name to its file in the code folder and its code (resources/compilers). It is the
function's own: it is trusted no more than what it was made of.
"""

import sys
from marshal import loads

from _frozen_importlib import ModuleSpec, module_from_spec
from _frozen_importlib_external import MAGIC_NUMBER, PathFinder, SourceFileLoader


class Loader(SourceFileLoader):
    """Of a file that is there, for all who ask for its source; only its code comes from elsewhere."""

    def __init__(self, name, file, code):
        super().__init__(name, file)
        self._code = code

    def get_code(self, fullname):
        return loads(self._code) if isinstance(self._code, bytes) else self._code


class Finder:
    """Asked where the code folder would be: after the interpreter's own modules, and as long as it is first in sys.path."""

    def __init__(self, folder, table):
        self._folder = folder
        self._table = table

    def find_spec(self, name, path=None, target=None):
        found = self._table.get(name)
        if found is None:
            return None
        parent = name.rpartition(".")[0]
        place = self._folder + "/" + parent.replace(".", "/") if parent else self._folder
        try:
            if (sys.path if path is None else path)[0] != place:
                return None  # somewhere else comes first
        except LookupError:
            return None
        file, is_package, code = found
        file = f"{self._folder}/{file}"
        spec = ModuleSpec(name, Loader(name, file, code), origin=file, is_package=is_package)
        spec.has_location = True
        if is_package:
            spec.submodule_search_locations.append(file.rpartition("/")[0])
        return spec


    def make(self, name):
        """The module, as importing it would make it, without looking for it; None when it is not here, or in a package."""
        spec = self.find_spec(name) if "." not in name else None
        if spec is None:
            return None
        module = module_from_spec(spec)
        spec._initializing = True
        sys.modules[name] = module
        try:
            exec(spec.loader.get_code(name), module.__dict__)
        except BaseException:
            sys.modules.pop(name, None)
            raise
        finally:
            spec._initializing = False
        return sys.modules.get(name, module)  # it may have put another one there


def table_of(body):
    """Of a Code frame; empty when another version of the interpreter has compiled it, or it is none."""
    size = len(MAGIC_NUMBER)
    try:
        table = loads(body[size:]) if body[:size] == MAGIC_NUMBER else None
    except (EOFError, TypeError, ValueError):
        table = None
    return table if isinstance(table, dict) else {}


def install(folder, table, handler):
    """Returns the finder, which is in its place. What the handler's module needs is loaded already."""
    first = handler.rpartition(".")[0].replace("/", ".")
    if first in table:
        file, is_package, code = table[first]
        table[first] = file, is_package, loads(code)
    finder = Finder(folder, table)
    places = sys.meta_path
    places.insert(places.index(PathFinder) if PathFinder in places else len(places), finder)
    return finder
