"""What fixes did or would do: the unified diff of a file, and the lines that sum it up."""

from __future__ import annotations

from collections import Counter

from durable_lint.model import FixedFile, Level, RunResult
from durable_lint.report.summary import plural
from durable_lint.report.terminal import Style, visible

DRAIN = (
    "publish a new function version, and let the executions in flight end on the old one: "
    "they can't be replayed on other operations"
)


def unified_diff(fixed: FixedFile, style: Style) -> str:
    """The change of a file, as ``patch`` takes it; a terminal is sent no control characters of the file."""
    import difflib

    old, new = _lines(fixed.old), _lines(fixed.new)
    name = visible(fixed.path)
    parts = []
    for line in difflib.unified_diff(old, new, name, name, lineterm="\n"):
        shown = line if line.endswith("\n") else line + "\n\\ No newline at end of file\n"
        if style.width is not None:
            shown = "".join(visible(part) + "\n" for part in shown.splitlines())
        color = {"+": "green", "-": "red", "@": "cyan"}.get(line[0])
        parts.append(style.paint(shown.removesuffix("\n"), fg=color) + "\n" if color else shown)
    return "".join(parts)


def _lines(text: str) -> list[str]:
    *whole, last = text.split("\n")
    return [line + "\n" for line in whole] + ([last] if last else [])


def summary(result: RunResult, style: Style, *, done: bool = True) -> str:
    """How many fixes were (or would be) applied, by rule; and what they mean to executions in flight."""
    applied = [one for fixed in result.fixed for one in fixed.applied]
    if not applied:
        return "nothing was fixed" if done else "nothing would be fixed"
    codes = ", ".join(f"{code} {count}" for code, count in sorted(Counter(one.code for one in applied).items()))
    text = f"{plural(len(applied), 'finding')} in {plural(len(result.fixed), 'file')}: {codes}"
    lines = [style.paint(f"{'fixed' if done else 'would fix'} {text}", fg="green")]
    history = sum(one.level is Level.HISTORY for one in applied)
    if history:
        verb = ("changes" if history == 1 else "change") if done else "would change"
        lines.append(style.wrap(f"{history} of them {verb} the operation history: {DRAIN}", ""))
    unsafe = sum(one.level is Level.UNSAFE for one in applied)
    if unsafe:
        lines.append(f"{unsafe} of them may change what the code means: read the diff")
    return "\n".join(lines)


def offered(result: RunResult) -> str:
    """How many of the findings have a fix, by the option that applies it; empty when none has."""
    levels = Counter(found.fix.level for found in result.diagnostics if found.fix is not None)
    usual, unsafe = levels[Level.SAFE] + levels[Level.HISTORY], levels[Level.UNSAFE]
    texts = []
    if usual:
        texts.append(f"{usual} fixable with --fix")
    if unsafe:
        texts.append(f"{unsafe} {'more ' if usual else ''}with --fix --fix-level unsafe")
    return ", ".join(texts)
