"""Every fixture has exactly the findings of its comments, also suppressed, with other line ends, and unscreened."""

from __future__ import annotations

import io
import tokenize
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest
from fixture_files import FIXTURES, cases, complaints, labels
from linting import case_id, changed_copy, found_in, lint, modules, result_of

from durable_lint.index import screen
from durable_lint.model import Diagnostic, RunResult

each_case = pytest.mark.parametrize("case", cases(), ids=case_id)


def seen(result: RunResult) -> list[tuple[object, ...]]:
    """What must not change when only the bytes around the code do."""
    return [
        (
            *(one.path, one.location.start, one.location.end, one.code, one.severity, one.message),
            *((hop.location.path, hop.location.start, hop.message) for hop in one.related),
        )
        for one in result.diagnostics
    ]


def test_there_are_fixtures() -> None:
    assert len(cases()) > 400
    assert [str(case) for case in cases() if not modules(case)] == []


@each_case
def test_findings_are_those_of_the_comments(case: Path) -> None:
    result = result_of(case)
    said = [
        f"{module.relative_to(FIXTURES)}: {complaint}"
        for module in modules(case)
        for complaint in complaints(module.read_text("utf-8"), found_in(result, case, module))
    ]
    assert said == []
    assert result.problems == ()
    assert result.files == len(modules(case))


@each_case
def test_a_known_miss_is_still_missed(case: Path) -> None:
    result = result_of(case)
    no_longer_missed = [
        f"{module.relative_to(FIXTURES)}:{line}: {code} is found now: write 'expect' for 'missed'"
        for module in modules(case)
        for line, code in sorted(labels(module.read_text("utf-8")).missed)
        if (line, code) in {(one.line, one.code) for one in found_in(result, case, module)}
    ]
    assert no_longer_missed == []


@pytest.mark.filterwarnings("ignore::SyntaxWarning")  # Python 3.14 warns of what DUR307 is about
@each_case
def test_it_compiles_and_says_what_it_claims(case: Path) -> None:
    trees = [compile(module.read_bytes(), module.name, "exec") for module in modules(case)]
    docstrings = [code.co_consts[0] for code in trees if code.co_consts and code.co_consts[0]]
    assert [text for text in docstrings if isinstance(text, str)] != []


@each_case
def test_all_suppressed_it_is_silent(case: Path, tmp_path: Path) -> None:
    findings = defaultdict(list)
    for one in result_of(case).diagnostics:
        findings[one.path].append(one)

    def suppressed(module: Path, data: bytes) -> bytes:
        found = findings[module.relative_to(case.parent).as_posix()]
        return with_suppressions(data.decode(), found).encode()

    result = lint(changed_copy(case, tmp_path, suppressed))
    assert (result.diagnostics, result.problems) == ((), ())


def with_suppressions(text: str, found: Iterable[Diagnostic]) -> str:
    """The text with a suppression at the end of each line on which something was found."""
    codes: dict[int, set[str]] = defaultdict(set)
    for one in found:
        codes[one.line].add(one.code)
    lines = text.split("\n")
    for line, known in codes.items():
        assert ends_in_code(text, line), f"no comment can stand at the end of line {line}"
        lines[line - 1] += f"  # durable-lint: ignore[{', '.join(sorted(known))}] x"
    return "\n".join(lines)


def ends_in_code(text: str, line: int) -> bool:
    """Whether a comment can follow on a line: it doesn't end inside a string or in a backslash."""
    tokens = tokenize.generate_tokens(io.StringIO(text).readline)
    return any(token.type in (tokenize.NEWLINE, tokenize.NL) and token.start[0] == line for token in tokens)


@each_case
def test_line_ends_do_not_matter(case: Path, tmp_path: Path) -> None:
    copy = changed_copy(case, tmp_path, lambda _, data: data.replace(b"\n", b"\r\n"))
    assert b"\r\n" in modules(copy)[-1].read_bytes()
    assert seen(lint(copy)) == seen(result_of(case))


@each_case
def test_a_byte_order_mark_does_not_matter(case: Path, tmp_path: Path) -> None:
    copy = changed_copy(case, tmp_path, lambda _, data: b"\xef\xbb\xbf" + data)
    assert seen(lint(copy)) == seen(result_of(case))


@each_case
def test_the_screen_hides_nothing(case: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    screened = result_of(case)
    monkeypatch.setattr(screen, "suspects", screen.candidates)
    assert lint(case) == screened
