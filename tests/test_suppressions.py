"""Comments that silence findings: where they reach, and what is said of those that silence nothing."""

from __future__ import annotations

import re
from collections.abc import Collection

import pytest

from durable_lint.model import Diagnostic, Level, Severity, Span, Suppression
from durable_lint.source import SourceFile, decode, parse
from durable_lint.suppressions import MALFORMED, apply, find

KNOWN = {
    "DUR101": "DUR101",
    "wall-clock-in-workflow": "DUR101",
    "DUR102": "DUR102",
    "randomness-in-workflow": "DUR102",
    "DUR206": "DUR206",
    "print-in-workflow": "DUR206",
    "DUR310": "DUR310",
    "DUR901": "DUR901",
    "unused-suppression": "DUR901",
    "DUR902": "DUR902",
    "unknown-code": "DUR902",
}
ACTIVE = ("DUR101", "DUR102", "DUR206", "DUR901", "DUR902")
CALLS = {"clock": "DUR101", "draw": "DUR102", "print": "DUR206"}


def findings(source: SourceFile) -> list[Diagnostic]:
    """A finding for each call of ``clock``, ``draw`` and ``print`` in the text, arguments included."""
    found = []
    for match in re.finditer(r"\b(clock|draw|print)\([^()]*\)", source.text):
        location = source.location(Span(match.start(), match.end()))
        found.append(Diagnostic(CALLS[match[1]], match[1], Severity.ERROR, match[1], location))
    return found


def suppressions(text: str) -> tuple[Suppression, ...]:
    source = decode(text.encode(), "m.py")
    return find(source, parse(source))


def run(text: str, active: Collection[str] = ACTIVE) -> tuple[list[tuple[str, int]], list[tuple[str, int, str]]]:
    """Code and line of the findings that are left, and code, line and message of those about suppressions."""
    source = decode(text.encode(), "m.py")
    kept, extra = apply(findings(source), find(source, parse(source)), known=KNOWN, active=active, source=source)
    return [(one.code, one.line) for one in kept], [(one.code, one.line, one.message) for one in extra]


SILENT = {
    "on the line": "x = clock()  # durable-lint: ignore[DUR101] the value is only logged\n",
    "no space": "x = clock()  #durable-lint:ignore[DUR101]\n",
    "any case": "x = clock()  # Durable-Lint: IGNORE[dur101]\n",
    "several codes": "x = clock(), draw()  # durable-lint: ignore[DUR101, DUR102] why\n",
    "by name": "x = clock()  # durable-lint: ignore[wall-clock-in-workflow]\n",
    "by prefix": "x = clock(), draw()  # durable-lint: ignore[DUR1]\n",
    "behind another comment": "x = clock()  # type: ignore  # durable-lint: ignore[DUR101] why\n",
    "two directives": "x = clock(), draw()  # durable-lint: ignore[DUR101] a # durable-lint: ignore[DUR102] b\n",
    "first line of a statement": "x = (  # durable-lint: ignore[DUR101]\n    1,\n    clock(),\n)\n",
    "a line of the finding": "x = [\n    clock(\n        1,  # durable-lint: ignore[DUR101]\n    ),\n]\n",
    "last line of the finding": "clock(\n    1\n)  # durable-lint: ignore[DUR101]\n",
    "own line in the finding": "clock(\n    # durable-lint: ignore[DUR101] why\n    1\n)\n",
    "continuation": "x = \\\n    clock()  # durable-lint: ignore[DUR101]\n",
    "first line of a header": "if (  # durable-lint: ignore[DUR101]\n    clock()\n):\n    pass\n",
    "def": "def f():  # durable-lint: ignore[DUR101, DUR206]\n    print(1)\n    return clock()\n",
    "async def": "async def f():  # durable-lint: ignore[DUR101]\n    return clock()\n",
    "end of the header": "def f(\n    a=1,\n    b=2,\n):  # durable-lint: ignore[DUR101]\n    return clock()\n",
    "decorator": "@d  # durable-lint: ignore[DUR101]\n@e\ndef f():\n    return clock()\n",
    "decorator in lines": "@d(  # durable-lint: ignore[DUR101]\n    1,\n)\ndef f():\n    return clock()\n",
    "between decorator and def": "@d\n# durable-lint: ignore[DUR101] why\ndef f():\n    return clock()\n",
    "default of a parameter": "def f(\n    a=clock(),\n):  # durable-lint: ignore[DUR101]\n    pass\n",
    "class": "class A:  # durable-lint: ignore[DUR101]\n    def f(self):\n        return clock()\n",
    "one line def": "def f(): return clock()  # durable-lint: ignore[DUR101]\n",
    "file": "x = clock()\n# durable-lint: ignore-file[DUR101] a script\ny = clock()\n",
    "file, indented": "def f():\n    # durable-lint: ignore-file[DUR101]\n    return clock()\n",
    "noqa": "x = clock()  # noqa: DUR101\n",
    "noqa of several tools": "x = clock(), draw()  # NOQA:E501,DUR101 dur102 why\n",
    "noqa prefix": "x = clock()  # noqa: DUR1\n",
    "bare noqa": "x = clock(), draw()  # noqa\n",
    "bare noqa with words": "x = clock()  # noqa because of this\n",
    "crlf": "x = (  # durable-lint: ignore[DUR101]\r\n    clock())\r\n",
    "lone cr": "y = 1\rx = (  # durable-lint: ignore[DUR101]\r    clock())\r",
    "bom and wide": "\ufeffx = 'ü😀', clock()  # durable-lint: ignore[DUR101] für später\n",
    "form feed": "\x0cx = clock()  # durable-lint: ignore[DUR101]\n",
    "no line end": "x = clock()  # durable-lint: ignore[DUR101]",
    "between strings": "x = ('a'  # durable-lint: ignore[DUR101]\n  'b', clock())\n",
    "odd indentation": "if 1:\n\t\\\n\n    x = clock()  # durable-lint: ignore[DUR101]\n",
    "below odd indentation": "if 1:\n\t\\\n\n    x = 1\ny = clock()  # noqa: DUR101\n",
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT.keys())
def test_a_suppression_silences_and_is_used(text: str) -> None:
    assert findings(decode(text.encode(), "m.py"))
    assert run(text) == ([], [])


