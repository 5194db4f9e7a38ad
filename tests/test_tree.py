"""The tree of one top-level statement gives its nodes the places that libcst gives them in the whole module."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterator
from pathlib import Path

import libcst as cst
import pytest
from fixture_files import FIXTURES
from libcst.metadata import CodeRange, MetadataWrapper, PositionProvider

from durable_lint import source
from durable_lint.fixes.tree import Tree
from durable_lint.index.collect import collect
from durable_lint.visit.nodes import parts
from durable_lint.visit.numbering import Numbered

FOLDERS = sorted(path for path in FIXTURES.iterdir() if path.is_dir())
FOREIGN = ["test/test_with.py", "test/test_decorators.py", "asyncio/tasks.py"]
CORNERS = """
a = 1; b = (2); c.d(
    # in brackets
    é, "ü" if (ö) else ä,
) ; e


# above
@deco  # behind
# between

@deco.rate(
    1,
)
# below
async def f(x: "X" = (1), /, *a: A, y, **k) -> R:
    \"\"\"Doc
    string.\"\"\"
    if (x
        and y):  # why
        pass; y = [
            z for z in (
                x
            ) if z
        ];
    # elsewhere
    elif x: return (x)
    elif y:
    \tasync with a as (b, c), d(): await (
    \t\te
    \t)
    else:
        for (i) in j:
            break
        else:
            k
    while x: x -= 1; continue
    else: x = lambda q, *r: (
        q)
    try:
        del x[1:2, ::3], (y)
    except* (A, B) as e:
        raise E(x) from (e)
    try: pass
    except A: (f"{x!r:>{y}} {z}" 'a'
        "b")
    except: global g, h
    else: assert x, (y)
    finally:
        match x, (y):
            # a case
            case [1, *_] | {"a": b, **c} if (b): d
            case P(1, q=(2)) as r:
                e
            case -1 | None:
                nonlocal_ = yield (
                    x)
    class C(B, metaclass=M):
        u: int = 1

        # last
        def g(self): ...
    # end
"""


def places(module: cst.Module, text: str) -> dict[cst.CSTNode, tuple[int, int]]:
    """The place of each node by libcst's own provider, as offsets."""
    lines = source.LineIndex(text)
    ranges = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)

    def offsets(one: CodeRange) -> tuple[int, int]:
        start, end = ((lines.start(at.line) + at.column) for at in (one.start, one.end))
        return start, end

    return {node: offsets(one) for node, one in ranges.items() if isinstance(one, CodeRange)}


def statements(module: cst.Module) -> list[cst.CSTNode]:
    """What ``ast`` takes for the top-level statements of a module."""
    lines = (one.body if isinstance(one, cst.SimpleStatementLine) else (one,) for one in module.body)
    return [one for line in lines for one in line]


def pairs(one: cst.CSTNode, other: cst.CSTNode) -> Iterator[tuple[cst.CSTNode, cst.CSTNode]]:
    """The nodes of two trees side by side."""
    assert type(one) is type(other)
    yield one, other
    for left, right in zip(parts(one), parts(other), strict=True):
        yield from pairs(left, right)


def check(text: source.SourceFile) -> int:
    """Compare every node of a file; gives how many there are."""
    whole = cst.parse_module(text.text)
    known = places(whole, text.text)
    count = 0
    for node, (start, end) in zip(statements(whole), collect(text, source.parse(text), "x.py").tops, strict=True):
        tree = Tree(Numbered(text.text[start:end] + "\n"), start)
        [own] = statements(tree.numbered.module)
        for left, right in pairs(node, own):
            span = tree.span(right)
            line = text.lines.position(known[left][0]).line
            assert (span.start, span.end) == known[left], f"{text.path}:{line}: {type(left).__name__}"
            count += 1
    return count


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=repr)
def test_corners(newline: str) -> None:
    text = CORNERS.replace("\n", newline)
    assert check(source.decode(text.encode(), "corners.py")) > 300


SPACE = (cst.BaseParenthesizableWhitespace, cst.EmptyLine, cst.TrailingWhitespace)
MARKS = (cst.Comma, cst.LeftParen, cst.RightParen, cst.LeftSquareBracket, cst.RightSquareBracket, cst.LeftCurlyBrace,
         cst.RightCurlyBrace, cst.Semicolon, cst.AssignEqual, cst.Colon, cst.Dot, cst.BitOr, cst.ParamSlash,
         cst.Asynchronous, cst.BaseUnaryOp, cst.BaseBinaryOp, cst.BaseBooleanOp, cst.BaseCompOp,
         cst.BaseAugOp)  # fmt: skip


def test_parts_are_the_children_without_space_and_marks() -> None:
    stack: list[cst.CSTNode] = [cst.parse_module(CORNERS)]
    while stack:
        node = stack.pop()
        stack += parts(node)
        if not isinstance(node, MARKS):
            expected = [child for child in node.children if not isinstance(child, SPACE + MARKS)]
            assert [child for child in parts(node) if not isinstance(child, MARKS)] == expected, type(node).__name__


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_fixtures(folder: Path) -> None:
    assert sum(check(source.read(file, file.name)) for file in sorted(folder.rglob("*.py"))) > 0


@pytest.mark.parametrize("name", FOREIGN)
def test_standard_library(name: str) -> None:
    place = Path(sysconfig.get_path("stdlib")) / name
    if not place.exists():
        pytest.skip(f"this Python comes without {name}")
    assert check(source.read(place, name)) > 0


def test_only_the_statement_around_a_node_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[cst.CSTNode] = []
    monkeypatch.setattr(
        Tree, "_write", lambda self, node, whole, write=Tree._write: (written.append(node), write(self, node, whole))
    )
    tree = Tree(Numbered("def f():\n" + "    x = g(h(1))\n" * 100), 0)
    calls = [node for node in tree.numbered.nodes if isinstance(node, cst.Call)]
    assert [tree.source(call) for call in calls[100:102]] == ["g(h(1))", "h(1)"]
    assert len(written) == 1
