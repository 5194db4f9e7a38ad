"""The reports: what a reader sees of a finished run, byte for byte."""

from __future__ import annotations

import json
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import durable_lint
from durable_lint.model import (
    Diagnostic,
    Edit,
    Fix,
    Hop,
    Level,
    Location,
    Position,
    Problem,
    RuleInfo,
    RunResult,
    Severity,
    Span,
)
from durable_lint.report import FORMATS, Style, problems
from durable_lint.report.listing import rules_json, rules_table
from durable_lint.report.terminal import snippet
from durable_lint.streams import wants_color

HANDLER = (
    "from orders.ids import new_order_id",
    "",
    "def handler(event, context):",
    "    order = new_order_id(event)",
    "    print(order)",
)
IDS = ("import uuid", "", "def new_order_id(event):", "    return str(uuid.uuid4())")


def locate(path: str, text: tuple[str, ...], line: int, part: str) -> Location:
    """The place of the first ``part`` in a line of a file."""
    column = text[line - 1].index(part) + 1
    start = sum(len(each) + 1 for each in text[: line - 1]) + column - 1
    end = Position(line, column + len(part))
    return Location(path, Position(line, column), end, Span(start, start + len(part)))


GENERATED = Diagnostic(
    "DUR103",
    "generated-id-in-workflow",
    Severity.ERROR,
    "new_order_id makes another id on each replay",
    locate("src/orders/app.py", HANDLER, 4, "new_order_id(event)"),
    (
        Hop(locate("src/orders/ids.py", IDS, 3, "new_order_id"), "new_order_id()"),
        Hop(locate("src/orders/ids.py", IDS, 4, "uuid.uuid4()"), "uuid.uuid4()"),
    ),
)
PRINTED = Diagnostic(
    "DUR206",
    "print-in-workflow",
    Severity.WARNING,
    "print is repeated by every replay",
    locate("src/orders/app.py", HANDLER, 5, "print(order)"),
)
LINES = {("src/orders/app.py", number): text for number, text in enumerate(HANDLER, 1)} | {
    ("src/orders/ids.py", number): text for number, text in enumerate(IDS, 1)
}
RESULT = RunResult((GENERATED, PRINTED), (), 14, {"workflow functions": 2, "files parsed": 3}, LINES)
CLEAN = RunResult((), (), 14)
BROKEN = Problem("syntax", "src/broken.py", "invalid syntax", 3)


def one_line(source: str, start: int, end: int, end_line: int = 1) -> RunResult:
    """A result with one finding on line 1 from column ``start`` to ``end``."""
    location = Location("a.py", Position(1, start), Position(end_line, end), Span(start - 1, end - 1))
    return RunResult((replace(PRINTED, location=location),), (), 1, {}, {("a.py", 1): source})


def shown(result: RunResult, style: Style | None = None) -> list[str]:
    """The source line and the line of carets of the first finding."""
    return FORMATS["text"](result, style or Style()).splitlines()[2:4]


def test_text_shows_the_line_the_path_to_the_cause_and_a_summary() -> None:
    assert FORMATS["text"](RESULT, Style()) == (
        "src/orders/app.py:4:13: error DUR103 generated-id-in-workflow\n"
        "  new_order_id makes another id on each replay\n"
        "    4 |     order = new_order_id(event)\n"
        "      |             ^^^^^^^^^^^^^^^^^^^\n"
        "      -> src/orders/ids.py:3:5 new_order_id()\n"
        "            def new_order_id(event):\n"
        "        -> src/orders/ids.py:4:16 uuid.uuid4()\n"
        "              return str(uuid.uuid4())\n"
        "\n"
        "src/orders/app.py:5:5: warning DUR206 print-in-workflow\n"
        "  print is repeated by every replay\n"
        "    5 |     print(order)\n"
        "      |     ^^^^^^^^^^^^\n"
        "\n"
        "1 error, 1 warning in 1 file (14 files checked)\n"
        "to learn more: durable-lint explain DUR103 DUR206\n"
    )


