# SPDX-License-Identifier: GPL-3.0-or-later
"""json.loads and json.dumps by the C functions they rest on: importing `json` would double the time to Hello."""

import sys

from _json import encode_basestring, encode_basestring_ascii, make_encoder, make_scanner


class Json:
    def __init__(self):
        self.strict = True
        self.object_hook = self.object_pairs_hook = None
        self.parse_float, self.parse_int = float, int
        self.parse_constant = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}.__getitem__
        self.memo = {}
        self._scan = make_scanner(self)
        self._under_way = {}  # containers around the one being written: finds circles
        self._encode = self._encoder(self._under_way, encode_basestring)

    def loads(self, text):
        text = text.strip(" \t\n\r")
        try:
            value, end = self._scan(text, 0)
            if end == len(text):
                return value
        except (StopIteration, SystemError):
            pass  # the scanner words most errors by json.decoder, and fails without a word while that is not imported
        import json

        return json.loads(text)  # raises, and words the error

    def dumps(self, value):
        """UTF-8 bytes; text that has no UTF-8 (lone surrogates) is escaped."""
        try:
            text = "".join(self._encode(value, 0))
        except BaseException:
            self._under_way.clear()  # what was entered and not left
            raise
        try:
            return text.encode()
        except UnicodeEncodeError:
            return "".join(self._encoder({}, encode_basestring_ascii)(value, 0)).encode()

    @staticmethod
    def _encoder(under_way, text):
        return make_encoder(under_way, plain, text, None, ": ", ", ", False, False, True)


def plain(value):
    """What AWS Lambda's runtime writes besides JSON's own types."""
    if isinstance(value, (bytes, bytearray)):
        return str(value, "utf-8")
    decimal = sys.modules.get("decimal")
    if decimal and isinstance(value, decimal.Decimal):
        return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
