"""Random changes of Python text: of its tokens and lines, its statements, its expressions, its syntax tree.

Each takes the chance, the text and another text to borrow from; it gives the text unchanged where nothing fits.
"""

from __future__ import annotations

import ast
import copy
import io
import keyword
import random
import textwrap
import tokenize
from collections.abc import Callable, Mapping
from functools import lru_cache

Mutation = Callable[[random.Random, str, str], str]
Piece = tuple[int, int]
"""A part of a text by its first offset and the one behind it, both from 0 and in code points."""

NAMES = ("context", "event", "step", "ctx", "self", "cls", "time", "datetime", "run", "result", "_", "print", "handler",
         "durable_execution", "map", "wait", "naïve", "ｔime", "𝐱", "Duration", "logger", "len", "match", "type", "id",
         "super", "__name__", "asyncio", "random", "uuid4", "BatchResult", "StepConfig", "item")  # fmt: skip

WRAPS = (
    "if event:\n{0}",
    "if event:\n    pass\nelse:\n{0}",
    "while event:\n{0}\nelse:\n    pass",
    "while True:\n{0}\n    break",
    "for item in event:\n{0}",
    "for self.item, *_ in event:\n{0}\n    continue",
    "async for item in event:\n{0}",
    "try:\n{0}\nexcept Exception:\n    raise",
    "try:\n{0}\nexcept:\n    pass\nelse:\n    pass\nfinally:\n    print()",
    "try:\n    pass\nexcept (ValueError, KeyError) as error:\n{0}",
    "try:\n    pass\nfinally:\n{0}",
    "try:\n{0}\nexcept* ValueError:\n    pass",
    "with context:\n{0}",
    "with (open(event) as file, context as ctx):\n{0}",
    "async with context as ctx:\n{0}",
    "class Inner:\n{0}",
    "class Inner(Base, metaclass=type):\n    x = 1\n{0}",
    "def inner(context):\n{0}",
    "def inner(*args, **kwargs):\n{0}\ninner(context)",
    "def inner(event, context=None, /, *, x: int = 1) -> None:\n    nonlocal_ = 1\n{0}\n    return inner",
    "async def inner(context):\n{0}\n    await inner(context)",
    "@durable_execution\ndef handler(event, context):\n{0}",
    "@context.step\n@staticmethod\ndef inner(_=lambda: 1):\n{0}",
    'match event:\n    case {{"x": [1, *rest], **others}} if rest:\n{1}\n    case _:\n        pass',
    "match event:\n    case Inner(x=1) | None as found:\n{1}",
    "if True:\n    # a comment\n{0}\n    # durable-lint: ignore[DUR101] it is right here",
)
"""What a statement is put into; the second form is indented twice."""

HOLDERS = (
    "({})", "(lambda: {})()", "lambda *args, x={}, **rest: x", "(await {})", "(yield {})", "(yield from {})", "[*{}]",
    "[{} for _ in event]", "{x: {} for x in event if x}", "({} for x in event for y in x)", "({} if event else None)",
    "(found := {})", 'f"{{}!r:>10} {{"', "{}[0]", "{}[1:2, ...]", "{}.value", "{}()", "{}(*event, **event)",
    "functools.partial({})", "-{}", "not {}", "({},)", '{"k": {}, **event}', "dict(**{})", "({} or {})",
    'context.step(lambda _: {}, name="n")', "context.map([{}], lambda c, x, i, a: x)", "({} < 1 < {})",
    "context.parallel([lambda c: {}])", "asyncio.run({})", "print({}, sep='')", "({} == {})", "str({})",
    "context.run_in_child_context(lambda c: {})", "getattr({}, 'x', None)", "time.time() + {}", "{} @ {}", "({}).step",
    "next(iter({}))", 'f"""{\n{}}"""',
)  # fmt: skip
"""What an expression is put into, or is used twice in."""


