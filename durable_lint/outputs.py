"""Which report goes where: one to the terminal, any number to files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from durable_lint.model import Problem, RunResult
from durable_lint.records import dataclass, replace
from durable_lint.report import FORMATS, SERVICES, Style


class OutputError(Exception):
    """Files for reports that can't be meant; the text says why."""


@dataclass(frozen=True)
class Outputs:
    """The format of what is printed, and the format and path of each report that goes to a file."""

    printed: str
    files: tuple[tuple[str, str], ...] = ()


def chosen(format_: str, output: str | None, more: Sequence[str]) -> Outputs:
    """What ``--format``, ``--output FILE`` and each ``--output-format FORMAT=FILE`` ask for; raises OutputError.

    With ``output`` the report of ``format_`` goes there, and text is printed.
    """
    files = [] if output is None else [(format_, "--output", output)]
    for word in more:
        name, separator, path = word.partition("=")
        if not separator or name not in FORMATS:
            known = ", ".join(FORMATS)
            raise OutputError(f'--output-format takes FORMAT=FILE, with one of {known}; not "{word}"')
        files.append((name, "--output-format", path))
    taken = set()
    for _, option, path in files:
        _refuse(option, path)
        real = os.path.realpath(path)
        if real in taken and not _is_stream(path):
            raise OutputError(f'two reports would go to the file "{path}"')
        taken.add(real)
    return Outputs("text" if output is not None else format_, tuple((name, path) for name, _, path in files))


def _refuse(option: str, path: str) -> None:
    if path in ("", "-"):
        raise OutputError(f"{option} needs the name of a file: what --format names is printed without it")
    if os.path.isdir(path):  # noqa: PTH112 - unlike Path.is_dir it raises nothing
        raise OutputError(f'"{path}" is a folder: {option} needs the name of a file')
    if path.endswith((".py", ".pyi")):
        raise OutputError(f'"{path}" is Python code, which {option} would overwrite: name a file for the report')


def _is_stream(path: str) -> bool:
    return path.startswith("/dev/") or (os.path.exists(path) and not os.path.isfile(path))  # noqa: PTH110, PTH113


def rendered(name: str, result: RunResult, style: Style) -> str:
    """A report of what was found from the working directory; services get paths from the root of the repository."""
    if name in SERVICES:
        from durable_lint.report import places

        here = Path.cwd()
        result = places.seen_from(result, here, places.repository(here))
    return FORMATS[name](result, style)


def write(outputs: Outputs, result: RunResult, style: Style) -> RunResult:
    """Write the files, each whole or not at all, without colour; gives the result with a problem for each failure."""
    if not outputs.files:
        return result
    from durable_lint import atomic

    plain = Style(summary=style.summary, statistics=style.statistics)
    failed = []
    for name, path in outputs.files:
        try:
            atomic.write(path, rendered(name, result, plain).encode("utf-8", "backslashreplace"))
        except atomic.Refused as refused:
            failed.append(Problem("unwritable", path, f"the {name} report can't be written: {refused}"))
    return replace(result, problems=(*result.problems, *failed))
