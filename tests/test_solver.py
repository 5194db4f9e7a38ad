"""The fixpoint: least, whatever the order; settled keys are computed once and given up when nobody needs them."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Hashable
from pathlib import Path

import pytest

from durable_lint.config import Overrides
from durable_lint.engine import Run
from durable_lint.index.solver import Key, Solver

Graph = dict[int, list[int]]


class Counting:
    """A solver that says what each node of a graph reaches; ``("extra", node)`` is pushed."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.computed: Counter[int] = Counter()
        self.solver = Solver({"reach": self._reach})

    def _reach(self, node: int) -> frozenset[Hashable]:
        self.computed[node] += 1
        found: set[Hashable] = {node} | self.solver.get(("extra", node)) if node < 0 else {node}
        for other in self.graph.get(node, ()):
            found |= self.solver.get(("reach", other))
        return frozenset(found)

    def reach(self, node: int) -> frozenset[Hashable]:
        return self.solver.get(("reach", node))


def test_what_is_settled_is_computed_once() -> None:
    # 0 asks for 1 and 2, which both ask for 3.
    counting = Counting({0: [1, 2], 1: [3], 2: [3]})
    assert counting.reach(0) == {0, 1, 2, 3}
    assert counting.reach(3) == {3}
    assert counting.computed == {0: 1, 1: 1, 2: 1, 3: 1}


def test_chains_deeper_than_the_stack() -> None:
    counting = Counting({node: [node + 1] for node in range(500)})
    assert len(counting.reach(0)) == 501


@pytest.mark.parametrize("seed", range(20))
def test_cycles_in_any_order(seed: int) -> None:
    chance = random.Random(seed)
    graph = {node: chance.sample(range(30), chance.randrange(3)) for node in range(30)}
    wanted = {node: _reached(graph, node) for node in graph}
    for _ in range(5):
        counting = Counting(graph)
        order = chance.sample(sorted(graph), len(graph))
        assert {node: counting.reach(node) for node in order} == wanted


def _reached(graph: Graph, start: int) -> set[int]:
    found, rest = {start}, [start]
    while rest:
        fresh = set(graph[rest.pop()]) - found
        found |= fresh
        rest += fresh
    return found


@pytest.mark.parametrize("push", ["add", "note"])
def test_what_is_pushed_reaches_those_who_asked(push: str) -> None:
    counting = Counting({0: [1], 1: [-2]})

    def give(item: str) -> None:
        if push == "add":
            counting.solver.add(("extra", -2), frozenset({item}))
        else:
            counting.solver.note(("extra", -2), item)

    give("before")
    assert counting.reach(0) == {0, 1, -2, "before"}
    give("after")
    give("after")
    assert counting.reach(0) == {0, 1, -2, "before", "after"}
    assert counting.computed == {0: 2, 1: 2, -2: 2}


def test_only_those_who_asked_are_woken() -> None:
    counting = Counting({0: [-2], 1: [3]})
    assert [counting.reach(0), counting.reach(1)] == [{0, -2}, {1, 3}]
    counting.solver.add(("extra", -2), frozenset({"x"}))
    counting.solver.solve()
    assert counting.computed == {0: 2, -2: 2, 1: 1, 3: 1}


def test_finished_and_forgotten() -> None:
    computed: Counter[Key] = Counter()

    def size(owner: tuple[str, int]) -> frozenset[Hashable]:
        computed["size", owner] += 1
        return frozenset({owner}) | solver.get(("pushed", owner))

    def walk(owner: tuple[str, int]) -> frozenset[Hashable]:
        computed["walk", owner] += 1
        return frozenset()

    solver = Solver({"size": size, "walk": walk})
    early, late = ("a.py", 0), ("b.py", 0)
    solver.note(("pushed", early), 1)
    solver.want(("walk", early))
    assert solver.get(("size", early)) == {early, 1}
    solver.finish(frozenset({"walk"}))
    assert solver.known(("walk", early)) == frozenset()
    for _ in range(2):
        assert solver.get(("size", late)) == {late}
        solver.forget("a.py")  # nothing of it is late: it was computed while linking
        assert solver.get(("size", early)) == {early, 1}
    assert computed == {("size", early): 1, ("size", late): 1, ("walk", early): 1}
    solver.forget("b.py")
    assert solver.get(("size", late)) == {late}
    assert computed["size", late] == 2


def test_what_raises_leaves_the_solver_usable() -> None:
    counting = Counting({0: [1]})

    def pause() -> None:
        raise KeyboardInterrupt

    counting.solver.pause = pause
    with pytest.raises(KeyboardInterrupt):
        counting.reach(0)
    assert counting.solver.asking == []
    counting.solver.pause = None
    assert counting.reach(1) == {1}


HANDLER = """\
from aws_durable_execution_sdk_python import DurableContext, durable_execution, durable_step
from shared.tools import label, Store

@durable_step
def load(ctx, key: str) -> dict:
    return {"key": key, "store": Store(key).get()}

@durable_execution
def handler(event: dict, context: DurableContext) -> dict:
    rows = [context.step(load(key), name=label(key)) for key in event["keys"]]
    return {"rows": rows, "label": label(rows)}
"""
TOOLS = """\
class Store:
    def __init__(self, key):
        self.key = key

    def get(self):
        return label(self.key)

def label(value):
    return f"<{value}>"
"""


def linked(folder: Path, handlers: int, look: Callable[[Run], None] = lambda run: None) -> int:
    """How many keys are computed to link so many handlers that share helpers."""
    (folder / "shared").mkdir(parents=True)
    (folder / "shared/tools.py").write_text(TOOLS)
    for number in range(handlers):
        (folder / f"handler_{number}.py").write_text(HANDLER)
    run = Counted(Overrides(isolated=True), folder)
    run.read([str(folder)])
    count = run.count
    look(run)
    return count


class Counted(Run):
    count = 0

    def pause(self) -> None:
        self.count += 1


def test_linking_grows_with_the_project(tmp_path: Path) -> None:
    ten, twenty, forty = (linked(tmp_path / str(size), size) for size in (10, 20, 40))
    assert forty - twenty == 2 * (twenty - ten)
    assert (twenty - ten) / 10 < 60


def test_what_was_computed_to_judge_a_file_is_given_up(tmp_path: Path) -> None:
    def look(run: Run) -> None:
        assert run.project is not None
        ev, fid = run.project.ev, (f"{tmp_path.as_posix()}/project/handler_0.py", 2)
        key = ("own", fid)
        run.judge(f"{tmp_path.as_posix()}/project/handler_1.py")
        assert ev.solver.get(key) == {True}
        run.judge(fid[0])
        assert ev.solver.known(key) == frozenset()
        assert ev.solver.get(key) == {True}

    linked(tmp_path / "project", 3, look)
