"""Bytes to text to tree: every column that ast gives must lead to the same characters in the text."""

from __future__ import annotations

import ast
import codecs
import os
import sys
import warnings
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from durable_lint.model import Location, Position, Problem, Span
from durable_lint.source import DEPTH_LIMIT, LineIndex, SourceError, SourceFile, decode, parse, read


def problem_of(data: bytes) -> Problem:
    with pytest.raises(SourceError) as caught:
        parse(decode(data, "m.py"))
    assert caught.value.problem.path == "m.py"
    assert str(caught.value) == caught.value.problem.message
    return caught.value.problem


def text_of_names(source: SourceFile) -> dict[str, str]:
    """For each name in the tree, the text that its position leads to."""
    return {
        node.id: source.text[
            source.lines.offset(node.lineno, node.col_offset) : source.lines.offset(
                node.end_lineno or 0, node.end_col_offset or 0
            )
        ]
        for node in ast.walk(parse(source))
        if isinstance(node, ast.Name)
    }


POSITIONS = {
    "plain": b"a = 1\nb = 2\nc = a\n",
    "crlf": b"a = 1\r\nb = 2\r\nc = a\r\n",
    "lone cr": b"a = 1\rb = 2\rc = a\r",
    "mixed": b"a = 1\r\rb = 2\n\r\nc = a",
    "bom": codecs.BOM_UTF8 + b"a = 1\nb = 2; c = a\n",
    "bom and crlf": codecs.BOM_UTF8 + "a = 'ü'; b = 2\r\nc = a\r\n".encode(),
    "form feed": b"a = 1\n\x0cb = 2\n\x0c\nc = a\n",
    "no line ends": "a = '\u2028\x0b\x85\x1c'; b = 2\nc = a\n".encode(),
    "wide": "a = 'é€😀'; b = '😀'; c = a\n".encode(),
    "wide names": "ä = 'x'; größe = ä; 変数 = größe\n".encode(),
    "tabs": b"if 1:\n\ta\t=\t1;\tb\t=\t2\n\tc = a\n",
    "latin-1": b"# coding: latin-1\na = '\xe9\xfc'; b = '\xdf'; c = a\n",
    "cookie in the second line, lone cr": b"#!/bin/sh\r# vim: set fileencoding=cp1252 :\ra = '\x80'; b = 2; c = a",
    "cookie below a comment that is no UTF-8": b"# \xe9\n# coding: latin-1\na = '\xe9'; b = c = a",
    "bom and cookie": codecs.BOM_UTF8 + "# -*- coding: utf-8 -*-\na = 'ü'; b = c = a".encode(),
}


@pytest.mark.parametrize("data", POSITIONS.values(), ids=POSITIONS.keys())
def test_positions_of_ast_lead_to_the_same_text(data: bytes) -> None:
    source = decode(data, "m.py")
    names = text_of_names(source)
    assert len(names) == 3
    assert all(name == text for name, text in names.items())


@pytest.mark.parametrize("data", POSITIONS.values(), ids=POSITIONS.keys())
def test_the_bytes_can_be_made_again(data: bytes) -> None:
    source = decode(data, "m.py")
    assert (codecs.BOM_UTF8 if source.bom else b"") + source.text.encode(source.encoding) == data
    assert not source.text.startswith("\ufeff")


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="a é😀\u2028\x0c\t\r\n"))
def test_positions_and_offsets_are_inverse(text: str) -> None:
    lines = LineIndex(text)
    for offset in range(len(text) + 1):
        place = lines.position(offset)
        line = text[lines.start(place.line) : offset]
        assert lines.offset(place.line, len(line.encode())) == offset
        assert len(line) == place.column - 1
    assert "".join(lines.line_text(line) for line in range(1, lines.count + 1)) == text.replace("\r", "").replace(
        "\n", ""
    )


def test_line_index_counts_only_python_line_ends() -> None:
    lines = LineIndex("a\r\nb\rc\n\n\x0cd\u2028e\x0bf\x85")
    assert [lines.line_text(line) for line in range(1, lines.count + 1)] == ["a", "b", "c", "", "\x0cd\u2028e\x0bf\x85"]
    assert LineIndex("").count == 1
    assert LineIndex("a\n").count == 2
    assert LineIndex("a\n").position(2) == Position(2, 1)


def test_a_column_inside_a_character_counts_as_its_start() -> None:
    lines = LineIndex("é€x")
    assert [lines.offset(1, column) for column in range(7)] == [0, 0, 1, 1, 1, 2, 3]


def test_places_outside_the_text_are_refused() -> None:
    lines = LineIndex("ab\n")
    for offset in (-1, 4):
        with pytest.raises(ValueError, match="no offset"):
            lines.position(offset)
    for line in (0, 3):
        with pytest.raises(ValueError, match="no line"):
            lines.offset(line, 0)


def test_location_has_columns_in_code_points() -> None:
    source = decode("x = '😀'\r\ny = x".encode(), "m.py")
    span = Span(4, 10)
    assert source.location(span) == Location("m.py", Position(1, 5), Position(2, 2), span)


