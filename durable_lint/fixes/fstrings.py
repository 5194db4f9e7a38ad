"""Fixes in f-strings: before Python 3.12 those hold neither their own quotes again, nor backslashes, nor comments."""

from __future__ import annotations

import re
from collections.abc import Sequence

from durable_lint.fixes.apply import apply
from durable_lint.model import Edit
from durable_lint.source import SourceError, SourceFile, parse

_BEGIN = re.compile(r"""(?<!\w)(?:[fF][rR]?|[rR][fF])["']""")
_DELICATE = re.compile(r"""["'\\#\n]""")


def can_hold(source: SourceFile, edits: Sequence[Edit]) -> bool:
    """Whether edits leave a text that can be parsed, as far as f-strings on their lines could mind."""
    doubtful = any(
        _BEGIN.search(source.text, source.lines.start(source.lines.position(edit.span.start).line), edit.span.start)
        for edit in edits
        if _DELICATE.search(edit.text)
    )
    if not doubtful:
        return True
    try:
        parse(SourceFile(source.path, apply(source.text, edits).encode(), "utf-8", bom=False))
    except SourceError:
        return False
    return True
