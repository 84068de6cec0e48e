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
sys.path.insert(0, HOME)  # while we import; moved behind the user's and the system's by code_path

from _kiln import channel as frames
from _kiln import notes
from _kiln.codec import Json
from _kiln.context import LambdaContext
from _kiln.fault import Fault
from _kiln.output import LoggingHook, flush

HEAD = Struct("<Q36sI")  # of an Invoke: deadline, request id, length of the context
HEAD_SIZE = 48
OWNED = 2  # runs in a copy until what it writes to is its own: what one frees moves what the next takes
ADAPTED = 12  # runs until the interpreter has adapted code to what it meets: then children need not, each for itself

json = Json()


def report(channel, kind, serial, error):
    """Logs the error as AWS Lambda does, then sends it."""
    from _kiln import failure

    told = failure.describe(error, OWN)
    notes.failed(error)
    flush()
    failure.log(told)
    send_notes(channel, serial)
    channel.send(kind, serial, json.dumps(told))


def taken(variable):
    """The value of one of our own variables, which nobody else is to see."""
    value = posix.environ.pop(variable.encode(), None)
    if value is not None:
        posix.unsetenv(variable)
    return value


def greet(channel):
    """Hello; and then what the engine tells about the function: its code, if it was compiled ahead, and its Init."""
    channel.send(frames.HELLO, bytes(8))
    kind, serial, body = channel.receive()
    table = {}
    if kind == frames.CODE:
        from _kiln.compiled import table_of

        table = table_of(body)
        kind, serial, body = channel.receive()
    if kind != frames.INIT:
        sys.exit(f"kiln: expected an Init frame, got type {kind}")
    return table, serial, json.loads(str(body, "utf-8"))


def await_begin(channel):
    """Of a process that waited: its code is being attached."""
    kind, _, _ = channel.receive()
    if kind != frames.BEGIN:
        sys.exit(f"kiln: expected a Begin frame, got type {kind}")


def tell_context(init):
    for name in ("function_name", "function_version", "invoked_function_arn", "memory_limit_in_mb", "log_group_name",
                 "log_stream_name"):
        setattr(LambdaContext, name, init["context"][name])


def be_copied(channel, births, trace):
    """Of a function's zygote, once its module is loaded: returns in each copy when the engine has told it who it is."""
    from _kiln.loading import set_environment

    hooks = sys.modules.get("snapshot_restore_py")
    for function, args, kwargs in hooks.get_before_snapshot() if hooks else ():
        function(*args, **kwargs)
    flush()
    objection = trace.objection()
    if objection:
        channel.send(frames.DECLINED, bytes(8), objection.encode())
        posix._exit(0)
    channel.send(frames.READY, bytes(8))
    births.bear(channel)
    _, _, init = greet(channel)
    set_environment(init["environment"])
    tell_context(init)
    for function, args, kwargs in hooks.get_after_restore() if hooks else ():
        function(*args, **kwargs)


def send_notes(channel, serial):
    """What the code reached for outside, before the answer that it belongs to."""
    if notes.noted:
        channel.send(frames.NOTES, serial, json.dumps(notes.take()))


def prepare():
    """What does not depend on the function."""
    import builtins
    import faulthandler

    from _kiln.loading import system_path

    system_path()
    sys.stdout.reconfigure(line_buffering=True)
    sys.meta_path.insert(0, LoggingHook)
    builtins.exit = builtins.quit = sys.exit  # what `site` would have put there
    faulthandler.enable(2)  # a crash in native code says where, in the log


def wait_ahead(channel, births):
    """Of a process that is made before its function is known: takes its time now, so that none is lost later."""
    import _kiln.ahead  # noqa: F401
    from _kiln.rehearsal import rehearse

    notes.prepare()
    if births:
        for _ in range(ADAPTED):
            rehearse(json, take_on, invoke)
        channel.send(frames.HELLO, bytes(8))
        if births.bear(channel):
            return
    channel.touch()
    for _ in range(OWNED):
        rehearse(json, take_on, invoke)


def take_on(init, table):
    """Becomes the function's, but for what is in its code folder. What makes modules of its compiled code, if there is any."""
    from _kiln.loading import code_path, set_environment

    code_path(init["code"])
    set_environment(init["environment"])
    tell_context(init)
    notes.watch(init["code"], **init["watch"])
    if not table:
        return None
    from _kiln.compiled import install

    return install(init["code"], table, init["handler"]).make


def start(channel):
    """Hello, Init, Ready. The user's handler, or the end of this process."""
    from _kiln.loading import load

    zygote, births, trace = taken("KILN_ZYGOTE"), None, None
    if zygote:
        from _kiln.zygote import Births, Trace

        births = Births()
    prepare()
    waited = taken("KILN_PARKED")
    if waited:
        wait_ahead(channel, births)
        births = None
    table, serial, init = greet(channel)
    compiled = take_on(init, table)
    if waited:
        await_begin(channel)
    posix.chdir(init["code"])
    try:
        if births:
            trace = Trace()
        handler = load(init["handler"], compiled)
        if births:
            be_copied(channel, births, trace)
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
        if kind == frames.ASK_KEPT:
            from _kiln import kept

            channel.send(frames.KEPT, serial, json.dumps(kept.variables(notes.code)))
            continue
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
        if notes.noted:
            send_notes(channel, serial)
        channel.send(frames.RESULT, serial, response)


if __name__ == "__main__":
    CHANNEL = frames.Channel(3)
    serve(CHANNEL, start(CHANNEL))
