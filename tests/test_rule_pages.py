"""The rule pages: their form, what they say of their rules, and that their examples show what they claim."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from fixture_files import complaints, labels
from linting import ROOT, rules_for

from durable_lint import engine
from durable_lint.engine import lint_source
from durable_lint.knowledge import rules_dir

PAGES = sorted(rules_dir().glob("DUR*.md"))
HEADINGS = [
    "What it does",
    "Why is this bad?",
    "Example",
    "Use instead",
    "Fix",
    "Known limits",
    "When to suppress it",
]
SECTION = re.compile(r"^## (.+)$", re.MULTILINE)
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


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


def lint(page: Path, heading: str) -> list[str]:
    """What differs between an example's comments and the findings in it."""
    text = example(page, heading)
    result = lint_source(text, f"{page.stem.lower()}.py", rules_for(page.stem))
    assert result.problems == ()
    return complaints(text, list(result.diagnostics))


@each_page
def test_title_and_headings(page: Path) -> None:
    text = page.read_text("utf-8")
    rule = next(one for one in engine.rules() if one.code == page.stem)
    assert text.split("\n", 1)[0] == f"# {rule.name} ({rule.code})"
    assert list(sections(page)) == HEADINGS
    assert [heading for heading, body in sections(page).items() if not body] == []
    assert re.findall(r"[ \t]+$", text, re.MULTILINE) == []
    assert text.endswith("\n")
    assert not text.endswith("\n\n")


@each_page
def test_the_generated_line_agrees_with_the_rule(page: Path) -> None:
    rule = next(one for one in engine.rules() if one.code == page.stem)
    line = page.read_text("utf-8").split("\n")[2]
    since = line.rpartition(" ")[2]
    severity = rule.default.value if rule.default is not None else "off"
    assert line == f"**Severity** {severity} · **Fix** {rule.fix or '–'} · **Since** {since}"
    assert rule.code in introduced(since)


def introduced(version: str) -> set[str]:
    """The codes of the changelog's lines on new rules in a version."""
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    parts = re.split(r"^## +", text, flags=re.MULTILINE)[1:]
    part = next((one for one in parts if re.match(rf"\[?{re.escape(version)}\b", one)), "")
    kinds = re.split(r"^### +", part, flags=re.MULTILINE)
    rules = next((one for one in kinds if one.lower().startswith("new rule")), "")
    return set(re.findall(r"\b(DUR\d{3})\)?\.?$", rules, re.MULTILINE))


@each_page
def test_the_example_has_the_findings_of_its_comments(page: Path) -> None:
    assert lint(page, "Example") == []
    assert page.stem in {code for _, code in labels(example(page, "Example")).expected}


@each_page
def test_what_to_use_instead_is_clean(page: Path) -> None:
    wanted = labels(example(page, "Use instead"))
    assert (wanted.expected, wanted.allowed, wanted.missed) == ({}, set(), set())
    assert lint(page, "Use instead") == []


@each_page
def test_every_block_of_python_compiles(page: Path) -> None:
    blocks = [code for language, code in FENCE.findall(page.read_text("utf-8")) if language == "python"]
    assert len(blocks) >= 2
    for code in blocks:
        compile(code, page.name, "exec")


@each_page
def test_it_names_the_comment_that_suppresses_it(page: Path) -> None:
    comment = f"# durable-lint: ignore[{page.stem}]"
    assert comment in sections(page)["When to suppress it"]
