"""Work dealt to several processes, forked from this one: each sees what was there, and only answers come back."""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress

from durable_lint import signals

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, BinaryIO, TypeVar

    Item = TypeVar("Item")
    Answer = TypeVar("Answer")


def size() -> int:
    """How many processes can work at once: the cores that this one may use, and 1 where forking isn't safe.

    macOS forks, but its libraries may crash in the child (the documentation of ``multiprocessing`` warns of it).
    """
    if sys.platform != "linux":
        return 1
    return len(os.sched_getaffinity(0))


PAYS = 60_000
"""How many bytes of Python make it worth to fork: reading or judging them takes about ten times as long as that."""


def deal(items: Sequence[Item], weight: Callable[[Item], int], hands: int) -> list[list[Item]]:
    """The files in ``hands`` shares of about the same weight in bytes, none empty, each in the order of ``items``.

    There is but one share when all of them together are not worth forking.
    """
    if sum(map(weight, items)) < PAYS:
        hands = 1
    order = sorted(range(len(items)), key=lambda index: (-weight(items[index]), index))
    rounds = [sorted(order[hand::hands]) for hand in range(hands)]
    return [[items[index] for index in share] for share in rounds if share]


def work(shares: Sequence[Sequence[Item]], do: Callable[[Sequence[Item]], Answer]) -> list[Answer]:
    """What ``do`` gives for each share, in their order; the first is done here, each other in a process of its own.

    Answers must be picklable. A share whose process ends without an answer, or for which there is no process to be had,
    is done here: whatever goes wrong there goes wrong here too and is said, or it was the system's doing.
    """
    crew: list[_Hand] = []
    try:
        with suppress(OSError), signals.held():  # a signal shall find no process that nobody knows
            for share in shares[1:]:
                crew.append(_Hand.hired(do, share))
        answers = [do(share) for share in shares[:1]]
        for hand, share in zip(crew, shares[1:], strict=False):
            answers.append(hand.answer() if hand.is_heard() else do(share))
        return answers + [do(share) for share in shares[len(crew) + 1 :]]
    finally:
        for hand in crew:
            hand.dismiss()


class _Hand:
    """One process at work, and the pipe on which its answer comes."""

    def __init__(self, pid: int, stream: BinaryIO) -> None:
        self._pid = pid
        self._stream = stream
        self._said = b""

    @classmethod
    def hired(cls, do: Callable[[Sequence[Any]], Any], share: Sequence[Any]) -> _Hand:
        """A new process that does its share."""
        import pickle

        read, write = os.pipe()
        with warnings.catch_warnings():
            # Python 3.12 warns where other threads are: ours draws the status line and holds nothing that is used here.
            warnings.simplefilter("ignore", DeprecationWarning)
            pid = os.fork()
        if pid:
            os.close(write)
            return cls(pid, os.fdopen(read, "rb"))
        try:
            signals.release()
            os.close(read)
            with os.fdopen(write, "wb") as stream:
                stream.write(pickle.dumps(do(share), pickle.HIGHEST_PROTOCOL))
        except BaseException:  # the parent does this share again, and says what is wrong
            os._exit(1)
        os._exit(0)

    def is_heard(self) -> bool:
        """Wait until the process is done, and say whether it gave an answer."""
        self._said = self._stream.read()
        _, status = os.waitpid(self._pid, 0)
        self._pid = 0
        return status == 0 and bool(self._said)

    def answer(self) -> Any:
        """What the process gave."""
        import pickle

        return pickle.loads(self._said)

    def dismiss(self) -> None:
        """End the process if it is still at work."""
        self._stream.close()
        if self._pid:
            import signal

            with suppress(ProcessLookupError):
                os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
