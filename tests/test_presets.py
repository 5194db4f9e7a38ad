"""The presets by name: which rules they turn on, and what ``strict`` adds to a rule."""

from __future__ import annotations

from pathlib import Path

from durable_lint import engine, lint_source
from durable_lint.config import Overrides, SettingsFinder
from durable_lint.model import Diagnostic

BRANCHES = """
from aws_durable_execution_sdk_python import DurableContext, durable_execution, durable_parallel_branch


@durable_parallel_branch("pack-order")
def pack(context: DurableContext) -> str:
    return context.step(lambda _: "packed", name="pack")


def label(context: DurableContext) -> str:
    return context.step(lambda _: "labelled", name="label")


@durable_execution
def handler(event: dict, context: DurableContext) -> list:
    branches = [label]
    first = context.parallel(
        [
            pack(),
            label,
            lambda child: child.step(lambda _: "billed", name="bill"),
        ],
        name="prepare",
    )
    second = context.parallel(branches, name="again")
    return [*first.get_results(), *second.get_results()]
"""


def lines(found: tuple[Diagnostic, ...], code: str) -> list[str]:
    return [BRANCHES.split("\n")[one.line - 1].strip() for one in found if one.code == code]


def chosen(*names: str, extend: tuple[str, ...] = ()) -> set[str]:
    overrides = Overrides(select=names or None, extend_select=extend, isolated=True)
    settings = SettingsFinder(overrides, engine.rules(), engine.profiles(), Path.cwd()).settings_for(Path("a.py"))
    return {rule.code for rule in engine.rules() if settings.rule_state(rule, Path("a.py"))[0] is not None}


def test_recommended_is_the_default() -> None:
    assert chosen("recommended") == chosen() == {rule.code for rule in engine.rules() if rule.default is not None}


def test_strict_is_all_but_what_only_statistics_need() -> None:
    assert chosen("ALL") - chosen("strict") == {"DUR900"}
    assert chosen("ALL") == {rule.code for rule in engine.rules()}
    assert chosen(extend=("strict",)) == chosen("strict")


def test_bare_branches_count_with_strict_only() -> None:
    strict = lint_source(BRANCHES, "a.py", Overrides(isolated=True, select=("strict",)))
    wanted = ["label,", 'lambda child: child.step(lambda _: "billed", name="bill"),']
    assert lines(strict.diagnostics, "DUR501") == [*wanted, 'second = context.parallel(branches, name="again")']
    for names in (("recommended",), ("ALL",), ("DUR501",)):
        result = lint_source(BRANCHES, "a.py", Overrides(isolated=True, select=names))
        assert lines(result.diagnostics, "DUR501") == []


def test_the_last_selection_says_whether_it_is_strict(tmp_path: Path) -> None:
    (tmp_path / "durable-lint.toml").write_text('select = ["strict"]\n', "utf-8")

    def strict(**given: tuple[str, ...]) -> bool:
        finder = SettingsFinder(Overrides(**given), engine.rules(), engine.profiles(), tmp_path)  # type: ignore[arg-type]
        return finder.settings_for(tmp_path / "a.py").strict

    assert strict()
    assert strict(ignore=("DUR2",))
    assert not strict(select=("ALL",))
