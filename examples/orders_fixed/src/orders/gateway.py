"""The payment provider's HTTP API. Every function is one request: call them from steps."""

from __future__ import annotations

from typing import Any

import requests

from orders import settings

_TIMEOUT_SECONDS = 10


def authorize(order_id: str, amount_cents: int, key: str) -> str:
    """Reserve the amount and return the authorization's id."""
    return str(_post("authorizations", {"order": order_id, "amount": amount_cents}, key)["id"])


def capture(authorization_id: str, key: str) -> str:
    """Collect a reserved amount and return the payment's id."""
    return str(_post("captures", {"authorization": authorization_id}, key)["id"])


def refund(payment_id: str, amount_cents: int) -> str:
    """Give an amount back and return the refund's id."""
    return str(_post("refunds", {"payment": payment_id, "amount": amount_cents}, key=payment_id)["id"])


def book(refund_id: str, amount_cents: int) -> None:
    """Enter a refund into the provider's ledger."""
    _post("ledger", {"refund": refund_id, "amount": -amount_cents}, key=refund_id)


def _post(path: str, body: dict[str, Any], key: str) -> dict[str, Any]:
    response = requests.post(
        f"{settings.PAYMENT_URL}/{path}", json=body, headers={"Idempotency-Key": key}, timeout=_TIMEOUT_SECONDS
    )
    response.raise_for_status()
    answer: dict[str, Any] = response.json()
    return answer