LOUD = {
    "another line": ("x = 1  # durable-lint: ignore[DUR101]\ny = clock()\n", [2], 1),
    "own line above": ("# durable-lint: ignore[DUR101]\ny = clock()\n", [2], 1),
    "another code": ("y = clock()  # durable-lint: ignore[DUR102]\n", [1], 1),
    "body of a block": ("for a in b:  # durable-lint: ignore[DUR101]\n    clock()\n", [2], 1),
    "another function": ("def f():  # noqa: DUR101\n    pass\ndef g():\n    clock()\n", [4], 1),
    "behind the function": ("def f():  # durable-lint: ignore[DUR101]\n    pass\nclock()\n", [3], 1),
    "last line of a statement": ("x = [\n    clock(),\n]  # durable-lint: ignore[DUR101]\n", [2], 1),
    "noqa on the first line": ("x = [  # noqa: DUR101\n    clock(),\n]\n", [2], 1),
    "bare noqa elsewhere": ("x = [  # noqa\n    clock(),\n]\n", [2], 0),
    "noqa of another tool": ("x = clock()  # noqa: E501\n", [1], 0),
    "noqa without a code": ("x = clock()  # noqa:\n", [1], 0),
    "noqa with words": ("x = clock()  # noqa: this is fine\n", [1], 0),
    "part of a word": ("x = clock()  # noqarantine\n", [1], 0),
    "noqa for the file": ("# flake8: noqa\nx = clock()\n", [2], 0),
    "string": ("x = '# durable-lint: ignore[DUR101]', clock()\n", [1], 0),
    "docstring": ('def f():\n    """# noqa"""; clock()\n', [2], 0),
    "f-string": ("x = f'# noqa {1}', clock()\n", [1], 0),
    "string over lines": ("x = '''\n# durable-lint: ignore-file[DUR101]\n''', clock()\n", [3], 0),
    "prose": ("x = clock()  # durable-lint: reads the clock; ignores nothing\n", [1], 0),
    "body of a class": (
        "class A:\n    def f(self):  # durable-lint: ignore[DUR101]\n        pass\n    x = clock()\n",
        [4],
        1,
    ),
}


@pytest.mark.parametrize(("text", "lines", "unused"), LOUD.values(), ids=LOUD.keys())
def test_what_is_not_covered_stays(text: str, lines: list[int], unused: int) -> None:
    kept, extra = run(text)
    assert [line for _, line in kept] == lines
    assert [code for code, _, _ in extra] == ["DUR901"] * unused


