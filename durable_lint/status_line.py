"""One line at the bottom of a terminal that says what a long run is doing, and is gone when it ends."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from typing import TextIO

from durable_lint import progress
from durable_lint.report.terminal import clip

DELAY, EVERY = 0.5, 0.1
"""Seconds until the line appears, so that it doesn't flicker in short runs, and from one text of it to the next."""


@contextlib.contextmanager
def status_line(stream: TextIO | None) -> Iterator[None]:
    """Show on ``stream`` what happens inside the block, if it is a terminal that can go back in a line."""
    if stream is None or not stream.isatty() or os.environ.get("TERM") == "dumb":
        yield
        return
    line = _Line(stream)
    with progress.shown(line.progress):
        line.start()
        try:
            yield
        finally:
            line.stop()


class _Line:
    """Draws from a thread of its own: some phases take long without a word, and the run shall not wait for it."""

    def __init__(self, stream: TextIO) -> None:
        import threading

        self.progress = progress.Progress()
        self._stream = stream
        self._drawn = ""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._draw_until_done, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _draw_until_done(self) -> None:
        wait = DELAY
        with contextlib.suppress(OSError, ValueError):  # the terminal is gone: nobody is there to look
            while not self._done.wait(wait):
                self._draw(clip(str(self.progress), self._width() - 1))
                wait = EVERY
            self._draw("")

    def _width(self) -> int:
        return os.get_terminal_size(self._stream.fileno()).columns or 80  # some terminals don't know

    def _draw(self, text: str) -> None:
        if text != self._drawn:
            self._stream.write("\r\x1b[K" + text)  # back to the start of the line, and clear it
            self._stream.flush()
            self._drawn = text
