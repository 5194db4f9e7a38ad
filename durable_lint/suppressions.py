"""Comments that silence findings: found once per file, matched once, and reported when they silence nothing.

``# durable-lint: ignore[DUR101] why`` covers the findings that touch its line; on the first line of a simple statement
the whole statement; on that of a compound statement its header; on a decorator or the header of a ``def`` or ``class``
all of it. ``# durable-lint: ignore-file[DUR206] why`` on a line of its own covers the file. ``# noqa: DUR101`` and a
bare ``# noqa`` cover their line. A code may be a code, the beginning of codes (``DUR1``) or the name of a rule.
"""

from __future__ import annotations

import ast
import re
from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from durable_lint.config import did_you_mean, resolve_code
from durable_lint.model import Diagnostic, Edit, Fix, Level, Severity, Span, Suppression
from durable_lint.records import dataclass
from durable_lint.source import SourceFile

if TYPE_CHECKING:
    from tokenize import TokenInfo

MALFORMED = ("",)
"""The ``codes`` of a suppression that can't be understood: it covers nothing and is reported as DUR902."""

_CANDIDATE = re.compile(r"durable-lint\s*:|noqa", re.IGNORECASE)
DIRECTIVE = re.compile(
    r"""\#\s*durable-lint\s*:\s*
    (?:(?P<verb>ignore-file|ignore)(?![\w-])\s*(?:\[(?P<codes>[^\]\#]*)\])?(?P<reason>[^\#]*)
    |(?P<wrong>(?:ignore|disable|enable|skip|noqa|nolint|off|allow)\b[\w-]*)[^\#]*)""",
    re.IGNORECASE | re.VERBOSE,
)
_NOQA = re.compile(
    r"""\#\s*noqa(?![\w-])
    (?P<colon>\s*:\s*(?P<codes>[A-Z]+[0-9]+(?:[\s,]+[A-Z]+[0-9]+)*)?)?(?P<reason>[^\#]*)""",
    re.IGNORECASE | re.VERBOSE,
)
_CODE = re.compile(r"[A-Za-z]+[0-9]+")
_OURS = re.compile(r"DUR\d+", re.IGNORECASE)
_UNUSED = ("DUR901", "unused-suppression", Severity.WARNING)
_UNKNOWN = ("DUR902", "unknown-code", Severity.ERROR)
_REASONLESS = ("DUR903", "suppression-without-reason", Severity.WARNING)
IN_TURN = ("DUR901", "DUR902", "DUR903", "DUR90")
"""The codes of what is said about suppressions themselves, and what they have in common."""


def find(source: SourceFile, tree: ast.Module, *, noqa: bool = True) -> tuple[Suppression, ...]:
    """The suppressions of a file in their order; ``tree`` is that of the same text.

    Without ``noqa`` only our own comments are meant: flake8 applies ``# noqa`` itself.
    """
    lowered = source.text.lower()  # ten times faster than the pattern, and most files have neither
    if "durable-lint" not in lowered and "noqa" not in lowered:
        return ()
    comments, statements = _comments(source)
    if not comments:
        return ()
    covered = Places(source, statements, tree)
    found = (one for comment in comments for one in _suppressions(comment, covered))
    return tuple(one for one in found if noqa or not _NOQA.match(source.text, one.span.start))


@dataclass(frozen=True, slots=True)
class _Comment:
    """A comment: the line (from 1) it stands on, whether nothing else does, its text, and its offset (from 0)."""

    line: int
    alone: bool
    text: str
    start: int


@dataclass(frozen=True, slots=True)
class _Lines:
    """A range of lines, both from 1 and included."""

    first: int
    last: int


def _comments(source: SourceFile) -> tuple[list[_Comment], list[_Lines]]:
    """The comments that may suppress something, and the lines of each logical line."""
    import tokenize

    comments: list[_Comment] = []
    statements: list[_Lines] = []
    first = 0
    for token in tokens(source):
        line, column = token.start
        if token.type == tokenize.COMMENT:
            if _CANDIDATE.search(token.string):
                alone = not source.lines.line_text(line)[:column].strip()
                comments.append(_Comment(line, alone, token.string, source.lines.start(line) + column))
        elif token.type == tokenize.NEWLINE:
            statements.append(_Lines(first or line, line))
            first = 0
        elif token.type not in (tokenize.NL, tokenize.INDENT, tokenize.DEDENT):
            first = first or line
    return comments, statements


def tokens(source: SourceFile) -> Iterator[TokenInfo]:
    """The tokens of a file, each with the line (from 1) and column that it begins at; fewer where tokenize gives up."""
    import tokenize

    begin = 1
    while True:
        texts = (source.lines.line_text(line) + "\n" for line in range(begin, source.lines.count + 1))
        try:
            for token in tokenize.generate_tokens(partial(next, texts, "")):
                yield token._replace(start=(token.start[0] + begin - 1, token.start[1]))
            return
        except IndentationError as error:
            # tokenize and the parser differ on indentation in front of a backslash: go on as if the text began here
            if (error.lineno or 1) == 1:
                return
            begin += (error.lineno or 1) - 1
        except tokenize.TokenError:
            return