def parsed(text: str) -> ast.Module | None:
    """The tree of a text, or None where Python refuses it."""
    try:
        tree = compile(text, "<text>", "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError):
        return None
    assert isinstance(tree, ast.Module)
    return tree


# Lines and tokens


def lines(chance: random.Random, text: str, other: str) -> str:
    """Delete, repeat, exchange or move lines, or indent one otherwise."""
    rows, borrowed = text.split("\n"), other.split("\n")
    at, to = chance.randrange(len(rows)), chance.randrange(len(rows))
    match chance.randrange(6):
        case 0:
            del rows[at]
        case 1:
            rows.insert(to, rows[at])
        case 2:
            rows[at], rows[to] = rows[to], rows[at]
        case 3:
            rows.insert(to, chance.choice(borrowed))
        case 4:
            rows[at] = chance.choice(("    ", "\t", " ", "\f")) + rows[at]
        case _:
            rows[at] = rows[at].removeprefix("    ")
    return "\n".join(rows)


@lru_cache(maxsize=512)
def words(text: str) -> tuple[tuple[Piece, str], ...]:
    """Where the names, operators and literals on one line are, as far as a text has tokens."""
    starts = [0]
    for row in text.split("\n"):
        starts.append(starts[-1] + len(row) + 1)
    found: list[tuple[Piece, str]] = []
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline="\n").readline):
            if token.type in (tokenize.NAME, tokenize.OP, tokenize.STRING, tokenize.NUMBER, tokenize.COMMENT):
                start = starts[token.start[0] - 1] + token.start[1]
                if text.startswith(token.string, start):
                    found.append(((start, start + len(token.string)), token.string))
    except (tokenize.TokenError, SyntaxError, IndexError):
        pass
    return tuple(found)


def tokens(chance: random.Random, text: str, other: str) -> str:
    """Delete, repeat, exchange or borrow a token."""
    known = words(text)
    if not known:
        return text
    (start, end), word = chance.choice(known)
    match chance.randrange(4):
        case 0:
            return text[:start] + text[end:]
        case 1:
            return text[:end] + " " + word + text[end:]
        case 2:
            (first, behind), wanted = chance.choice(known)
            if first < start:
                start, end, first, behind, word, wanted = first, behind, start, end, wanted, word
            return text[:start] + wanted + text[end:first] + word + text[behind:] if first >= end else text
        case _:
            borrowed = words(other)
            return text[:start] + (chance.choice(borrowed)[1] if borrowed else "") + text[end:]


def renamed(chance: random.Random, text: str, other: str) -> str:
    """Give a name another name: everywhere, or in one place."""
    known = [(piece, word) for piece, word in words(text) if word.isidentifier() and not keyword.iskeyword(word)]
    if not known:
        return text
    place, old = chance.choice(known)
    new = chance.choice(NAMES if chance.random() < 0.5 else [word for _, word in known])
    where = [piece for piece, word in known if word == old] if chance.random() < 0.6 else [place]
    for start, end in reversed(where):
        text = text[:start] + new + text[end:]
    return text


# Statements


@lru_cache(maxsize=512)
def statements(text: str) -> tuple[tuple[int, int], ...]:
    """The first line and the one behind the last (from 0) of each statement that has its lines for itself."""
    tree = parsed(text)
    rows = text.split("\n")
    found = []
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.stmt):
            above = [one.lineno for one in getattr(node, "decorator_list", ())]
            first, last = min([node.lineno, *above]), node.end_lineno or node.lineno
            if last <= len(rows) and not rows[first - 1][: 0 if above else node.col_offset].strip():
                found.append((first - 1, last))
    return tuple(found)


def _margin(row: str) -> str:
    return row[: len(row) - len(row.lstrip(" \t\f"))]


def _taken(text: str, span: tuple[int, int], margin: str = "") -> str:
    """A statement, moved to a margin."""
    block = "\n".join(text.split("\n")[span[0] : span[1]])
    return textwrap.indent(textwrap.dedent(block), margin)


def moved(chance: random.Random, text: str, other: str) -> str:
    """Delete, repeat, exchange, move or borrow a statement."""
    known, borrowed = statements(text), statements(other)
    if not known:
        return text
    rows = text.split("\n")
    span, to = chance.choice(known), chance.choice(known)
    margin = _margin(rows[to[0]])
    match chance.randrange(5):
        case 0:
            rows[span[0] : span[1]] = [_margin(rows[span[0]]) + "pass"]
        case 1:
            rows[to[0] : to[0]] = [_taken(text, span, margin)]
        case 2 if span[1] <= to[0]:
            first, second = _taken(text, to, _margin(rows[span[0]])), _taken(text, span, margin)
            rows[to[0] : to[1]] = [second]
            rows[span[0] : span[1]] = [first]
        case 3 if borrowed:
            rows[to[0] : to[0]] = [_taken(other, chance.choice(borrowed), margin)]
        case 4 if borrowed:
            rows[to[0] : to[1]] = [_taken(other, chance.choice(borrowed), margin)]
        case _:
            rows[to[0] : to[1]] = [_taken(text, span, margin)]
    return "\n".join(rows)


