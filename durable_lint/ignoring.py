"""Writes the comments that silence today's findings, in memory; writing the files is a step of its own."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from durable_lint.config import Overrides
from durable_lint.engine import Run
from durable_lint.fixes.apply import apply
from durable_lint.fixing import encoded
from durable_lint.model import (
    Applied,
    Diagnostic,
    Edit,
    FixedFile,
    Level,
    Location,
    Problem,
    RunResult,
    Span,
    Suppression,
)
from durable_lint.records import dataclass, field, replace
from durable_lint.source import SourceError, SourceFile, decode, parse
from durable_lint.suppressions import DIRECTIVE, IN_TURN, places, reaches, tokens
from durable_lint.workspace import collector_off

_STRINGS = re.compile(r"[FT]STRING_(START|END)")


def reason_error(reason: str) -> str:
    """Why a text can't be the reason in a comment; empty if it can."""
    if not any(character.isalnum() for character in reason):
        return "it says nothing: write why the findings may stay"
    if "#" in reason:
        return "a reason ends at '#': leave it out"
    return "" if reason.isprintable() else "it must be one line without control characters"


def ignore_paths(paths: Sequence[str], overrides: Overrides, reason: str, *, cwd: Path | None = None) -> RunResult:
    """Lint files and directories and put a comment at every finding; no file is written.

    The result's findings are those that are left, such as those about suppressions; ``fixed`` holds the changed files,
    its ``applied`` a line for each silenced finding; a finding where no comment can stand is a problem.
    Raises ConfigError.
    """
    cwd = (cwd or Path.cwd()).absolute()
    with collector_off():
        run = Run(overrides, cwd)
        result = run.lint(paths, None, "")
        wanted: dict[str, list[Diagnostic]] = {}
        keys = {found.path: key for key, found in run.linted.items()}
        for one in result.diagnostics:
            if one.code not in IN_TURN:
                wanted.setdefault(keys[one.path], []).append(one)
        fixed: list[FixedFile] = []
        problems: list[Problem] = []
        for key, found in sorted(wanted.items()):
            source = run.files.sources[key]
            try:
                comments = _Comments(source, reason)
                silenced = [one for one in found if comments.add(one)]
                problems += comments.problems
                if silenced:
                    data, text = comments.written()
                    applied = tuple(Applied(one.code, Level.SAFE, "ignore it") for one in silenced)
                    fixed.append(FixedFile(key, source.path, source.data, data, source.text, text, applied))
            except SourceError as error:
                problems.append(error.problem)
        if not fixed and not problems:
            return result
        again = Run(overrides, cwd, unsaved={one.file: one.after for one in fixed})
        left = again.lint(paths, None, "")
    said = {(problem.path, problem.line) for problem in problems}
    written = {one.path for one in fixed}
    problems += [
        _still_found(one)
        for one in left.diagnostics
        if one.path in written and one.code not in IN_TURN and (one.path, one.line) not in said
    ]
    problems = sorted({*left.problems, *problems}, key=lambda problem: problem.sort_key)
    fixed.sort(key=lambda one: (one.path, one.file))
    return replace(left, fixed=tuple(fixed), problems=tuple(problems))


def _still_found(found: Diagnostic) -> Problem:
    message = f"{found.code} is found though a comment stands for it: please report this bug of durable-lint"
    return Problem("internal", found.path, message, found.line)


@dataclass
class _Line:
    """A line that gets a comment: the comment that it has, and the codes that are to be ignored."""

    comment: Span | None
    codes: set[str] = field(default_factory=set)


