"""A generated project with long chains, large cycles and deep inheritance: exact findings, always the same bytes."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path

import pytest
from fixture_files import complaints, labels
from linting import ROOT, found_in, run_command, run_python

from durable_lint.config import Overrides
from durable_lint.engine import lint_paths
from durable_lint.model import RunResult

MODULES = 62
SEEDS = ("0", "1", "2")


def written(folder: Path, *options: str) -> Path:
    """The project, as the script writes it."""
    script = ROOT / "benchmarks" / "stress.py"
    done = run_python(str(script), str(folder), "--modules", str(MODULES), *options, cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    return folder


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(tmp_path_factory.mktemp("stress"))


@pytest.fixture(scope="module")
def result(project: Path) -> RunResult:
    return lint_paths(["stress"], Overrides(isolated=True), cwd=project)


@cache
def report(project: Path, *paths: str, seed: str) -> str:
    """What the command says; each run is made once."""
    done = run_command("--isolated", "--format", "json", *paths, cwd=project, environment={"PYTHONHASHSEED": seed})
    assert (done.returncode, done.stderr) == (1, "")
    return done.stdout


def files(project: Path) -> list[str]:
    return [file.relative_to(project).as_posix() for file in sorted(project.rglob("*.py"))]


def test_findings_are_those_of_the_comments(project: Path, result: RunResult) -> None:
    assert (result.files, result.problems) == (MODULES, ())
    said = [
        f"{path}: {complaint}"
        for path in files(project)
        for complaint in complaints(
            (project / path).read_text(encoding="utf-8"), found_in(result, project / "stress", project / path)
        )
    ]
    assert said == []


def test_the_project_is_what_it_promises(project: Path, result: RunResult) -> None:
    """Chains through 30 modules, cycles of 50 functions, 5 levels of classes, and many kinds of violations."""
    codes = {code for path in files(project) for _, code in labels((project / path).read_text("utf-8")).expected}
    assert len(codes) >= 12
    hops = [one for one in result.diagnostics if one.path.endswith("flow_chains.py") and len(one.related) >= 29]
    assert len({hop.location.path for hop in hops[0].related}) >= 29
    parts = "".join((project / f"stress/cell_000/ring_{part}.py").read_text("utf-8") for part in range(5))
    assert [parts.count(f"def {kind}_") for kind in ("turn", "whirl", "walk", "carry")] == [50] * 4
    assert all((project / f"stress/cell_000/level_{level}.py").is_file() for level in range(5))


def test_the_script_writes_the_same_bytes(project: Path, tmp_path: Path) -> None:
    again, other = tmp_path / "again", tmp_path / "other"
    again.mkdir()
    other.mkdir()
    written(again)
    written(other, "--seed", "1")
    texts = [[(folder / path).read_bytes() for path in files(project)] for folder in (project, again, other)]
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


def test_hash_seeds(project: Path) -> None:
    first, *others = [report(project, *files(project), seed=seed) for seed in SEEDS]
    assert [other == first for other in others] == [True, True]
    assert json.loads(first)["files"] == MODULES


@pytest.mark.parametrize("seed", SEEDS)
def test_order_of_arguments(project: Path, seed: str) -> None:
    paths = files(project)
    forwards = report(project, *paths, seed="0")
    assert report(project, *reversed(paths), seed=seed) == forwards
    random.Random(int(seed)).shuffle(paths)
    assert report(project, *paths, seed=seed) == forwards
