"""What can be done about a finding: fix it, ignore it with a reason, have it explained; and hover texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from lsprotocol import types

from durable_lint.fixes.apply import apply
from durable_lint.knowledge import pages
from durable_lint.model import Diagnostic, Edit, Fix, Level, Span
from durable_lint.server.texts import BOM, Document
from durable_lint.source import SourceError, SourceFile, decode, parse

EXPLAIN = "durable-lint.explain"
FIX_ALL = f"{types.CodeActionKind.SourceFixAll.value}.durable-lint"
FIX_ALL_TITLE = "Fix all safe durable-lint findings"
REASON = "say why"
WARNINGS = {
    Level.SAFE: "safe",
    Level.HISTORY: "history: drain executions in flight first",
    Level.UNSAFE: "unsafe: may change what the code means",
}

_IGNORE = re.compile(r"# durable-lint: ignore\[(?P<codes>[^\]\n]*)\]")
_COMMENT = re.compile(r"#.*?(?:durable-lint:|noqa)(?P<rest>.*)", re.IGNORECASE)


def fixing(
    document: Document, encoding: str, found: types.Diagnostic, code: str, fix: Fix, versioned: bool
) -> types.CodeAction:
    """The action that applies a fix; its title says the level, and what that means where it is not safe."""
    shift = len(BOM) if document.text.startswith(BOM) else 0
    changes = [
        types.TextEdit(
            types.Range(
                document.place(edit.span.start + shift, encoding), document.place(edit.span.end + shift, encoding)
            ),
            edit.text,
        )
        for edit in fix.edits
    ]
    return types.CodeAction(
        f"{code}: {fix.title} ({WARNINGS[fix.level]})",
        types.CodeActionKind.QuickFix,
        [found],
        is_preferred=fix.level is Level.SAFE,
        edit=workspace_edit(document, changes, versioned),
    )


def workspace_edit(document: Document, changes: Sequence[types.TextEdit], versioned: bool) -> types.WorkspaceEdit:
    """Edits of one document; ``versioned``: the client takes a version with them."""
    if not versioned:
        return types.WorkspaceEdit(changes={document.uri: list(changes)})
    which = types.OptionalVersionedTextDocumentIdentifier(document.uri, document.version)
    return types.WorkspaceEdit(document_changes=[types.TextDocumentEdit(which, list(changes))])


def ignoring(
    document: Document, encoding: str, found: Diagnostic, shown: types.Diagnostic, versioned: bool
) -> types.CodeAction | None:
    """The action that adds a comment with a place for the reason; None where no comment would hold."""
    edit = ignore_edit(document.text.removeprefix(BOM), found)
    if edit is None:
        return None
    shift = len(BOM) if document.text.startswith(BOM) else 0
    place = document.place(edit.span.start + shift, encoding)
    change = types.TextEdit(types.Range(place, place), edit.text)
    title = f"{found.code}: ignore it here, and say why"
    return types.CodeAction(
        title, types.CodeActionKind.QuickFix, [shown], edit=workspace_edit(document, [change], versioned)
    )


def ignore_edit(text: str, found: Diagnostic) -> Edit | None:
    """The insertion that silences a finding: on its line, else on the first line of its statement."""
    try:
        source = decode(text.encode("utf-8", "surrogatepass"), found.path)
        lines = [found.line, *_first_lines(source, found.location.span)]
    except SourceError:
        return None
    for line in dict.fromkeys(lines):
        written = source.lines.line_text(line)
        start = source.lines.start(line)
        there = _IGNORE.search(written)
        if there is not None:
            edit = Edit(Span(start + there.end("codes"), start + there.end("codes")), f", {found.code}")
        else:
            end = start + len(written.rstrip())
            edit = Edit(Span(end, end), f"  # durable-lint: ignore[{found.code}] {REASON}")
        if _silences(apply(text, [edit]), edit, found):
            return edit
    return None


def _first_lines(source: SourceFile, span: Span) -> list[int]:
    """The first lines of the statements around a place, the innermost first."""
    import ast

    line = source.lines.position(span.start).line
    around = [
        node.lineno
        for node in ast.walk(parse(source))
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    return sorted(around, reverse=True)[:1]


def _silences(text: str, edit: Edit, found: Diagnostic) -> bool:
    """Whether the text with the edit still parses, and holds a comment that covers the finding."""
    from durable_lint import suppressions

    try:
        source = decode(text.encode("utf-8", "surrogatepass"), found.path)
        comments = suppressions.find(source, parse(source))
    except SourceError:
        return False
    start = found.location.span.start + (len(edit.text) if edit.span.start <= found.location.span.start else 0)
    return any(found.code in one.codes and one.target.start <= start < one.target.end for one in comments)


def explaining(code: str, shown: types.Diagnostic) -> types.CodeAction:
    """The action that opens a rule's page."""
    command = types.Command("Explain", EXPLAIN, arguments=[code])
    return types.CodeAction(f"{code}: explain", types.CodeActionKind.QuickFix, [shown], command=command)


def hover(document: Document, encoding: str, position: types.Position, shown: Iterable[types.Diagnostic]) -> str:
    """Markdown for a place: the pages of the rules that report it, or that a comment there names; may be empty."""
    here = [one for one in shown if _holds(one.range, position)]
    texts = [f"**{one.code}** {_escaped(one.message)}" for one in here]
    codes = [str(one.code) for one in here] or _named(document, encoding, position)
    known = {page.code: page for page in pages.all_pages()}
    texts += [known[code].text for code in dict.fromkeys(codes) if code in known]
    return "\n\n---\n\n".join(texts)


def _named(document: Document, encoding: str, position: types.Position) -> list[str]:
    """The rule that a suppression comment names at a place."""
    offset = document.offset(position, encoding)
    line = document.lines.position(offset).line
    start = document.lines.start(line)
    comment = _COMMENT.search(document.lines.line_text(line))
    if comment is None:
        return []
    for word in re.finditer(r"[\w-]+", comment["rest"]):
        first = start + comment.start("rest") + word.start()
        if first <= offset <= first + len(word[0]):
            names = {name.lower(): page.code for page in pages.all_pages() for name in (page.code, page.name)}
            return [names[word[0].lower()]] if word[0].lower() in names else []
    return []


def _holds(where: types.Range, position: types.Position) -> bool:
    at = (position.line, position.character)
    return (where.start.line, where.start.character) <= at <= (where.end.line, where.end.character)


def overlaps(one: types.Range, other: types.Range) -> bool:
    """Whether two ranges share a place; they may touch."""
    return (one.start.line, one.start.character) <= (other.end.line, other.end.character) and (
        other.start.line,
        other.start.character,
    ) <= (one.end.line, one.end.character)


def _escaped(text: str) -> str:
    """Text of a message as Markdown: names in it may hold what Markdown would take for its own."""
    return re.sub(r"([\\`*_{}\[\]<>#|])", r"\\\1", text)