ENCODING_PROBLEMS = {
    "nul": (b"a = 1\r\nb\0 = 2\n", 2, "byte 8"),
    "utf-16": ("a = 1\n".encode("utf-16"), 1, "UTF-16"),
    "not utf-8": (b"a = 1\nb = '\xe9'\n", 2, "byte 11 (0xe9) is not valid utf-8"),
    "not utf-8 behind a bom": (codecs.BOM_UTF8 + b"\xe9", 1, "byte 3 (0xe9)"),
    "truncated": (b"a = '\xe2\x82", 1, "byte 5 (0xe2)"),
    "not ascii": (b"# coding: ascii\n'\xe9'\n", 2, "not valid ascii"),
    "unknown": (b"#!/usr/bin/python\n# coding: klingon\n", 2, "unknown encoding klingon"),
    "contradiction": (codecs.BOM_UTF8 + b"# coding: latin-1\n", 1, "byte order mark says UTF-8"),
    "no text encoding": (b"# coding: hex\n", 1, "hex is no encoding"),
    "another alphabet": (b"# coding: utf-16\n", 1, "utf-16 is no encoding"),
    "undefined": (b"# coding: undefined\n", 1, "undefined is no encoding"),
    "surrogates": (b"# coding: raw_unicode_escape\nx = '\\ud800'\n", 1, "can't be decoded"),
    "cookie too late": (b"a = 1\n# coding: latin-1\nb = '\xe9'\n", 3, "not valid utf-8"),
}


@pytest.mark.parametrize(("data", "line", "words"), ENCODING_PROBLEMS.values(), ids=ENCODING_PROBLEMS.keys())
def test_encoding_problems_say_where_and_what_to_do(data: bytes, line: int, words: str) -> None:
    problem = problem_of(data)
    assert (problem.kind, problem.line) == ("encoding", line)
    assert words in problem.message
    assert "UTF-8" in problem.message


DEEP = {
    "parentheses": "(" * 10_000 + ")" * 10_000,
    "brackets": "[" * 10_000,
    "minus": "-" * 10_000 + "1",
    "not": "not " * 10_000 + "a",
    "calls": "f" + "()" * 10_000,
    "attributes": "a" + ".b" * 10_000,
    "plus": "+".join(["1"] * 50_000),
    "elif": "if a:\n pass\n" + "elif a:\n pass\n" * 20_000,
    "blocks": "".join(" " * depth + "if a:\n" for depth in range(120)) + " " * 120 + "pass",
    "lambdas": "lambda: " * 5_000 + "1",
    "string of f-strings": "x = " + "f(" * 150 + "1" + ")" * 150 + ".a" * 150,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP.keys())
def test_deep_nesting_is_a_clean_problem(text: str) -> None:
    problem = problem_of(text.encode())
    assert problem.kind == "too-deep"
    assert "split it up" in problem.message


def chain(levels: int) -> bytes:
    """A module of so many levels, names not counted: Module, Assign, and the rest attributes."""
    return b"x = 1\ny = a" + b".b" * (levels - 2)


def test_the_depth_limit_is_exact_and_gives_the_line() -> None:
    parse(decode(chain(DEPTH_LIMIT), "m.py"))
    problem = problem_of(chain(DEPTH_LIMIT + 1))
    assert (problem.kind, problem.line) == ("too-deep", 2)
    assert f"more than {DEPTH_LIMIT} levels" in problem.message


def depth(node: ast.AST) -> int:
    """How many levels a tree has, names and constants not counted."""
    inner = [
        one for one in ast.iter_child_nodes(node) if not isinstance(one, ast.Name | ast.Constant | ast.expr_context)
    ]
    operators = (ast.unaryop, ast.operator, ast.alias)
    return 1 + max((depth(one) for one in inner if not isinstance(one, operators)), default=0)


NARROW = {
    "signs": ("x = ", "-", "1", ""),
    "signs on a line of its own": ("(\n", "-", "1", "\n)"),
    "signs in a decorator": ("@", "~", "1", "\ndef f(): ..."),
    "signs in an f-string": ('x = f"{', "-", '1}"', ""),
    "signs in a long f-string": ('f(f"""' + "a\n" * 300 + "{", "-", '1}""")', ""),
    "signs behind wide characters": ("'ééé' + ", "-", "1", ""),
    "lambdas": ("", "lambda:", "0", ""),
    "attributes on lines of their own": ("(a", "\n.b", "", ")"),
    "statements": ("", "", "", "".join(f"{' ' * level}if a:\n" for level in range(90)) + " " * 90 + "-" * 120 + "1"),
}


@pytest.mark.parametrize("shape", NARROW.values(), ids=NARROW.keys())
def test_a_level_may_take_a_single_character(shape: tuple[str, str, str, str]) -> None:
    begin, level, inner, end = shape
    seen = set()
    for count in range(DEPTH_LIMIT - 10, DEPTH_LIMIT + 2):
        text = begin + level * count + inner + end
        deep = depth(ast.parse(text)) > DEPTH_LIMIT
        seen.add(deep)
        if deep:
            assert problem_of(text.encode()).kind == "too-deep"
        else:
            parse(decode(text.encode(), "m.py"))
    assert seen == ({False, True} if level else {True})


