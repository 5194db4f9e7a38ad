"""Violations that are planted in clean code are found, where they stand and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from module_text import Project
from mutants import all_mutants, clean_projects, judge, sample, untouched
from planting import Reader
from plants import Mutant

SAMPLE = 40


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> list[Project]:
    return clean_projects(tmp_path_factory.mktemp("clean"))


@pytest.fixture(scope="module")
def mutants(projects: list[Project]) -> list[Mutant]:
    return all_mutants(projects, 1)


def test_there_is_clean_code_with_places_in_it(projects: list[Project]) -> None:
    readers = [Reader(project) for project in projects]
    assert len(projects) > 150
    assert sum(len(reader.places()) for reader in readers) > 300
    assert sum(len(reader.bodies()) for reader in readers) > 100


def test_the_same_mutants_are_made_each_time(projects: list[Project], mutants: list[Mutant]) -> None:
    assert all_mutants(projects, 1) == mutants


def test_a_mutant_differs_from_the_clean_code_and_holds_one_violation(
    projects: list[Project], mutants: list[Mutant]
) -> None:
    clean: Mapping[str, Project] = {project.name: project for project in projects}
    for mutant in mutants:
        assert mutant.files != clean[mutant.place[0]].files
        comments = sum(text.count("# expect: ") for text in mutant.files.values())
        assert comments == (2 if mutant.name.endswith(", name") and mutant.kind != "client call" else 1)


def test_an_unexpected_and_a_missing_finding_are_both_said(mutants: list[Mutant], tmp_path: Path) -> None:
    mutant = next(one for one in mutants if one.kind == "clock")
    path = next(path for path, text in mutant.files.items() if "# expect: DUR101" in text)
    other = {**mutant.files, path: mutant.files[path].replace("# expect: DUR101", "# expect: DUR102")}
    said = judge(Mutant("", "", "", "", other, False), tmp_path)
    assert any("DUR102 missed" in one for one in said)
    assert any("DUR101 is a false alarm" in one for one in said)


def test_clean_code_is_left_in_peace(projects: list[Project], tmp_path: Path) -> None:
    assert judge(untouched(projects[0]), tmp_path) == []


def test_planted_violations_are_found(mutants: list[Mutant], tmp_path: Path) -> None:
    chosen = sample(mutants, SAMPLE)
    assert len({(one.kind, one.depth) for one in chosen}) == 24
    wrong = {}
    for number, mutant in enumerate(chosen):
        said = judge(mutant, tmp_path / str(number))
        if said:
            wrong[f"{mutant.kind}, {mutant.depth}, {mutant.variant}: {mutant.name}"] = said
    assert wrong == {}
