"""Takes an order, as JSON over HTTP or as a bare event fired by hand.

    {"customer": "ada@example.org", "items": [{"sku": "mug", "quantity": 2}]}
"""

import base64
import binascii
import json
import os
from decimal import ROUND_HALF_UP, Decimal

from catalog import PRICES

# Read once per worker, not once per order: this part of the file runs on a cold start only.
CURRENCY = os.environ.get("CURRENCY", "EUR")
TAX = Decimal(os.environ.get("TAX_PERCENT", "0")) / 100
MAX_QUANTITY = 100


class InvalidOrder(Exception):
    """What the customer can mend; answered with status 400."""


def handler(event, context):
    try:
        order = price(read_order(event))
    except InvalidOrder as problem:
        print("refused:", problem)
        return answer(400, {"error": str(problem)})

    order["id"] = context.aws_request_id
    print(f"order {order['id']}: {len(order['lines'])} lines, {order['total']} {CURRENCY}")
    return answer(201, order, {"location": f"/orders/{order['id']}"})


def read_order(event):
    """The order itself, whether it came as a request's body or as the event."""
    if not isinstance(event, dict) or "requestContext" not in event:
        return event
    body = event.get("body") or ""
    try:
        if event.get("isBase64Encoded"):
            body = base64.b64decode(body, validate=True)
        return json.loads(body)
    except (binascii.Error, ValueError):
        raise InvalidOrder("the body is not JSON") from None


def price(order):
    items = order.get("items") if isinstance(order, dict) else None
    if not isinstance(items, list) or not items:
        raise InvalidOrder("an order needs a list of items")
    lines = [price_line(item) for item in items]
    net = sum((Decimal(line["amount"]) for line in lines), Decimal(0))
    tax = cents(net * TAX)
    return {
        "customer": order.get("customer"),
        "lines": lines,
        "net": str(net),
        "tax": str(tax),
        "total": str(net + tax),
        "currency": CURRENCY,
    }


def price_line(item):
    sku = item.get("sku") if isinstance(item, dict) else None
    if not isinstance(sku, str) or sku not in PRICES:
        raise InvalidOrder(f"there is no article {sku!r}; there are {', '.join(sorted(PRICES))}")
    quantity = item.get("quantity", 1)
    if type(quantity) is not int or not 1 <= quantity <= MAX_QUANTITY:
        raise InvalidOrder(f"{sku}: the quantity must be a whole number from 1 to {MAX_QUANTITY}")
    return {"sku": sku, "quantity": quantity, "amount": str(PRICES[sku] * quantity)}


def cents(amount):
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def answer(status, body, headers=None):
    return {
        "statusCode": status,
        "headers": {"content-type": "application/json", **(headers or {})},
        "body": json.dumps(body),
    }
