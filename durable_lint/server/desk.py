"""When what is looked at: one thread does the looking, the newest change goes first, stale looks are given up.

A change is waited for a moment, because one rarely comes alone. Then the document is looked at the near way, and when
nothing more comes, the folder the whole way (``session`` says what these are).
"""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from durable_lint.server.session import Answer, Session, Stop, Stopped, Unsaved

DEBOUNCE = 0.01
"""Seconds without a further change before a document is looked at."""
IDLE = 0.3
"""Seconds without a further change before its folder is looked at."""
GARBAGE = 3
"""After how many looks what they left is collected, when their findings are out: it takes some 20 ms."""

_log = logging.getLogger(__name__)

T = TypeVar("T")
Publish = Callable[["Desk", Answer, Unsaved, bool], None]


class Worker:
    """The one thread that looks at code."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "durable-lint")
        self._looks = 0
        sys.setswitchinterval(0.001)  # messages are read while a look goes on
        gc.disable()  # or it would run when a look is done and its findings are not yet out

    async def do(self, work: Callable[[Stop], T]) -> T:
        """Do some work in the thread. It is told to stop when nobody waits for it any longer."""
        stale = threading.Event()
        future = asyncio.get_running_loop().run_in_executor(self._pool, self._guarded, work, stale)
        try:
            done = await future
        finally:
            stale.set()
        if done is None:
            raise asyncio.CancelledError
        return done[0]

    def _guarded(self, work: Callable[[Stop], T], stale: threading.Event) -> tuple[T] | None:
        self._looks += 1
        try:
            return None if stale.is_set() else (work(stale.is_set),)
        except Stopped:
            return None

    def tidy(self, thorough: bool) -> None:
        """Collect what looks have left, soon: the thread does it, after what is waiting."""
        if thorough or self._looks >= GARBAGE:
            self._looks = 0
            self._pool.submit(_collect, thorough)

    def close(self) -> None:
        """Take no more work and wait for none."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _collect(thorough: bool) -> None:
    gc.collect()
    if thorough:
        gc.freeze()  # facts of files stay: the next collections need not walk through them


class Desk:
    """The open documents of one folder: what changed in them, and the looks that it calls for."""

    def __init__(self, session: Session, worker: Worker, unsaved: Callable[[Desk], Unsaved], publish: Publish) -> None:
        self.session = session
        self._worker = worker
        self._unsaved = unsaved
        self._publish = publish
        self._changed: dict[str, None] = {}
        self._task: asyncio.Task[None] | None = None
        self._near = asyncio.Event()
        self._near.set()

    def changed(self, keys: Iterable[str] = ()) -> None:
        """Look again: after a change in these documents, or in anything else when none is given."""
        self._changed.update(dict.fromkeys(keys))
        self.stop()
        self._near.clear()
        self._task = asyncio.get_running_loop().create_task(self._guarded())

    def stop(self) -> None:
        """Give up what is being looked at."""
        if self._task is not None:
            self._task.cancel()
        self._near.set()

    async def settled(self, seconds: float) -> None:
        """Wait until the last change was looked at, but not for ever."""
        try:
            await asyncio.wait_for(self._near.wait(), seconds)
        except TimeoutError:
            return

    async def do(self, work: Callable[[Stop], T]) -> T:
        """Do some other work on this folder."""
        return await self._worker.do(work)

    async def _guarded(self) -> None:
        try:
            await self._look()
        except Exception:
            _log.exception("a look at %s failed: this is a bug of durable-lint, please report it", self.session.root)
            self._near.set()

    async def _look(self) -> None:
        await asyncio.sleep(DEBOUNCE)
        unsaved = self._unsaved(self)
        keys = [key for key in self._changed if key in unsaved]
        if keys:
            near = await self._worker.do(lambda stop: self.session.near(keys, unsaved, stop))
            if near is not None:
                self._publish(self, near, unsaved, False)
                self._near.set()
                self._worker.tidy(thorough=False)
                await asyncio.sleep(IDLE)
        answer = await self._worker.do(lambda stop: self.session.all(unsaved, keys, stop))
        self._changed.clear()
        self._publish(self, answer, unsaved, True)
        self._near.set()
        self._worker.tidy(thorough=True)
