"""What differs between the stages. Constants are read once, when the function's code is loaded."""

from __future__ import annotations

import os

REGION = os.environ.get("AWS_REGION", "eu-west-1")
STOCK_TABLE = os.environ.get("STOCK_TABLE", "stock")
REVIEW_QUEUE_URL = os.environ.get("REVIEW_QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/111122223333/reviews")
PAYMENT_URL = os.environ.get("PAYMENT_URL", "https://payments.example.com/v1")
CARRIER_URL = os.environ.get("CARRIER_URL", "https://carriers.example.com/v1")
SHOP_EMAIL = os.environ.get("SHOP_EMAIL", "orders@shop.example.com")
ACCOUNTS_EMAIL = os.environ.get("ACCOUNTS_EMAIL", "accounts@shop.example.com")

REVIEW_ABOVE_CENTS = 100_000


def default_carrier() -> str:
    """The carrier of the day; operations may change it at any time."""
    return os.environ.get("DEFAULT_CARRIER", "parcel-post")
