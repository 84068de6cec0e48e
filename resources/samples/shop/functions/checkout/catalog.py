"""What the shop sells. Prices are exact decimals: binary floats cannot hold 0.10."""

from decimal import Decimal

PRICES = {
    "mug": Decimal("12.50"),
    "notebook": Decimal("8.90"),
    "pencil": Decimal("1.20"),
    "teapot": Decimal("39.00"),
}
