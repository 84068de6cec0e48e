#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# A client of the Runtime API, on which the bootstraps of tst_custom_runtime go on.
import http.client, json, os, socket, sys, time

api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])

def call(method, path, body=None, headers={}):
    api.request(method, "/2018-06-01/" + path, body, headers, encode_chunked=hasattr(body, "__next__"))
    answer = api.getresponse()
    return answer.status, answer.headers, answer.read()

def next_event():
    status, headers, body = call("GET", "runtime/invocation/next")
    return headers["Lambda-Runtime-Aws-Request-Id"], json.loads(body), headers

def respond(id, value):
    return call("POST", f"runtime/invocation/{id}/response", json.dumps(value))

def serve(handler):
    while True:
        id, event, headers = next_event()
        respond(id, handler(event, headers))

# Sends bytes on a connection of its own: the status and the errorType that came back, None when nothing did.
def raw(data, end=False):
    s = socket.create_connection(("127.0.0.1", 9001))
    try:
        s.sendall(data)
        if end:
            s.shutdown(socket.SHUT_WR)
        s.settimeout(10)
        got = b""
        while b"}" not in got:
            part = s.recv(65536)
            if not part:
                break
            got += part
    except OSError as e:
        return str(e)
    finally:
        s.close()
    if not got:
        return None
    body = got.split(b"\r\n\r\n", 1)[1]
    return [int(got.split()[1]), json.loads(body)["errorType"]]

