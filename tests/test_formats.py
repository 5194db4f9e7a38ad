"""The reports for services: what each service must see, and nothing that a file's text could make it see instead."""

from __future__ import annotations

import html
import json
import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from pathlib import Path

import cmarkgfm
import pytest
from cmarkgfm.cmark import Options
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import HOSTILE, finding, hostile, place

from durable_lint.model import Edit, Fix, Hop, Level, Problem, RunResult, Severity
from durable_lint.report import FORMATS, SERVICES, Style, markdown, visible
from durable_lint.report.places import repository, seen_from

FOUND = replace(
    finding("time.time() differs"),
    location=place("src/app.py", 4, 13, 24),
    related=(Hop(place("src/ids.py", 2, 5, 9), "stamp: time.time"),),
    fix=Fix("run it in a step", Level.HISTORY, (Edit(place("src/app.py", 4).span, "x", place("src/app.py", 4)),)),
)
WARNED = replace(
    finding("print is repeated", line=7), code="DUR206", name="print-in-workflow", severity=Severity.WARNING
)
LINES = {("src/app.py", 4): "    now   = time.time()", ("src/app.py", 7): "print(now)", ("src/ids.py", 2): "    t()"}
BROKEN = Problem("syntax", "src/broken.py", "invalid syntax", 3)
RESULT = RunResult((FOUND, WARNED), (BROKEN,), 5, {"files parsed": 2}, LINES)
CLEAN = RunResult((), (), 5)
ANY = st.one_of(st.text(max_size=40), st.sampled_from(HOSTILE))


def made(name: str, result: RunResult, style: Style | None = None) -> str:
    return FORMATS[name](result, style or Style())


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("text", HOSTILE)
def test_no_format_prints_control_characters(name: str, text: str) -> None:
    report = made(name, hostile(text))
    assert [char for char in report if not char.isprintable() and char != "\n"] == []


@pytest.mark.parametrize("name", SERVICES)
def test_colour_and_width_change_nothing(name: str) -> None:
    assert made(name, RESULT, Style(color=True, width=40)) == made(name, RESULT)


# GitHub


def test_github_annotates_the_place_and_tells_it_in_the_log() -> None:
    assert made("github", RESULT).splitlines() == [
        "::error title=durable-lint (syntax),file=src/broken.py,line=3::src/broken.py:3: invalid syntax",
        "::error title=DUR101 wall-clock-in-workflow,file=src/app.py,line=4,endLine=4,col=13,endColumn=24"
        "::src/app.py:4:13: time.time() differs%0A-> src/ids.py:2:5 stamp: time.time%0Afix (history): run it in a step",
        "::warning title=DUR206 print-in-workflow,file=src/app.py,line=7,endLine=7,col=1,endColumn=2"
        "::src/app.py:7:1: print is repeated",
        "1 error, 1 warning in 1 file (5 files checked); 1 problem: not everything was checked",
    ]
    assert made("github", CLEAN) == "no findings in 5 files\n"
    assert made("github", CLEAN, Style(summary=False)) == ""


def test_github_gives_columns_only_within_a_line() -> None:
    several = replace(FOUND, location=place("a.py", 4, 13, 2, end_line=6))
    line = made("github", replace(RESULT, diagnostics=(several,), problems=())).splitlines()[0]
    assert line.startswith("::error title=DUR101 wall-clock-in-workflow,file=a.py,line=4,endLine=6::")


COMMAND = re.compile(r"::(?P<name>\w+) (?P<properties>.*?)::(?P<data>.*)")


def commands(report: str) -> list[tuple[str, dict[str, str], str]]:
    """What the runner reads in the log: it takes a line that begins with ``::`` for a command."""
    read = []
    for line in report.splitlines():
        if line.lstrip().startswith("::") or "##[" in line.lstrip()[:3]:
            command = COMMAND.fullmatch(line)
            assert command is not None, line
            pairs = [pair.partition("=") for pair in command["properties"].split(",")]
            decoded = {key: value for key, _, value in pairs}
            for code, char in (("%3A", ":"), ("%2C", ","), ("%0D", "\r"), ("%0A", "\n"), ("%25", "%")):
                decoded = {key: value.replace(code, char) for key, value in decoded.items()}
            data = command["data"].replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
            read.append((command["name"], decoded, data))
    return read