def test_unused_codes_are_reported_one_by_one() -> None:
    kept, extra = run("x = clock()  # durable-lint: ignore[DUR101, print-in-workflow, DUR102] why\n")
    assert kept == []
    assert extra == [
        ("DUR901", 1, "unused suppression of DUR102: nothing of it is found on this line"),
        ("DUR901", 1, "unused suppression of print-in-workflow: nothing of it is found on this line"),
    ]
    assert run("def f():  # durable-lint: ignore[DUR1]\n    pass\n")[1] == [
        ("DUR901", 1, "unused suppression of DUR1: nothing of it is found in this function or class")
    ]
    assert run("# durable-lint: ignore[DUR101]\nclock()\n")[1] == [
        ("DUR901", 1, "unused suppression of DUR101: it covers only its own line, move it behind the code it is for")
    ]
    assert run("# durable-lint: ignore-file[DUR206]\n")[1] == [
        ("DUR901", 1, "unused suppression of DUR206: nothing of it is found in this file")
    ]


def test_a_code_that_is_off_is_not_called_unused() -> None:
    text = "x = 1  # durable-lint: ignore[DUR310, DUR206]\n"
    assert [message for _, _, message in run(text)[1]] == [
        "unused suppression of DUR206: nothing of it is found on this line"
    ]
    assert run(text, active=())[1] == []
    assert [code for code, _, _ in run(text, active=("DUR310", "DUR206"))[1]] == ["DUR901", "DUR901"]


def test_all_suppressions_that_cover_a_finding_are_used() -> None:
    assert run("# durable-lint: ignore-file[DUR101]\nx = clock()  # noqa: DUR101\n") == ([], [])


UNKNOWN = {
    "code": ("# durable-lint: ignore-file[DUR999] why\n", 'no rule has the code or name "DUR999"'),
    "near name": ("x = 1  # durable-lint: ignore[print-in-workflw]\n", 'did you mean "print-in-workflow"?'),
    "other tool": ("x = 1  # durable-lint: ignore[E501]\n", 'no rule has the code or name "E501"'),
    "noqa": ("x = 1  # noqa: DUR999, E501\n", 'no rule has the code or name "DUR999"'),
    "no codes": ("x = 1  # durable-lint: ignore\n", "a suppression needs codes: ignore[DUR101]"),
    "no codes but a reason": ("x = 1  # durable-lint: ignore this\n", "a suppression needs codes: ignore[DUR101]"),
    "empty": ("x = 1  # durable-lint: ignore[ , ]\n", "a suppression needs codes: ignore[DUR101]"),
    "not closed": ("x = 1  # durable-lint: ignore[DUR101\n", "a suppression needs codes: ignore[DUR101]"),
    "file without codes": ("# durable-lint: ignore-file\n", "a suppression needs codes: ignore-file[DUR101]"),
    "file behind code": ("x = 1  # durable-lint: ignore-file[DUR101]\n", "ignore-file must stand on a line of its own"),
    "words of other tools": (
        "x = 1  # durable-lint: disable=DUR101\n",
        '"disable" is no directive: write ignore[DUR101]',
    ),
    "next line": ("# durable-lint: ignore-next-line[DUR101]\nx = 1\n", '"ignore-next-line" is no directive'),
}


@pytest.mark.parametrize(("text", "words"), UNKNOWN.values(), ids=UNKNOWN.keys())
def test_what_cannot_be_understood_is_an_error(text: str, words: str) -> None:
    source = decode(text.encode(), "m.py")
    _, extra = apply([], find(source, parse(source)), known=KNOWN, active=ACTIVE, source=source)
    assert [(one.code, one.name, one.severity) for one in extra] == [("DUR902", "unknown-code", Severity.ERROR)]
    assert words in extra[0].message
    comment = extra[0].location.span
    assert source.text[comment.start : comment.end] == text[text.index("#") :].split("\n")[0]


def test_what_cannot_be_understood_silences_nothing() -> None:
    for comment in ("ignore", "ignore-file[DUR101]", "disable=DUR101", "ignore[]"):
        kept, extra = run(f"x = clock()  # durable-lint: {comment}\n")
        assert (kept, [code for code, _, _ in extra]) == ([("DUR101", 1)], ["DUR902"])


@pytest.mark.parametrize(
    "text",
    [
        "x = 1  # durable-lint: ignore[DUR101, DUR901] for the old release\n",
        "x = 1  # durable-lint: ignore[DUR999, DUR902]\n",
        "# durable-lint: ignore-file[unused-suppression, unknown-code]\nx = 1  # noqa: DUR101, DUR998\n",
        "# durable-lint: ignore-file[DUR90]\nx = 1  # durable-lint: ignore[DUR101]\n",
        "x = 1  # durable-lint: ignore[DUR901, DUR902]\n",
        "x = 1  # durable-lint: ignore[DUR101]  # noqa\n",
    ],
)
def test_findings_about_suppressions_can_be_suppressed(text: str) -> None:
    assert run(text) == ([], [])


