"""Writes to the terminal, the pipe or the file behind the standard streams."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterable
from typing import TextIO

import click

from durable_lint.model import Problem
from durable_lint.report import Style, problems
from durable_lint.streams import wants_color, width_of

DEBUG = "DURABLE_LINT_DEBUG"


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
        click.echo(text, stream or sys.stdout, nl=False, color=style.color)
    except BrokenPipeError:
        raise
    except OSError as error:
        if stream is not None:
            abandon_output(stream)
            return  # nowhere is left to say it; the exit status still does
        abandon_output(sys.stdout)
        raise unwritable(error) from error


def unwritable(error: OSError) -> click.ClickException:
    """What to say when the report can't be written."""
    return click.ClickException(f"can't write the report: {error.strerror}")


def print_bytes(data: bytes) -> None:
    """Write bytes to standard output as they are. Raises click.ClickException when that fails."""
    try:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        abandon_output(sys.stdout)
        raise click.ClickException(f"can't write the fixed text: {error.strerror}") from error


def abandon_output(*streams: TextIO) -> None:
    """Send what is still buffered nowhere, else the interpreter complains about it while it shuts down."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nowhere, stream.fileno())


def bug(error: Exception) -> Problem:
    """What to say of an exception that nobody expected; its traceback goes to standard error when asked for."""
    if os.environ.get(DEBUG):
        import traceback

        print_text("".join(traceback.format_exception(error)), Style(), sys.stderr)
    text = re.sub(r"\s+", " ", f"{type(error).__name__}: {error}").strip()
    hint = "please report it with this command and the traceback that DURABLE_LINT_DEBUG=1 adds"
    return Problem("internal", "", f"this is a bug in durable-lint, {hint}: {text}")
