"""Both trees of a statement, that of ``ast`` and that of libcst, number the same nodes alike."""

from __future__ import annotations

import ast
import sysconfig
import unicodedata
from pathlib import Path

import libcst as cst
import pytest
from fixture_files import FIXTURES
from linting import ROOT

from durable_lint import source
from durable_lint.index.collect import _Collector
from durable_lint.index.facts import Expr, Module
from durable_lint.index.scope import Shared
from durable_lint.visit.numbering import Numbered

STDLIB = Path(sysconfig.get_path("stdlib"))
OWN = [FIXTURES, ROOT / "durable_lint", ROOT / "tests", ROOT / "examples"]
FOREIGN = [
    "asyncio",
    "unittest",
    "dataclasses.py",
    "test/test_grammar.py",
    "test/test_patma.py",
    "test/test_fstring.py",
    "test/test_named_expressions.py",
    "test/test_except_star.py",
    "test/test_unpack_ex.py",
    "test/test_positional_only_arg.py",
    "test/test_decorators.py",
]
LEAVES = (ast.Return, ast.Break, ast.Continue)
WHOLE = (ast.Attribute, ast.Call, ast.Lambda, ast.Name, ast.Set, ast.SetComp)
Numbers = dict[int, tuple[str, str]]


class Recorder(_Collector):
    """Remembers which node of the ``ast`` tree gets which number: by top-level statement and number, kind and name."""

    def __init__(self, text: str) -> None:
        super().__init__(text, Shared())
        self.numbers: dict[int, Numbers] = {}
        self.counts: dict[int, int] = {}

    def record(self, kind: str, name: str) -> None:
        self.numbers.setdefault(self.top, {})[self.counter] = (kind, name)

    def note(self, node: ast.AST) -> None:
        if isinstance(node, WHOLE):
            self.record(type(node).__name__, getattr(node, "id", getattr(node, "attr", "")))
        elif isinstance(node, ast.NamedExpr):
            self.record("Name", node.target.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            self.record("ClassDef" if isinstance(node, ast.ClassDef) else "FunctionDef", node.name)
        elif isinstance(node, LEAVES):
            self.record(type(node).__name__, "")

    def expr(self, node: ast.expr) -> Expr:
        self.note(node)
        return super().expr(node)

    def callee(self, node: ast.expr) -> Expr:
        self.note(node)
        return super().callee(node)

    def target(self, node: ast.expr, augmented: bool = False):  # type: ignore[no-untyped-def]
        self.note(node)
        return super().target(node, augmented)

    def delete(self, target: ast.expr) -> None:
        if isinstance(target, ast.Attribute):
            self.note(target)
        super().delete(target)

    def statement(self, node: ast.stmt) -> None:
        self.note(node)
        super().statement(node)
        self.counts[self.top] = self.counter


def numbers_of_libcst(numbered: Numbered) -> list[tuple[str, str]]:
    return [(type(node).__name__, unicodedata.normalize("NFKC", name_of(node))) for node in numbered.nodes]


def name_of(node: cst.CSTNode) -> str:
    if isinstance(node, cst.Name):
        return node.value
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.name.value if isinstance(node, cst.FunctionDef | cst.ClassDef) else ""


def differences(file: Path) -> tuple[list[str], int, int]:
    """What the two trees number differently, and how many top-level statements were compared and left out."""
    text = source.read(file, file.name)
    recorder = Recorder(text.text)
    module: Module = recorder.run(source.parse(text), file.as_posix())
    wrong: list[str] = []
    refused = 0
    for top, (start, end) in enumerate(module.tops):
        try:
            found = numbers_of_libcst(Numbered(text.text[start:end] + "\n"))
        except cst.ParserSyntaxError:
            refused += 1
            continue
        known = recorder.numbers.get(top, {})
        # A handler is the one thing that is numbered without being an expression or a statement.
        expected = [known.get(number, ("ExceptHandler", "")) for number in range(recorder.counts.get(top, 0))]
        plain = [("ExceptHandler", "") if kind == "ExceptStarHandler" else (kind, name) for kind, name in found]
        if plain != expected:
            pairs = enumerate(zip([*plain, None], [*expected, None], strict=False))
            number, (other, own) = next((at, pair) for at, pair in pairs if pair[0] != pair[1])
            line = text.lines.position(start).line
            wrong.append(f"{file.name}, statement on line {line}, number {number}: ast {own}, libcst {other}")
    return wrong, len(module.tops) - refused, refused


def check(files: list[Path], most_refused: int) -> None:
    wrong: list[str] = []
    compared = refused = 0
    for file in files:
        try:
            said, same, left_out = differences(file)
        except source.SourceError:
            continue
        wrong += said
        compared += same
        refused += left_out
    assert wrong == []
    assert compared > 0
    assert refused <= most_refused, f"libcst refused {refused} statements and took {compared}"


@pytest.mark.parametrize("folder", OWN, ids=lambda folder: folder.name)
def test_own_code(folder: Path) -> None:
    check(sorted(folder.rglob("*.py")), most_refused=0)


@pytest.mark.parametrize("name", FOREIGN)
def test_standard_library(name: str) -> None:
    place = STDLIB / name
    if not place.exists():
        pytest.skip(f"this Python comes without {name}")
    check(sorted(place.rglob("*.py")) if place.is_dir() else [place], most_refused=3)


CORNERS = """
a.b.c, *d[e.f] = g = h(i, *j, k=l, **m)
x[1:y.z, ...] += (yield_ := w) if (v := u) else t
lambda p, /, q=r.s, *ar, k=o, **kw: (p, q, ar, kw, k, {1, n})
print(f"{a.b!r:>{c.d}} {e(f)}" "plain" f"{g}", *h, sep=i)
[p.q for p in q.r if s(p) for t in p]
{u: v.w for u, v in x.items() if not u}
{y async for y in z}
del a.b, c[d.e], (f, [g.h])
assert a.b, c(d)
@deco.rate(a, b=c)
@other
class D(base.B, metaclass=meta.M, **rest):
    field: typing.List["quoted.name"] = default.value
    other.attribute: int
    def method(self: S, /, a: A.B = c.d, *args: E, key: F = g, **kw: H) -> "quoted": ...
    async def later(self):
        async with a.b as (c, d.e), f() as g[h]:
            return await i.j
        async for k.l in m:
            break
        else:
            return
try:
    while a.b:
        continue
except (c.D, E) as error:
    raise F from error.g
except:
    pass
finally:
    h()
match a.b, c:
    case d.E(f, g=h.i) | [j, *k]: l
    case {m.n: o, "p": q.r, **s} if t.u: v
    case -1 | 2 + 3j | None | "x": w
    case str() as y: z
a if b else c
a < b.c <= d() and not e or f
global_ = None, True, False, NotImplemented
def generator():
    global one, two
    got = yield a.b
    yield from c
    yield
    return
"""


def test_corners(tmp_path: Path) -> None:
    file = tmp_path / "corners.py"
    file.write_text(CORNERS, "utf-8")
    wrong, compared, refused = differences(file)
    assert (wrong, refused) == ([], 0)
    assert compared == len(ast.parse(CORNERS).body)
