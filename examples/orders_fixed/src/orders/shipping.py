"""Hands the parcel to a carrier."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import requests
from aws_durable_execution_sdk_python import (
    BatchResult,
    DurableContext,
    StepContext,
    durable_parallel_branch,
    durable_step,
)
from aws_durable_execution_sdk_python.config import Duration
from aws_durable_execution_sdk_python.types import WaitForConditionCheckContext
from aws_durable_execution_sdk_python.waits import WaitForConditionConfig, WaitStrategyConfig, create_wait_strategy

from orders import settings
from orders.models import Order

_TIMEOUT_SECONDS = 10

UNTIL_DECIDED = create_wait_strategy(
    WaitStrategyConfig[dict[str, str]](
        should_continue_polling=lambda state: state["status"] == "pending",
        initial_delay=Duration.from_minutes(1),
    )
)


def ship(context: DurableContext, order: Order) -> str:
    """Prepare the parcel, book the pickup and return the carrier's decision."""
    carrier = context.step(lambda _: settings.default_carrier(), name="choose-carrier")
    papers: BatchResult[Any] = context.parallel([label(order, carrier), pick_lists(order)], name="papers")
    papers.throw_if_error()
    pickup_id = context.step(
        book_pickup(order, carrier),
        name="book-pickup",
    )
    start = {"pickup": pickup_id, "status": "pending"}
    decision = context.wait_for_condition(
        ask_carrier,
        WaitForConditionConfig(wait_strategy=UNTIL_DECIDED, initial_state=start),
        name="pickup-decision",
    )
    return decision["status"]


@durable_parallel_branch("label")
def label(context: DurableContext, order: Order, carrier: str) -> str:
    """Print the parcel's label."""
    return context.step(print_label(order, carrier), name="print-label")


@durable_parallel_branch("pick-lists")
def pick_lists(context: DurableContext, order: Order) -> list[str]:
    """Tell every warehouse what to pick."""
    warehouses = sorted({line.warehouse for line in order.lines})

    def tell(item: DurableContext, warehouse: str, _index: int, _warehouses: Sequence[str]) -> str:
        return item.step(send_pick_list(order, warehouse), name="send-pick-list")

    batch: BatchResult[str] = context.map(warehouses, tell, name="warehouses")
    batch.throw_if_error()
    return batch.get_results()


@durable_step
def print_label(_step: StepContext, order: Order, carrier: str) -> str:
    """Print a label and return its id."""
    return _post("labels", {"order": order.order_id, "carrier": carrier})


@durable_step
def send_pick_list(_step: StepContext, order: Order, warehouse: str) -> str:
    """Send one warehouse its list and return the list's id."""
    picks = {line.sku: line.quantity for line in order.lines if line.warehouse == warehouse}
    return _post("pick-lists", {"order": order.order_id, "warehouse": warehouse, "picks": picks})


@durable_step
def book_pickup(_step: StepContext, order: Order, carrier: str) -> str:
    """Ask the carrier to come and return the booking's id."""
    return _post("pickups", {"order": order.order_id, "carrier": carrier})


def ask_carrier(state: dict[str, str], check: WaitForConditionCheckContext) -> dict[str, str]:
    """Look up what the carrier has decided."""
    check.logger.info("asking for pickup %s, attempt %d", state["pickup"], check.attempt)
    response = requests.get(f"{settings.CARRIER_URL}/pickups/{state['pickup']}", timeout=_TIMEOUT_SECONDS)
    response.raise_for_status()
    return {**state, "status": str(response.json()["status"])}


def _post(path: str, body: dict[str, Any]) -> str:
    response = requests.post(f"{settings.CARRIER_URL}/{path}", json=body, timeout=_TIMEOUT_SECONDS)
    response.raise_for_status()
    return str(response.json()["id"])
