"""DUR706: the JSON text of a result that a test takes for the value."""

from collections.abc import Iterator
from functools import partial

from durable_lint.checks.base import WARNING, Check, Finding, Rule
from durable_lint.index import facts as f
from durable_lint.index import outcomes
from durable_lint.index import things as t
from durable_lint.index.facts import Call, Expr
from durable_lint.index.things import FunctionId
from durable_lint.knowledge.testing import TestClass
from durable_lint.model import Edit, Fix, Level, Span

RULE = Rule("DUR706", "unparsed-result", WARNING, "the JSON text of a result taken for the value", fix="safe")

_DEPTH = 4
_EQUAL = ("Eq", "NotEq")
_SAME = ("Is", "IsNot")
_ASSERTIONS = frozenset({"assertEqual", "assertNotEqual", "assertEquals", "assertDictEqual", "assertListEqual",
                         "assertCountEqual", "assertTupleEqual", "assertSequenceEqual"})  # fmt: skip
_ALSO_TEXT = frozenset(dir(str))
_OF_VALUES = frozenset({*dir(dict), *dir(list)}) - _ALSO_TEXT
"""Methods of a parsed value that text doesn't have."""

_VALUES = frozenset({"builtins.dict()", "builtins.list()", "builtins.tuple()", "builtins.set()", "builtins.int()",
                     "builtins.float()", "builtins.sorted()", "pytest.approx()", "decimal.Decimal()"})  # fmt: skip


def check(ctx: Check) -> Iterator[Finding]:
    """Text that is compared with a value, or asked for an item or a method of one."""
    for function in ctx.module.functions if ctx.project.tests.kind(ctx.module.path) else ():
        fid = (ctx.module.path, function.index)
        for one in function.comparisons:
            if one.how in _EQUAL or (one.how in _SAME and _is_bool(one.left[0]) != _is_bool(one.right[0])):
                yield from _compared(ctx, fid, one.left, one.right[0])
                yield from _compared(ctx, fid, one.right, one.left[0])
        for read in function.subscripts:
            assert read.expr is not None
            owner = outcomes.text_of(ctx.project.ev, read.expr[1], fid)
            if owner is not None and _is_item(read.expr[2]):
                yield _finding(
                    ctx, owner, *_base(ctx, fid, read), "an item of it is one of its characters, or an error"
                )
        for call in function.calls:
            yield from _called(ctx, fid, call)


def _is_bool(expr: Expr) -> bool:
    return expr is not None and expr[0] == f.CONST and isinstance(expr[1], bool)


def _is_item(key: Expr) -> bool:
    """Whether a key is one of a dict, or a place in a list; ``text[0]`` may mean the first character."""
    return key is not None and key[0] == f.CONST and isinstance(key[1], str)


def _compared(ctx: Check, fid: FunctionId, side: tuple[Expr, int, int], other: Expr) -> Iterator[Finding]:
    owner = outcomes.text_of(ctx.project.ev, side[0], fid)
    if owner is not None and _is_value(ctx, other, fid, owner, _DEPTH):
        yield _finding(ctx, owner, side[1], side[2], "it is never equal to the value that it stands for")


def _called(ctx: Check, fid: FunctionId, call: Call) -> Iterator[Finding]:
    """Methods that only a value has, and the assertions of unittest."""
    callee = call.callee
    if callee is None or callee[0] != f.ATTR:
        return
    if callee[2] in _OF_VALUES:
        owner = outcomes.text_of(ctx.project.ev, callee[1], fid)
        if owner is not None:
            yield _finding(ctx, owner, *_base(ctx, fid, call), f"it has no {callee[2]}()")
    elif callee[2] in _ASSERTIONS and len(call.args) > 1:
        for position, other in ((0, 1), (1, 0)):
            owner = outcomes.text_of(ctx.project.ev, call.args[position], fid)
            if owner is not None and _is_value(ctx, call.args[other], fid, owner, _DEPTH):
                from durable_lint.loading import cst

                tree = ctx.tree_of(fid, call.start)
                node: cst.BaseExpression = tree.call(call.number).args[position].value
                span = tree.span(node)
                yield _finding(ctx, owner, span.start, span.end, "it is never equal to the value that it stands for")


