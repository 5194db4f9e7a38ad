"""Inputs made at random from the fixtures, and what must hold for the linter on any input whatever."""

from __future__ import annotations

import ast
import io
import random
import re
import shutil
import tokenize
import traceback
import warnings
import zlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePath

from byte_forms import FORMS
from fixture_files import cases
from linting import ROOT, modules
from text_mutations import GENTLE, ROUGH, parsed

from durable_lint import fixing
from durable_lint.config import Overrides
from durable_lint.engine import lint_paths
from durable_lint.model import Diagnostic, FixedFile, RunResult
from durable_lint.report import FORMATS, Style
from durable_lint.settings import LEVELS

_END = re.compile(rb"\r\n|\r|\n")
_RIGHT_PROBLEMS = frozenset({"syntax", "encoding", "too-deep", "unfixable"})
"""Kinds of problems that an input may have; all others are faults of the linter."""


@dataclass(frozen=True)
class Input:
    """Files by their path relative to a folder; ``changes`` says how they were made."""

    name: str
    changes: tuple[str, ...]
    files: Mapping[str, bytes]

    def write(self, folder: Path) -> None:
        """Write the files below a folder, which is emptied first."""
        shutil.rmtree(folder, ignore_errors=True)
        for path, data in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(data)


@cache
def seeds() -> tuple[tuple[str, Mapping[str, str]], ...]:
    """The projects that inputs are made from, with the texts of their files: all fixtures and the examples."""
    found = []
    for case in [*cases(), ROOT / "examples" / "orders", ROOT / "examples" / "orders_fixed"]:
        base = case.parent if case.is_file() else case
        texts = {file.relative_to(base).as_posix(): file.read_bytes().decode() for file in modules(case)}
        found.append((f"{case.parent.name}/{case.stem}", texts))
    return tuple(found)


def make(seed: int, number: int) -> Input:
    """The input of a number: the same for the same seed, whatever was made before."""
    chance = random.Random(f"{seed} {number}")
    name, texts = chance.choice(seeds())
    texts = dict(texts)
    changes: list[str] = []
    if chance.random() < 0.15:
        changes.append(_second_project(chance, texts))
    gentle = chance.random() < 0.7
    known = GENTLE if gentle else ROUGH
    for _ in range(chance.randint(1, 5)):
        path = chance.choice(sorted(texts))
        other = chance.choice(sorted(chance.choice(seeds())[1].items()))[1]
        kind = chance.choice(sorted(known))
        text = known[kind](chance, texts[path], other)
        if len(text) < 200_000 and (not gentle or parsed(text) is not None):
            texts[path] = text
            changes.append(kind)
    files = {path: text.encode("utf-8", "surrogatepass") for path, text in texts.items()}
    if chance.random() < 0.3:
        form = chance.choice(sorted(FORMS))
        path = chance.choice(sorted(files))
        files[path] = FORMS[form](chance, texts[path])
        changes.append(form)
    return Input(name, tuple(changes), files)


def _second_project(chance: random.Random, texts: dict[str, str]) -> str:
    """Add the modules of another project, or put one in place of a module; some import all of each other."""
    _, others = chance.choice(seeds())
    path, text = chance.choice(sorted(others.items()))
    if chance.random() < 0.4:
        texts[chance.choice(sorted(texts))] = text
        return "replaced module"
    mine = chance.choice(sorted(texts))
    while path in texts:
        path = f"other_{PurePath(path).name}"
    texts |= {one: other for one, other in others.items() if one not in texts} | {path: text}
    for one, module in ((mine, path), (path, mine)):
        if chance.random() < 0.7:
            dotted = module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            texts[one] = f"from {dotted} import *\nimport {dotted} as other\n" + texts[one]
    return "second project"


# What must hold


def everything(level: str) -> Overrides:
    """All rules, and fixes up to a level."""
    return Overrides(isolated=True, select=("ALL",), fix_level=level)


