"""Helpers of the flows; they never import the library."""

import random


def depot(parcel: dict) -> str:
    return random.choice(parcel["depots"])


def notify(run, parcel: dict, text: str) -> None:
    run.do(send, parcel, text, label="notify")
    run.log.info("notified")


def send(task, parcel: dict, text: str) -> str:
    return f"{parcel['id']}: {text} {random.random()}"
