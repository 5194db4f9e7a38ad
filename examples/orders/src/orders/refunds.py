"""Gives the money back when an order can't be shipped."""

from __future__ import annotations

from aws_durable_execution_sdk_python import DurableContext, StepContext, durable_step

from orders import gateway


def refund(context: DurableContext, payment_id: str, amount_cents: int) -> str:
    """Pay the amount back, enter it into the ledger, and return the refund's id."""

    def pay_back(step: StepContext) -> str:
        refund_id = gateway.refund(payment_id, amount_cents)
        step.logger.info("refund %s for payment %s", refund_id, payment_id)
        context.step(book_refund(refund_id, amount_cents), name="book-refund")  # expect: DUR301
        return refund_id

    return context.step(pay_back, name="refund-payment")


@durable_step
def book_refund(_step: StepContext, refund_id: str, amount_cents: int) -> None:
    """Enter a refund into the ledger."""
    gateway.book(refund_id, amount_cents)
