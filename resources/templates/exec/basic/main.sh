#!/bin/sh
# {{name}}: run once for each event. Any executable may stand here instead.
#
# standard input    the event
# standard output   the response
# standard error    the log
# exit status       0: it worked; anything else: it failed
set -eu

event=$(cat)
echo "request $AWS_LAMBDA_REQUEST_ID: $event" >&2
printf '{"greeting": "Hello from %s", "bytes": %d}\n' "$(uname -s)" "${#event}"
