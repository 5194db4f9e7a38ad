"""From bytes to text to tree: encodings, line ends and columns; the only place that converts columns."""

from __future__ import annotations

import ast
import codecs
import re
import sys
import warnings
from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

from durable_lint import observed
from durable_lint.model import Location, Position, Problem, Span
from durable_lint.records import replace

DEPTH_LIMIT = 200
"""How many levels of nodes a tree may have: a recursive visitor with four frames a level stays below Python's limit."""

LINE_END = re.compile(r"\r\n|\r|\n")
"""What ends a line of Python; ``str.splitlines`` knows more, such as a form feed."""

_BYTE_LINE_END = re.compile(rb"\r\n|\r|\n")
_COOKIE = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"[ \t\f]*(?:#|$)")
_ENCODING_ADVICE = "save the file as UTF-8, or correct its coding comment"
_WIDE = re.compile(r"[^\x00-\x7f]")

_NEWER_SYNTAX = (
    ((3, 14), r"""(?<![\w'"])(?:[tT][rR]?|[rR][tT])["']"""),
    ((3, 14), r"^\s*except\*?\s+[\w.]+\s*,\s*[\w.]+.*:"),
    ((3, 13), r"^\s*(?:type|class|def|async\s+def)\s+\w+\s*\[[^\]]*=[^\]]*\]"),
    ((3, 12), r"^\s*type\s+\w+\s*(?:\[.*\]\s*)?=(?!=)"),
    ((3, 12), r"^\s*(?:class|def|async\s+def)\s+\w+\s*\[\s*\*{0,2}\w"),
)
_NESTED_QUOTES = r"""(?<!\w)(?:[fF][rR]?|[rR][fF])(["'])(?:(?!\1).)*\{(?:(?!\1)[^}])*\1.*\}.*\1"""
_NEWER_F_STRING = r"f-string expression part cannot include"


class SourceError(Exception):
    """A file that can't be read, decoded or parsed; ``problem`` says what, where and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


class LineIndex:
    """Where the lines of a text begin: CRLF, CR and LF end a line, nothing else; an empty line follows the last end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ascii = text.isascii()
        self.starts = _starts(text)
        """The offset at which each line begins, the first at 0."""
        self._wide: dict[int, tuple[list[int], list[int]] | None] = {}

    @property
    def count(self) -> int:
        """The number of lines, at least 1."""
        return len(self.starts)

    def start(self, line: int) -> int:
        """The offset (from 0, code points) at which a line (from 1) begins; ValueError if there is no such line."""
        if not 1 <= line <= len(self.starts):
            raise ValueError(f"no line {line}: the text has {len(self.starts)}")
        return self.starts[line - 1]

    def line_text(self, line: int) -> str:
        """The text of a line (from 1) without its line end; ValueError if there is no such line."""
        start = self.start(line)
        end = self.starts[line] if line < len(self.starts) else len(self._text)
        while end > start and self._text[end - 1] in "\r\n":
            end -= 1
        return self._text[start:end]

    def position(self, offset: int) -> Position:
        """The line and column (both from 1, in code points) of an offset from 0; ValueError if outside the text."""
        if not 0 <= offset <= len(self._text):
            raise ValueError(f"no offset {offset}: the text has {len(self._text)} code points")
        line = bisect_right(self.starts, offset)
        return Position(line, offset - self.starts[line - 1] + 1)

    def offset(self, line: int, utf8_column: int) -> int:
        """The offset (from 0, code points) of a place as ``ast`` gives it: line from 1, column from 0 in UTF-8 bytes.

        A column inside a character counts as that character's start; ValueError if there is no such line.
        """
        start = self.start(line)
        if self._ascii:
            return start + utf8_column
        if line not in self._wide:
            text = self.line_text(line)
            self._wide[line] = None if text.isascii() else _wide_characters(text)
        wide = self._wide[line]
        if wide is None:
            return start + utf8_column
        ends, surplus = wide
        passed = bisect_right(ends, utf8_column)
        column = utf8_column - surplus[passed]
        if passed < len(ends):
            next_start = ends[passed] - surplus[passed + 1] - 1
            column = min(column, next_start)
        return start + column


def _starts(text: str) -> array[int]:
    """Where the lines of a text begin. ``bytes.splitlines`` ends lines as Python does, ``str.splitlines`` doesn't."""
    if not text.isascii():
        return array("I", [0, *(match.end() for match in LINE_END.finditer(text))])
    starts = array("I", accumulate(map(len, text.encode().splitlines(keepends=True)), initial=0))
    if not text.endswith(("\n", "\r")) and text:
        starts.pop()
    return starts


def _wide_characters(line: str) -> tuple[list[int], list[int]]:
    """The UTF-8 column after each wide (non-ASCII) character, and the surplus bytes of the first 0, 1, 2 … of them."""
    ends: list[int] = []
    surplus = [0]
    for match in _WIDE.finditer(line):
        surplus.append(surplus[-1] + len(match.group().encode()) - 1)
        ends.append(match.end() + surplus[-1])
    return ends, surplus