def test_concise_gives_one_line_per_finding_with_the_path_to_the_cause() -> None:
    assert FORMATS["concise"](RESULT, Style()) == (
        "src/orders/app.py:4:13: error DUR103 new_order_id makes another id on each replay"
        " -> src/orders/ids.py:3:5 new_order_id() -> src/orders/ids.py:4:16 uuid.uuid4()\n"
        "src/orders/app.py:5:5: warning DUR206 print is repeated by every replay\n"
    )
    assert FORMATS["concise"](CLEAN, Style()) == ""


def test_json_is_schema_1() -> None:
    report = json.loads(FORMATS["json"](replace(RESULT, problems=(BROKEN,)), Style()))
    assert list(report) == ["schema", "version", "files", "diagnostics", "problems"]
    assert (report["schema"], report["version"], report["files"]) == (1, durable_lint.__version__, 14)
    assert report["diagnostics"][0] == {
        "code": "DUR103",
        "name": "generated-id-in-workflow",
        "severity": "error",
        "message": "new_order_id makes another id on each replay",
        "path": "src/orders/app.py",
        "line": 4,
        "column": 13,
        "end_line": 4,
        "end_column": 32,
        "related": [
            {"path": "src/orders/ids.py", "line": 3, "column": 5, "message": "new_order_id()"},
            {"path": "src/orders/ids.py", "line": 4, "column": 16, "message": "uuid.uuid4()"},
        ],
        "fix": None,
    }
    assert report["problems"] == [{"kind": "syntax", "path": "src/broken.py", "message": "line 3: invalid syntax"}]


def test_json_gives_the_edits_of_a_fix_by_line_and_column() -> None:
    place = GENERATED.location
    end = replace(place, start=place.end, span=Span(place.span.end, place.span.end))
    fix = Fix("wrap it", Level.HISTORY, (Edit(place.span, "x", place), Edit(end.span, "  # new", end)))
    report = json.loads(FORMATS["json"](replace(RESULT, diagnostics=(replace(GENERATED, fix=fix),)), Style()))
    assert report["diagnostics"][0]["fix"] == {
        "title": "wrap it",
        "level": "history",
        "edits": [
            {"start_line": 4, "start_column": 13, "end_line": 4, "end_column": 32, "text": "x"},
            {"start_line": 4, "start_column": 32, "end_line": 4, "end_column": 32, "text": "  # new"},
        ],
    }


def test_text_names_the_fix_and_what_it_can_change() -> None:
    fixed = replace(PRINTED, fix=Fix("use context.logger.info", Level.UNSAFE, (Edit(Span(0, 0), ""),)))
    assert "\n  fix (unsafe): use context.logger.info\n" in FORMATS["text"](RunResult((fixed,), (), 1), Style())


def test_json_has_statistics_only_when_asked_for() -> None:
    assert "statistics" not in json.loads(FORMATS["json"](RESULT, Style()))
    report = json.loads(FORMATS["json"](RESULT, Style(statistics=True)))
    assert report["statistics"] == {"files parsed": 3, "workflow functions": 2}


@pytest.mark.parametrize("name", FORMATS)
def test_odd_paths_and_messages_can_be_written_in_every_format(name: str) -> None:
    odd = replace(PRINTED, message="a\nb \x1b[31m", location=replace(PRINTED.location, path="d\udc80\n/\u202ex.py"))
    text = FORMATS[name](RunResult((odd,), (replace(BROKEN, path="\udcff.py"),), 1), Style())
    assert text.encode("ascii")
    assert "\x1b" not in text
    if name == "json":
        assert json.loads(text)["diagnostics"][0]["path"] == odd.path


def test_every_report_is_the_same_each_time() -> None:
    for name, report in FORMATS.items():
        assert report(RESULT, Style(statistics=True)) == report(RESULT, Style(statistics=True)), name


def test_tabs_are_expanded_under_the_right_carets() -> None:
    source, carets = shown(one_line("\tx = f()", 6, 9))
    assert source == "    1 |     x = f()"
    assert carets == "      |         ^^^"


