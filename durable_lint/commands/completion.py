"""``durable-lint completion``: scripts by which shells complete commands, options, rules and paths."""

from __future__ import annotations

import os

import click
from click.shell_completion import BashComplete, CompletionItem, FishComplete, ShellComplete, ZshComplete

from durable_lint.commands import COMPLETING
from durable_lint.commands.options import HELP
from durable_lint.console import print_text
from durable_lint.report import Style

PROGRAM = "durable-lint"


class _Bash(BashComplete):
    def get_completion_args(self) -> tuple[list[str], str]:
        """The words before the one to complete, and that one. To bash ``=`` is a word: ``--select = DUR``."""
        args, incomplete = super().get_completion_args()
        return [word for word in args if word != "="], "" if incomplete == "=" else incomplete


class _Zsh(ZshComplete):
    def format_completion(self, item: CompletionItem[str]) -> str:
        """Three lines, none of them empty: the script drops those, and takes all that follow for something else."""
        return super().format_completion(item if item.value else CompletionItem("_", item.type, item.help))


class _Fish(FishComplete):
    def source(self) -> str:
        """click's script, which would end a value at its first comma: ``--select DUR101,DUR102``."""
        return super().source().replace('(string split "," $completion)', '(string split -m 1 "," $completion)')


SHELLS: dict[str, type[ShellComplete]] = {"bash": _Bash, "zsh": _Zsh, "fish": _Fish}

_USE = """\b
To use it, add this line to the shell's start-up file:
  ~/.bashrc                   eval "$(durable-lint completion bash)"
  ~/.zshrc, behind compinit   eval "$(durable-lint completion zsh)"
  ~/.config/fish/config.fish  durable-lint completion fish | source
"""


@click.command(context_settings=HELP, epilog=_USE, short_help="Print the completion script of a shell.")
@click.argument("shell", type=click.Choice(list(SHELLS)))
def completion(shell: str) -> int:
    """Print the script that completes durable-lint's commands, options, rules and paths in a shell."""
    print_text(SHELLS[shell](click.Group(), {}, PROGRAM, COMPLETING).source(), Style())
    return 0


def wanted() -> str:
    """What a completion script asks of this process: the shell, or nothing when none asks."""
    shell, _, what = os.environ.get(COMPLETING, "").partition("_")
    return shell if what == "complete" and shell in SHELLS else ""


def answer(command_line: click.Group, shell: str) -> None:
    """Print what the word at the cursor can be."""
    print_text(SHELLS[shell](command_line, {}, PROGRAM, COMPLETING).complete() + "\n", Style())
