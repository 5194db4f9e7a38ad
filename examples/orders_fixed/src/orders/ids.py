"""Numbers and keys of our documents."""

from __future__ import annotations

import uuid

from orders.dates import business_day

_PAYMENTS = uuid.UUID("7a0f2c1e-0d5b-4f57-9a35-2f8d1c6be1a4")


def invoice_number(order_id: str) -> str:
    """A number for an invoice that is written now."""
    return f"{business_day()}-{order_id}"


def payment_key(order_id: str) -> str:
    """The key under which the payment provider recognises a repeated request."""
    return str(uuid.uuid5(_PAYMENTS, order_id))