def wrapped(chance: random.Random, text: str, other: str) -> str:
    """Put a statement, or some that follow each other, into a compound one."""
    known = statements(text)
    if not known:
        return text
    rows = text.split("\n")
    first, last = chance.choice(known)
    margin = _margin(rows[first])
    for start, end in sorted(known):
        if start == last and _margin(rows[start]) == margin and chance.random() < 0.5:
            last = end
    block = _taken(text, (first, last))
    holder = chance.choice(WRAPS).format(textwrap.indent(block, "    "), textwrap.indent(block, "        "))
    rows[first:last] = [textwrap.indent(holder, margin)]
    return "\n".join(rows)


def decorated(chance: random.Random, text: str, other: str) -> str:
    """Move, repeat or delete a decorator."""
    rows = text.split("\n")
    marks = [number for number, row in enumerate(rows) if row.lstrip().startswith("@")]
    heads = [
        number for number, row in enumerate(rows) if row.lstrip().startswith(("def ", "class ", "async def ", "@"))
    ]
    if not marks or not heads:
        return text
    mark, to = chance.choice(marks), chance.choice(heads)
    row = rows[mark].lstrip()
    if chance.random() < 0.6:
        rows[mark] = ""
    rows.insert(to, _margin(rows[to]) + row)
    return "\n".join(rows)


# Expressions


@lru_cache(maxsize=512)
def expressions(text: str) -> tuple[Piece, ...]:
    """Where the expressions of a text are."""
    tree = parsed(text)
    rows = text.split("\n")
    starts = [0]
    for row in rows:
        starts.append(starts[-1] + len(row) + 1)
    found = []
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.expr) and node.end_lineno is not None and node.end_lineno <= len(rows):
            start = starts[node.lineno - 1] + _column(rows[node.lineno - 1], node.col_offset)
            end = starts[node.end_lineno - 1] + _column(rows[node.end_lineno - 1], node.end_col_offset or 0)
            found.append((start, end))
    return tuple(found)


def _column(row: str, utf8: int) -> int:
    return utf8 if row.isascii() else len(row.encode()[:utf8].decode("utf-8", "ignore"))


def held(chance: random.Random, text: str, other: str) -> str:
    """Put an expression into another."""
    known = expressions(text)
    if not known:
        return text
    start, end = chance.choice(known)
    return text[:start] + chance.choice(HOLDERS).replace("{}", text[start:end]) + text[end:]


def borrowed(chance: random.Random, text: str, other: str) -> str:
    """Put another expression, of this text or the other, in place of one."""
    source = text if chance.random() < 0.5 else other
    known, wanted = expressions(text), expressions(source)
    if not known or not wanted:
        return text
    (start, end), (first, last) = chance.choice(known), chance.choice(wanted)
    return text[:start] + source[first:last] + text[end:]


# Trees


def replanted(chance: random.Random, text: str, other: str) -> str:
    """Delete, repeat, exchange or borrow nodes of the syntax tree; the text is that of the new tree."""
    tree, donor = parsed(text), parsed(other)
    if tree is None:
        return text
    for _ in range(chance.randint(1, 3)):
        places = [(node, name) for node in ast.walk(tree) for name, value in ast.iter_fields(node) if value]
        if not places:
            break
        node, name = chance.choice(places)
        value = getattr(node, name)
        if isinstance(value, list):
            at = chance.randrange(len(value))
            like = type(value[at])
            match chance.randrange(3):
                case 0:
                    del value[at]
                case 1:
                    value.insert(chance.randrange(len(value) + 1), copy.deepcopy(value[at]))
                case _:
                    value[at] = _like(chance, like, tree, donor) or value[at]
        elif isinstance(value, ast.AST):
            setattr(node, name, _like(chance, type(value), tree, donor) or value)
    try:
        return ast.unparse(ast.fix_missing_locations(tree)) + "\n"
    except (ValueError, AttributeError, TypeError, RecursionError, IndexError):
        return text


def _like(chance: random.Random, kind: type, tree: ast.AST, donor: ast.AST | None) -> ast.AST | None:
    """A copy of a node of the same kind (any expression stands for any other)."""
    base = next((one for one in (ast.expr, ast.stmt, ast.pattern) if issubclass(kind, one)), kind)
    source = donor if donor is not None and chance.random() < 0.4 else tree
    fits = [node for node in ast.walk(source) if isinstance(node, base)]
    return copy.deepcopy(chance.choice(fits)) if fits else None


GENTLE: Mapping[str, Mutation] = {
    "renamed": renamed,
    "moved": moved,
    "wrapped": wrapped,
    "decorated": decorated,
    "held": held,
    "borrowed": borrowed,
    "replanted": replanted,
}
"""Mutations that mostly leave what Python can parse."""

ROUGH: Mapping[str, Mutation] = {"lines": lines, "tokens": tokens, **GENTLE}
