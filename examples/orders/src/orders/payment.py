"""Collects the money for an order."""

from __future__ import annotations

import json

import boto3
import requests
from aws_durable_execution_sdk_python import (
    ChildContextError,
    DurableContext,
    StepContext,
    durable_step,
    durable_wait_for_callback,
    durable_with_child_context,
)
from aws_durable_execution_sdk_python.config import Duration, StepConfig, StepSemantics, WaitForCallbackConfig
from aws_durable_execution_sdk_python.retries import RetryPresets, RetryStrategyConfig, create_retry_strategy
from aws_durable_execution_sdk_python.types import WaitForCallbackContext

from orders import gateway, ids, settings
from orders.models import Order

REVIEWS = boto3.client("sqs", region_name=settings.REGION)

WHEN_PROVIDER_IS_DOWN = StepConfig(
    retry_strategy=create_retry_strategy(
        RetryStrategyConfig(
            max_attempts=5,
            initial_delay=Duration.from_seconds(10),
            retryable_error_types=[requests.ConnectionError, requests.Timeout],
        )
    )
)
NEVER_TWICE = StepConfig(step_semantics=StepSemantics.AT_MOST_ONCE_PER_RETRY, retry_strategy=RetryPresets.none())
REVIEW = WaitForCallbackConfig(timeout=Duration.from_days(2))


def collect(context: DurableContext, order: Order) -> str | None:
    """Collect the order's total and return the payment's id, or None when there is no payment."""
    try:
        return context.run_in_child_context(take_payment(order), name="payment")
    except ChildContextError as error:
        context.logger.error("payment of %s failed: %s", order.order_id, error)
        return None


@durable_with_child_context
def take_payment(context: DurableContext, order: Order) -> str | None:
    """Reserve and collect the total, after a review where the sum is high."""
    key = ids.payment_key(order.order_id)  # expect: DUR103
    if not approved(context, order):
        return None
    authorization_id = context.step(authorize(order, key), name="authorize", config=WHEN_PROVIDER_IS_DOWN)
    return context.step(capture(authorization_id, key), name="capture", config=NEVER_TWICE)


def approved(context: DurableContext, order: Order) -> bool:
    """Whether the order may be charged; orders of high value wait for a person."""
    if order.total_cents <= settings.REVIEW_ABOVE_CENTS:
        return True
    try:
        answer = context.wait_for_callback(ask_reviewer(order), name="manual-review", config=REVIEW)
    except:  # expect: DUR307
        context.logger.warning("no review of %s, so it is refused", order.order_id)
        return False
    return bool(answer == "approve")


@durable_step
def authorize(step: StepContext, order: Order, key: str) -> str:
    """Reserve the order's total."""
    step.logger.info("authorizing %s, attempt %d", order.order_id, step.attempt)
    return gateway.authorize(order.order_id, order.total_cents, key)


@durable_step
def capture(_step: StepContext, authorization_id: str, key: str) -> str:
    """Collect what was reserved."""
    return gateway.capture(authorization_id, key)


@durable_wait_for_callback
def ask_reviewer(callback_id: str, context: WaitForCallbackContext, order: Order) -> None:
    """Send the order to the reviewers' queue, with the id that their answer needs."""
    context.logger.info("review of %s requested", order.order_id)
    body = json.dumps({"order": order.order_id, "total": order.total_cents, "callback": callback_id})
    REVIEWS.send_message(QueueUrl=settings.REVIEW_QUEUE_URL, MessageBody=body)
