# SPDX-License-Identifier: GPL-3.0-or-later
# For serverless-offline, and for Kiln: what both take is a handler as on AWS Lambda.
import json


def handler(event, context):
    return {"statusCode": 200, "body": json.dumps({"ok": True, "echo": json.loads(event["body"])["b"]})}