@settings(deadline=None)
@given(ANY)
def test_github_reads_the_commands_that_were_meant(text: str) -> None:
    result = hostile(text)
    read = commands(made("github", result))
    assert [name for name, _, _ in read] == ["error", "error", "error"]
    _, properties, data = read[2]
    assert properties["file"] == visible(result.diagnostics[0].path)
    assert list(properties) == ["title", "file", "line", "endLine", "col", "endColumn"]
    assert data.splitlines()[0] == f"{visible(result.diagnostics[0].path)}:3:5: {visible(text)}".splitlines()[0]
    assert len(data.split("\n")) == 4


# GitLab


def test_gitlab_gets_issues_with_fingerprints() -> None:
    issues = json.loads(made("gitlab", RESULT))
    assert [(issue["check_name"], issue["severity"], issue["location"]) for issue in issues] == [
        ("syntax", "blocker", {"path": "src/broken.py", "lines": {"begin": 3, "end": 3}}),
        ("DUR101", "major", {"path": "src/app.py", "lines": {"begin": 4, "end": 4}}),
        ("DUR206", "minor", {"path": "src/app.py", "lines": {"begin": 7, "end": 7}}),
    ]
    assert issues[1]["description"] == "DUR101 wall-clock-in-workflow: time.time() differs"
    assert len({issue["fingerprint"] for issue in issues}) == 3
    assert made("gitlab", CLEAN) == "[]\n"


@settings(deadline=None)
@given(ANY)
def test_gitlab_gets_one_line_of_text_and_the_path_as_it_is(text: str) -> None:
    issues = json.loads(made("gitlab", hostile(text)))
    assert [issue["description"] for issue in issues[:2]] == [visible(text)] * 2
    assert issues[0]["location"]["path"] == f"src/{text}.py"
    assert issues[1]["location"] == {"path": ".", "lines": {"begin": 1, "end": 1}}


# JUnit


def cases(report: str) -> list[ElementTree.Element]:
    root = ElementTree.fromstring(report.encode("utf-8"))
    (suite,) = root
    found = list(suite)
    for element in (root, suite):
        assert int(element.attrib["tests"]) == len(found)
        assert int(element.attrib["failures"]) == sum(case.find("failure") is not None for case in found)
        assert int(element.attrib["errors"]) == sum(case.find("error") is not None for case in found)
    return found


def test_junit_names_a_case_by_its_source_line() -> None:
    twice = replace(RESULT, diagnostics=(FOUND, FOUND, WARNED))
    broken, first, second, warned = cases(made("junit", twice))
    assert (broken.attrib["classname"], broken.attrib["name"]) == ("src/broken.py", "syntax")
    assert first.attrib == {
        "classname": "src/app.py",
        "name": "DUR101 wall-clock-in-workflow: now = time.time()",
        "file": "src/app.py",
        "line": "4",
        "time": "0",
    }
    assert second.attrib["name"] == "DUR101 wall-clock-in-workflow: now = time.time() (2)"
    failure = first.find("failure")
    assert failure is not None
    assert failure.attrib == {"message": "time.time() differs", "type": "error"}
    assert failure.text is not None
    assert failure.text.startswith("src/app.py:4:13: error DUR101 wall-clock-in-workflow\n  time.time() differs\n")
    assert "-> src/ids.py:2:5 stamp: time.time\n" in failure.text
    assert warned.find("failure").attrib["type"] == "warning"  # type: ignore[union-attr]


def test_junit_names_a_case_the_same_when_its_twins_are_left_out() -> None:
    second = replace(FOUND, twin=1)
    both = cases(made("junit", replace(RESULT, diagnostics=(FOUND, second))))
    one = cases(made("junit", replace(RESULT, diagnostics=(second,))))
    assert one[-1].attrib == both[-1].attrib
    assert one[-1].attrib["name"].endswith(" (2)")


def test_junit_of_a_clean_run_passes() -> None:
    (case,) = cases(made("junit", CLEAN))
    assert (case.attrib["name"], list(case)) == ("no findings in 5 files", [])


@settings(deadline=None)
@given(ANY)
def test_junit_is_well_formed_and_says_what_was_meant(text: str) -> None:
    read = cases(made("junit", hostile(text)))
    messages = [element.attrib["message"] for case in read for element in case]
    assert messages == [visible(text)] * 3
    assert read[2].attrib["file"] == visible(f"src/{text}.py")


# Markdown


def shown(report: str) -> str:
    """What GitHub's own renderer makes of it."""
    return cmarkgfm.github_flavored_markdown_to_html(report, Options.CMARK_OPT_UNSAFE)


def plain(part: str) -> str:
    """The text that is seen of HTML, spaces evened out."""
    return " ".join(html.unescape(re.sub(r"<!--.*?-->|<[^>]*>", "", part)).split())


