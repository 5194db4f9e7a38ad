"""A worker process: ``python -m oracle.worker`` runs invocations for ``pool.Pool``.

It talks pickles on its standard input and output, which a handler never sees. It ends when its input does,
also in the middle of an invocation, so that no worker outlives the tests.
"""

from __future__ import annotations

import builtins
import io
import itertools
import logging
import os
import pickle
import queue
import sys
import threading
import types
from pathlib import Path
from typing import Any

from aws_durable_execution_sdk_python.execution import DurableExecutionInvocationInputWithClient
from aws_durable_execution_sdk_python.lambda_service import DurableServiceClient
from aws_durable_execution_sdk_python_testing.invoker import create_test_lambda_context

from .messages import Record, Request
from .tracing import Tracer
from .world import World

# Audit events that are effects when a handler's own code causes them.
NETWORK = ("socket.connect", "socket.getaddrinfo")
FILES = ("open", "os.remove", "os.rename", "os.mkdir", "os.rmdir", "shutil.rmtree")
EFFECTS = (*NETWORK, *FILES, "subprocess.Popen", "os.system", "os.fork")


class Line:
    """The connection with the pool: requests come in, questions for the service and records go out."""

    def __init__(self) -> None:
        self._source = os.fdopen(os.dup(0), "rb")
        self._target = os.fdopen(os.dup(1), "wb")
        self.requests: queue.Queue[Request] = queue.Queue()
        self._answers: queue.Queue[tuple[bool, Any]] = queue.Queue()
        self._lock = threading.Lock()
        self.open = False
        self.send("ready")
        void = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(void, standard)
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        try:
            while True:
                message = pickle.load(self._source)
                (self.requests if isinstance(message, Request) else self._answers).put(message)
        finally:
            os._exit(0)

    def send(self, *message: Any) -> None:
        self._target.write(pickle.dumps(message))  # whole or, when it can't be pickled, not at all
        self._target.flush()

    def finish(self, record: Record) -> None:
        """Answer a request; threads that its handler left behind can ask no more."""
        with self._lock:
            self.open = False
            self.send("done", record)

    def ask(self, *question: Any) -> Any:
        """Ask the service, which is in the process of the tests."""
        with self._lock:
            if not self.open:
                raise RuntimeError("the invocation is over")
            self.send(*question)
            good, answer = self._answers.get()
        if not good:
            raise answer
        return answer


class Client(DurableServiceClient):
    """The SDK's connection to its service."""

    def __init__(self, line: Line) -> None:
        self.line = line

    def checkpoint(self, durable_execution_arn: Any, checkpoint_token: Any, updates: Any, client_token: Any) -> Any:
        return self.line.ask("checkpoint", durable_execution_arn, checkpoint_token, updates, client_token)

    def get_execution_state(
        self, durable_execution_arn: Any, checkpoint_token: Any, next_marker: Any, max_items: int = 1000
    ) -> Any:
        return self.line.ask("get_execution_state", durable_execution_arn, checkpoint_token, next_marker, max_items)

    def stop(self, *args: Any) -> Any:
        raise NotImplementedError


class Output(io.TextIOBase):
    """What a handler prints to."""

    def __init__(self, tracer: Tracer) -> None:
        self.tracer = tracer

    def write(self, text: str) -> int:
        if text.strip():
            self.tracer.effect(f"print {text.strip()[:80]}")
        return len(text)


class LogEffects(logging.Handler):
    """What a handler logs."""

    def __init__(self, tracer: Tracer) -> None:
        super().__init__(logging.INFO)
        self.tracer = tracer

    def emit(self, record: logging.LogRecord) -> None:
        if not record.name.startswith(("aws_durable", "asyncio", "concurrent")):
            self.tracer.effect(f"log {record.getMessage()[:80]}")


class Worker:
    """Runs handlers, one invocation at a time."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.tracer = Tracer()
        self.world = World(self.tracer.effect)
        self.path = ""
        self.count = itertools.count()
        self.warm: dict[str, types.ModuleType] = {}
        logging.basicConfig(level=logging.INFO, handlers=[LogEffects(self.tracer)], force=True)
        sys.stdout = sys.stderr = Output(self.tracer)  # type: ignore[assignment]
        threading.excepthook = lambda args: None  # what a handler's thread loses shows in the results
        sys.addaudithook(self._audit)
        self._start_thread = threading.Thread.start
        threading.Thread.start = lambda thread: self._thread(thread)  # type: ignore[method-assign]

    def serve(self) -> None:
        while True:
            request = self.line.requests.get()
            before = dict(os.environ)
            record = self.invoke(request)
            for name in set(os.environ) - set(before):
                del os.environ[name]
            os.environ.update(before)
            self.line.finish(record)

    def invoke(self, request: Request) -> Record:
        """Run the handler once."""
        self.path = request.path
        self.world.turn(request.number)
        self.world.answer = dict(request.answer)
        os.chdir(Path(request.path).parent)
        for name, values in request.environment.items():
            value = values[request.number % len(values)]
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        try:
            handler = getattr(self._module(request), request.handler)
        except BaseException as error:
            return Record(unloadable=_said(error), stubs_missing=self.world.missing)
        context = create_test_lambda_context()
        object.__setattr__(context, "aws_request_id", f"request-{os.getpid()}-{next(self.count)}")
        self.line.open = True
        event = DurableExecutionInvocationInputWithClient.from_durable_execution_invocation_input(
            request.input, Client(self.line)
        )
        record = self.tracer.begin()
        try:
            response = handler(event, context)
            if isinstance(response, dict) and "Status" in response:
                record.response = response
            else:
                record.error = "the handler is not durable: it gives no status"
        except BaseException as error:
            record.error = _said(error)
        finally:
            self.tracer.end()
        return record

    def _module(self, request: Request) -> types.ModuleType:
        """The handler's module: executed anew, or the warm one."""
        if request.warm in self.warm:
            return self.warm[request.warm]
        module = types.ModuleType(f"handler_{next(self.count)}")
        module.__file__ = request.path
        module.__dict__["__builtins__"] = {**vars(builtins), "__import__": self.world.load}
        sys.modules[module.__name__] = module  # dataclasses look there
        exec(compile(Path(request.path).read_bytes(), request.path, "exec"), module.__dict__)
        if request.warm:
            self.warm = {request.warm: module}  # only the newest is asked for again
        return module

    def _audit(self, event: str, args: tuple[Any, ...]) -> None:
        if event not in EFFECTS or not self.path:
            return
        if event == "open" and not (isinstance(args[1], str) and set(args[1]) & set("wax+")):
            return  # what is read shows in the values
        if self._by_handler():
            self.tracer.effect(f"{event} {args[:1]}"[:200])
        if event in NETWORK:
            raise OSError("the replay oracle has no network")

    def _thread(self, thread: threading.Thread) -> None:
        """Start a thread; CPython 3.11 has no audit event for it."""
        if self._by_handler():
            self.tracer.effect("threading.Thread.start")
        self._start_thread(thread)

    def _by_handler(self) -> bool:
        """Whether the handler's file is nearer on the stack of the caller's caller than the SDK."""
        if not self.tracer.active or self.tracer.in_step():
            return False
        frame = sys._getframe(2)
        while frame:
            name = frame.f_code.co_filename
            if name == self.path:
                return True
            if "aws_durable_execution_sdk" in name:
                return False
            frame = frame.f_back  # type: ignore[assignment]
        return False


def _said(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"[:500]


if __name__ == "__main__":
    Worker(Line()).serve()
