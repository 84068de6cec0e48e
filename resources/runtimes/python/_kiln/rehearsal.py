# SPDX-License-Identifier: GPL-3.0-or-later
"""Does once what a start does, while nobody waits: memory is the process's own, code is adapted, caches are filled.

Leaves no trace, but for what it has warmed.
"""

import posix
import sys

from marshal import dumps

from _frozen_importlib_external import MAGIC_NUMBER

from _kiln.compiled import install, table_of
from _kiln.context import LambdaContext
from _kiln.loading import load, set_environment

PLACE, MODULE = "/tmp", "kiln_rehearsal"
CODE = b"import json\nimport os\n\nNAME = os.environ.get('X', '')\n\n\ndef handler(event, context):\n    return event\n"
INIT = """{"handler": "%s.handler", "code": "/tmp", "environment": {"KILN_REHEARSAL": "x", "_HANDLER": "x"},
"context": {"function_name": "x", "memory_limit_in_mb": "128"}}""" % MODULE
EVENT = '{"text": "x", "list": [1, 2.5, null, true], "object": {"key": "\\u00e9"}}'


def rehearse(json, flush):
    file = f"{PLACE}/{MODULE}.py"
    try:
        descriptor = posix.open(file, posix.O_WRONLY | posix.O_CREAT | posix.O_EXCL, 0o600)
    except OSError:
        return
    finder = None
    try:
        posix.write(descriptor, CODE)
        posix.close(descriptor)
        sys.path.insert(0, PLACE)
        start_and_call(json, flush)
        # And as it is when its code comes with its name.
        sys.modules.pop(MODULE, None)
        code = dumps(compile(CODE, file, "exec", dont_inherit=True))
        table = table_of(MAGIC_NUMBER + dumps({MODULE: (f"{MODULE}.py", False, code)}))
        finder = install(PLACE, table, f"{MODULE}.handler")
        start_and_call(json, flush)
    finally:
        posix.unlink(file)
        sys.path.remove(PLACE)
        sys.modules.pop(MODULE, None)
        sys.path_importer_cache.pop(PLACE, None)
        if finder:
            sys.meta_path.remove(finder)
        for name in ("KILN_REHEARSAL", "_HANDLER"):
            posix.unsetenv(name)
            posix.environ.pop(name.encode(), None)
            if "os" in sys.modules:
                sys.modules["os"].environ._data.pop(name.encode(), None)


def start_and_call(json, flush):
    init = json.loads(INIT)
    set_environment(init["environment"])
    handler = load(init["handler"])
    context = LambdaContext("", 0)
    json.dumps(handler(json.loads(EVENT), context))
    context.get_remaining_time_in_millis()
    flush()
