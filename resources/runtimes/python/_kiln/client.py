# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of a context that only some callers send."""

TRACE = "_X_AMZN_TRACE_ID"


class Fields:
    """An object with the given names as attributes; what was not sent is None."""

    def __init__(self, names, values):
        for name in names:
            setattr(self, name, values.get(name))


def apply(context, sent):
    client = sent.get("client_context")
    if isinstance(client, dict):
        context.client_context = Fields(("custom", "env", "client"), client)
        if isinstance(client.get("client"), dict):
            names = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")
            context.client_context.client = Fields(names, client["client"])
    identity = sent.get("identity")
    if isinstance(identity, dict):
        context.identity = Fields(("cognito_identity_id", "cognito_identity_pool_id"), identity)
    context.tenant_id = sent.get("tenant_id")
    trace = sent.get("trace_id")
    if isinstance(trace, str):
        import os

        os.environ[TRACE] = trace
