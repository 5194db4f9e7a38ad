"""Runs the example project in a folder on the SDK's local test runner and prints how the order ends.

boto3 and requests are stand-ins: every table is empty, every request is answered, the carrier accepts at once.
Usage: run_orders.py FOLDER
"""

from __future__ import annotations

import json
import sys
from unittest.mock import MagicMock

EVENT = {
    "order_id": "o-1",
    "email": "ada@example.com",
    "express": False,
    "lines": [
        {"sku": "mug", "quantity": 2, "price_cents": 900, "warehouse": "north"},
        {"sku": "pen", "quantity": 1, "price_cents": 300, "warehouse": "south"},
    ],
}
ANSWER = {"id": "a-1", "label": "l-1", "pickup": "p-1", "status": "accepted", "url": "https://example.com/label"}


def stand_ins() -> None:
    aws = MagicMock()
    aws.resource.return_value.Table.return_value.get_item.return_value = {}
    aws.client.return_value.send_email.return_value = {"MessageId": "m-1"}
    web = MagicMock()
    for method in (web.get, web.post):
        method.return_value.json.return_value = ANSWER
        method.return_value.text = "label"
    sys.modules["boto3"], sys.modules["requests"] = aws, web


def main(folder: str) -> None:
    sys.path.insert(0, f"{folder}/src")
    from aws_durable_execution_sdk_python_testing import DurableFunctionTestRunner

    real = sys.modules.get("boto3")
    stand_ins()
    from orders.handler import handler

    if real is not None:
        sys.modules["boto3"] = real
    with DurableFunctionTestRunner(handler=handler, poll_interval=0.01) as runner:
        result = runner.run(input=json.dumps(EVENT), execution_timeout=30)
    print(result.status.value, (result.error.message or "")[:80] if result.error else "")


if __name__ == "__main__":
    main(sys.argv[1])
