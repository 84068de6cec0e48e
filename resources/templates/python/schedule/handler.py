"""{{name}}: runs by the clock."""

from datetime import datetime, timezone


def handler(event, context):
    # The time it was due, not the time it runs: a retry sees the same one.
    due = event.get("time") if isinstance(event, dict) else None
    due = due or datetime.now(timezone.utc).isoformat()
    print("running for", due)
    return {"ranFor": due}
