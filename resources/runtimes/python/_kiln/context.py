# SPDX-License-Identifier: GPL-3.0-or-later
"""The second argument of a handler, as on AWS Lambda."""

import sys

from time import time


class CognitoIdentity:
    cognito_identity_id = None
    cognito_identity_pool_id = None


class LambdaContext:
    """The second argument of a handler. What does not change between invocations is set on the class, by Init."""

    function_name = function_version = invoked_function_arn = memory_limit_in_mb = None
    log_group_name = log_stream_name = client_context = tenant_id = None
    identity = CognitoIdentity()

    def __init__(self, request_id, deadline):
        self.aws_request_id = request_id
        self._epoch_deadline_time_in_ms = deadline

    def get_remaining_time_in_millis(self):
        return max(0, self._epoch_deadline_time_in_ms - int(time() * 1000))

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        return (
            f"LambdaContext([aws_request_id={self.aws_request_id},function_name={self.function_name},"
            f"function_version={self.function_version},invoked_function_arn={self.invoked_function_arn},"
            f"memory_limit_in_mb={self.memory_limit_in_mb},log_group_name={self.log_group_name},"
            f"log_stream_name={self.log_stream_name}])"
        )
