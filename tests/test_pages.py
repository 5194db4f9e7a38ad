"""The rule pages: reading them, and how they look in a terminal."""

from __future__ import annotations

import ast
import re
import textwrap
from pathlib import Path

import click
import pytest

from durable_lint.knowledge import pages
from durable_lint.knowledge.fitting import fit_code

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


# narrow terminals


def test_a_table_is_shown_in_columns() -> None:
    page = pages.Page("DUR101", "x", "# x (DUR101)\n\n| A | Back |\n|---|:-:|\n| `a b` c | an int |\n| d | |\n", "")
    assert pages.render(page, 60, color=False) == "x (DUR101)\n\nA        Back\n`a b` c  an int\nd\n"
    colored = pages.render(page, 60, color=True)
    assert click.style("Back", bold=True) in colored
    assert f"{click.style('a b', fg='cyan')} c    an int" in colored


def test_cells_of_a_wide_table_are_wrapped() -> None:
    row = "| `one`, `two`, `three`, `four five` | 1 | a text that is longer than its column |"
    page = pages.Page("DUR101", "x", f"| Long | N | Longer |\n|---|---|---|\n{row}\n", "")
    assert pages.render(page, 40, color=False).splitlines() == [
        "Long               N  Longer",
        "`one`, `two`,      1  a text that is",
        "`three`, `four        longer than its",
        "five`                 column",
    ]
    colored = pages.render(page, 40, color=True)
    assert max(len(line) for line in click.unstyle(colored).splitlines()) <= 40
    assert f"{click.style('four', fg='cyan')}           longer" in colored, "a span ends with its line"


def test_inline_code_that_is_wider_than_the_terminal_is_wrapped() -> None:
    page = pages.Page("DUR101", "x", "Look: `one two three four five six seven` and on.\n", "")
    assert pages.render(page, 30, color=False) == "Look: `one two three four five\nsix seven` and on.\n"
    colored = pages.render(page, 30, color=True)
    assert "`" not in colored
    assert click.unstyle(colored) == "Look: one two three four five\nsix seven and on.\n"


def test_long_lines_of_code_are_broken_where_that_changes_nothing() -> None:
    code = """\
from aws import first, second, third, fourth, fifth
def handler(event: dict, context: Context) -> dict:
    name = context.step(lambda _: f"{event['a']} and {event['b']}", name="a name")  # expect: DUR101
    x = 1  # durable-lint: ignore[DUR101] a reason that is long
    return "one string that is much longer than the line"
"""
    assert (
        fit_code(code, 40)
        == """\
from aws import first, second, third, \\
        fourth, fifth
def handler(event: dict,
        context: Context) -> dict:
    # expect: DUR101
    name = context.step(
            lambda _:
            f"{event['a']} and {event['b']}",
            name="a name")
    x = 1  # durable-lint: ignore[DUR101] a reason that is long
    return \\
            "one string that is much longer than the line"
"""
    )
    assert fit_code("no python (" + "x " * 40, 40) == "no python (" + "x " * 40


@pytest.mark.parametrize("width", [24, 40, 60, 80])
def test_code_of_the_pages_means_the_same_at_every_width(width: int) -> None:
    for page in pages.all_pages():
        for code in re.findall(r"^```python\n(.*?)^```", page.text, re.MULTILINE | re.DOTALL):
            assert ast.dump(ast.parse(fit_code(code, width))) == ast.dump(ast.parse(code)), page.code


def test_pages_fit_into_narrow_terminals() -> None:
    for page in pages.all_pages():
        lines = pages.render(page, 60, color=False, code_width=60).splitlines()
        wide = [line for line in lines if len(line) > 60]
        assert [line for line in wide if " " in line.strip() and not re.search(r"[\"#]", line)] == [], page.code