def test_a_prefix_does_not_hide_that_it_is_unused() -> None:
    assert [code for code, _, _ in run("x = 1  # durable-lint: ignore[DUR]\n")[1]] == ["DUR901"]


def test_suppressions_are_given_as_data() -> None:
    text = (
        "# durable-lint: ignore-file[dur206] a script  # more\n"
        "x = 1  # noqa: DUR101 because\n"
        "def f():  # durable-lint: ignore[Print-In-Workflow]\n"
        "    pass\n"
        "y = 2  # durable-lint: ignore\n"
    )
    whole, line, function, wrong = suppressions(text)
    assert (whole.codes, whole.reason, whole.scope, whole.target) == (
        ("DUR206",),
        "a script",
        "file",
        Span(0, len(text)),
    )
    assert text[whole.span.start : whole.span.end] == "# durable-lint: ignore-file[dur206] a script"
    assert (line.codes, line.reason, line.scope) == (("DUR101",), "because", "line")
    assert text[line.target.start : line.target.end] == "x = 1  # noqa: DUR101 because"
    assert (function.codes, function.reason, function.scope) == (("print-in-workflow",), "", "function")
    assert text[function.target.start : function.target.end].endswith("    pass")
    assert wrong.codes == MALFORMED


def test_files_without_a_directive_are_not_tokenised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tokenize.generate_tokens", None)
    assert suppressions("x = 1  # an ordinary comment\n") == ()
    with pytest.raises(TypeError):
        suppressions("x = 1  # noqa\n")


def test_the_order_of_findings_is_kept() -> None:
    source = decode(b"draw()\nclock()\nprint()\nclock()  # noqa: DUR101\n", "m.py")
    found = findings(source)[::-1]
    kept, _ = apply(found, find(source, parse(source)), known=KNOWN, active=ACTIVE, source=source)
    assert [one.code for one in kept] == ["DUR206", "DUR101", "DUR102"]


REMOVED = {
    "behind code": ("x = 1  # durable-lint: ignore[DUR101] why\n", "x = 1\n"),
    "on its own line": ("def f():\n    # durable-lint: ignore[DUR101]\n    pass\n", "def f():\n    pass\n"),
    "whole file": ("# durable-lint: ignore-file[DUR101] why\nx = 1\n", "x = 1\n"),
    "last line without an end": ("x = 1  # durable-lint: ignore[DUR101]", "x = 1"),
    "carriage returns": ("x = 1  # noqa: DUR101\r\ny = 2\r\n", "x = 1\r\ny = 2\r\n"),
    "before another comment": ("x = 1  # durable-lint: ignore[DUR101] why # type: ignore\n", "x = 1  # type: ignore\n"),
    "behind another comment": ("x = 1  # type: ignore  # durable-lint: ignore[DUR101]\n", "x = 1  # type: ignore\n"),
    "first of two codes": (
        "print(1)  # durable-lint: ignore[DUR101, DUR206] why\n",
        "print(1)  # durable-lint: ignore[DUR206] why\n",
    ),
    "last of two codes": (
        "print(1)  # durable-lint: ignore[DUR206,wall-clock-in-workflow] why\n",
        "print(1)  # durable-lint: ignore[DUR206] why\n",
    ),
    "the same code twice": (
        "print(1)  # durable-lint: ignore[DUR206, DUR101, dur101]\n",
        "print(1)  # durable-lint: ignore[DUR206]\n",
    ),
    "beside the codes of others": ("x = 1  # noqa: E501, DUR101 why\n", "x = 1  # noqa: E501 why\n"),
    "all codes": ("x = 1  # durable-lint: ignore[DUR101, DUR102] why\n", "x = 1\n"),
}


@pytest.mark.parametrize(("text", "wanted"), REMOVED.values(), ids=REMOVED.keys())
def test_the_fix_removes_what_is_unused(text: str, wanted: str) -> None:
    while True:
        source = decode(text.encode(), "m.py")
        extra = apply(findings(source), find(source, parse(source)), known=KNOWN, active=ACTIVE, source=source)[1]
        if not extra:
            break
        fix = extra[0].fix
        assert fix is not None
        assert fix.level is Level.SAFE
        for edit in sorted(fix.edits, key=lambda one: one.span, reverse=True):
            text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert text == wanted


def test_what_is_used_without_a_reason_is_said_where_the_rule_is_on() -> None:
    text = "print(1)  # durable-lint: ignore[DUR206]\nprint(2)  # durable-lint: ignore[DUR206] a script\n"
    message = "the suppression of DUR206 gives no reason: nobody can tell whether it is still right"
    assert run(text, active=(*ACTIVE, "DUR903"))[1] == [("DUR903", 1, message)]
    assert run(text)[1] == []
