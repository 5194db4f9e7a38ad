"""Open documents, and places in them as clients count: lines from 0, columns in UTF-8, UTF-16 or UTF-32 units."""

from __future__ import annotations

from functools import cached_property

from lsprotocol import types

from durable_lint.model import Location, Position
from durable_lint.records import dataclass, field
from durable_lint.source import LineIndex

BOM = "\ufeff"


def units(text: str, encoding: str) -> int:
    """How long a text is in the units of a position encoding."""
    if encoding == "utf-32" or text.isascii():
        return len(text)
    if encoding == "utf-8":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + sum(character > "\uffff" for character in text)


def code_points(line: str, column: int, encoding: str) -> int:
    """The column in code points of a column in units; inside a character it is its start, after the end the end."""
    if encoding == "utf-32" or line.isascii():
        return min(column, len(line))
    passed = 0
    for index, character in enumerate(line):
        passed += units(character, encoding)
        if passed > column:
            return index
    return len(line)


@dataclass
class Document:
    """An open document: ``key`` is the absolute path of its file, with ``/``; ``changed`` counts its changes."""

    uri: str
    key: str
    version: int
    text: str
    changed: int = field(default=0)

    @cached_property
    def lines(self) -> LineIndex:
        """The lines of the text."""
        return LineIndex(self.text)

    @cached_property
    def data(self) -> bytes:
        """The bytes of a file that holds the text, in the encoding that the text declares."""
        from durable_lint.source import SourceError, decode

        data = self.text.encode("utf-8", "surrogatepass")
        try:
            declared = decode(data, self.key).encoding
            return data if declared == "utf-8" else self.text.encode(declared)
        except (SourceError, UnicodeError):
            return data  # linting says what is wrong with it

    def offset(self, position: types.Position, encoding: str) -> int:
        """The offset in code points of a place; beyond the text it is the end of the line or of the text."""
        if position.line >= self.lines.count:
            return len(self.text)
        line = self.lines.line_text(position.line + 1)
        return self.lines.start(position.line + 1) + code_points(line, position.character, encoding)

    def place(self, offset: int, encoding: str) -> types.Position:
        """The place of an offset in code points."""
        found = self.lines.position(offset)
        return place_of(found, self.lines.line_text(found.line), encoding)

    def change(self, changes: list[types.TextDocumentContentChangeEvent], version: int, encoding: str) -> None:
        """Apply changes in turn, each a range or the whole text."""
        for one in changes:
            if isinstance(one, types.TextDocumentContentChangePartial):
                start = self.offset(one.range.start, encoding)
                end = max(start, self.offset(one.range.end, encoding))
                self.text = self.text[:start] + one.text + self.text[end:]
            else:
                self.text = one.text
            self.__dict__.pop("lines", None)
        self.__dict__.pop("data", None)
        self.version = version
        self.changed += 1


def place_of(position: Position, line: str, encoding: str) -> types.Position:
    """A place as people count, in a line with this text, as the client counts."""
    column = position.column - 1
    return types.Position(position.line - 1, units(line[:column], encoding) + max(0, column - len(line)))


def range_of(location: Location, lines: LineIndex, encoding: str, bom: bool = False) -> types.Range:
    """A location as the client counts; ``bom``: its text begins with a byte order mark, which ours leaves out."""
    ends = []
    for position in (location.start, location.end):
        found = place_of(position, lines.line_text(position.line), encoding)
        found.character += units(BOM, encoding) if bom and position.line == 1 else 0
        ends.append(found)
    return types.Range(*ends)
