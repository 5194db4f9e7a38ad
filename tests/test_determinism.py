"""The same input gives the same bytes, whatever the hash seed, the order of arguments and that of the directory."""

from __future__ import annotations

import json
import shutil
from functools import cache
from pathlib import Path

import pytest
from fixture_files import FIXTURES
from linting import ROOT, run_command

SEEDS = ("0", "1", "12345")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All fixtures and the examples as one project."""
    root = tmp_path_factory.mktemp("determinism")
    for source, name in ((FIXTURES, "fixtures"), (ROOT / "examples", "examples")):
        shutil.copytree(source, root / name, ignore=shutil.ignore_patterns("__pycache__"))
    return root


@cache
def report(project: Path, *paths: str, seed: str) -> str:
    """What the command says; each run is made once."""
    done = run_command("--isolated", "--format", "json", *paths, cwd=project, environment={"PYTHONHASHSEED": seed})
    assert (done.returncode, done.stderr) == (1, "")
    return done.stdout


def files(project: Path) -> list[str]:
    return [file.relative_to(project).as_posix() for file in sorted(project.rglob("*.py"))]


def test_hash_seeds(project: Path) -> None:
    first, *others = [report(project, "fixtures", "examples", seed=seed) for seed in SEEDS]
    assert [other == first for other in others] == [True, True]
    known = json.loads(first)
    assert known["files"] == len(files(project))
    assert len(known["diagnostics"]) > 400
    assert known["problems"] == []


@pytest.mark.parametrize("seed", SEEDS)
def test_order_of_arguments(project: Path, seed: str) -> None:
    paths = files(project)
    forwards = report(project, *paths, seed="0")
    assert report(project, *reversed(paths), seed=seed) == forwards
    assert json.loads(forwards)["files"] == len(paths)


def test_order_of_folders_and_of_creation(project: Path, tmp_path: Path) -> None:
    for name in reversed(files(project)):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(project / name, tmp_path / name)
    backwards = report(tmp_path, "fixtures", "examples", seed="1")
    assert backwards == report(project, "examples", "fixtures", seed="0")


def test_a_case_alone_and_in_company(project: Path) -> None:
    """What a project finds in a file must not depend on what else is linted with it."""
    together = json.loads(report(project, "fixtures", seed="0"))["diagnostics"]
    for code in ("DUR101", "DUR108", "DUR302", "DUR401"):
        alone = json.loads(report(project, f"fixtures/{code}", seed="0"))["diagnostics"]
        assert alone == [one for one in together if one["path"].startswith(f"fixtures/{code}/")]
