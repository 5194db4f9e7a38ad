"""A pseudo-terminal for tests: programs that look at what their streams are get a real one."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path


class Terminal:
    """A process whose standard streams are one pseudo-terminal; ``seen`` is everything that it wrote."""

    def __init__(self, process: subprocess.Popen[bytes], handle: int) -> None:
        self.process = process
        self.seen = ""
        self._handle = handle

    def type(self, text: str) -> None:
        os.write(self._handle, text.encode())

    def until(self, *texts: str, seconds: float = 20) -> str:
        """What was written up to and with the moment when all texts are in it; what comes later is left for later."""
        start = len(self.seen)
        end = time.monotonic() + seconds
        while not all(text in self.seen[start:] for text in texts):
            left = end - time.monotonic()
            if left <= 0 or not self._read(left):
                raise AssertionError(f"waited for {texts}, saw {self.seen[start:]!r}")
        return self.seen[start:]

    def finish(self, seconds: float = 20) -> int:
        """The exit status, once the process has ended and all is read."""
        while self._read(seconds):
            pass
        return self.process.wait(seconds)

    def interrupt(self) -> None:
        """What Ctrl-C does."""
        os.killpg(self.process.pid, signal.SIGINT)

    def _read(self, seconds: float) -> bool:
        if not select.select([self._handle], [], [], seconds)[0]:
            return False
        try:
            data = os.read(self._handle, 65536)
        except OSError:  # the other end is closed
            return False
        self.seen += data.decode("utf-8", "replace")
        return bool(data)


@contextlib.contextmanager
def terminal(
    command: Sequence[str],
    cwd: Path,
    environment: Mapping[str, str],
    *,
    width: int = 80,
    stdout: int | None = None,
    stderr: int | None = None,
) -> Iterator[Terminal]:
    """Run a command in a pseudo-terminal of a number of columns; ``stdout`` and ``stderr`` may be something else."""
    import fcntl
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    process = subprocess.Popen(
        command,
        cwd=cwd,
        env={**os.environ, "TERM": "xterm", **environment},
        stdin=theirs,
        stdout=theirs if stdout is None else stdout,
        stderr=theirs if stderr is None else stderr,
        start_new_session=True,
    )
    os.close(theirs)
    try:
        yield Terminal(process, ours)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
        os.close(ours)
