"""Writes to the terminal, the pipe or the file behind the standard streams."""

from __future__ import annotations

import errno
import os
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

from durable_lint.model import Problem
from durable_lint.report import Style, problems
from durable_lint.streams import wants_color, width_of

DEBUG = "DURABLE_LINT_DEBUG"
FULL = frozenset((errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO))
"""What writing fails with when a disk is full, or worse."""


class CommandError(Exception):
    """Why a command ends early, in one line."""


class UsageError(CommandError):
    """The words of a command line are wrong; the text says how."""


def style_for(color: str, stream: TextIO | None, *, summary: bool = True, statistics: bool = False) -> Style:
    """How to write to a stream: with colour or not, and how wide."""
    return Style(wants_color(color, stream, os.environ), width_of(stream), summary, statistics)


def print_problems(found: Iterable[Problem], color: str) -> None:
    """Write problems to standard error."""
    style = style_for(color, sys.stderr)
    print_text(problems(found, style), style, sys.stderr)


def print_text(text: str, style: Style, stream: TextIO | None = None) -> None:
    """Write to ``stream``, standard output by default; a full disk is said, a reader that left is no error."""
    try:
        _print(text, stream or sys.stdout, style.color)
    except BrokenPipeError:
        raise
    except OSError as error:
        if stream is not None:
            abandon_output(stream)
            return  # nowhere is left to say it; the exit status still does
        abandon_output(sys.stdout)
        raise unwritable(error) from error


def _print(text: str, stream: TextIO | None, color: bool) -> None:
    """Write as click does, which knows how a terminal shows colours; a text without any needs none of that."""
    if "\x1b" in text:
        import click

        click.echo(text, stream, nl=False, color=color)
    elif text and stream is not None:
        stream.write(text)
        stream.flush()


def unwritable(error: OSError) -> CommandError:
    """What to say when the report can't be written."""
    return CommandError(f"can't write the report: {error.strerror}")


def print_bytes(data: bytes) -> None:
    """Write bytes to standard output as they are. Raises CommandError when that fails."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        abandon_output(sys.stdout)
        raise CommandError(f"can't write the fixed text: {error.strerror}") from error


def _is_nowhere() -> bool:
    try:
        Path.cwd()
    except OSError:
        return True
    return False


def abandon_output(*streams: TextIO) -> None:
    """Send what is still buffered nowhere, else the interpreter complains about it while it shuts down."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nowhere, stream.fileno())


def bug(error: Exception) -> Problem:
    """What to say of an exception that nobody expected; its traceback goes to standard error when asked for."""
    if isinstance(error, MemoryError):
        return Problem("memory", "", "out of memory: allow more, check fewer files at a time, or use --jobs 1")
    if isinstance(error, ImportError):
        return Problem("internal", "", f"durable-lint can't be loaded: {error}")
    if isinstance(error, FileNotFoundError) and _is_nowhere():
        return Problem("usage", "", "the working directory doesn't exist any more: change to one that does")
    if os.environ.get(DEBUG):
        import traceback

        print_text("".join(traceback.format_exception(error)), Style(), sys.stderr)
    text = re.sub(r"\s+", " ", f"{type(error).__name__}: {error}").strip()
    hint = "please report it with this command and the traceback that DURABLE_LINT_DEBUG=1 adds"
    return Problem("internal", "", f"this is a bug in durable-lint, {hint}: {text}")