def places(source: SourceFile, tree: ast.Module) -> Places:
    """What comments on the lines of a file cover; ``tree`` is that of the same text."""
    return Places(source, _comments(source)[1], tree)


class Places:
    """What a comment on a line covers."""

    def __init__(self, source: SourceFile, statements: Sequence[_Lines], tree: ast.Module) -> None:
        self._source = source
        self._statements = statements
        self._firsts = [statement.first for statement in statements]
        self._definitions: dict[int, _Lines] = {}  # by the lines of decorators and header
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                header = self._statement(node.lineno)
                top = self._statement(min([node.lineno, *(one.lineno for one in node.decorator_list)]))
                if header is not None and top is not None:
                    whole = _Lines(top.first, node.end_lineno or header.last)
                    self._definitions.update(dict.fromkeys(range(top.first, header.last + 1), whole))

    def covered(self, line: int) -> tuple[str, Span]:
        """The scope of an ``ignore`` on a line (from 1), and the text that it covers."""
        whole = self._definitions.get(line)
        if whole is not None:
            return "function", self._span(whole)
        statement = self._statement(line)
        return "line", self.line(line) if statement is None or statement.first != line else self._span(statement)

    def first_line(self, line: int) -> int:
        """The first line of the statement (or header) that a line belongs to; the line itself if it is of none."""
        statement = self._statement(line)
        return line if statement is None else statement.first

    def headers(self, line: int) -> Iterator[int]:
        """The lines whose comments cover a definition around a line, those of the innermost first, its last first."""
        around = [
            (-whole.first, -header) for header, whole in self._definitions.items() if whole.first <= line <= whole.last
        ]
        yield from (-header for _, header in sorted(around))

    def line(self, line: int) -> Span:
        """The text of one line (from 1)."""
        return self._span(_Lines(line, line))

    def file(self) -> Span:
        """The whole text."""
        return Span(0, len(self._source.text))

    def _statement(self, line: int) -> _Lines | None:
        index = bisect_right(self._firsts, line) - 1
        return self._statements[index] if index >= 0 and line <= self._statements[index].last else None

    def _span(self, lines: _Lines) -> Span:
        index = self._source.lines
        return Span(index.start(lines.first), index.start(lines.last) + len(index.line_text(lines.last)))


def _suppressions(comment: _Comment, places: Places) -> Iterator[Suppression]:
    matches = [*DIRECTIVE.finditer(comment.text), *_NOQA.finditer(comment.text)]
    for match in sorted(matches, key=lambda one: one.start()):
        span = Span(comment.start + match.start(), comment.start + len(comment.text[: match.end()].rstrip()))
        if match.re is _NOQA:
            codes = tuple(code.upper() for code in _CODE.findall(match["codes"] or "") if _OURS.fullmatch(code))
            if codes or match["colon"] is None:
                yield Suppression(codes, match["reason"].strip(), "line", span, places.line(comment.line))
        elif _complaint(match, comment.alone):
            yield Suppression(MALFORMED, "", "line", span, span)
        else:
            codes = tuple(_normal(code) for code in re.split(r"[\s,]+", match["codes"].strip(", \t")))
            whole_file = match["verb"].lower() == "ignore-file"
            scope, target = ("file", places.file()) if whole_file else places.covered(comment.line)
            yield Suppression(codes, match["reason"].strip(), scope, span, target)


def _normal(code: str) -> str:
    return code.upper() if _CODE.fullmatch(code) else code.lower()


def _complaint(match: re.Match[str], alone: bool) -> str:
    """What is wrong with a directive, or nothing."""
    if match["wrong"]:
        return f'"{match["wrong"]}" is no directive: write ignore[DUR101] or ignore-file[DUR101]'
    if not (match["codes"] or "").strip(", \t"):
        return f"a suppression needs codes: {match['verb'].lower()}[DUR101]"
    if match["verb"].lower() == "ignore-file" and not alone:
        return "ignore-file must stand on a line of its own"
    return ""


def apply(
    diagnostics: Sequence[Diagnostic],
    suppressions: Sequence[Suppression],
    *,
    known: Mapping[str, str],
    active: Collection[str],
    source: SourceFile,
) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """The diagnostics that are left, and those about the suppressions themselves (DUR901 to DUR903), sorted.

    All are of one file. ``known`` gives the code of every code and every rule name, ``active`` are the codes that are
    on: only their suppressions are called unused. DUR901 and DUR902 have their default severity whether they are on or
    not; they and DUR903 can be suppressed by their codes or ``DUR90`` in turn; such a suppression is never unused.
    """
    prefixes = {code: resolve_code(code, known) for one in suppressions for code in one.codes}
    used: set[tuple[int, str]] = set()
    kept: list[Diagnostic] = []
    for found in diagnostics:
        hits = list(_hits(found, suppressions, prefixes))
        used.update(hits)
        if not hits:
            kept.append(found)
    reported: list[Diagnostic] = []
    for index, one in enumerate(suppressions):
        useful = False
        for code in dict.fromkeys(one.codes):
            prefix = prefixes[code]
            if prefix is None:
                reported.append(_diagnostic(_UNKNOWN, _unknown(one, code, known, source), one, source))
            elif (index, code) not in used and _is_called_unused(prefix, active):
                message = f"unused suppression of {code}: {_why_unused(one, source)}"
                fix = removal(one, code, source)
                reported.append(_diagnostic(_UNUSED, message, one, source, fix))
            else:
                useful = True
        if useful and _REASONLESS[0] in active and not any(character.isalnum() for character in one.reason):
            codes = ", ".join(dict.fromkeys(one.codes))
            message = f"the suppression of {codes} gives no reason: nobody can tell whether it is still right"
            reported.append(_diagnostic(_REASONLESS, message, one, source))
    in_turn = {code: prefix for code, prefix in prefixes.items() if prefix in IN_TURN}
    left = [found for found in reported if not list(_hits(found, suppressions, in_turn))]
    return kept, sorted(left, key=lambda found: found.sort_key)


