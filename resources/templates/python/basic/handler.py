"""{{name}}: answers every event with a greeting."""


def handler(event, context):
    # Whatever is printed becomes a log line of this invocation.
    print("event:", event)
    who = event.get("name", "world") if isinstance(event, dict) else "world"
    return {"greeting": f"Hello, {who}!"}