def faults(one: Input, folder: Path) -> list[str]:
    """What is wrong with how the linter takes an input; empty when all is right. ``folder`` is written to."""
    try:
        one.write(folder)
        result = lint_paths(["."], everything("safe"), cwd=folder)
        said = [*_wrong_result(result), *_wrong_reports(result, zlib.crc32(repr(one.files).encode()))]
        for level in _levels(result.diagnostics):
            said += [f"{level}: {fault}" for fault in _wrong_fixes(one, folder, level)]
    except Exception:
        return [traceback.format_exc()]
    return said


def _levels(found: Iterable[Diagnostic]) -> list[str]:
    """The levels that allow different fixes; the first of those that allow the same."""
    steps = {one.fix.level.value for one in found if one.fix is not None}
    return [level for level in LEVELS if level in steps]


def _wrong_result(result: RunResult) -> list[str]:
    said = [f"{one.kind}: {one.path}: {one.message}" for one in result.problems if one.kind not in _RIGHT_PROBLEMS]
    said += [f"a message of several lines: {one.message!r}" for one in result.problems if "\n" in one.message]
    places = [one.location for one in result.diagnostics]
    places += [hop.location for one in result.diagnostics for hop in one.related]
    for place in places:
        line = result.lines.get((place.path, place.start.line))
        if line is None or not 1 <= place.start.column <= len(line) + 1:
            said.append(f"no such place: {place}")
    said += [f"a message of several lines: {one.message!r}" for one in result.diagnostics if "\n" in one.message]
    return said


def _wrong_reports(result: RunResult, number: int) -> list[str]:
    """One of the reports, by a number, can be made and holds nothing that a terminal would obey but line ends."""
    name = sorted(FORMATS)[number % len(FORMATS)]
    text = FORMATS[name](result, Style())
    text.encode()
    return [f"{name}: a control character is sent"] if re.search(r"[\x00-\x08\x0b-\x1f\x7f]", text) else []


def _wrong_fixes(one: Input, folder: Path, level: str) -> list[str]:
    one.write(folder)
    result = fixing.fix_paths(["."], everything(level), cwd=folder)
    said = _wrong_result(result)
    for fixed in result.fixed:
        said += [f"{fixed.path}: {fault}" for fault in _wrong_text(fixed)]
    fixing.write(result)
    expected = one.files | {fixed.path: fixed.after for fixed in result.fixed}
    said += [f"{path}: wrong bytes" for path, data in expected.items() if (folder / path).read_bytes() != data]
    again = fixing.fix_paths(["."], everything(level), cwd=folder)
    said += [f"{fixed.path}: fixed again" for fixed in again.fixed]
    if not said and again.diagnostics != result.diagnostics:
        said.append("a new run finds other things in the fixed files")
    return said


def _wrong_text(fixed: FixedFile) -> list[str]:
    """What fixing broke in one file."""
    said = []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(fixed.after, fixed.path, "exec", ast.PyCF_ONLY_AST, dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        said.append(f"can't be parsed any more: {error}")
    if fixed.before == fixed.after:
        said.append("said to be fixed, but nothing changed")
    if fixed.before[:3] == b"\xef\xbb\xbf" != fixed.after[:3]:
        said.append("its byte order mark is gone")
    if new := set(_END.findall(fixed.after)) - set(_END.findall(fixed.before)):
        said.append(f"new line ends: {sorted(new)}")
    if fixed.before.endswith((b"\n", b"\r")) and not fixed.after.endswith((b"\n", b"\r")):
        said.append("its last line end is gone")
    lost = _comments(fixed.old) - _comments(fixed.new)
    said += [f"lost a comment: {comment!r}" for comment in lost if not re.search("durable-lint|noqa", comment, re.I)]
    return said


def _comments(text: str) -> Counter[str]:
    found: Counter[str] = Counter()
    rows: Sequence[str] = re.split(r"\r\n|\r|\n", text)
    try:
        for token in tokenize.generate_tokens(io.StringIO("\n".join(rows), newline="\n").readline):
            if token.type == tokenize.COMMENT:
                found[token.string.strip()] += 1
    except (tokenize.TokenError, SyntaxError):
        return Counter()
    return found