def _hits(
    found: Diagnostic, suppressions: Sequence[Suppression], prefixes: Mapping[str, str | None]
) -> Iterator[tuple[int, str]]:
    """The suppressions that cover a finding, by index, each with the code that does (empty: a bare ``# noqa``)."""
    for index, one in enumerate(suppressions):
        if not reaches(one, found.location.span):
            continue
        if not one.codes:
            yield index, ""
        for code in one.codes:
            prefix = prefixes.get(code)
            if prefix and found.code.startswith(prefix):
                yield index, code


def reaches(suppression: Suppression, span: Span) -> bool:
    """Whether a suppression covers a finding at ``span``, if it has its code."""
    target = suppression.target
    if suppression.scope == "line":
        return span.start <= target.end and (span.end > target.start or span.start >= target.start)
    return target.start <= span.start <= target.end


def _is_called_unused(prefix: str, active: Collection[str]) -> bool:
    return prefix not in IN_TURN and any(code.startswith(prefix) for code in active)


def _why_unused(suppression: Suppression, source: SourceFile) -> str:
    if suppression.scope == "line":
        start = source.lines.position(suppression.span.start)
        if not source.lines.line_text(start.line)[: start.column - 1].strip():
            return "it covers only its own line, move it behind the code it is for"
        return "nothing of it is found on this line"
    where = "function or class" if suppression.scope == "function" else "file"
    return f"nothing of it is found in this {where}"


def _unknown(suppression: Suppression, code: str, known: Mapping[str, str], source: SourceFile) -> str:
    directive = DIRECTIVE.match(source.text[suppression.span.start : suppression.span.end])
    if suppression.codes == MALFORMED and directive is not None:
        return _complaint(directive, alone=False)
    return f'no rule has the code or name "{code}"{did_you_mean(code, known)}'


def _diagnostic(
    rule: tuple[str, str, Severity], message: str, suppression: Suppression, source: SourceFile, fix: Fix | None = None
) -> Diagnostic:
    code, name, severity = rule
    return Diagnostic(code, name, severity, message, source.location(suppression.span), fix=fix)


def removal(suppression: Suppression, code: str, source: SourceFile) -> Fix | None:
    """The fix that takes one code out of a suppression, or the whole comment when the code is its only one."""
    span, text = suppression.span, source.text
    directive = text[span.start : span.end]
    match = DIRECTIVE.match(directive) or _NOQA.match(directive)
    if match is None or match["codes"] is None:
        return None
    start, end = match.span("codes")
    words = list(re.finditer(r"[^\s,]+", directive[start:end]))
    left = [one for one in words if _normal(one[0]) != code]
    if not left:
        return _fix("remove the suppression comment", _whole_comment(span, source), source)
    edits: list[Span] = []
    for index, one in enumerate(words):
        if _normal(one[0]) == code:
            # with the separator behind it, or the one in front of it when nothing that stays is behind
            last = not any(other.start() > one.start() for other in left)
            begin = words[index - 1].end() if last else one.start()
            stop = one.end() if last else words[index + 1].start()
            edits.append(Span(span.start + start + begin, span.start + start + stop))
    return _fix(f"remove {code} from the suppression", edits, source)


def _fix(title: str, spans: Sequence[Span], source: SourceFile) -> Fix:
    return Fix(title, Level.SAFE, tuple(Edit(span, "", source.location(span)) for span in spans))


def _whole_comment(span: Span, source: SourceFile) -> list[Span]:
    """What goes with a directive: the blanks before it, and the line if nothing else stands on it."""
    text, (start, end) = source.text, (span.start, span.end)
    line = source.lines.position(start).line
    first = source.lines.start(line)
    last = first + len(source.lines.line_text(line))
    while start > first and text[start - 1] in " \t\f":
        start -= 1
    if text[end:last].strip():  # another comment follows: it takes the directive's place
        while text[end] in " \t":
            end += 1
        return [Span(span.start, end)]
    if start > first:
        return [Span(start, last)]
    following = source.lines.start(line + 1) if line < source.lines.count else last
    return [Span(first, following)]
