"""The rule pages: their form, what they say of their rules, and that their examples show what they claim."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fixture_files import complaints, labels
from linting import ROOT, rules_for
from rule_pages import FENCE, PAGES, example, sections

from durable_lint import engine
from durable_lint.fixing import lint_source

HEADINGS = [
    "What it does",
    "Why is this bad?",
    "Example",
    "Use instead",
    "Fix",
    "Known limits",
    "When to suppress it",
]
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)


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
