"""How types are looked for: each answer once, and the same one whoever asks first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from linting import ROOT

from durable_lint.config import Overrides
from durable_lint.engine import lint_paths
from durable_lint.index import results
from durable_lint.index.answers import EMPTY, Answers, Env, Key, place
from durable_lint.index.shapes import Shapes, plain

HELPERS = """\
def told(rows, names=None):
    found = set(rows)
    return {"names": names, "found": sorted(found), "size": len(found)}


def many(rows):
    return told(rows, names={"a", "b"})
"""
PLAIN_HELPERS = """\
import json


def told(rows):
    sizes = {}
    for place, row in enumerate(sorted(rows)):
        sizes[f"{place}"] = [len(row), row.strip() or None]
    return {"sizes": sizes, "text": json.dumps({"set": {1, 2}}), **json.loads("{}")}


def many(rows):
    found = []
    for row in rows:
        found.append(told([row]))
    return found[:3]
"""
HANDLER = """\
from aws_durable_execution_sdk_python import DurableContext, StepContext, durable_execution, durable_step
from shared import many, told


@durable_step
def plain(step_context: StepContext, rows: list[str]):
    return told(rows, names=["a"])


@durable_step
def faulty(step_context: StepContext, rows: list[str]):
    return many(rows)


@durable_execution
def handler(event: dict, context: DurableContext) -> dict:
    return {"plain": context.step(plain(event["rows"])), "faulty": context.step(faulty(event["rows"]))}
"""


def test_a_helper_is_read_once_for_each_way_of_calling_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "shared.py").write_text(HELPERS, encoding="utf-8")
    for number in range(5):
        (tmp_path / f"handler_{number}.py").write_text(HANDLER, encoding="utf-8")
    computed: Counter[Key] = Counter()
    once = Answers.once

    def counted(answers: Answers, key: Key, env: Env, compute: Callable[..., Shapes], *given: object) -> Shapes:
        def counting() -> Shapes:
            computed[key] += 1
            return compute(*given)

        return once(answers, key, env, counting)

    monkeypatch.setattr(Answers, "once", counted)
    result = lint_paths(["."], Overrides(isolated=True, select=("DUR402",)), cwd=tmp_path)
    assert {(one.path, one.location.start.line) for one in result.diagnostics} == {
        (f"handler_{number}.py", 12) for number in range(5)
    }
    shared = {key: count for key, count in computed.items() if key[1][0].endswith("shared.py")}
    names = {key[2]: count for key, count in shared.items() if key[0] == "name"}
    assert names == {"names": 2, "found": 1, "rows": 1}  # ``names`` is once a list and once a set
    assert max(shared.values()) == 2


@pytest.mark.parametrize("code", ["DUR402", "DUR403", "DUR404", "DUR405"])
def test_the_first_look_changes_no_finding(code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Overrides(isolated=True, select=("DUR402", "DUR403", "DUR404", "DUR405"))
    looked = lint_paths([code], kept, cwd=ROOT / "tests" / "fixtures")
    monkeypatch.setattr(results, "keeps_plain", lambda serializer: False)
    assert lint_paths([code], kept, cwd=ROOT / "tests" / "fixtures").diagnostics == looked.diagnostics


def test_the_first_look_spares_plain_values_the_search_for_their_types(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = HANDLER.replace('told(rows, names=["a"])', "told(rows)")
    (tmp_path / "handler.py").write_text(text, encoding="utf-8")
    (tmp_path / "shared.py").write_text(PLAIN_HELPERS, encoding="utf-8")
    asked: list[Key] = []
    monkeypatch.setattr(Answers, "once", lambda answers, key, *given: asked.append(key) or frozenset())
    assert lint_paths(["."], Overrides(isolated=True, select=("DUR402",)), cwd=tmp_path).diagnostics == ()
    assert asked == []


def test_a_long_sum_is_no_problem_of_the_first_look(tmp_path: Path) -> None:
    text = HANDLER.replace("many(rows)", " + ".join(["len(rows)"] * 190))
    (tmp_path / "handler.py").write_text(text, encoding="utf-8")
    (tmp_path / "shared.py").write_text(PLAIN_HELPERS, encoding="utf-8")
    assert lint_paths(["."], Overrides(isolated=True, select=("DUR402",)), cwd=tmp_path).problems == ()


def test_an_answer_holds_where_its_premises_do() -> None:
    answers, computed = Answers(), []
    function = ("module.py", 1)

    def ask(env: Env) -> Shapes:
        def compute() -> Shapes:
            computed.append(env)
            return plain("str") if answers.premise((function, "rows"), env) is None else plain("int")

        return answers.once(("ret", function, ""), env, compute)

    given: Env = {(function, "rows"): plain("int")}
    assert [ask(EMPTY), ask(place(function, 7)), ask(given), ask({**given, **place(function, 7)})] == [
        plain("str"), plain("str"), plain("int"), plain("int"),
    ]  # fmt: skip
    assert computed == [EMPTY, given]


def test_what_lies_too_deep_does_not_depend_on_what_was_asked_before() -> None:
    def ask(answers: Answers, number: int) -> Shapes:
        below = number + 1
        return answers.once(
            ("ret", ("module.py", number), ""), EMPTY, lambda: ask(answers, below) if below < 80 else plain("str")
        )

    fresh, warm = Answers(), Answers()
    assert [ask(warm, number) for number in (40, 10, 20, 0)] == [plain("str"), frozenset(), plain("str"), frozenset()]
    assert ask(fresh, 0) == frozenset()
    assert ask(fresh, 20) == plain("str")