class SourceFile:
    """One file: its bytes, and the text that they stand for (without a byte order mark, line ends as they are).

    The text is decoded when it is asked for: that takes a hundredth of what parsing does, and most texts would be kept
    for nothing.
    """

    __slots__ = ("_lines", "bom", "data", "encoding", "path")

    def __init__(self, path: str, data: bytes, encoding: str, bom: bool) -> None:
        self.path = path
        self.data = data
        self.encoding = encoding
        self.bom = bom
        self._lines: LineIndex | None = None

    @property
    def text(self) -> str:
        """The text of the file."""
        return (self.data[len(codecs.BOM_UTF8) :] if self.bom else self.data).decode(self.encoding)

    @property
    def lines(self) -> LineIndex:
        """The lines of the text, found when first asked for."""
        if self._lines is None:
            self._lines = LineIndex(self.text)
        return self._lines

    def forget_lines(self) -> None:
        """Give up what was found of the lines: it is found again when somebody asks."""
        self._lines = None

    def location(self, span: Span) -> Location:
        """Where a span of this file stands; ValueError if it reaches outside the text."""
        return Location(self.path, self.lines.position(span.start), self.lines.position(span.end), span)


def read(file: Path, path: str, *, limit: int = observed.SIZE_LIMIT) -> SourceFile:
    """Read and decode a regular file of at most ``limit`` bytes, shown as ``path``; raises nothing but SourceError."""
    return decode(read_bytes(file, path, limit=limit), path)


def read_bytes(file: str | Path, path: str, *, limit: int = observed.SIZE_LIMIT) -> bytes:
    """The bytes of a regular file of at most ``limit``; raises nothing but SourceError."""
    try:
        return observed.read_bytes(file, limit)
    except FileNotFoundError as error:
        observed.spoil()
        raise SourceError(Problem("missing", path, "no such file")) from error
    except observed.TooLarge as error:
        raise SourceError(too_large(path, limit)) from error
    except (OSError, ValueError) as error:
        observed.spoil()
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise SourceError(Problem("unreadable", path, f"can't be read: {reason}")) from error


def too_large(path: str, limit: int) -> Problem:
    """What to say of a file of more than ``limit`` bytes."""
    advice = "exclude it if it is generated, or raise max-file-size"
    return Problem("too-large", path, f"larger than {observed.size_text(limit)}: {advice}")


def decode(data: bytes, path: str) -> SourceFile:
    """Decode as Python does, by byte order mark, coding comment in the first two lines, or as UTF-8; or SourceError."""
    bom = data.startswith(codecs.BOM_UTF8)
    body = data[len(codecs.BOM_UTF8) :] if bom else data
    nul = data.find(b"\0")
    if nul >= 0:
        utf_16 = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        what = "UTF-16 is no encoding of Python source" if utf_16 else "a NUL byte can't be in Python source"
        raise _encoding_error(path, data, nul, f"{what} (byte {nul}): save the file as UTF-8")
    encoding = _declared_encoding(data, path)
    try:
        text = body.decode(encoding)
        if encoding != "utf-8":
            text.encode()  # some codecs make lone surrogates, which no parser takes
    except UnicodeDecodeError as error:
        at = error.start + len(data) - len(body)
        message = f"byte {at} (0x{data[at]:02x}) is not valid {encoding}: {_ENCODING_ADVICE}"
        raise _encoding_error(path, data, at, message) from error
    except (LookupError, ValueError) as error:
        message = f"can't be decoded as {encoding}: {_ENCODING_ADVICE}"
        raise SourceError(Problem("encoding", path, message, 1)) from error
    return SourceFile(path, data, encoding, bom)


def _declared_encoding(data: bytes, path: str) -> str:
    """The codec that the first two lines ask for, by its usual name: UTF-8 unless there is a coding comment."""
    head = _BYTE_LINE_END.split(data[:8192].removeprefix(codecs.BOM_UTF8), 2)[:2]
    for number, line in enumerate(head, 1):
        if cookie := _COOKIE.match(line):
            return _known_encoding(cookie[1].decode(), line, Problem("encoding", path, "", number), data)
        if not _BLANK.match(line):
            break
    return "utf-8"


def _known_encoding(declared: str, line: bytes, problem: Problem, data: bytes) -> str:
    try:
        encoding = codecs.lookup(declared).name
    except (LookupError, ValueError) as error:
        message = f"unknown encoding {declared}: {_ENCODING_ADVICE}"
        raise SourceError(replace(problem, message=message)) from error
    encoding = "utf-8" if encoding == "utf-8-sig" else encoding
    if encoding != "utf-8" and data.startswith(codecs.BOM_UTF8):
        message = f"the byte order mark says UTF-8, the coding comment {declared}: {_ENCODING_ADVICE}"
        raise SourceError(replace(problem, message=message))
    cookie = bytes(byte for byte in line if byte < 128)
    try:
        readable = cookie.decode(encoding) == cookie.decode()
    except (LookupError, ValueError):
        readable = False
    if not readable:
        raise SourceError(replace(problem, message=f"{declared} is no encoding for Python source: {_ENCODING_ADVICE}"))
    return encoding


