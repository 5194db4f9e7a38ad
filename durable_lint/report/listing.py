"""What the commands ``rules`` and ``config`` print."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import durable_lint
from durable_lint.model import RuleInfo, SdkVersion, Severity
from durable_lint.observed import size_text
from durable_lint.report.terminal import Style, visible

if TYPE_CHECKING:
    from durable_lint.config import Overrides, Settings

COLORS = {"error": "red", "warning": "yellow", "off": "bright_black"}
NARROWEST = 24


def level(severity: Severity | None) -> str:
    """``error``, ``warning`` or ``off``."""
    return severity.value if severity else "off"


def rules_table(rules: Sequence[RuleInfo], style: Style) -> str:
    """A line for each rule: code, name, severity and summary; on a terminal the summary is wrapped in its column."""
    rows = [(rule.code, rule.name, rule.default, rule.summary) for rule in rules]
    return _table(rows, style)


def rules_json(rules: Sequence[RuleInfo]) -> str:
    """The rules as one JSON object; ``severity`` is ``off`` for a rule that must be selected."""
    import json

    entries = [
        {
            "code": rule.code,
            "name": rule.name,
            "severity": level(rule.default),
            "summary": rule.summary,
            "fix": rule.fix,
        }
        for rule in rules
    ]
    return json.dumps({"schema": 1, "version": durable_lint.__version__, "rules": entries}, indent=2) + "\n"


def settings(
    path: str,
    found: Settings,
    overrides: Overrides,
    states: Iterable[tuple[RuleInfo, Severity | None, str]],
    style: Style,
    target: tuple[SdkVersion, str],
) -> str:
    """The effective settings of one path, and for each rule whether it is on, as what, and why.

    ``target`` is the SDK's version that the path is judged for, and what says so.
    """
    source = str(found.path) if found.path else "no configuration file: the defaults and the command line"
    values = {
        "fail-on": found.fail_on,
        "exclude": _listed([*found.exclude, *overrides.exclude]),
        "per-file-ignores": _listed(
            f"{entry.pattern} = {' '.join(selector.text for selector in entry.selectors)}"
            for entry in found.per_file_ignores
        ),
        "severity": _listed(f"{selector.text} = {severity.value}" for selector, severity in found.severity.items()),
        "src": _listed(str(folder) for folder in found.src),
        "sdk-version": f"{target[0]} ({target[1]})",
        "baseline": str(found.baseline) if found.baseline else "-",
        "max-file-size": size_text(found.max_file_size),
        "profiles": _listed(found.profiles),
        "entry-points": _listed(found.entry_points),
        "deterministic": _listed(f"{name} = {why}" for name, why in found.deterministic.items()),
        "nondeterministic": _listed(f"{name} = {kind}" for name, kind in found.nondeterministic.items()),
    }
    lines = [f"settings for {visible(path)}", f"  from {visible(source)}", ""]
    lines += [style.wrap(visible(value), f"  {name:<16}  ", " " * 20) for name, value in values.items()]
    rows = [(rule.code, rule.name, severity, reason) for rule, severity, reason in states]
    return "\n".join([*lines, "", "rules"]) + "\n" + textwrap.indent(_table(rows, style), "  ")


def _table(rows: Sequence[tuple[str, str, Severity | None, str]], style: Style) -> str:
    longest = max((len(name) for _, name, _, _ in rows), default=0)
    margin = 6 + 2 + longest + 2 + 7 + 2
    lines = []
    for code, name, severity, text in rows:
        word = style.paint(f"{level(severity):<7}", fg=COLORS[level(severity)])
        first, *others = _column(visible(text), margin, style)
        lines.append(f"{style.paint(f'{code:<6}', bold=True)}  {name:<{longest}}  {word}  {first}".rstrip())
        lines += [" " * margin + other for other in others]
    return "".join(f"{line}\n" for line in lines)


def _column(text: str, margin: int, style: Style) -> list[str]:
    if style.width is None:
        return [text]
    return textwrap.wrap(text, max(style.width - margin - 2, NARROWEST), break_on_hyphens=False) or [""]


def _listed(values: Iterable[str]) -> str:
    return ", ".join(values) or "-"