def test_wide_and_combining_characters_keep_the_carets_in_place() -> None:
    source, carets = shown(one_line("日本 = e\u0301 + f()", 11, 14))
    assert source == "    1 | 日本 = e\u0301 + f()"
    assert carets == "      | " + " " * len("nnnn = e + ") + "^^^"


def test_control_characters_of_the_source_never_reach_the_terminal() -> None:
    source, carets = shown(one_line("s = '\x1b[2J\u202e'; f()", 14, 17))
    assert source == r"    1 | s = '\x1b[2J\u202e'; f()"
    assert source.index("f()") == carets.index("^^^")


def test_a_span_of_several_lines_is_marked_to_the_end_of_the_first() -> None:
    source, carets = shown(one_line("    call(  ", 5, 2, end_line=3))
    assert (source, carets) == ("    1 |     call(", "      |     ^^^^^")


def test_a_span_at_the_end_of_the_line_still_has_a_caret() -> None:
    assert shown(one_line("x =", 4, 4)) == ["    1 | x =", "      |    ^"]


def test_a_long_line_is_cut_around_the_carets() -> None:
    result = one_line("a + " * 60 + "f()" + " + b" * 60, 241, 244)
    source, carets = shown(result, Style(width=60))
    assert max(len(source), len(carets)) <= 60
    assert source.count("...") == 2
    assert source[carets.index("^") :].startswith("f()")


def test_a_hop_without_known_text_is_shown_without_it() -> None:
    text = FORMATS["text"](replace(RESULT, lines={}), Style())
    assert "  new_order_id makes another id on each replay\n      -> src/orders/ids.py:3:5 new_order_id()\n" in text
    assert " | " not in text


def test_the_tree_of_a_long_path_stops_growing_to_the_right() -> None:
    deep = replace(GENERATED, related=GENERATED.related[:1] * 30)
    text = FORMATS["text"](replace(RESULT, diagnostics=(deep,)), Style())
    assert text.count("-> src/orders/ids.py") == 30
    assert max(map(len, text.splitlines())) < 80


def test_messages_are_wrapped_only_to_a_given_width() -> None:
    result = RunResult((replace(PRINTED, message="word " * 40 + "end"),), (), 1)
    assert FORMATS["text"](result, Style()).splitlines()[1] == "  " + "word " * 40 + "end"
    lines = FORMATS["text"](result, Style(width=40)).splitlines()
    assert max(map(len, lines[1:8])) <= 40
    assert lines[2].startswith("  word")


def test_colour_changes_nothing_but_the_colour() -> None:
    import click

    colored = FORMATS["text"](RESULT, Style(color=True, statistics=True))
    assert "\x1b[" in colored
    assert click.unstyle(colored) == FORMATS["text"](RESULT, Style(statistics=True))


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (CLEAN, "no findings in 14 files"),
        (replace(CLEAN, files=1), "no findings in 1 file"),
        (replace(CLEAN, files=0), "no Python files found"),
        (
            replace(CLEAN, problems=(BROKEN,)),
            "no findings in 14 files, but 1 problem: not everything was checked",
        ),
        (replace(CLEAN, files=0, problems=(BROKEN, BROKEN)), "nothing was checked: 2 problems"),
    ],
)
def test_the_summary_of_a_run_without_findings(result: RunResult, expected: str) -> None:
    assert FORMATS["text"](result, Style()) == expected + "\n"


def test_the_summary_with_findings_does_not_hide_problems() -> None:
    text = FORMATS["text"](replace(RESULT, problems=(BROKEN,)), Style())
    assert "(14 files checked); 1 problem: not everything was checked\n" in text


def test_many_rules_do_not_make_the_hint_long() -> None:
    many = tuple(replace(PRINTED, code=f"DUR{number}") for number in range(100, 120))
    last = FORMATS["text"](replace(RESULT, diagnostics=many), Style()).splitlines()[-1]
    assert last.endswith("DUR104 ...")
    assert len(last) <= 80


