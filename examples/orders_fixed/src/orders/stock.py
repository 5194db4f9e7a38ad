"""Holds and releases goods in the warehouses."""

from __future__ import annotations

from collections.abc import Sequence

import boto3
from aws_durable_execution_sdk_python import BatchResult, DurableContext, StepContext, durable_step
from aws_durable_execution_sdk_python.config import MapConfig

from orders import settings
from orders.models import Line, Order


class StockRepository:
    """The stock table: one item for each hold, and one for each product that is sold out."""

    def __init__(self) -> None:
        self._table = boto3.resource("dynamodb", region_name=settings.REGION).Table(settings.STOCK_TABLE)

    def sold_out(self, lines: Sequence[Line]) -> list[str]:
        """The products among ``lines`` that can't be had."""
        return [line.sku for line in lines if self._is_marked(line.sku)]

    def hold(self, order_id: str, line: Line) -> str:
        """Set goods aside and return the hold's id; holding the same line again changes nothing."""
        hold_id = f"{order_id}:{line.sku}"
        self._table.put_item(Item={"pk": f"hold#{hold_id}", "quantity": line.quantity, "warehouse": line.warehouse})
        return hold_id

    def release(self, hold_id: str) -> None:
        """Put held goods back on the shelf."""
        self._table.delete_item(Key={"pk": f"hold#{hold_id}"})

    def _is_marked(self, sku: str) -> bool:
        return "Item" in self._table.get_item(Key={"pk": f"sold-out#{sku}"})


STOCK = StockRepository()
FOUR_AT_ONCE = MapConfig[Line](max_concurrency=4, item_namer=lambda line, index: f"line-{index}-{line.sku}")


def reserve(context: DurableContext, order: Order) -> list[str]:
    """Hold the goods of every line and return the holds; none when a product is sold out."""
    sold_out = context.step(lambda _: STOCK.sold_out(order.lines), name="check-stock")
    if sold_out:
        context.logger.warning("order %s: sold out: %s", order.order_id, ", ".join(sold_out))
        return []

    def hold(item: DurableContext, line: Line, _index: int, _lines: Sequence[Line]) -> str:
        return item.step(hold_line(order.order_id, line), name=f"hold-{line.sku}")

    batch: BatchResult[str] = context.map(order.lines, hold, name="hold-lines", config=FOUR_AT_ONCE)
    batch.throw_if_error()
    return batch.get_results()


def release(context: DurableContext, holds: Sequence[str]) -> None:
    """Put the goods of all holds back."""
    for hold_id in holds:
        context.step(release_hold(hold_id), name=f"release-{hold_id}")


@durable_step
def hold_line(step: StepContext, order_id: str, line: Line) -> str:
    """Hold the goods of one line."""
    step.logger.info("holding %d of %s", line.quantity, line.sku)
    return STOCK.hold(order_id, line)


@durable_step
def release_hold(_step: StepContext, hold_id: str) -> None:
    """Release one hold."""
    STOCK.release(hold_id)
