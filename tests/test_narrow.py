"""An edit inside one function is judged alone: with the same findings as if all of the module were looked at."""

from __future__ import annotations

import random
import sys
from pathlib import Path

import pytest
from linting import ROOT

pytest.importorskip("pygls", reason="the extra lsp is not installed")

from durable_lint.server.narrow import narrow, tops_of
from durable_lint.server.session import Session

sys.path.append(str(ROOT / "benchmarks"))
import editing_project

MODULE = '''"""Three functions."""
import time

LIMIT = 3


def first(a):
    return helper(a)


def helper(b):
    return b


@decorated(
    1
)
def apart(c):
    d = c
    return d


def other(c):
    return LIMIT
'''
LINES = (
    "    from time import time; now = time()\n",
    "    import uuid; context.logger.info(str(uuid.uuid4()))\n",
    "    # a comment, ä😀\n",
    '    context.step(lambda _: 1, name="again")\n',
    "    return {}\n",
    "    x = [\n",
    "    global RATE\n",
    "    print(basket)\n",
    "\n",
)


def never() -> bool:
    return False


def blanked(before: str, after: str) -> list[str] | None:
    found = narrow(before, tops_of(before), after)
    if found is None:
        return None
    assert len(found.text) == len(after) and found.text.count("\n") == after.count("\n")
    assert found.tops == tops_of(after)
    return [name for name in ("first", "helper", "apart", "other") if f"def {name}(" not in found.text]


@pytest.mark.parametrize(
    ("old", "new", "left_out"),
    [
        ("return d", "return dd", ["first", "helper", "other"]),
        ("return b", "return b + 1", ["apart", "other"]),
        ("d = c", "d = c; first(1)", ["other"]),
        ("d = c", "d = c\n    # longer", ["first", "helper", "other"]),
        ("return LIMIT", "return 3", ["first", "helper", "apart"]),
        ("LIMIT = 3", "LIMIT = 4", None),
        ("return d", "return (", None),
        ("return d\n", "return d\nmore = 1\n", None),
        ("def apart", "def apart2", None),
    ],
)
def test_functions_that_share_no_name_are_left_out(old: str, new: str, left_out: list[str] | None) -> None:
    assert blanked(MODULE, MODULE.replace(old, new)) == left_out


@pytest.mark.parametrize("seed", range(3))
def test_findings_are_those_of_the_whole_module(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    file = editing_project.write(tmp_path)
    key, text = file.as_posix(), file.read_text("utf-8")
    session, parts, apart = Session(tmp_path), 0, Session(tmp_path)
    first = text
    for _ in range(25):
        before = text
        top = text.index("@durable_execution")
        starts = [i + 1 for i, c in enumerate(text) if i > top and c == "\n" and text.startswith("    ", i + 1)]
        at = chance.choice(starts)
        end = text.find("\n", at) + 1 if chance.random() < 0.3 else at
        text = text[:at] + chance.choice(LINES) + text[end:] if chance.random() < 0.9 else first
        answer = session.near([key], {key: text.encode()}, never)
        whole = apart.near([key], {key: text.encode()}, never, anyway=True)
        assert answer is not None and whole is not None
        assert answer.found[key] == whole.found[key]
        assert answer.problems == whole.problems
        parts += answer.look.part
        text = before if whole.problems else text
    assert parts
