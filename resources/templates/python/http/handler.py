"""{{name}}: answers HTTP requests (payload format 2.0, as behind Lambda's function URLs)."""

import json


def handler(event, context):
    who = (event.get("pathParameters") or {}).get("who", "world")
    query = event.get("queryStringParameters") or {}
    greeting = query.get("greeting", "Hello")
    # A plain dict without statusCode works too: it is sent as JSON with status 200.
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"message": f"{greeting}, {who}!"}),
    }
