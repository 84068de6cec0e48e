# SPDX-License-Identifier: GPL-3.0-or-later
"""The root logger as AWS Lambda sets it up: one handler, `[LEVEL]\ttime\trequest id\tmessage`, level WARNING."""

import sys
import time


def configure(logging, hook):
    """Called right after `logging` was imported; a module of that name without its parts is the user's own."""
    if not all(hasattr(logging, name) for name in ("Handler", "Formatter", "getLogger")):
        return

    class LambdaLoggerHandler(logging.Handler):
        def emit(self, record):
            try:
                record.aws_request_id = hook.request_id
                sys.stdout.write(self.format(record))
            except Exception:
                self.handleError(record)

    logging.Formatter.converter = time.gmtime
    handler = LambdaLoggerHandler()
    handler.setFormatter(
        logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S"
        )
    )
    logging.getLogger().addHandler(handler)
