# SPDX-License-Identifier: GPL-3.0-or-later
"""Does once what a start does, while nobody waits: memory is the process's own, code is adapted, caches are filled.

Leaves no trace, but for what it has warmed.
"""

import posix
import sys
from marshal import dumps

from _frozen_importlib_external import MAGIC_NUMBER

from _kiln.compiled import table_of
from _kiln.loading import load
from _kiln.output import LoggingHook, flush

PLACE, MODULE = "/tmp", "kiln_rehearsal"
CODE = b"import json\nimport os\n\nNAME = os.environ.get('X', '')\n\n\ndef handler(event, context):\n    return event\n"
INIT = """{"handler": "%s.handler", "code": "/tmp", "environment": {"KILN_REHEARSAL": "x", "_HANDLER": "x",
"AWS_LAMBDA_FUNCTION_NAME": "x", "AWS_LAMBDA_LOG_STREAM_NAME": "x"}, "watch": {"files": [], "variables": ["x"]},
"context": {"function_name": "x", "function_version": "x", "invoked_function_arn": "x", "memory_limit_in_mb": "128",
"log_group_name": "x", "log_stream_name": "x"}}""" % MODULE
EVENT = '{"text": "x", "list": [1, 2.5, null, true], "object": {"key": "\\u00e9"}}'


def rehearse(json, take_on, invoke):
    """`take_on` and `invoke` are the bootstrap's own."""
    file = f"{PLACE}/{MODULE}.py"
    try:
        descriptor = posix.open(file, posix.O_WRONLY | posix.O_CREAT | posix.O_EXCL, 0o600)
    except OSError:
        return
    here, path, finders, environment = posix.getcwd(), sys.path[:], sys.meta_path[:], dict(posix.environ)
    try:
        posix.write(descriptor, CODE)
        posix.close(descriptor)
        code = dumps(compile(CODE, file, "exec", dont_inherit=True))
        table = MAGIC_NUMBER + dumps({MODULE: (f"{MODULE}.py", False, code)})
        # Once as it is when its code comes with its name, once when it has to be read.
        for body in (table, b""):
            init = json.loads(INIT)
            compiled = take_on(init, table_of(body))
            posix.chdir(PLACE)
            invoke(load(init["handler"], compiled), memoryview(invocation()))
            flush()
            sys.modules.pop(MODULE, None)
            sys.path[:], sys.meta_path[:] = path, finders
    finally:
        posix.unlink(file)
        sys.modules.pop(MODULE, None)
        sys.path_importer_cache.pop(PLACE, None)
        for name in posix.environ.keys() - environment.keys():
            posix.unsetenv(name)
            del posix.environ[name]
        LoggingHook.request_id = ""
        posix.chdir(here)


def invocation():
    event = EVENT.encode()
    return bytes(8) + b"x" * 36 + bytes(4) + event
