#!/bin/sh
# {{name}}: run once for each request, which is JSON on standard input (payload format 2.0).
set -eu

bytes=$(wc -c)
echo "a request of $bytes bytes" >&2
printf '{"statusCode": 200, "headers": {"content-type": "text/plain"}, "body": "Hello from %s\\n"}\n' "$(uname -s)"
