"""The signals that ask a process to end: they become exceptions, so that files and processes are left in order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
else:
    import _signal as signal  # what ``signal`` adds are enumerations, which take half a millisecond to make

_ASKING = {getattr(signal, name): name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)}


class Ended(BaseException):
    """A signal asked the process to end; ``number`` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__(_ASKING[number])
        self.number = number


@contextmanager
def raised() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise ``Ended``, as Ctrl-C raises KeyboardInterrupt, where nobody said what they do."""

    def end(number: int, frame: object) -> None:
        raise Ended(number)

    ours = [number for number in _ASKING if signal.getsignal(number) == signal.SIG_DFL]  # nohup ignores SIGHUP
    try:
        for number in ours:
            signal.signal(number, end)
    except ValueError:  # only in the main thread may handlers be set
        ours = []
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def held() -> Iterator[None]:
    """Let signals that would end the process wait until the block is left, where the system can do that."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, *_ASKING))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def release() -> None:
    """Let signals through again in a process that was forked while they were held."""
    signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGINT, *_ASKING))
