"""``durable-lint init``: a first configuration that fits the project."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from durable_lint.commands import init_texts, words
from durable_lint.commands.options import COLOR, HELP
from durable_lint.console import print_text, style_for

OWN, SHARED, TABLE = "durable-lint.toml", "pyproject.toml", "tool.durable-lint"
EPILOG = """\b
Exit status:
  0  the configuration is written, or shown with --dry-run
  2  there is one already, or it can't be written: nothing is changed
"""


@click.command(context_settings=HELP, epilog=EPILOG, short_help="Write a first configuration.")
@click.argument("folder", default=".", shell_complete=words.path)
@click.option("--dry-run", is_flag=True, help="Write nothing: show what would be written.")
@COLOR
def init(folder: str, dry_run: bool, color: str) -> int:
    """Write a configuration that fits the project in a folder (the current one by default).

    It becomes a table of pyproject.toml, or durable-lint.toml where there is none. What is there already is never
    changed. Blocks for pre-commit, CI and ruff are printed if the project uses them.
    """
    from durable_lint.survey import survey

    home = (Path.cwd() / folder).resolve()
    if not home.is_dir():
        raise click.UsageError(f'there is no folder "{folder}"')
    file, before = _target(home)
    found = survey(home)
    shared = file.name == SHARED
    after = _with(before, init_texts.configuration(found, TABLE if shared else ""))
    if not dry_run:
        _write(file, before, after)
    style = style_for(color, sys.stdout)
    place = f"[{TABLE}] in {SHARED}" if shared else OWN
    parts = [style.wrap(init_texts.facts(found), "")]
    if dry_run:
        text = after[len(before) :].decode().replace("\r\n", "\n")
        parts += [f"it would write {place}:", text.strip("\n")]
    else:
        parts.append(f"{place} is written")
    parts += [f"{style.wrap(why, '')}\n\n{block}" for why, block in init_texts.blocks(found)]
    print_text("\n\n".join(parts) + "\n", style)
    return 0


def _target(home: Path) -> tuple[Path, bytes]:
    """The file to write, and what it holds; click.ClickException when there are settings or it can't be added to."""
    import tomli

    own, shared = home / OWN, home / SHARED
    if own.exists() or own.is_symlink():
        raise _Refusal(f"{OWN} is there already")
    if not shared.exists():
        return own, b""
    try:
        data = shared.read_bytes()
        document = tomli.loads(data.decode("utf-8-sig"))
    except OSError as error:
        raise _Refusal(f"{SHARED} can't be read: {error.strerror}") from error
    except (UnicodeDecodeError, tomli.TOMLDecodeError, RecursionError) as error:
        raise _Refusal(f"{SHARED} can't be parsed: {error}") from error
    tool = document.get("tool", {})
    if isinstance(tool, dict) and "durable-lint" in tool:
        raise _Refusal(f"{SHARED} has a table [{TABLE}] already")
    return shared, data


class _Refusal(click.ClickException):
    def __init__(self, reason: str) -> None:
        super().__init__(f"{reason}: nothing is written")


def _write(file: Path, before: bytes, after: bytes) -> None:
    import tomli

    from durable_lint.atomic import Refused, create, replace

    try:
        tomli.loads(after.decode("utf-8-sig"))
    except tomli.TOMLDecodeError as error:  # such as "tool" written as an inline table
        raise _Refusal(f"no table can be added to {file.name}: {error}") from error
    try:
        if before or file.exists():
            replace(str(file), before, after)
        else:
            create(str(file), after)
    except Refused as error:
        raise _Refusal(f"{file.name}: {error}") from error


def _with(before: bytes, lines: list[str]) -> bytes:
    """A text with lines added at its end, in its kind of line ends."""
    newline = b"\r\n" if b"\r\n" in before else b"\n"
    gap = b"" if not before.strip() else newline if before.endswith(b"\n") else newline * 2
    return before + gap + newline.join(line.encode() for line in lines) + newline
