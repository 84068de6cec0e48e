"""Sums up sales.csv: revenue, best sellers and the best day.

Fired with {"month": "2026-02"} it reports on that month only.
"""

import csv
import re
from collections import Counter
from decimal import Decimal
from pathlib import Path

SALES = Path(__file__).with_name("sales.csv")


def handler(event, context):
    month = event.get("month") if isinstance(event, dict) else None
    if month is not None and not (isinstance(month, str) and re.fullmatch(r"\d{4}-\d{2}", month)):
        raise ValueError(f"month must look like 2026-02, not {month!r}")

    report = summarise(sales(month))
    print(f"{report['orders']} orders, {report['revenue']} EUR")
    for line in report["bestSellers"]:
        print(f"  {line['sold']:4} × {line['sku']}")
    return {"month": month or "all", **report}


def sales(month):
    with SALES.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if month is None or row["date"].startswith(month):
                yield row["date"], row["sku"], int(row["quantity"]), Decimal(row["price"])


def summarise(rows):
    revenue, orders = Decimal(0), 0
    sold, by_day = Counter(), Counter()
    for date, sku, quantity, price in rows:
        orders += 1
        revenue += quantity * price
        sold[sku] += quantity
        by_day[date] += quantity * price
    best_day = max(by_day, key=by_day.get, default=None)
    return {
        "orders": orders,
        "revenue": f"{revenue:.2f}",
        "bestSellers": [{"sku": sku, "sold": count} for sku, count in sold.most_common(3)],
        "bestDay": best_day and {"date": best_day, "revenue": f"{by_day[best_day]:.2f}"},
    }
