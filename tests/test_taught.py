"""What a team's settings teach the analysis."""

from __future__ import annotations

from pathlib import Path

from durable_lint import lint_paths

HEAD = "from aws_durable_execution_sdk_python import DurableContext, durable_execution\n\n\n"
PRICES = "import time\n\n\ndef tick():\n    return time.time()\n\n\ndef table():\n    return 1\n"
APP = (
    "import acme\nfrom acme.steps import run_step\nfrom shop.prices import table, tick\n"
    + HEAD
    + "@durable_execution\ndef handler(event, context: DurableContext):\n"
    "    a = tick()\n"
    "    b = table()\n"
    "    c = acme.flags.on()\n"
    "    d = run_step(context, 'load', lambda: tick())\n"
    "    return context.step(lambda _: [a, b, c, d], name='store')\n"
)


def found(folder: Path, settings: str, app: str = APP) -> list[tuple[int, str]]:
    (folder / "shop").mkdir(exist_ok=True)
    (folder / "shop" / "__init__.py").write_text("")
    (folder / "shop" / "prices.py").write_text(PRICES)
    (folder / "app.py").write_text(app)
    (folder / "durable-lint.toml").write_text(settings)
    result = lint_paths([str(folder)])
    assert result.problems == ()
    return [(one.line, one.code) for one in result.diagnostics]


def test_without_settings(tmp_path: Path) -> None:
    assert found(tmp_path, "") == [(9, "DUR101")]


def test_a_function_is_declared_deterministic(tmp_path: Path) -> None:
    assert found(tmp_path, '[deterministic]\n"shop.prices.tick" = "frozen in production"\n') == []


def test_functions_are_declared_impure(tmp_path: Path) -> None:
    settings = '[nondeterministic]\n"acme.flags.on" = "environment"\n"shop.prices.table" = "database"\n'
    assert found(tmp_path, settings) == [(9, "DUR101"), (10, "DUR203"), (11, "DUR104")]


def test_a_step_wrapper_makes_an_operation(tmp_path: Path) -> None:
    nested = APP.replace("lambda: tick()", "lambda: context.step(lambda _: 1, name='in')")
    settings = 'step-wrappers = { "acme.steps.run_step" = "context, name, body" }\n'
    assert found(tmp_path, "", nested) == [(9, "DUR101")]
    assert found(tmp_path, settings, nested) == [(9, "DUR101"), (12, "DUR301")]
    unnamed = APP.replace("'load', ", "None, ")
    assert found(tmp_path, settings, unnamed) == [(9, "DUR101"), (12, "DUR501")]


def test_an_entry_point_is_workflow_code(tmp_path: Path) -> None:
    plain = "from shop.prices import tick\n\n\ndef run(event, ctx):\n    now = tick()\n"
    plain += "    return ctx.step(lambda _: now, name='n')\n"
    assert found(tmp_path, "", plain) == []
    assert found(tmp_path, 'entry-points = ["app.run"]\n', plain) == [(5, "DUR101")]
