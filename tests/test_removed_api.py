"""DUR608 follows the version of the SDK that a project uses, and its fix gives the new name everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from durable_lint.config import Overrides
from durable_lint.engine import lint_paths
from durable_lint.knowledge import profile_tables
from durable_lint.model import Diagnostic, Level

SDK = "aws_durable_execution_sdk_python"
ONLY = Overrides(select=("DUR608",))

OLD = f"""
from {SDK} import durable_execution
from {SDK}.config import CheckpointMode, MapConfig
from {SDK}.exceptions import CallableRuntimeError, CheckpointErrorCategory


@durable_execution
def handler(event, context):
    try:  # größer
        return context.step(lambda _: CheckpointMode, name="a")
    except CallableRuntimeError as error:  # CallableRuntimeError
        return CheckpointErrorCategory, MapConfig(item_batcher=error)
"""


def found(folder: Path, text: str, version: str = "") -> list[Diagnostic]:
    (folder / ".git").mkdir(exist_ok=True)
    (folder / "app.py").write_text(text, "utf-8")
    if version:
        (folder / "requirements.txt").write_text(f"aws-durable-execution-sdk-python=={version}\n")
    return list(lint_paths(["app.py"], ONLY, cwd=folder).diagnostics)


def fixed(text: str, one: Diagnostic) -> str:
    assert one.fix is not None
    for edit in sorted(one.fix.edits, key=lambda edit: edit.span, reverse=True):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    return text


@pytest.mark.parametrize(
    ("version", "names"),
    [
        ("1.3.0", []),
        ("1.7.0", ["CheckpointMode", "CheckpointErrorCategory"]),
        ("2.0.0", ["CheckpointMode", "CallableRuntimeError", "CheckpointErrorCategory", "item_batcher="]),
        ("", ["CheckpointMode", "CallableRuntimeError", "CheckpointErrorCategory", "item_batcher="]),
    ],
)
def test_only_what_the_version_lacks_is_reported(tmp_path: Path, version: str, names: list[str]) -> None:
    said = found(tmp_path, OLD, version)
    assert [one.message.split()[0] for one in said] == names
    assert all((version or "3.0.0") in one.message for one in said)


def test_the_fix_renames_the_import_and_its_uses(tmp_path: Path) -> None:
    one = next(one for one in found(tmp_path, OLD) if "CallableRuntimeError" in one.message)
    assert one.fix is not None
    assert (one.fix.title, one.fix.level) == ("write DurableOperationError for CallableRuntimeError", Level.SAFE)
    text = fixed(OLD, one)
    assert "exceptions import DurableOperationError, CheckpointErrorCategory\n" in text
    assert "except DurableOperationError as error:  # CallableRuntimeError" in text
    assert not [one for one in found(tmp_path, text) if "CallableRuntimeError" in one.message]


def test_a_renamed_import_keeps_its_name(tmp_path: Path) -> None:
    text = f"from {SDK}.exceptions import CallableRuntimeError as Failed\nprint(Failed)\n"
    (one,) = found(tmp_path, text)
    assert fixed(text, one) == f"from {SDK}.exceptions import DurableOperationError as Failed\nprint(Failed)\n"


@pytest.mark.parametrize(
    "rest",
    [
        "DurableOperationError = 1\n",
        "CallableRuntimeError = Exception\n",
        "__all__ = ['CallableRuntimeError']\n",
        "def f(CallableRuntimeError): return CallableRuntimeError\n",
        f"from {SDK} import DurableOperationError\n",
    ],
)
def test_where_a_name_may_mean_something_else_there_is_no_fix(tmp_path: Path, rest: str) -> None:
    (one,) = found(tmp_path, f"from {SDK}.exceptions import CallableRuntimeError\n{rest}")
    assert one.fix is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('names = "X"\nsince = "2.0.0"\nwhy = "x"', "names must be a list"),
        ('names = ["X"]\nsince = "2"\nwhy = "x"', "since must be a release"),
        ('names = ["X"]\nsince = "2.0.0"', "X: say what stands in its place"),
        ('names = ["X"]\nwhy = "x"', "'since' is missing"),
        ('names = ["X"]\nsince = "2.0.0"\nwhy = "x"\nnew = "Y"', "unknown key 'new'"),
    ],
)
def test_an_entry_of_a_profile_that_says_too_little_is_refused(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "p.toml").write_text(
        '[profile]\nid = "x"\ntitle = "X"\nimport-roots = ["x"]\n'
        '[suspension]\nbase = "BaseException"\nexceptions = []\n'
        f"[[removed]]\n{text}\n"
        '[[operation]]\nname = "step"\nlabel = {arg = 1, keyword = "name"}\n'
        '[[decorator]]\nname = "d"\nform = "handler"\nregion = "workflow"\n'
    )
    with pytest.raises(profile_tables.ProfileError, match=words):
        profile_tables.load(tmp_path)


def test_what_the_profile_calls_removed_is_not_in_the_installed_sdk() -> None:
    import importlib
    import pkgutil

    sdk = importlib.import_module(SDK)
    names = [one.name for one in pkgutil.walk_packages(sdk.__path__, f"{SDK}.")]
    modules = [sdk, *(importlib.import_module(name) for name in names if not name.endswith("__main__"))]
    (aws,) = (one for one in profile_tables.load() if one.id == "aws-durable-execution")
    assert len(aws.removed) > 15
    for one in aws.removed:
        has = [getattr(module, one.owner or one.name) for module in modules if hasattr(module, one.owner or one.name)]
        if one.owner:
            assert has and one.name not in has[0].__init__.__annotations__
        else:
            assert bool(has) == one.still_works
        if one.instead:
            assert any(hasattr(module, one.instead) for module in modules)
