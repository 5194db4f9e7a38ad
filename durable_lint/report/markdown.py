"""The report for the page of a job or a pull request: a table in GitHub's and GitLab's Markdown."""

from __future__ import annotations

from collections.abc import Iterable

from durable_lint.model import Diagnostic, Hop, Problem, RunResult
from durable_lint.report.summary import counts, plural, summary
from durable_lint.report.terminal import Style, visible

ROOM = 400_000
"""The bytes that the table, and again what leads to the findings, may take: the summary of a job holds 1 MiB."""
LONGEST = 500
"""How much of one text is shown, in code points."""

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;", "@": "&#64;<!-- -->"}
_MARKS = {char: f"\\{char}" for char in r"\`*_[]~$#"}
_PROSE = str.maketrans(_ENTITIES | _MARKS)
_CODE = str.maketrans(_ENTITIES | {char: f"&#{ord(char)};" for char in _MARKS})


def render(result: RunResult, style: Style | None = None) -> str:
    """A heading, problems, a row for each finding, and under a fold what leads to each; statistics if asked for."""
    style = style or Style()
    blocks = ["## durable-lint", f"**{prose(summary(result, Style()))}**"]
    if result.problems:
        blocks.append("\n".join(_problem(problem) for problem in result.problems))
    rows = _fitting(map(_row, result.diagnostics))
    if rows:
        blocks.append("\n".join(["| Level | Rule | Place | Finding |", "|---|---|---|---|", *rows]))
    if len(rows) < len(result.diagnostics):
        blocks.append(f"and {plural(len(result.diagnostics) - len(rows), 'more finding')}")
    paths = _fitting(_path(found, result) for found in result.diagnostics[: len(rows)] if found.related)
    if paths:
        blocks += ["<details>\n<summary>What leads to them</summary>", "\n".join(paths), "</details>"]
    if style.statistics:
        rows = _fitting(f"| {count} | {prose(name)} |" for group in counts(result) for name, count in group)
        blocks.append("\n".join(["### Statistics\n", "| Count | Of |", "|---:|---|", *rows]))
    return "\n\n".join(blocks) + "\n"


def _fitting(parts: Iterable[str]) -> list[str]:
    """The first parts, as many as there is room for."""
    shown, left = [], ROOM
    for part in parts:
        left -= len(part.encode("utf-8", "backslashreplace")) + 1
        if left < 0:
            break
        shown.append(part)
    return shown


def prose(text: str) -> str:
    """Text that Markdown shows as it is, on one line, also in a cell of a table; nobody is mentioned by it."""
    return _encoded(text, _PROSE)


def code(text: str) -> str:
    """Text in the typeface of code; backticks can't be used in a cell of a table for a text that holds a pipe."""
    return f"<code>{_encoded(text, _CODE)}</code>"


def _encoded(text: str, table: dict[int, str]) -> str:
    shown = visible(text).strip()
    if len(shown) > LONGEST:
        shown = shown[:LONGEST] + " ..."
    return shown.translate(table).replace("://", "&#58;//").replace("www.", "www&#46;")  # else they become links


def _row(found: Diagnostic) -> str:
    fix = f" Fix ({found.fix.level.value}): {prose(found.fix.title)}" if found.fix is not None else ""
    place = code(f"{found.path}:{found.line}:{found.column}")
    rule = f"{prose(found.code)} {prose(found.name)}"
    return f"| {found.severity.value} | {rule} | {place} | {prose(found.message)}.{fix} |"


def _path(found: Diagnostic, result: RunResult) -> str:
    head = f"- {prose(found.code)} {_place(found.path, found.line, result)}"
    return "\n".join([head, *(_hop(hop, depth, result) for depth, hop in enumerate(found.related))])


def _hop(hop: Hop, depth: int, result: RunResult) -> str:
    indent = "  " * (1 + (0 if hop.forward else min(depth, 8)))
    place = _place(hop.location.path, hop.location.start.line, result)
    return f"{indent}- {prose(hop.message)} {place}"


def _place(path: str, line: int, result: RunResult) -> str:
    source = result.lines.get((path, line), "").strip()
    return code(f"{path}:{line}") + (f" {code(source)}" if source else "")


def _problem(problem: Problem) -> str:
    place = f"{problem.path}:{problem.line}" if problem.line else problem.path
    return f"- **error** {code(place) + ' ' if place else ''}{prose(problem.message)} ({prose(problem.kind)})"
