"""Numbers and keys of our documents."""

from __future__ import annotations

import uuid

from orders.dates import business_day


def invoice_number(order_id: str) -> str:
    """A number for an invoice that is written now."""
    return f"{business_day()}-{order_id}"


def payment_key(order_id: str) -> str:
    """The key under which the payment provider recognises a repeated request."""
    return f"{order_id}-{uuid.uuid4().hex}"
