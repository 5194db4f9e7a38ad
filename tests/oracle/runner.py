"""Drives executions on the SDK's local runner, in the process of the tests; the handlers run in the pool.

``hooks`` lists what of this is private in the testing library 1.4.
"""

from __future__ import annotations

import datetime
import json
import logging
import re
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from aws_durable_execution_sdk_python.execution import DurableExecutionInvocationInput, InitialExecutionState
from aws_durable_execution_sdk_python.lambda_service import (
    CheckpointOutput,
    CheckpointUpdatedExecutionState,
    OperationAction,
    OperationStatus,
    OperationType,
)
from aws_durable_execution_sdk_python_testing import DurableFunctionTestRunner
from aws_durable_execution_sdk_python_testing.invoker import InvokeResponse
from aws_durable_execution_sdk_python_testing.token import CheckpointToken

from . import guesses
from .judge import Drive, Report, judge
from .messages import Record, Request
from .pool import Pool

DRIVE_LIMIT = 30.0  # seconds
IDLE_LIMIT = 3.0  # seconds without an invocation: nothing will wake the execution
MOST_INVOCATIONS = 80
# In Lambda only /tmp can be written; here each drive has a folder of its own for it.
TEMPORARY = re.compile(r"""(?<=["'])/tmp(?=[/"'])""")


def replay(
    text: str,
    pool: Pool,
    *,
    event: Any = None,
    environment: Mapping[str, Sequence[str | None]] | None = None,
    callbacks: Mapping[str, str | None] | None = None,
    handler: str = "handler",
) -> Report:
    """Run a module's handler to its end, replay it, and say what was seen.

    ``event`` is the input, ``{}`` by default. ``environment`` gives the values that invocations see in turn,
    None for "not set". ``callbacks`` maps the name of a callback, or ``*``, to its answer, None for no
    answer; ``ok`` is the default. An invoked function gives its payload back. Nothing that the handler does is raised.
    """
    drives = []
    with tempfile.TemporaryDirectory(prefix="durable-lint-", ignore_cleanup_errors=True) as temporary:
        for label in ("straight", "every-op"):
            folder = Path(temporary) / label
            folder.mkdir()
            path = folder / "function.py"
            path.write_bytes(TEMPORARY.sub(folder.as_posix(), text).encode())
            answer = guesses.answer(text)
            request = Request(path=str(path), handler=handler, environment=environment or {}, answer=answer)
            execution = _Execution(pool, request, label, callbacks or {}, guesses.region(text))
            drives.append(execution.drive({} if event is None else event))
            if drives[-1].stopped or any(record.unloadable for record in drives[-1].records):
                break  # it would not get further
    return judge(drives)


