"""What all cells of the stress project share."""

from __future__ import annotations

SHARED = {
    "__init__": '''
"""What all cells use, gathered in one place."""

from .callbacks import apply, compose, twice
from .clients import make_queue, make_table
from .ids import *
from .pure import *
from .service import Audited, Service
''',
    "clock": '''
"""The wall clock."""

import time as _time


def seconds() -> int:
    return int(_time.time())


def label(prefix: str) -> str:
    return f"{prefix}-{seconds()}"
''',
    "ids": '''
"""Ids that are new every time."""

import uuid

from .clock import label

__all__ = ["new_id", "new_label"]


def new_id() -> str:
    return uuid.uuid4().hex


def new_label(prefix: str) -> str:
    return label(prefix)
''',
    "clients": '''
"""Clients, and objects that keep one."""

import boto3


def make_table(name: str):
    return boto3.resource("dynamodb").Table(name)


def make_queue():
    return boto3.client("sqs")


class Box:
    """Keeps whatever it is given."""

    def __init__(self, inside) -> None:
        self.inside = inside

    def open(self):
        return self.inside
''',
    "callbacks": '''
"""Functions that call what they are given: all cells use them, each with functions of its own."""


def apply(function, value):
    return function(value)


def twice(function, value):
    return apply(function, apply(function, value))


def compose(outer, inner):
    def composed(value):
        return outer(inner(value))

    return composed
''',
    "pure": '''
"""Functions of their arguments."""


def clean(text: str) -> str:
    return text.strip().lower()


def joined(parts: list[str]) -> str:
    return "-".join(sorted(parts))


def padded(number: int, width: int = 6) -> str:
    return str(number).rjust(width, "0")
''',
    "service": '''
"""The root of every cell's classes."""


class Audited:
    """Remembers what was said to it."""

    def note(self, text: str) -> str:
        return f"{type(self).__name__}: {text}"


class Service:
    """Keeps a client; subclasses say what a row is."""

    def __init__(self, client) -> None:
        self.client = client
        self.seen = 0

    def row(self, key: str) -> dict:
        return {"pk": key}

    def load(self, key: str) -> dict:
        return self.client.get_item(Key=self.row(key))

    def title(self, key: str) -> str:
        return f"{key}:{self.seen}"

    def hook(self, key: str) -> str:
        return key

    def render(self, key: str) -> str:
        return f"{self.title(key)} {self.hook(key)}"
''',
    "registry": '''
"""Functions that every cell registers when it is imported."""

TASKS = []


def registered(function):
    TASKS.append(function)
    return function


def run_all(value: str) -> list:
    return [task(value) for task in TASKS]
''',
    "settings": '''
"""Constants, and one value that is asked for at run time."""

import os

TABLE = "orders"
REGION = os.environ.get("AWS_REGION", "eu-west-1")


def stage() -> str:
    return os.environ["STAGE"]
''',
}
"""The modules of ``stress/shared``."""
