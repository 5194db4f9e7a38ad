"""Pictures of values: JSON that is equal in two processes when the values are."""

from __future__ import annotations

import datetime
import decimal
import functools
import hashlib
import json
import os
import types
import uuid
from typing import Any

from aws_durable_execution_sdk_python import config, context
from aws_durable_execution_sdk_python import types as sdk_types
from aws_durable_execution_sdk_python.concurrency.models import BatchResult
from aws_durable_execution_sdk_python.logger import Logger

from .world import Stub

PLAIN = (
    *(bool, int, float, str, bytes, type(None), decimal.Decimal, uuid.UUID),
    *(datetime.datetime, datetime.date, datetime.timedelta, datetime.time),
)
LONGEST = 400  # characters; a longer repr is shown by its head, its length and its digest
DEEPEST = 6


def picture(value: Any, *, data_only: bool = False, depth: int = 0) -> Any:
    """What can be compared of a value; with ``data_only`` an object is only its type's name."""

    def inner(item: Any) -> Any:
        return picture(item, data_only=data_only, depth=depth + 1)

    if depth > DEEPEST:
        return "..."
    if isinstance(value, PLAIN):
        text = repr(value)
        return text if len(text) <= LONGEST else f"{text[:200]}#{len(text)}:{hashlib.sha256(text.encode()).hexdigest()}"
    if isinstance(value, type(os.environ)):
        return "<environment>"  # what is read from it shows
    if isinstance(value, dict):
        return {str(inner(key)): inner(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [inner(item) for item in value]
    if isinstance(value, set | frozenset):
        return ["set", *sorted(json.dumps(inner(item)) for item in value)]
    of_sdk = _of_the_sdk(value, inner)
    if of_sdk is not None:
        return of_sdk
    if isinstance(value, BaseException):
        return f"{type(value).__name__}: {value}"
    of_function = _of_function(value, inner)
    if of_function is not None:
        return of_function
    if isinstance(value, types.ModuleType | type | types.BuiltinFunctionType):
        return f"<{getattr(value, '__name__', '?')}>"
    if hasattr(value, "__dict__") and not data_only and not isinstance(value, Stub):
        public = {name: item for name, item in vars(value).items() if not name.startswith("__")}
        return ["object", type(value).__name__, inner(public)]
    return f"<{type(value).__name__}>"


def _of_the_sdk(value: Any, inner: Any) -> Any:
    if isinstance(value, context.DurableContext | sdk_types.OperationContext | Logger):
        return "<context>"
    if isinstance(value, context.Callback):
        return f"<callback {value.callback_id}>"
    if isinstance(value, config.ParallelBranch):
        return ["branch", value.name, inner(value.func)]
    if isinstance(value, BatchResult):
        return ["batch", *(inner([i.index, i.status.value, i.result, i.error and i.error.message]) for i in value.all)]
    return None


def _of_function(value: Any, inner: Any) -> Any:
    if isinstance(value, functools.partial):
        return ["partial", inner(value.func), inner(value.args), inner(value.keywords)]
    if isinstance(value, types.MethodType):
        return ["method", value.__func__.__qualname__, inner(value.__self__)]
    if isinstance(value, types.FunctionType):
        return [
            "function",
            value.__qualname__,
            {n: inner(v) for n, v in captured(value).items()},
            inner(value.__defaults__),
        ]
    return None


def captured(function: types.FunctionType) -> dict[str, Any]:
    """The values of a function's closure by name; what isn't assigned yet is Ellipsis."""
    values = {}
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        try:
            values[name] = cell.cell_contents
        except ValueError:
            values[name] = ...
    return values


def text(value: Any) -> str:
    """A picture as one comparable string."""
    return json.dumps(picture(value), sort_keys=True)
