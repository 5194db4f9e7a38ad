"""The other profile of the settings holds beside the company's, and each by its own facts."""

import time

from aws_durable_execution_sdk_python import DurableContext, durable_execution


@durable_execution
def handler(event: dict, context: DurableContext) -> dict:
    try:
        paid = context.step(lambda _: {"at": time.time()}, name="pay")
    except Exception:
        paid = {}
    if paid["at"] < time.time():  # expect: DUR101
        context.step(lambda _: 1, name="late")
    return paid
