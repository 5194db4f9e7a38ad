"""Hooks in the SDK: which operations a handler starts and what it does in and outside of bodies.

``hooks`` lists what of this is private in SDK 3.0.
"""

from __future__ import annotations

import functools
import json
import threading
import types
from collections.abc import Callable
from typing import Any

from aws_durable_execution_sdk_python import state as sdk_state
from aws_durable_execution_sdk_python.concurrency.models import BatchResult
from aws_durable_execution_sdk_python.context import DurableContext
from aws_durable_execution_sdk_python.exceptions import SuspendExecution
from aws_durable_execution_sdk_python.lambda_service import OperationType
from aws_durable_execution_sdk_python.state import ExecutionState

from .messages import Operation, Record
from .pictures import captured, picture, text

# The SDK looks this often (seconds) whether an invocation is over; every invocation waits for it once.
STOP_POLL = 0.005


def _own(context: Any, name: str | None, body: Any) -> str | None:
    """The name that the SDK gives an operation."""
    return context._resolve_step_name(name, body)


def _ordered(inputs: Any) -> Any:
    """Inputs of a map: here the order of a set matters."""
    return list(inputs) if isinstance(inputs, set | frozenset) else inputs


# Each operation with its parameters, as the SDK has them -> (name, what is compared).
DESCRIBED: dict[str, Callable[..., tuple[str | None, Any]]] = {
    "step": lambda s, func, name=None, config=None: (_own(s, name, func), func),
    "wait": lambda s, duration, name=None: (name, duration.seconds),
    "invoke": lambda s, function_name, payload, name=None, config=None: (name, [function_name, payload]),
    "map": lambda s, inputs, func, name=None, config=None: (_own(s, name, func), [_ordered(inputs), func]),
    "parallel": lambda s, functions, name=None, config=None: (name, list(functions)),
    "run_in_child_context": lambda s, func, name=None, config=None: (_own(s, name, func), func),
    "create_callback": lambda s, name=None, config=None: (
        name,
        config and [config.timeout.seconds, config.heartbeat_timeout.seconds],
    ),
    "wait_for_callback": lambda s, submitter, name=None, config=None: (_own(s, name, submitter), submitter),
    "wait_for_condition": lambda s, check, config, name=None: (name, [check, config.initial_state]),
}


class Tracer:
    """Records one invocation at a time, on whichever threads the SDK runs it."""

    def __init__(self) -> None:
        self.active = False
        self.record = Record()
        self._here = threading.local()  # of each thread: step depth, child contexts, whether it was suspended
        self._lock = threading.Lock()
        for kind in DESCRIBED:
            setattr(DurableContext, kind, self._traced(kind, getattr(DurableContext, kind)))
        ExecutionState.wrap_user_function = self._watched(ExecutionState.wrap_user_function)  # type: ignore[method-assign]
        sdk_state._STOP_SIGNAL_POLL_SECONDS = STOP_POLL  # type: ignore[attr-defined]

    def begin(self) -> Record:
        """Record what follows."""
        self.record, self.active = Record(), True
        self._here = threading.local()
        return self.record

    def end(self) -> None:
        """What threads still do is not recorded."""
        self.active = False

    def effect(self, what: str) -> None:
        """Note a side effect, unless a step makes it."""
        if self.active and not self.in_step():
            with self._lock:
                self.record.effects.append(what)

    def in_step(self) -> bool:
        """Whether this thread runs the body of a step."""
        return bool(getattr(self._here, "steps", 0))

    def _children(self) -> list[str]:
        return self._here.__dict__.setdefault("children", [])  # type: ignore[no-any-return]

    def _traced(self, kind: str, original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def operation(context: Any, *args: Any, **kwargs: Any) -> Any:
            if not self.active:
                return original(context, *args, **kwargs)
            entry = self._entry(kind, context, args, kwargs)
            try:
                result = original(context, *args, **kwargs)
            except SuspendExecution:
                entry.suspended = self._here.suspended = self.record.suspended = True
                raise
            except BaseException as error:
                entry.outcome = ("raises", type(error).__name__, str(error)[:300])
                raise
            entry.outcome = ("gives", text(result))
            if isinstance(result, BatchResult):
                entry.failed = tuple(str(item.error and item.error.message) for item in result.failed())
            return result

        return operation

    def _entry(self, kind: str, context: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Operation:
        try:
            name, compared = DESCRIBED[kind](context, *args, **kwargs)
            arguments = text(compared)
        except Exception as error:  # wrong arguments: the SDK says so itself
            name, arguments = None, f"{type(error).__name__}: {error}"
        children, prefix = self._children(), context._step_id_prefix
        entry = Operation(
            id=context._peek_next_operation_id()[:12],
            kind=kind,
            name=name if name is None or isinstance(name, str) else repr(type(name)),
            arguments=arguments,
            root=prefix is None,
            in_step=self.in_step(),
            on_outer_context=bool(children) and prefix != children[-1] and not self.in_step(),
            after_suspension=getattr(self._here, "suspended", False),
        )
        with self._lock:
            self.record.operations.append(entry)
        return entry

    def _watched(self, original: Callable[..., Any]) -> Callable[..., Any]:
        """The SDK wraps each body that it runs: know which, and compare what the body captured before and after."""

        def wrap_user_function(state: Any, function: Any, identifier: Any, *args: Any, **kwargs: Any) -> Any:
            inner = original(state, function, identifier, *args, **kwargs)
            is_step = identifier.operation_type is OperationType.STEP
            body = users_body(function, is_step)

            @functools.wraps(inner)
            def run(*body_args: Any, **body_kwargs: Any) -> Any:
                before = picture(body, data_only=True) if self.active and body else None
                self._enter(is_step, identifier.operation_id)
                try:
                    return inner(*body_args, **body_kwargs)
                finally:
                    self._leave(is_step)
                    if before is not None:
                        self._compare(body, before)

            return run

        return wrap_user_function

    def _enter(self, is_step: bool, operation: str) -> None:
        if is_step:
            self._here.steps = getattr(self._here, "steps", 0) + 1
        else:
            self._children().append(operation)
            self._here.suspended = False

    def _leave(self, is_step: bool) -> None:
        if is_step:
            self._here.steps = getattr(self._here, "steps", 1) - 1
        elif self._children():
            self._children().pop()

    def _compare(self, body: Any, before: Any) -> None:
        after = picture(body, data_only=True)
        if before != after:
            change = f"{body.__qualname__}: {json.dumps(before)[:150]} -> {json.dumps(after)[:150]}"
            with self._lock:
                self.record.mutations.append(change)


def users_body(function: Any, is_step: bool) -> types.FunctionType | None:
    """The user's function inside what the SDK wraps around it; None when it isn't known.

    A wrapper that isn't known only loses what bodies do to the data that they capture.
    """
    code = getattr(function, "__code__", None)
    if code is None:
        return None
    closure = captured(function)
    body: Any = None
    if is_step and not function.__qualname__.startswith("wait_for_callback_handler"):
        body = function
    elif code.co_name in ("submitter_step", "callable_with_child_context"):
        body = closure.get("submitter" if is_step else "func")
    elif code.co_name == "run_in_child_handler":
        branch = closure["executable"].func
        body = captured(branch)["func"] if _of_sdk(branch) and "func" in captured(branch) else branch
        body = getattr(body, "func", body)
    if not isinstance(body, types.FunctionType):
        return None
    return body if not _of_sdk(body) or body.__code__.co_name == "function_with_arguments" else None


def _of_sdk(function: Any) -> bool:
    return isinstance(function, types.FunctionType) and (function.__module__ or "").startswith("aws_durable")
