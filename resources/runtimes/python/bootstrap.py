# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs a user's handler inside a sandbox and talks to the engine over descriptor 3 (core/runtime/frames.h).

Started as `python3 -I -S bootstrap.py`, without `site`: what this file imports is what a cold start pays, so only
modules that live in the interpreter are used. What is seldom needed is imported where it is.
"""

import posix
import sys

from _struct import Struct

HOME = __file__.rpartition("/")[0]
OWN = (lambda: 0).__code__.co_filename.rpartition("/")[0] + "/"  # as tracebacks name it: it may be compiled
sys.dont_write_bytecode = True  # our folder and the user's are mounted read-only
sys.path.insert(0, HOME)  # while we import; moved behind the user's and the system's by search_path

from _kiln import channel as frames
from _kiln.codec import Json
from _kiln.context import LambdaContext
from _kiln.fault import Fault
from _kiln.output import LoggingHook, flush

HEAD = Struct("<Q36sI")  # of an Invoke: deadline, request id, length of the context
HEAD_SIZE = 48

json = Json()


def report(channel, kind, serial, error):
    """Logs the error as AWS Lambda does, then sends it."""
    from _kiln import failure

    told = failure.describe(error, OWN)
    flush()
    failure.log(told)
    channel.send(kind, serial, json.dumps(told))


def start(channel):
    """Hello, Init, Ready. The user's handler, or the end of this process."""
    nothing = bytes(8)
    import builtins
    import faulthandler

    from _kiln.loading import load, search_path, set_environment

    if posix.environ.pop(b"KILN_PARKED", None):
        posix.unsetenv("KILN_PARKED")
        import _kiln.ahead  # noqa: F401
    channel.send(frames.HELLO, nothing)
    kind, serial, body = channel.receive()
    if kind != frames.INIT:
        sys.exit(f"kiln: expected an Init frame, got type {kind}")
    init = json.loads(str(body, "utf-8"))
    environment = init["environment"]
    posix.chdir(init["code"])  # it may have been attached after this process began
    search_path(init["code"])
    set_environment(environment)
    for name in ("function_name", "function_version", "invoked_function_arn", "memory_limit_in_mb", "log_group_name",
                 "log_stream_name"):
        setattr(LambdaContext, name, init["context"][name])
    sys.stdout.reconfigure(line_buffering=True)
    sys.meta_path.insert(0, LoggingHook)
    builtins.exit = builtins.quit = sys.exit  # what `site` would have put there
    faulthandler.enable(2)  # a crash in native code says where, in the log
    try:
        handler = load(init["handler"])
    except SystemExit:
        flush()
        raise
    except BaseException as error:
        report(channel, frames.INIT_ERROR, serial, error)
        flush()
        posix._exit(1)
    flush()
    channel.send(frames.READY, serial)
    return handler


def invoke(handler, body):
    """One call of the handler: the response's bytes. Raises what the user's code raises, or a Fault."""
    deadline, name, context_size = HEAD.unpack_from(body)
    request_id = LoggingHook.request_id = str(name, "ascii")
    context = LambdaContext(request_id, deadline)
    if context_size:
        from _kiln import client

        client.apply(context, json.loads(str(body[HEAD_SIZE : HEAD_SIZE + context_size], "utf-8")))
    try:
        event = json.loads(str(body[HEAD_SIZE + context_size :], "utf-8"))
    except Exception as error:
        raise Fault("UnmarshalError", f"Unable to unmarshal input: {error}") from None
    response = handler(event, context)
    if isinstance(response, bytes):
        return response
    try:
        return json.dumps(response)
    except Exception as error:
        raise Fault("MarshalError", f"Unable to marshal response: {error}") from None


def serve(channel, handler):
    while True:
        kind, serial, body = channel.receive()
        if kind != frames.INVOKE:
            sys.exit(f"kiln: expected an Invoke frame, got type {kind}")
        try:
            response = invoke(handler, body)
        except SystemExit:
            flush()
            raise  # the process really ends: that is what sys.exit() asks for
        except BaseException as error:
            report(channel, frames.FAILURE, serial, error)
            continue
        flush()
        channel.send(frames.RESULT, serial, response)


if __name__ == "__main__":
    CHANNEL = frames.Channel(3)
    serve(CHANNEL, start(CHANNEL))