def _base(ctx: Check, fid: FunctionId, taken: Call | f.Read) -> tuple[int, int]:
    """Where the expression stands that an item or a method is taken from; places in f-strings are libcst's."""
    from durable_lint.loading import cst

    tree = ctx.tree_of(fid, taken.start)
    node: cst.CSTNode | None = tree.node(taken.number)
    if isinstance(taken, Call):
        assert isinstance(node, cst.Call)
        assert isinstance(node.func, cst.Attribute)
        span = tree.outer_span(node.func.value)
        return span.start, span.end
    while node is not None and not isinstance(node, cst.Subscript):
        node = tree.parent(node)
    assert node is not None
    span = tree.outer_span(node.value)
    return span.start, span.end


def _is_value(ctx: Check, expr: Expr, fid: FunctionId, owner: TestClass, depth: int) -> bool:
    """Whether an expression is surely no text that the JSON of something could be."""
    if expr is None or not depth:
        return False
    if expr[0] == f.CONST:
        return _is_no_json(expr[1]) if isinstance(expr[1], str) and owner.plain else type(expr[1]) in (bool, int, float)
    if expr[0] in (f.SEQ, f.DICT):
        return True
    if expr[0] == f.EITHER:
        return all(_is_value(ctx, part, fid, owner, depth - 1) for part in expr[1])
    if expr[0] == f.CALL:
        things = ctx.project.ev.concrete(ctx.project.ev.expr(expr, fid))
        return bool(things) and all(_is_value_thing(ctx, thing) for thing in things)
    if expr[0] == f.NAME:
        return _is_value_name(ctx, expr[1], fid, owner, depth)
    return False


def _is_value_thing(ctx: Check, thing: t.Thing) -> bool:
    if thing[0] == t.INST:  # an instance of a plain class of the project, such as a dataclass
        bases = ctx.project.ev.classes.lineage(thing[1])
        return all(base[0] == t.CLASS for base in bases)
    return thing[0] in (t.CONTAINER, t.KEYED) or (thing[0] == t.EXT and thing[1] in _VALUES)


def _is_value_name(ctx: Check, name: str, fid: FunctionId, owner: TestClass, depth: int) -> bool:
    """Whether everything that a name is bound to is a value; for a parameter, everything that a test lists for it."""
    ev = ctx.project.ev
    scope = ev.scope_of(fid, name)
    if scope is None:
        return False
    bound = ev.function(scope).bindings.get(name, [])
    if any(parameter.name == name for parameter in ev.function(scope).parameters):
        listed = None if bound else ctx.project.tests.parameters(scope, name)
        home = ev.parent(scope)
        return bool(listed) and all(_is_value(ctx, one, home, owner, depth - 1) for one in listed or ())
    if any(value is not None and value[0] == f.GROW for value in bound):
        bound = [value for value in bound if value is None or value[0] != f.GROW]
    return bool(bound) and all(_is_value(ctx, value, scope, owner, depth - 1) for value in bound)


def _is_no_json(text: str) -> bool:
    import json

    try:
        json.loads(text)
    except ValueError:
        return True
    return False


def _finding(ctx: Check, owner: TestClass, start: int, end: int, consequence: str) -> Finding:
    text = " ".join(ctx.source.text[start:end].split())
    shown = text if len(text) <= 60 else "the result"
    fix = partial(_fix, ctx, start, end) if owner.plain else None
    return Finding(RULE, start, end, f"{shown} is JSON text, not the value: {consequence}", fix=fix)


def _fix(ctx: Check, start: int, end: int) -> Fix | None:
    brought = ctx.imports.bring("json", "loads") if _imports_loads(ctx) else ctx.imports.bring_module("json")
    if brought is None:
        return None
    name, edits = brought
    loads = name if _imports_loads(ctx) else f"{name}.loads"
    text = ctx.source.text[start:end]
    return Fix("parse the result", Level.SAFE, (*edits, Edit(Span(start, end), f"{loads}({text})")))


def _imports_loads(ctx: Check) -> bool:
    """Whether the module has ``loads`` of ``json`` by a name of its own."""
    return any(
        value == (f.IMPORT, 0, "json", "loads")
        for values in ctx.module.functions[0].bindings.values()
        for value in values
    )