def test_what_is_accepted_can_be_walked_recursively() -> None:
    tree = parse(decode(chain(DEPTH_LIMIT), "m.py"))
    assert ast.unparse(tree).count(".b") == DEPTH_LIMIT - 2


SYNTAX = {
    "unclosed": (b"a = 1\n\n\n(", 4, "never closed"),
    "end of file": (b"x = 1 \\", 1, "unexpected EOF"),
    "dedent": (b"if a:\n    b\n  c\n", 3, "unindent"),
    "python 2": (b"print 'text'\n", 1, "Missing parentheses"),
    "plain": (b"def f(:\n", 1, "invalid syntax"),
    "two byte order marks": (codecs.BOM_UTF8 * 2 + b"a = 1\n", 1, "U+FEFF"),
    "long number": (b"a = " + b"9" * 5_000, 1, "integer string conversion"),
}


@pytest.mark.parametrize(("data", "line", "words"), SYNTAX.values(), ids=SYNTAX.keys())
def test_syntax_problems_give_line_and_reason(data: bytes, line: int, words: str) -> None:
    problem = problem_of(data)
    assert (problem.kind, problem.line) == ("syntax", line)
    assert words in problem.message
    assert "looks like" not in problem.message


NEWER = {
    "type statement": ((3, 12), "type Row = dict[str, int]"),
    "generic type statement": ((3, 12), "type Pair[T] = tuple[T, T]"),
    "generic function": ((3, 12), "def first[T](rows: list[T]) -> T: ..."),
    "generic coroutine": ((3, 12), "async def first[**P](rows): ..."),
    "generic class": ((3, 12), "class Box[*Ts]: ..."),
    "nested quotes": ((3, 12), 'a = f"{rows["key"]}"'),
    "nested quotes in a call": ((3, 12), """print(f'{', '.join(rows)}')"""),
    "backslash in f-string": ((3, 12), """a = f'{"\\n".join(rows)}'"""),
    "comment in f-string": ((3, 12), 'a = f"""{\nrows  # all\n}"""'),
    "type parameter default": ((3, 13), "class Box[T = int]: ..."),
    "except without parentheses": ((3, 14), "try:\n    a\nexcept KeyError, ValueError:\n    b"),
    "t-string": ((3, 14), 'a = t"{rows}"'),
}


@pytest.mark.parametrize(("version", "text"), NEWER.values(), ids=NEWER.keys())
def test_newer_syntax_names_the_python_that_reads_it(version: tuple[int, int], text: str) -> None:
    if sys.version_info >= version:
        parse(decode(text.encode(), "m.py"))
        return
    problem = problem_of(text.encode())
    assert problem.kind == "syntax"
    assert f"looks like syntax of Python {version[0]}.{version[1]}: run durable-lint with" in problem.message


@pytest.mark.parametrize("text", ["f'{a", 'a = f"{b!"', "print 't'", "type [x] == 3 3", "def [x]: pass", "cat'x'"])
def test_plain_errors_are_not_called_newer_syntax(text: str) -> None:
    assert "looks like" not in problem_of(text.encode()).message


def test_warnings_of_the_compiler_do_not_leak() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        tree = parse(decode(b"a = '\\d'\nb = 1 is 1\nassert (a, b)\nc = 0x1for x in d\n", "m.py"))
    assert len(tree.body) == 4
    assert caught == []


def test_read_gives_what_is_on_disk(tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    file.write_bytes(codecs.BOM_UTF8 + b"a = 1\r\n")
    source = read(file, "shown/m.py")
    assert (source.path, source.text, source.encoding, source.bom) == ("shown/m.py", "a = 1\r\n", "utf-8", True)
    assert source.data == file.read_bytes()
    assert source.lines is source.lines


def refused(file: Path, limit: int = 100) -> tuple[str, str]:
    with pytest.raises(SourceError) as caught:
        read(file, "m.py", limit=limit)
    return caught.value.problem.kind, caught.value.problem.message


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / "broken.py").symlink_to("nowhere.py")
    assert refused(tmp_path) == ("unreadable", "can't be read: it is a directory")
    assert refused(tmp_path / "pipe.py") == ("unreadable", "can't be read: not a regular file")
    assert refused(Path(os.devnull))[0] == "unreadable"
    assert refused(tmp_path / "loop.py")[0] == "unreadable"
    assert refused(tmp_path / "broken.py") == ("missing", "no such file")
    assert refused(tmp_path / "absent.py") == ("missing", "no such file")
    assert refused(tmp_path / "a\0b.py")[0] == "unreadable"


def test_the_size_limit_is_exact(tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    file.write_bytes(b"#" * 100)
    assert read(file, "m.py", limit=100).text == "#" * 100
    file.write_bytes(b"#" * 101)
    kind, message = refused(file)
    assert kind == "too-large"
    assert message == "larger than 100 B: exclude it if it is generated, or raise max-file-size"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_unreadable(tmp_path: Path) -> None:
    file = tmp_path / "m.py"
    file.write_text("a = 1\n")
    file.chmod(0)
    assert refused(file) == ("unreadable", "can't be read: Permission denied")