class _Comments:
    """The comments that one file gets."""

    def __init__(self, source: SourceFile, reason: str) -> None:
        """Raises SourceError for a file that can't be given comments."""
        self._source = source
        self._reason = reason
        self._tree = parse(source)
        self._places = places(source, self._tree)
        self._open, self._has = _line_ends(source)
        self._lines: dict[int, _Line] = {}
        self.problems: list[Problem] = []
        if encoded(source.text, source) != source.data:
            message = f"its bytes can't be reproduced in {source.encoding}: write the comments by hand"
            raise SourceError(Problem("unfixable", source.path, message))

    def add(self, found: Diagnostic) -> bool:
        """Ignore a finding on the first line where a comment does; else say that there is none."""
        for line in self._candidates(found.location):
            if line in self._open and self._covers(line, found.location.span):
                self._lines.setdefault(line, _Line(self._has.get(line))).codes.add(found.code)
                return True
        message = f"no comment for {found.code} can stand here (a string or a backslash goes on): put it in a function"
        self.problems.append(Problem("unfixable", found.path, message, found.line))
        return False

    def written(self) -> tuple[bytes, str]:
        """The bytes and the text of the file with its comments; raises SourceError when that can't be."""
        source = self._source
        edits = [self._edit(number, line) for number, line in sorted(self._lines.items())]
        text = apply(source.text, edits)
        try:
            data = encoded(text, source)
        except UnicodeError as error:
            message = f"the reason can't be written in {source.encoding}: give one that can"
            raise SourceError(Problem("encoding", source.path, message)) from error
        if ast.dump(parse(decode(data, source.path))) != ast.dump(self._tree):
            message = "comments would change what it means: please report this bug of durable-lint"
            raise SourceError(Problem("internal", source.path, message))
        return data, text

    def _candidates(self, place: Location) -> Iterator[int]:
        """The lines on which a comment may do, the best first: the finding's own, then those that cover more."""
        first, last = place.start.line, place.end.line
        yield first
        yield self._places.first_line(first)
        yield from range(first + 1, last + 1)
        yield from self._places.headers(first)

    def _covers(self, line: int, span: Span) -> bool:
        scope, target = self._places.covered(line)
        return reaches(Suppression((), "", scope, target, target), span)

    def _edit(self, number: int, line: _Line) -> Edit:
        text, start = self._source.lines.line_text(number), self._source.lines.start(number)
        if line.comment is not None:
            joined = self._joined(line.comment, line.codes)
            if joined is not None:
                return joined
        end = start + len(text.rstrip())
        return Edit(Span(end, start + len(text)), f"  # durable-lint: ignore[{_listed(line.codes)}] {self._reason}")

    def _joined(self, comment: Span, codes: set[str]) -> Edit | None:
        """The edit that adds codes, and the reason if it is another, to a comment of ours; None if there is none."""
        for match in DIRECTIVE.finditer(self._source.text, comment.start, comment.end):
            if (match["verb"] or "").lower() == "ignore" and (match["codes"] or "").strip(", \t"):
                before, has = match["codes"].strip(", \t"), match["reason"].strip()
                reasons = [has] if self._reason in has.split("; ") else [*([has] if has else []), self._reason]
                old = self._source.text[match.start() : match.start("codes")]
                text = f"{old}{before}, {_listed(codes)}] {'; '.join(reasons)}"
                return Edit(Span(match.start(), match.start() + len(match[0].rstrip())), text)
        return None


def _listed(codes: set[str]) -> str:
    return ", ".join(sorted(codes))


def _line_ends(source: SourceFile) -> tuple[set[int], dict[int, Span]]:
    """The lines at whose end a comment can stand, and the comments of lines that have one."""
    import tokenize

    ends: set[int] = set()
    comments: dict[int, Span] = {}
    inside = 0  # a string with expressions: before Python 3.12 it can hold no comment
    for token in tokens(source):
        kind = _STRINGS.fullmatch(tokenize.tok_name[token.type])
        if kind is not None:
            inside += 1 if kind[1] == "START" else -1
        line, column = token.start
        if token.type in (tokenize.NEWLINE, tokenize.NL) and not inside:
            ends.add(line)
        elif token.type == tokenize.COMMENT:
            start = source.lines.start(line) + column
            comments[line] = Span(start, start + len(token.string))
    return ends, comments
