"""The worker processes: started once, used for any number of handlers."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .messages import Record, Request

# Of all pairs up to 120 the one that orders most sets of two or three short strings differently: 92 % of four thousand.
HASH_SEEDS = ("38", "105")
START_LIMIT = 60.0  # seconds

Serve = Callable[..., Any]


class Process:
    """One worker process. A question that takes longer than its limit ends the process and everything it started."""

    def __init__(self, seed: str) -> None:
        self.seed = seed
        self.lock = threading.Lock()
        self.closed = False
        self._start()

    def _start(self) -> None:
        environment = os.environ | {"PYTHONHASHSEED": self.seed, "PYTHONPATH": str(Path(__file__).parent.parent)}
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "oracle.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=environment,
            start_new_session=True,  # Ctrl-C in a terminal reaches the tests, which end the workers
        )
        with self._limit(START_LIMIT):
            self._receive()
        if self.closed:  # while it started
            self._end()

    def invoke(self, request: Request, serve: Serve, limit: float) -> Record:
        """Run one invocation; ``serve`` answers what the SDK asks of its service."""
        with self.lock:
            try:
                with self._limit(limit):
                    self._send(request)
                    while (message := self._receive())[0] != "done":
                        self._send(_answer(serve, message))
            except (EOFError, OSError, pickle.UnpicklingError):
                self._end()
                if not self.closed:
                    self._start()
                return Record(hung=True)
            return message[1]  # type: ignore[no-any-return]

    def _send(self, message: Any) -> None:
        assert self._process.stdin
        self._process.stdin.write(pickle.dumps(message))
        self._process.stdin.flush()

    def _receive(self) -> Any:
        assert self._process.stdout
        return pickle.load(self._process.stdout)

    @contextlib.contextmanager
    def _limit(self, seconds: float) -> Any:
        timer = threading.Timer(seconds, self._kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _kill(self) -> None:
        """End the process and, where there are sessions, all that its handler started."""
        if self._process.poll() is not None:
            return
        with contextlib.suppress(OSError):
            if hasattr(os, "killpg"):
                os.killpg(self._process.pid, signal.SIGKILL)
            else:
                self._process.kill()

    def close(self) -> None:
        """End the process for good."""
        self.closed = True
        self._end()

    def _end(self) -> None:
        self._kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                pipe.close()  # type: ignore[union-attr]


def _answer(serve: Serve, question: tuple[Any, ...]) -> tuple[bool, Any]:
    try:
        answer: tuple[bool, Any] = (True, serve(*question))
    except Exception as error:
        answer = (False, error)
    try:
        pickle.loads(pickle.dumps(answer))
    except Exception:
        return (False, RuntimeError(f"{type(answer[1]).__name__}: {answer[1]}"))
    return answer


class Pool:
    """Two worker processes with different hash seeds. ``limit`` is in seconds, for one invocation.

    Close it, or use it as a context manager: no process is left behind. Starting takes half a second.
    """

    def __init__(self, limit: float = 5.0) -> None:
        self.limit = limit
        self._processes: list[Process] = []
        try:
            for seed in HASH_SEEDS:
                self._processes.append(Process(seed))
        except BaseException:
            self.close()
            raise

    @property
    def size(self) -> int:
        return len(self._processes)

    @property
    def pids(self) -> list[int]:
        return [process._process.pid for process in self._processes]

    def invoke(self, request: Request, serve: Serve) -> Record:
        """Run one invocation on the process for its number."""
        return self._processes[request.number % self.size].invoke(request, serve, self.limit)

    def close(self) -> None:
        for process in self._processes:
            process.close()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
