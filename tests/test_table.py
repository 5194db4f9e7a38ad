"""A plain command line means without click what it means with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from durable_lint import cli
from durable_lint.commands import NAMES, table

UNKNOWN_TO_THE_TABLE = {"jobs": None, "config": None, "baseline": None, "watch": False}
"""The parameters that only click can fill, and what they are without it."""

VALUES = (
    "text",
    "json",
    "never",
    "always",
    "safe",
    "error",
    "DUR101",
    " DUR101 ,time,",
    ",",
    "a b",
    "x=y",
    "",
    "-",
    "1",
)
OPTIONS = [option.name for option in table.PLAIN]
WORDS = st.one_of(
    st.sampled_from(OPTIONS),
    st.sampled_from(OPTIONS).flatmap(lambda name: st.sampled_from(VALUES).map(lambda value: f"{name}={value}")),
    st.sampled_from(VALUES),
    st.sampled_from(
        ("check", "src", "a.py", ".", "./clean", *NAMES, "--", "-h", "--help", "--version", "-j", "--quie")
    ),
    st.text(max_size=4),
)


@pytest.fixture(autouse=True, scope="module")
def idle() -> Iterator[None]:
    """No command does anything: ``check`` gives its parameters, all others None."""
    before = {name: command.callback for name, command in cli.command_line.commands.items()}
    for name, command in cli.command_line.commands.items():
        command.callback = (lambda **parameters: parameters) if name == "check" else (lambda **_: None)
    yield
    for name, command in cli.command_line.commands.items():
        command.callback = before[name]


def meant(args: Sequence[str]) -> dict[str, Any] | None:
    """What click takes a command line of ``check`` for; None when it is something else, or wrong."""
    try:
        with cli.command_line.make_context("durable-lint", list(args)) as context:
            parameters: dict[str, Any] | None = cli.command_line.invoke(context)
            return parameters
    except (click.ClickException, click.exceptions.Exit):
        return None


@given(st.lists(WORDS, max_size=6))
@example(["--format", "json", "--select=DUR101,time", "a.py", "--no-cache"])
@example(["--quiet", "check", "check"])
@example(["check", "clean"])
@example(["--exclude", "a", "--exclude=b", "--color", "never", "--color", "always"])
def test_what_the_table_understands_is_what_click_understands(args: list[str]) -> None:
    understood = table.understood(args)
    if understood is not None:
        assert {**UNKNOWN_TO_THE_TABLE, **understood} == meant(args)


@pytest.mark.parametrize("option", table.PLAIN, ids=lambda option: option.name)
def test_each_option_is_understood(option: table.Option) -> None:
    value = option.choices[-1] if option.choices else "DUR101"
    words = [option.name] if option.takes == table.FLAG else [option.name, value]
    understood = table.understood(["app.py", *words])
    assert understood is not None
    plain = table.understood(["app.py"])
    assert plain is not None
    assert {name for name in plain if plain[name] != understood[name]} == {option.destination}
    assert {**UNKNOWN_TO_THE_TABLE, **understood} == meant(["app.py", *words])


@pytest.mark.parametrize(
    "args",
    (
        ["--help"],
        ["--version"],
        ["rules"],
        ["a.py", "--watch"],
        ["--", "a.py"],
        ["--format", "xml"],
        ["--format"],
        ["--select", ","],
        ["--exclude", "--quiet"],
        ["--quiet=yes"],
        ["--no-such-option"],
        ["--config", "x.toml"],
        ["-j", "2"],
        [""],
    ),
    ids=" ".join,
)
def test_what_is_not_plain_is_left_to_click(args: list[str]) -> None:
    assert table.understood(args) is None


def test_every_command_has_its_name_in_the_list() -> None:
    assert set(cli.command_line.commands) == {"check", *NAMES}


def test_each_parameter_is_in_the_table_or_known_to_be_missing() -> None:
    parameters = {one.name for one in cli.command_line.commands["check"].params} - {"paths", "version"}
    assert parameters == {one.destination for one in table.PLAIN} | set(UNKNOWN_TO_THE_TABLE)
