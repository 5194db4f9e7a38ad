"""Inputs made at random are taken as they are: no crash, no wrong byte, no fix that breaks them.

``python benchmarks/fuzz.py`` makes as many as there is time for; ``benchmarks/fuzz.md`` says what that found.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from byte_forms import FORMS
from cache_fuzzing import CacheFuzzer
from fuzzing import everything, faults, make
from report_fuzzing import make_reported, report_faults
from settings_fuzzing import make_settings, settings_faults
from text_mutations import ROUGH, parsed

from durable_lint.engine import lint_paths

SEED = 20261121
COUNT = 250
NUMBERS = range(COUNT)


@pytest.mark.parametrize("first", range(0, COUNT, 25))
def test_inputs_are_taken_as_they_are(first: int, tmp_path: Path) -> None:
    wrong = {}
    for number in range(first, first + 25):
        one = make(SEED, number)
        if said := faults(one, tmp_path / "input"):
            wrong[number, one.name, one.changes] = said
    assert wrong == {}


def test_damaged_settings_are_said(tmp_path: Path) -> None:
    wrong = {}
    for number in NUMBERS:
        one = make_settings(SEED, number)
        if said := settings_faults(one, number, tmp_path / "input"):
            wrong[number, one.changes] = said
    assert wrong == {}


def test_damaged_caches_change_nothing(tmp_path: Path) -> None:
    fuzzer = CacheFuzzer(tmp_path)
    wrong = {}
    for number in NUMBERS:
        one = fuzzer.damaged(SEED, number)
        if said := fuzzer.faults(one, number):
            wrong[number, one.changes] = said
    assert wrong == {}


@pytest.mark.parametrize("first", range(0, COUNT, 50))
def test_reports_of_hostile_names_can_be_read(first: int, tmp_path: Path) -> None:
    wrong = {}
    for number in range(first, first + 50):
        one = make_reported(SEED, number)
        if said := report_faults(one, tmp_path / "input"):
            wrong[number, one.name, one.changes] = said
    assert wrong == {}


def test_an_input_depends_on_nothing_but_its_number() -> None:
    assert [make(SEED, number) for number in (7, 8)] == [make(SEED, number) for number in (8, 7)][::-1]


def test_every_change_is_made_and_most_inputs_can_be_parsed() -> None:
    made = [make(SEED, number) for number in range(4 * COUNT)]  # the rarest change is made in one of 200
    seen = Counter(change for one in made for change in one.changes)
    assert set(ROUGH) | set(FORMS) <= set(seen)
    made = made[:COUNT]
    assert sum(len(one.files) > 1 for one in made) > COUNT / 10
    readable = [one for one in made if all(_is_parsed(data) for data in one.files.values())]
    assert len(readable) > COUNT / 2


def _is_parsed(data: bytes) -> bool:
    try:
        return parsed(data.decode("utf-8-sig")) is not None
    except UnicodeDecodeError:
        return False


def test_a_crash_is_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from durable_lint.index import screen

    def crash(*_: object) -> None:
        raise KeyError("screen")

    monkeypatch.setattr(screen, "suspects", crash)
    assert any("internal" in one and "KeyError" in one for one in faults(make(SEED, 0), tmp_path / "input"))
    assert lint_paths(["."], everything("safe"), cwd=tmp_path / "input").problems
