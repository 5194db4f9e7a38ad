"""The rule pages: their sections and the examples in them."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

from durable_lint.knowledge import rules_dir

PAGES = sorted(rules_dir().glob("DUR*.md"))
SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def sections(page: Path) -> dict[str, str]:
    """The text below each heading; code in fences holds no headings."""
    text = page.read_text("utf-8")
    fences = [match.span() for match in FENCE.finditer(text)]
    found = [one for one in SECTION.finditer(text) if not any(start < one.start() < end for start, end in fences)]
    ends = [*(after.start() for _, after in pairwise(found)), len(text)]
    return {one[1]: text[one.end() : end].strip() for one, end in zip(found, ends, strict=True)}


def example(page: Path, heading: str) -> str:
    """The first Python block below a heading: a whole module."""
    blocks = [code for language, code in FENCE.findall(sections(page)[heading]) if language == "python"]
    assert blocks, f"{page.name}: no Python under '{heading}'"
    return str(blocks[0])
