"""Guesses of what a handler wants, from the constants in its text: answers of stubs, events, variables, the region."""

from __future__ import annotations

import re
from typing import Any

KEY = re.compile(r"""(?:\[|\.get\()\s*["'](\w+)["']""")
OF_EVENT = re.compile(r"""\bevent(?:\[|\.get\()\s*["'](\w+)["']""")
VARIABLE = re.compile(r"""["']([A-Z][A-Z0-9_]{2,})["']""")
REGION = re.compile(r"arn:aws:lambda:([a-z0-9-]+):")
NUMBER = re.compile(
    r"amount|cents|count|price|total|free|size|limit|number|seed|score|ratio|weight|length|quantity|retries|tries"
    r"|(^|_)(at|seconds|minutes|hours|days|deadline|due|until|since|left|age|delay|pause|timeout|expires|starts|ends|n|k|x|i|a|b)$"
)


def value(key: str) -> Any:
    """A value for a key: a number, a list for a plural, or else a text."""
    if NUMBER.search(key.lower()):
        return 3
    plural = key.endswith("s") and not key.endswith(("ss", "us", "is"))
    return ["a", "b", "c"] if plural else f"{key}-1"


def answer(text: str) -> dict[str, Any]:
    """What a stub's answers hold in a module: each key that the module reads from anything."""
    return {key: value(key) for key in sorted(set(KEY.findall(text)))}


def events(text: str) -> list[dict[str, Any]]:
    """Events with each key that a module reads from one: lists hold texts, or objects with all keys of the module."""
    event = {key: value(key) for key in sorted(set(OF_EVENT.findall(text)))}
    objects = {key: [answer(text)] * 2 if isinstance(given, list) else given for key, given in event.items()}
    return [event] if event == objects else [event, objects]


def environment(text: str) -> dict[str, list[str | None]]:
    """Two values for each environment variable that a module may read."""
    return {name: ["dev", "prod"] for name in sorted(set(VARIABLE.findall(text)))}


def region(text: str) -> str:
    """The region of a module: that of the first ARN in it. Functions can be invoked in their own region only."""
    found = REGION.search(text)
    return found[1] if found else "eu-west-1"
