"""The durable function: one execution for each order."""

from __future__ import annotations

from typing import Any

from aws_durable_execution_sdk_python import DurableContext, durable_execution
from aws_durable_execution_sdk_python.config import Duration

from orders import ids, notifications, payment, refunds, shipping, stock
from orders.models import Order

COOLING_OFF = Duration.from_minutes(30)


@durable_execution
def handler(event: dict[str, Any], context: DurableContext) -> dict[str, Any]:
    """Hold the goods, collect the money, ship, and tell everybody."""
    order = Order.from_event(event)
    context.logger.info("order %s over %d cents", order.order_id, order.total_cents)
    invoice = context.step(lambda _: ids.invoice_number(order.order_id), name="invoice-number")

    holds = stock.reserve(context, order)
    if not holds:
        return {"order": order.order_id, "status": "sold-out"}
    if not order.express:
        context.wait(COOLING_OFF, name="cooling-off")

    payment_id = payment.collect(context, order)
    if payment_id is None:
        stock.release(context, holds)
        return {"order": order.order_id, "status": "unpaid"}

    decision = shipping.ship(context, order)
    if decision == "rejected":
        refund_id = refunds.refund(context, payment_id, order.total_cents)
        stock.release(context, holds)
        return {"order": order.order_id, "status": "not-shipped", "refund": refund_id}

    mails = notifications.confirm(context, order, invoice)
    return {"order": order.order_id, "status": "shipped", "invoice": invoice, "mails": mails}
