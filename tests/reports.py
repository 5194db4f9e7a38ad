"""A result with every kind of content, benign and hostile, for the tests of the formats."""

from __future__ import annotations

from dataclasses import replace

from durable_lint.model import (
    Diagnostic,
    Edit,
    Fix,
    Hop,
    Level,
    Location,
    Position,
    Problem,
    RunResult,
    Severity,
    Span,
)

HOSTILE = (
    "a\nb\r\n::error::x",
    "100% %0A %25",
    "]]> <![CDATA[ & \"q\" 'q' <b>",
    "`tick` ``two`` | pipe \\| \\",
    "[text](https://example.org) [x](1) <img src=x> *b* _u_ ~~s~~ $m$ #1 @octocat",
    "\x00 \x07 \x1b[31m red \x1b]8;;x\x07 \x7f \x85 \u202e \ufffe \ufeff",
    "\U0001f600 e\u0301 \udcff \u2028",
    "{0} {{ }",
    "a,b:c;d=e",
    "&#60;b&#62; &lt;",
    "</code></details><script>",
    "| --- |",
    "www.example.org mail@example.org ftp://x.y",
    "  leading and trailing  ",
)


def place(path: str, line: int = 1, start: int = 1, end: int = 2, end_line: int = 0) -> Location:
    return Location(path, Position(line, start), Position(end_line or line, end), Span(start - 1, max(start, end) - 1))


def finding(message: str, path: str = "src/app.py", line: int = 1) -> Diagnostic:
    return Diagnostic("DUR101", "wall-clock-in-workflow", Severity.ERROR, message, place(path, line))


def hostile(text: str) -> RunResult:
    """A text at every place of a result where one from a file, its name or a message can stand."""
    path = f"src/{text}.py"
    where = place(path, 3, 5, 9)
    hops = (Hop(place(path, 8), text), Hop(place(f"{text}/b.py", 2, 3, 4), text, forward=True))
    fix = Fix(text, Level.HISTORY, (Edit(where.span, text, where),))
    found = replace(finding(text, path, 3), location=where, related=hops, fix=fix)
    problems = (Problem("syntax", path, text, 3), Problem("internal", "", text))
    lines = {(path, 3): text, (path, 8): text, (f"{text}/b.py", 2): text}
    return RunResult((found,), problems, 3, {"files parsed": 2}, lines, (text,))