def test_quiet_prints_findings_only() -> None:
    text = FORMATS["text"](RESULT, Style(summary=False))
    assert text.endswith("^^^^^^^^^^^^\n")
    assert FORMATS["text"](CLEAN, Style(summary=False)) == ""


def test_statistics_count_findings_by_rule_and_by_module_and_the_run() -> None:
    result = replace(RESULT, diagnostics=(PRINTED, GENERATED, *[PRINTED] * 9))
    assert (
        "statistics\n"
        "  10  DUR206 print-in-workflow\n"
        "   1  DUR103 generated-id-in-workflow\n"
        "\n"
        "  11  src/orders/app.py\n"
        "\n"
        "   3  files parsed\n"
        "   2  workflow functions\n"
    ) in FORMATS["text"](result, Style(statistics=True))


def test_a_problem_says_where_what_and_of_which_kind() -> None:
    found = (BROKEN, Problem("missing", "nowhere", "no such file"), Problem("usage", "", "no rule is called X"))
    assert problems(found, Style()) == (
        "error: src/broken.py:3: invalid syntax (syntax)\n"
        "error: nowhere: no such file (missing)\n"
        "error: no rule is called X (usage)\n"
    )
    assert problems((), Style()) == ""


RULES = (
    RuleInfo("DUR101", "wall-clock-in-workflow", Severity.ERROR, "reads of the wall clock in code that is replayed"),
    RuleInfo("DUR315", "empty-child-context", None, "a child context that contains no operation"),
)


def test_the_table_of_rules_is_one_line_each_where_it_is_not_wrapped() -> None:
    assert rules_table(RULES, Style()) == (
        "DUR101  wall-clock-in-workflow  error    reads of the wall clock in code that is replayed\n"
        "DUR315  empty-child-context     off      a child context that contains no operation\n"
    )
    assert max(map(len, rules_table(RULES, Style(width=80)).splitlines())) <= 80


def test_the_rules_as_json() -> None:
    report = json.loads(rules_json(RULES))
    assert [(rule["code"], rule["severity"]) for rule in report["rules"]] == [("DUR101", "error"), ("DUR315", "off")]


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("choice", "stream", "environment", "expected"),
    [
        ("always", StringIO(), {"NO_COLOR": "1"}, True),
        ("never", Terminal(), {"FORCE_COLOR": "1"}, False),
        ("auto", Terminal(), {}, True),
        ("auto", StringIO(), {}, False),
        ("auto", None, {}, False),
        ("auto", Terminal(), {"NO_COLOR": "1"}, False),
        ("auto", Terminal(), {"NO_COLOR": ""}, True),
        ("auto", Terminal(), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ("auto", StringIO(), {"FORCE_COLOR": "1"}, True),
        ("auto", Terminal(), {"TERM": "dumb"}, False),
    ],
)
def test_when_to_colour(choice: str, stream: StringIO | None, environment: dict[str, str], expected: bool) -> None:
    assert wants_color(choice, stream, environment) is expected


@given(st.text(max_size=300), st.integers(1, 320), st.none() | st.integers(1, 320), st.integers(0, 120))
def test_a_snippet_is_always_printable_and_marked(line: str, start: int, end: int | None, width: int) -> None:
    text, carets = snippet(line, start, end, width)
    assert text.isprintable()
    assert set(carets) <= {" ", "^"}
    assert carets.endswith("^")


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=300), st.data())
def test_the_first_caret_stands_under_the_first_marked_character(line: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(1, len(line)))
    end = data.draw(st.integers(start + 1, len(line) + 1))
    width = data.draw(st.integers(20, 120))
    text, carets = snippet(line, start, end, width)
    assert text[carets.index("^")] == line[start - 1]
    assert len(text) <= width
    assert len(carets) <= width


def test_the_formats_are_the_files_of_the_package() -> None:
    import durable_lint.report

    files = {path.stem for path in Path(durable_lint.report.__file__).parent.glob("*.py")}
    assert set(FORMATS) <= files
