# SPDX-License-Identifier: GPL-3.0-or-later
# Each call that the API must refuse, and how; answers with the list of those that it did not. Follows
# runtime_api_client.py.
def attempts(id):
    v, own = b"/2018-06-01/runtime/", id.encode()
    other = b"018f0000-0000-7000-8000-000000000000"
    def post(path, body=b"1", fields=b""):
        return b"POST " + v + path + b" HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n" % len(body) + fields + b"\r\n" + body
    yield "another id", post(b"invocation/" + other + b"/response"), [400, "InvalidRequestID"]
    yield "no id", post(b"invocation//response"), [400, "InvalidRequestID"]
    yield "an id of garbage", post(b"invocation/\xff%00;drop/response"), [400, "InvalidRequestID"]
    yield "error of another", post(b"invocation/" + other + b"/error", b"{}"), [400, "InvalidRequestID"]
    yield "init error too late", post(b"init/error", b"{}"), [403, "InvalidStateTransition"]
    yield "no such path", post(b"invocation/" + own + b"/respond"), [404, "NotFound"]
    yield "another version", b"GET /2020-01-01/extension/event/next HTTP/1.1\r\n\r\n", [404, "NotFound"]
    yield "another method", b"PUT " + v + b"invocation/next HTTP/1.1\r\n\r\n", [405, "MethodNotAllowed"]
    yield "get for post", b"GET " + v + b"invocation/" + own + b"/response HTTP/1.1\r\n\r\n", [405, "MethodNotAllowed"]
    yield "garbage", b"\x16\x03\x01\x00\xa5\x01\r\n\r\n", [400, "BadRequest"]
    yield "HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", [505, "HTTPVersionNotSupported"]
    yield "two lengths", post(b"invocation/" + own + b"/response", b"1", b"Content-Length: 2\r\n"), [400, "BadRequest"]
    yield "a negative length", b"POST " + v + b"invocation/" + own + b"/response HTTP/1.1\r\nContent-Length: -1\r\n\r\n", [400, "BadRequest"]
    yield "a bad chunk", b"POST " + v + b"invocation/" + own + b"/response HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", [400, "BadRequest"]
    yield "gzip", b"POST " + v + b"invocation/" + own + b"/response HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", [501, "NotImplemented"]
    yield "a huge head", b"GET /" + b"a" * (2 << 20) + b" HTTP/1.1\r\n\r\n", [431, "RequestHeaderFieldsTooLarge"]
    yield "too large for another", post(b"invocation/" + other + b"/response", b"", b"").replace(b"Length: 0", b"Length: 99999999"), [400, "InvalidRequestID"]

while True:
    id, event, _ = next_event()
    if event.get("after"):
        status, _, body = respond(last, "twice")
        respond(id, [status, json.loads(body)["errorType"]])
        continue
    wrong = []
    for name, data, expected in attempts(id):
        got = raw(data)
        if got != expected:
            wrong.append([name, got])
    if raw(b"POST /2018-06-01/runtime/invocation/", end=True) is not None:
        wrong.append("half a request")
    respond(id, wrong)
    last = id
    # Answered already:
    status, _, body = respond(id, "twice")
    if [status, json.loads(body)["errorType"]] != [403, "InvalidStateTransition"]:
        os._exit(99)

