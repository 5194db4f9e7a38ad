"""The rule pages: reading them, and how they look in a terminal."""

from __future__ import annotations

import textwrap
from pathlib import Path

import click
import pytest

from durable_lint.knowledge import pages

TEXT = """\
# wall-clock-in-workflow (DUR101)

**Severity** error · **Fix** – · **Since** 0.1.0

## What it does

Reports reads of the wall clock, such as `datetime.now()`,
in code that is replayed. **It follows helpers**, see [the guide](https://example.org/guide).

## Example

```python
import time


def handler(event, context):
    started = time.time()  # expect: DUR101 `**not bold**`
```
## Known limits

- Calls through `eval` are not seen, nor what a helper does that is neither in the project nor in the catalogue.
- `2 ** 3 ** 4` is no bold text
  and this is still the second item

## When to suppress it

Write `# durable-lint: ignore[DUR101] the value is only logged and nobody compares it` on the line.
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(pages, "rules_dir", lambda: tmp_path)
    (tmp_path / "DUR101.md").write_text(TEXT, encoding="utf-8")
    return tmp_path


@pytest.fixture
def page(folder: Path) -> pages.Page:
    return pages.load("DUR101")


def test_a_page_knows_its_code_name_and_summary(page: pages.Page) -> None:
    assert (page.code, page.name) == ("DUR101", "wall-clock-in-workflow")
    assert page.summary.startswith("Reports reads of the wall clock, such as `datetime.now()`, in code")
    assert "\n" not in page.summary
    assert page.text == TEXT


def test_pages_are_sorted_and_other_files_are_none(folder: Path) -> None:
    (folder / "DUR102.md").write_text(
        "# random-in-workflow (DUR102)\n\n## What it does\nIt reports.\n", encoding="utf-8"
    )
    (folder / "README.md").write_text("# All rules\n", encoding="utf-8")
    assert [page.code for page in pages.all_pages()] == ["DUR101", "DUR102"]
    assert pages.load("DUR102").summary == "It reports."


@pytest.mark.parametrize("code", ["DUR999", "dur101", "../DUR101", "", "README"])
def test_there_is_no_page_for_anything_but_a_known_code(folder: Path, code: str) -> None:
    (folder / "README.md").write_text("# All rules\n", encoding="utf-8")
    with pytest.raises(LookupError, match="no rule page"):
        pages.load(code)


def test_a_page_under_another_code_is_refused(folder: Path) -> None:
    (folder / "DUR104.md").write_text(TEXT, encoding="utf-8")
    with pytest.raises(ValueError, match=r"DUR104\.md must begin with '# rule-name \(DUR104\)'"):
        pages.load("DUR104")


def test_a_page_without_a_summary_is_refused(folder: Path) -> None:
    (folder / "DUR104.md").write_text("# x (DUR104)\n\n## Example\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"DUR104\.md has no text under '## What it does'"):
        pages.load("DUR104")


def test_prose_is_wrapped_and_code_is_indented_and_untouched(page: pages.Page) -> None:
    text = pages.render(page, 60, color=False)
    code = TEXT.split("```")[1].removeprefix("python\n")
    assert textwrap.indent(code, "    ") in text
    assert "```" not in text
    prose = [line for line in text.splitlines() if not line.startswith("    ") and "`" not in line]
    assert max(map(len, prose)) <= 60


def test_headings_lists_and_inline_marks_without_colour(page: pages.Page) -> None:
    text = pages.render(page, 80, color=False)
    assert text.startswith(
        "wall-clock-in-workflow (DUR101)\n\nSeverity error · Fix – · Since 0.1.0\n\nWhat it does\n\n"
    )
    assert "It follows helpers, see the guide (https://example.org/guide)." in " ".join(text.split())
    assert "\n- `2 ** 3 ** 4` is no bold text and this is still the second item\n" in text
    item = text.partition("- Calls")[2].partition("\n- ")[0].splitlines()
    assert len(item) == 2, "a list item is wrapped"
    assert item[1].startswith("  "), "and hangs"
    assert "\x1b" not in text


def test_inline_code_stays_on_one_line(page: pages.Page) -> None:
    comment = "# durable-lint: ignore[DUR101] the value is only logged and nobody compares it"
    assert f"`{comment}`" in pages.render(page, 80, color=False)
    assert comment in click.unstyle(pages.render(page, 80, color=True))


def test_colour_replaces_the_marks(page: pages.Page) -> None:
    text = pages.render(page, 80, color=True)
    assert click.style("What it does", bold=True) in text
    assert click.style("datetime.now()", fg="cyan") in text
    assert click.style("It follows helpers", bold=True) in text
    assert "`eval`" not in text
    assert "# expect: DUR101 `**not bold**`" in text, "code is untouched"


def test_windows_line_ends_make_no_difference(folder: Path, page: pages.Page) -> None:
    (folder / "DUR101.md").write_bytes(TEXT.replace("\n", "\r\n").encode())
    assert pages.load("DUR101") == page


def test_longer_fences_and_unclosed_ones_are_code() -> None:
    page = pages.Page("DUR101", "x", "````\n```\nnested  code\n```\n````\ntext\n```\nopen  end\n", "")
    assert pages.render(page, 80, color=False) == "    ```\n    nested  code\n    ```\n\ntext\n\n    open  end\n"


def test_all_pages_that_exist_load_and_can_be_shown() -> None:
    for page in pages.all_pages():
        text = pages.render(page, 80, color=False)
        assert text.startswith(f"{page.name} ({page.code})\n")
        assert page.summary
