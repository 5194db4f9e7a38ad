"""libcst, loaded with methods that are written later, behaves as libcst does."""

from __future__ import annotations

import builtins
from pathlib import Path
from typing import Any

import pytest
from linting import ROOT, run_python

from durable_lint import loading

SAYS = """
import copy, dataclasses, inspect, sys
from pathlib import Path

def subclasses(cls):
    found = [one for child in cls.__subclasses__() for one in (child, *subclasses(child))]
    # A class with slots is made anew: the one that it was made of isn't looked at.
    return [one for one in found if getattr(sys.modules[one.__module__], one.__name__, None) is one]

def outcome(ask):
    try:
        return ask()
    except Exception as error:
        return f"{type(error).__name__}: {error}"

for file in sorted(Path("tests/fixtures/DUR101").glob("*.py")):
    text = file.read_text("utf-8")
    tree = cst.parse_module(text)
    other = tree.deep_clone()
    print(file, tree.code == text, other.code == text, tree.deep_equals(other), tree == other, len({tree, other}))
    print(len(repr(tree)), tree.with_changes(body=[]).code[:0], tree.children == other.children)
    for node in tree.body:
        print(copy.copy(node).deep_equals(node), type(copy.deepcopy(node)).__qualname__)
for cls in sorted({*subclasses(cst.CSTNode)}, key=lambda cls: (cls.__module__, cls.__qualname__)):
    print(cls.__module__, cls.__qualname__, cls.__doc__ is None, outcome(lambda: cls()))
    print(outcome(lambda: cls(0)), cls.__eq__ is cst.CSTNode.__eq__, outcome(lambda: hash(cls())) != 0)
    parameters = {} if inspect.isabstract(cls) else inspect.signature(cls.__init__).parameters
    print([(one.name, one.kind, one.default) for one in parameters.values()])
    print([(one.name, one.type, one.init, one.compare) for one in dataclasses.fields(cls)])
name = cst.Name("a")
print(outcome(lambda: setattr(name, "value", "b")), outcome(lambda: delattr(name, "value")), name.value)
print(outcome(lambda: setattr(name, "other", 1)), outcome(lambda: cst.Name("")), cst.Name(value="x").value)
print(hasattr(dataclasses, "exec"), cst.__name__)
"""


def said(loaded: str) -> str:
    ended = run_python("-c", loaded + SAYS, cwd=ROOT)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_all_classes_behave_alike() -> None:
    later, plainly = said("from durable_lint.loading import cst"), said("import libcst as cst")
    assert later == plainly
    assert later.count("\n") > 500 and "FrozenInstanceError" in later and "missing 1 required" in later


def test_few_methods_are_written() -> None:
    count = (
        "import builtins\n"
        "real, written = compile, []\n"
        "def counted(text, *others, **how):\n"
        "    written.append(str(text).startswith('def __create_fn__('))\n"
        "    return real(text, *others, **how)\n"
        "builtins.compile = counted\n"
        "from durable_lint.loading import cst\n"
        "loaded = sum(written)\n"
        "cst.parse_module('a = 1')\n"
        "print(loaded < 10 < sum(written) < 50)"
    )
    assert run_python("-c", count, cwd=ROOT).stdout == "True\n"


def test_what_is_loaded_already_is_taken() -> None:
    script = "import libcst; from durable_lint.loading import cst; print(cst is libcst)"
    assert run_python("-c", script, cwd=ROOT).stdout == "True\n"


def test_nothing_else_is_offered() -> None:
    with pytest.raises(AttributeError, match="astroid"):
        loading.astroid  # noqa: B018


@pytest.mark.parametrize("text", ["made = 1", "def __create_fn__():\n return 1 + 1"])
def test_another_text_is_run_at_once(text: str) -> None:
    now: dict[str, Any] = {}
    later: dict[str, Any] = {}
    builtins.exec(text, {}, now)
    loading._exec(text, {}, later)
    assert later.keys() == now.keys()
    assert "made" not in now or later["made"] == 1
    assert "made" in now or later["__create_fn__"]() == 2


def test_a_failed_import_leaves_dataclasses_as_they_were(tmp_path: Path) -> None:
    (tmp_path / "libcst").mkdir()
    (tmp_path / "libcst" / "__init__.py").write_text("raise ImportError('no memory')")
    script = (
        "import dataclasses\n"
        "try:\n    from durable_lint.loading import cst\n"
        "except ImportError as error:\n    print(error, hasattr(dataclasses, 'exec'))"
    )
    ended = run_python("-c", script, cwd=ROOT, environment={"PYTHONPATH": str(tmp_path)})
    assert ended.stdout == "no memory False\n"