def test_markdown_is_a_table_and_a_fold() -> None:
    page = shown(made("markdown", RESULT, Style(statistics=True)))
    rows = [
        re.findall(r"<td[^>]*>(.*?)</td>", row, re.DOTALL) for row in re.findall(r"<tr>(.*?)</tr>", page, re.DOTALL)
    ]
    assert [[plain(cell) for cell in row] for row in rows if row] == [
        [
            "error",
            "DUR101 wall-clock-in-workflow",
            "src/app.py:4:13",
            "time.time() differs. Fix (history): run it in a step",
        ],
        ["warning", "DUR206 print-in-workflow", "src/app.py:7:1", "print is repeated."],
        ["1", "DUR101 wall-clock-in-workflow"],
        ["1", "DUR206 print-in-workflow"],
        ["2", "src/app.py"],
        ["2", "files parsed"],
    ]
    assert "<summary>What leads to them</summary>" in page
    items = [plain(item) for item in re.findall(r"<li>([^\n]*)", page)]
    assert items == [
        "error src/broken.py:3 invalid syntax (syntax)",
        "DUR101 src/app.py:4 now = time.time()",
        "stamp: time.time src/ids.py:2 t()",
    ]


def test_markdown_of_a_clean_run() -> None:
    assert made("markdown", CLEAN) == "## durable-lint\n\n**no findings in 5 files**\n"


@settings(deadline=None)
@given(ANY)
def test_markdown_shows_text_as_it_is(text: str) -> None:
    result = hostile(text)
    page = shown(made("markdown", result))
    (row,) = re.findall(r"<tr>\n<td>(.*?)</tr>", page, re.DOTALL)
    cells = [plain(cell) for cell in row.split("<td>")]
    seen = " ".join(visible(text).strip().split())
    assert cells[3] == " ".join(f"{seen}. Fix (history): {seen}".split())
    assert cells[2] == " ".join(f"{visible(result.diagnostics[0].path)}:3:5".split())
    tags = set(re.findall(r"</?(\w+)", page))
    assert tags <= {"h2", "p", "strong", "ul", "li", "code", "table", "thead", "tbody", "tr", "th", "td",
                    "details", "summary"}  # fmt: skip
    assert page.count("<table>") == page.count("<details>") == page.count("</details>") == 1
    assert re.findall(r"@\w", re.sub(r"<code>.*?</code>", "", page)) == []


def test_markdown_fits_into_the_summary_of_a_job() -> None:
    long = replace(FOUND, message="@|" * 400, related=FOUND.related * 20)
    report = made("markdown", replace(RESULT, diagnostics=(long,) * 5000))
    assert 300_000 < len(report.encode()) < 1024 * 1024
    left = re.search(r"\nand (\d+) more findings\n", report)
    assert left is not None
    assert int(left[1]) + report.count("| error |") == 5000


@settings(deadline=None)
@given(ANY)
def test_code_and_prose_are_one_line(text: str) -> None:
    assert "\n" not in markdown.prose(text) + markdown.code(text)


# Paths


def test_services_see_paths_from_the_root_of_the_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: elsewhere\n")
    inside = tmp_path / "services" / "orders"
    inside.mkdir(parents=True)
    assert repository(inside) == tmp_path
    assert repository(tmp_path) == tmp_path
    absolute = (tmp_path / "shared" / "x.py").as_posix()
    outside = (tmp_path.parent / "y.py").as_posix()
    result = replace(RESULT, problems=(BROKEN, Problem("syntax", absolute, "no"), Problem("missing", "../z.py", "no"),
                                       Problem("missing", outside, "no"), Problem("usage", "", "no")))  # fmt: skip
    moved = seen_from(result, inside, tmp_path)
    assert [problem.path for problem in moved.problems] == [
        "services/orders/src/broken.py",
        "shared/x.py",
        "services/z.py",
        outside,
        "",
    ]
    found = moved.diagnostics[0]
    assert found.path == "services/orders/src/app.py"
    assert found.related[0].location.path == "services/orders/src/ids.py"
    assert found.fix is not None
    assert found.fix.edits[0].location is not None
    assert found.fix.edits[0].location.path == found.path
    assert moved.lines[found.path, 4] == LINES["src/app.py", 4]
    assert seen_from(result, tmp_path, tmp_path) is result


def test_without_a_repository_the_working_directory_is_the_root(tmp_path: Path) -> None:
    assert repository(tmp_path) == tmp_path
