"""The company's library. What it does itself is not followed: the profile says what it means."""

import time
from collections.abc import Callable
from typing import Any

from haulage.journal import write


class Pause(Exception):
    """Raised when a run goes to sleep."""


class Task:
    """What the body of a step gets."""


class Run:
    """A run of a flow."""

    attempt = 1

    def do(self, job: Callable[..., Any], *arguments: Any, label: str) -> Any:
        write(label, time.time())
        return job(Task(), *arguments)

    def pause(self, label: str, hours: int) -> None:
        write(label, time.time() + hours)
        raise Pause

    def inside(self, label: str, job: Callable[..., Any]) -> Any:
        return job(Run())


def flow(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    def start(body: Callable[..., Any]) -> Callable[..., Any]:
        return lambda event: body(event, Run())

    return start


def checkpoint(label: str) -> None:
    write(label, time.time())


def working_day() -> str:
    return time.strftime("%Y-%m-%d")
