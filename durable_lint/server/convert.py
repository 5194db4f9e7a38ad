"""Findings and problems as LSP's diagnostics."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from lsprotocol import types

from durable_lint.model import Diagnostic, Hop, Location, Problem, Severity
from durable_lint.records import dataclass
from durable_lint.server.session import Look
from durable_lint.server.texts import BOM, Document, place_of, range_of
from durable_lint.source import LineIndex

SOURCE = "durable-lint"
SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
}
TAGS = {"DUR901": types.DiagnosticTag.Unnecessary, "DUR703": types.DiagnosticTag.Deprecated}


@dataclass(frozen=True)
class Shown:
    """What a client was last told of a document: for which version, each finding as ours and as LSP's."""

    version: int
    changed: int
    found: tuple[tuple[Diagnostic, types.Diagnostic], ...]
    look: Look


class Converter:
    """Converts what one run found, for a client that counts columns in ``encoding``."""

    def __init__(self, look: Look, documents: Mapping[str, Document], encoding: str, with_related: bool) -> None:
        self._root = look.cwd
        self._documents = documents
        self._encoding = encoding
        self._with_related = with_related
        self._sources = {source.path: (key, source) for key, source in look.files.sources.items()}

    def finding(self, found: Diagnostic) -> types.Diagnostic:
        """A finding, every hop to its cause as related information."""
        related = [self._hop(hop) for hop in found.related] if self._with_related else None
        return types.Diagnostic(
            self._place(found.location)[1],
            found.message,
            SEVERITIES[found.severity],
            found.code,
            source=SOURCE,
            tags=[TAGS[found.code]] if found.code in TAGS else None,
            related_information=related or None,
        )

    def problem(self, problem: Problem, document: Document | None) -> types.Diagnostic:
        """A problem, on its line, or on the first when it has none."""
        line, end = max(problem.line, 1) - 1, types.Position(max(problem.line, 1), 0)
        if document is not None:
            line = min(line, document.lines.count - 1)
            text = document.lines.line_text(line + 1)
            end = types.Position(
                line, document.place(document.lines.start(line + 1) + len(text), self._encoding).character
            )
        where = types.Range(types.Position(line, 0), end)
        return types.Diagnostic(where, problem.message, types.DiagnosticSeverity.Error, problem.kind, source=SOURCE)

    def _hop(self, hop: Hop) -> types.DiagnosticRelatedInformation:
        uri, where = self._place(hop.location)
        return types.DiagnosticRelatedInformation(types.Location(uri, where), hop.message)

    def _place(self, location: Location) -> tuple[str, types.Range]:
        key, source = self._sources[location.path]
        document = self._documents.get(key)
        bom = document is not None and document.text.startswith(BOM)
        return uri_of(key, self._documents), range_of(location, source.lines, self._encoding, bom)


def uri_of(key: str, documents: Mapping[str, Document]) -> str:
    """The URI of a file: as the client writes it when it is open."""
    document = documents.get(key)
    return document.uri if document is not None else Path(key).as_uri()


def edits(before: str, after: str, encoding: str, lines: LineIndex) -> list[types.TextEdit]:
    """Edits that make one text of another: those of whole lines where the texts differ."""
    from difflib import SequenceMatcher

    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    found = []
    for tag, first, last, other, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            where = [lines.position(starts[at]) for at in (first, last)]
            ends = [place_of(one, lines.line_text(one.line), encoding) for one in where]
            found.append(types.TextEdit(types.Range(*ends), "".join(new[other:end])))
    return found