@dataclass
class _Execution:
    """One execution of a handler and the replays of its finished history."""

    pool: Pool
    request: Request
    label: str
    callbacks: Mapping[str, str | None]
    region: str
    records: list[Record] = field(default_factory=list)
    stopped: str | None = None  # why the drive was ended
    answered: set[str] = field(default_factory=set)
    busy: bool = False
    last: float = field(default_factory=time.monotonic)

    @property
    def every_op(self) -> bool:
        return self.label == "every-op"

    def drive(self, event: Any) -> Drive:
        """Run the execution to its end, then replay it."""
        logging.getLogger("aws_durable_execution_sdk_python_testing").setLevel(logging.CRITICAL)
        self.runner = DurableFunctionTestRunner(
            lambda event, context: None, execution_timeout=int(DRIVE_LIMIT), region=self.region
        )
        self.store, self.processor = self.runner._store, self.runner._checkpoint_processor
        self.executor, self.service = self.runner._executor, self.runner._service_client
        self._hook()
        try:
            arn = self.runner.run_async(input=json.dumps(event))
            self._wait(arn)
            execution = self.store.load(arn)
            operations, complete = list(execution.operations), execution.is_complete
        finally:
            self.runner.close()
            self.runner._scheduler._loop.close()
        drive = Drive(self.label, self.records, operations, self.stopped)
        if complete and not self.stopped and self.records and self.records[-1].response:
            self._replay(drive, arn)
        return drive

    def _wait(self, arn: str) -> None:
        """Wait until the execution has ended, or stop it."""
        deadline = time.monotonic() + DRIVE_LIMIT
        while not self.executor.wait_until_complete(arn, 0.5):
            now = time.monotonic()
            if not self.busy and now - self.last > IDLE_LIMIT:
                self.stopped = f"nothing wakes the execution after {len(self.records)} invocations"
            elif now > deadline:
                self.stopped = f"no end in {DRIVE_LIMIT:.0f} s and {len(self.records)} invocations"
            if self.stopped:
                return

    # -- the hooks in the local runner

    def _hook(self) -> None:
        self._process, self._finish = self.processor.process_checkpoint, self.executor._finish_invocation
        self._preflight = self.executor.preflight_chained_invoke
        self.executor.RETRY_BACKOFF_SECONDS = 0  # an invocation that raises is made again at once
        self.runner._invoker.invoke = self._invoke
        self.processor.process_checkpoint = self._checkpoint
        self.executor._finish_invocation = self._finished
        self.processor.set_chained_invoke_preflight(self._known_function)

    def _invoke(self, function: str, given: Any, *args: Any, **kwargs: Any) -> InvokeResponse:
        """Instead of the handler in this process, run it in the pool. What can't go on ends as FAILED."""
        self.busy = True
        try:
            number = len(self.records)
            plain = DurableExecutionInvocationInput(
                durable_execution_arn=given.durable_execution_arn,
                checkpoint_token=given.checkpoint_token,
                initial_execution_state=given.initial_execution_state,
                updated_operation_ids=given.updated_operation_ids,
            )
            record = self.pool.invoke(replace(self.request, number=number, input=plain), self._serve)
            self.records.append(record)
            errors = [one.error for one in self.records[-2:]]
            if record.hung:
                self.stopped = f"invocation {number} took longer than {self.pool.limit:.0f} s"
            elif len(self.records) >= MOST_INVOCATIONS:
                self.stopped = f"no end after {number + 1} invocations"
            if self.stopped or record.unloadable or (len(errors) == 2 and errors[0] == errors[1] and record.error):
                failed = {"Status": "FAILED", "Error": {"ErrorMessage": "stopped by the oracle"}}
                return InvokeResponse.from_output(failed, f"request-{number}")
            if record.error:
                raise RuntimeError(record.error)  # the service invokes again
            return InvokeResponse.from_output(record.response, f"request-{number}")
        finally:
            self.busy, self.last = False, time.monotonic()

    def _serve(self, question: str, *args: Any) -> Any:
        return getattr(self.service, question)(*args)

    def _checkpoint(self, token: str, updates: Any, client_token: Any) -> Any:
        """After a checkpoint the every-op drive suspends, the straight drive ends waits; callbacks are answered."""
        arn = CheckpointToken.from_str(token).execution_arn
        execution = self.store.load(arn)
        if self.every_op and not execution.is_complete and any(map(_finishes, updates)):
            execution.pause()  # the answer has no token, so that the SDK ends the invocation as pending
            self.store.save(execution)
        output = self._process(token, updates, client_token)
        waits = any(update.operation_type is OperationType.WAIT for update in updates)
        if waits and not self.every_op and output.checkpoint_token:
            output = self._after_waits(arn, output)
        for operation in self.store.load(arn).operations:
            self._answer(operation)
        return output

    def _after_waits(self, arn: str, output: CheckpointOutput) -> CheckpointOutput:
        execution = self.store.load(arn)
        execution.complete_due_operations(self.processor._clock.now() + datetime.timedelta(days=400))
        self.store.save(execution)
        now = {operation.operation_id: operation for operation in execution.operations}
        operations = [now.get(one.operation_id, one) for one in output.new_execution_state.operations]
        state = CheckpointUpdatedExecutionState(operations=operations, next_marker=None)
        return CheckpointOutput(checkpoint_token=output.checkpoint_token, new_execution_state=state)

    def _answer(self, operation: Any) -> None:
        """Answer an open callback a little later."""
        is_open = operation.operation_type is OperationType.CALLBACK and operation.status is OperationStatus.STARTED
        value = self.callbacks.get(operation.name, self.callbacks.get("*", "ok"))
        if not is_open or value is None or operation.operation_id in self.answered:
            return
        self.answered.add(operation.operation_id)

        def send(identifier: str = operation.callback_details.callback_id, answer: bytes = value.encode()) -> None:
            try:
                self.runner.send_callback_success(identifier, answer)
            except Exception:  # it is complete, or the execution is: nothing waits for it
                logging.getLogger(__name__).debug("callback %s is not open", identifier)

        timer = threading.Timer(0.02, send)
        timer.daemon = True
        timer.start()

    def _finished(self, arn: str, *args: Any, **kwargs: Any) -> None:
        self._finish(arn, *args, **kwargs)
        if self.store.load(arn).is_paused:
            self.executor._resume_execution(arn)

    def _known_function(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Every function that is invoked exists and gives its payload back."""
        own = name.split(":")[6] if name.startswith("arn:") and name.count(":") >= 6 else name
        for known in (name, own):
            self.runner.register_function(known, lambda payload, context: payload)
        return self._preflight(name, *args, **kwargs)

    # -- replays of the finished history

    def _replay(self, drive: Drive, arn: str) -> None:
        """Cold on both processes; after the straight drive twice more in one module, as in a warm Lambda."""
        state = InitialExecutionState(operations=drive.operations, next_marker="")
        given = DurableExecutionInvocationInput(
            durable_execution_arn=arn, checkpoint_token="token", initial_execution_state=state, updated_operation_ids=[]
        )

        def serve(question: str, *args: Any) -> CheckpointOutput:
            if question == "checkpoint":
                drive.started.extend(f"{one.action.value} {one.operation_type.value} {one.name!r}" for one in args[2])
            nothing = CheckpointUpdatedExecutionState(operations=[], next_marker=None)
            return CheckpointOutput(checkpoint_token=None, new_execution_state=nothing)

        request = replace(self.request, input=given)
        next_number = len(self.records) + 1
        numbers: list[tuple[int, str | None]] = [(next_number, None)]
        if not self.every_op:
            even = self.pool.size * (next_number + 2)  # multiples of its size: one process
            numbers += [(next_number + 1, None), (even, self.request.path), (even + self.pool.size, self.request.path)]
        for number, warm in numbers:
            drive.replays.append(self.pool.invoke(replace(request, number=number, warm=warm), serve))


def _finishes(update: Any) -> bool:
    """Whether a checkpoint ends an operation, not the execution."""
    ended = update.action in (OperationAction.SUCCEED, OperationAction.FAIL)
    return ended and update.operation_type is not OperationType.EXECUTION