def _encoding_error(path: str, data: bytes, at: int, message: str) -> SourceError:
    return SourceError(Problem("encoding", path, message, len(_BYTE_LINE_END.findall(data, 0, at)) + 1))


def parse(source: SourceFile) -> ast.Module:
    """Parse a file into a tree of at most ``DEPTH_LIMIT`` levels, without a warning on stderr; or SourceError."""
    try:
        tree = compiled(source.text)
    except SyntaxError as error:
        raise SourceError(_syntax_problem(source, error)) from error
    except RecursionError as error:
        raise SourceError(_too_deep(source, 0)) from error
    except (
        MemoryError,
        SystemError,
    ) as error:  # the parser's own stack is full; or it is true, or CPython can't say it
        observed.spoil()
        message = "nested too deep to be parsed, or there is not enough memory: split it up, or exclude the file"
        raise SourceError(Problem("too-deep", source.path, message)) from error
    except (ValueError, OverflowError) as error:
        raise SourceError(Problem("syntax", source.path, f"can't be parsed: {error}")) from error
    deep = _line_below_limit(tree, source.text)
    if deep is not None:
        raise SourceError(_too_deep(source, deep))
    return tree


def compiled(text: str) -> ast.Module:
    """The tree of a text, made without a warning on stderr; raises what ``compile`` raises."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = compile(text, "<source>", "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    assert isinstance(tree, ast.Module)
    return tree


def _too_deep(source: SourceFile, line: int) -> Problem:
    what = f"code is nested more than {DEPTH_LIMIT} levels deep (each link of a chain is a level)"
    message = f"{what}: split it up, or exclude the file"
    return Problem("too-deep", source.path, message, line)


def _line_below_limit(tree: ast.Module, text: str) -> int | None:
    """The line (from 1) of the first node that lies deeper than the limit, or None if there is none.

    A node is looked into only if it is long enough to hold the levels that are left: each takes a character at least.
    """
    starts = _starts(text) if text.isascii() else None
    level: list[ast.AST] = [tree]
    for depth in range(DEPTH_LIMIT):
        room = DEPTH_LIMIT - depth - _SPARE
        level = [child for node in level for child in _children(node) if _length(child, starts) >= room]
        if not level:
            return None
    return min((node.lineno for node in level if hasattr(node, "lineno")), default=0)


_OPERATORS = (ast.expr_context, ast.operator, ast.unaryop, ast.cmpop, ast.boolop)
_LEAVES = frozenset([ast.Name, ast.Constant, ast.alias, *(kind for of in _OPERATORS for kind in of.__subclasses__())])

_MISPLACED = frozenset([ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.JoinedStr, ast.FormattedValue])
"""Nodes that can hold more than their places say: decorators stand above them, or f-strings are placed wrongly."""

_SPARE = 5
"""More levels than those that take no characters: an expression as a statement, a value as a pattern."""


def _children(node: ast.AST) -> list[ast.AST]:
    found: list[ast.AST] = []
    for value in vars(node).values():
        if isinstance(value, list):
            found += [item for item in value if isinstance(item, ast.AST) and type(item) not in _LEAVES]
        elif isinstance(value, ast.AST) and type(value) not in _LEAVES:
            found.append(value)
    return found


def _length(node: ast.AST, starts: Sequence[int] | None) -> int:
    """At least as many characters as stand in a node; ``starts`` are those of the lines, where columns count them too.

    Only statements are sure to be on the lines that they name: in an f-string an expression may be elsewhere.
    """
    place = vars(node)
    line, last = place.get("lineno"), place.get("end_lineno")
    if type(node) in _MISPLACED or line is None or last is None:
        return sys.maxsize
    if line == last:
        before = 0
    elif starts is not None and isinstance(node, ast.stmt):
        before = starts[last - 1] - starts[line - 1]
    else:
        return sys.maxsize
    length: int = before + place["end_col_offset"] - place["col_offset"]
    return length


def _syntax_problem(source: SourceFile, error: SyntaxError) -> Problem:
    line = min(error.lineno or 0, source.lines.count)
    if str(error.msg).startswith("too many "):
        return Problem("too-deep", source.path, f"can't be parsed: {error.msg}: split it up, or exclude the file", line)
    running = sys.version_info[:2]
    message = f"not valid Python {running[0]}.{running[1]}: {error.msg}"
    newer = _newer_version(source.lines.line_text(line) if line else "", str(error.msg))
    if newer is not None and newer > running:
        name = f"Python {newer[0]}.{newer[1]}"
        message += f" (this looks like syntax of {name}: run durable-lint with {name} or newer)"
    return Problem("syntax", source.path, message, line)


def _newer_version(line: str, message: str) -> tuple[int, int] | None:
    """The first Python that has the syntax which a refused line seems to use, or None if it seems to be none."""
    for version, pattern in _NEWER_SYNTAX:
        if re.search(pattern, line):
            return version
    if re.search(_NEWER_F_STRING, message) or ("f-string" in message and re.search(_NESTED_QUOTES, line)):
        return (3, 12)
    return None
