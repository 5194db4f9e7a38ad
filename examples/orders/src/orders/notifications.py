"""Tells people and other systems about a shipped order."""

from __future__ import annotations

import json

import boto3
from aws_durable_execution_sdk_python import DurableContext, StepContext, durable_step

from orders import settings
from orders.models import Order

MAIL = boto3.client("ses", region_name=settings.REGION)
EVENTS = boto3.client("events", region_name=settings.REGION)


def confirm(context: DurableContext, order: Order, invoice: str) -> list[str]:
    """Send all messages about a shipped order and return the ids of the mails."""
    sent: list[str] = []
    context.step(send_mail(order.email, order, invoice, sent), name="mail-customer")
    context.step(send_mail(settings.ACCOUNTS_EMAIL, order, invoice, sent), name="mail-accounts")
    context.step(lambda _: publish_shipped(order))  # expect: DUR501
    return sent


@durable_step
def send_mail(step: StepContext, recipient: str, order: Order, invoice: str, sent: list[str]) -> None:
    """Send one mail and note its id in ``sent``."""
    subject = {"Data": f"Order {order.order_id} is on its way (invoice {invoice})"}
    answer = MAIL.send_email(
        Source=settings.SHOP_EMAIL,
        Destination={"ToAddresses": [recipient]},
        Message={"Subject": subject, "Body": {"Text": {"Data": f"{len(order.lines)} products"}}},
    )
    step.logger.info("mail %s sent", answer["MessageId"])
    sent.append(str(answer["MessageId"]))  # expect: DUR401


def publish_shipped(order: Order) -> None:
    """Put an event on the shop's bus."""
    detail = json.dumps({"order": order.order_id})
    EVENTS.put_events(Entries=[{"Source": "shop.orders", "DetailType": "OrderShipped", "Detail": detail}])
