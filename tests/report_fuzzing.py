"""Reports about hostile names and texts, made at random, and what the programs that read them must find."""

from __future__ import annotations

import json
import random
import re
import traceback
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
from fuzzing import Input, everything, make
from reports import HOSTILE

from durable_lint.engine import lint_paths
from durable_lint.model import RunResult
from durable_lint.report import FORMATS, Style

_NAMES = (
    *HOSTILE,
    "-",
    "--help",
    "~",
    "*",
    "?",
    "[a]",
    "con",
    "a" * 200,
    "é" * 90,
    "\udce9\udcff",
    "%",
    "..a",
    " ",
    "\t",
)
_LITERAL = re.compile(r"(?<![\w\"'])\"[^\"\\\n{}]*\"(?![\"'])")
_COMMAND = re.compile(r"::(error|warning|notice) ([^\r\n]*?)::[^\r\n]*")


def make_reported(seed: int, number: int) -> Input:
    """An input of the fuzzer, with hostile names for some of its files and hostile texts for some of its literals."""
    chance = random.Random(f"reports {seed} {number}")
    one = make(seed, number)
    files = {}
    for path, data in one.files.items():
        if chance.random() < 0.7:
            named = chance.choice(_NAMES).replace("/", "\u2215").replace("\0", "\x01")[:100]
            path = f"{path.removesuffix('.py')}{named}.py"
        if chance.random() < 0.7:
            data = _hostile_literals(chance, data)
        files[path] = data
    return Input(one.name, one.changes, files)


def _hostile_literals(chance: random.Random, data: bytes) -> bytes:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return data
    changed = _LITERAL.sub(lambda old: repr(chance.choice(HOSTILE)) if chance.random() < 0.4 else old[0], text)
    return changed.encode("utf-8", "backslashreplace")


def report_faults(one: Input, folder: Path) -> list[str]:
    """What is wrong with the reports about an input; empty when all is right. ``folder`` is written to."""
    try:
        one.write(folder)
        result = lint_paths(["."], everything("safe"), cwd=folder)
        said = []
        for name, read in READERS.items():
            text = FORMATS[name](result, Style())
            text.encode()
            said += [f"{name}: {fault}" for fault in read(text, result)]
    except Exception:
        return [traceback.format_exc()]
    return said


@cache
def _validator() -> jsonschema.Draft202012Validator:
    schema = json.loads((Path(__file__).parent / "schemas" / "sarif-2.1.0.json").read_text("utf-8"))
    return jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())


def _counted(found: int, problems: int, result: RunResult) -> list[str]:
    wanted = (len(result.diagnostics), len(result.problems))
    return [f"has {found} findings and {problems} problems, not {wanted}"] if (found, problems) != wanted else []


def _json(text: str, result: RunResult) -> list[str]:
    read = json.loads(text)
    said = _counted(len(read["diagnostics"]), len(read["problems"]), result)
    pairs = zip(read["diagnostics"], result.diagnostics, strict=False)
    return said + [f"other text: {got['message']!r}" for got, one in pairs if got["message"] != one.message]


def _sarif(text: str, result: RunResult) -> list[str]:
    log: dict[str, Any] = json.loads(text)
    _validator().validate(log)
    (run,) = log["runs"]
    told = [one for one in run["invocations"][0]["toolExecutionNotifications"] if one["level"] == "error"]
    return _counted(len(run["results"]), len(told), result)


def _gitlab(text: str, result: RunResult) -> list[str]:
    issues = json.loads(text)
    said = [] if len({one["fingerprint"] for one in issues}) == len(issues) else ["fingerprints are not unique"]
    of_code = sum(one["check_name"].startswith("DUR") for one in issues)
    return said + _counted(of_code, len(issues) - of_code, result)


def _junit(text: str, result: RunResult) -> list[str]:
    (suite,) = ElementTree.fromstring(text.encode())
    names = [(case.attrib["classname"], case.attrib["name"]) for case in suite if case.find("failure") is not None]
    said = [] if len(set(names)) == len(names) else ["names of cases are not unique"]
    return said + _counted(len(names), sum(case.find("error") is not None for case in suite), result)


def _github(text: str, result: RunResult) -> list[str]:
    commands = [line for line in re.split(r"[\r\n]", text) if line.lstrip().startswith(("::", "##["))]
    said = [f"no command that was meant: {line!r}" for line in commands if not _COMMAND.fullmatch(line)]
    whole = len(result.diagnostics) + len(result.problems)
    return said + ([f"{len(commands)} commands for {whole}"] if len(commands) != whole else [])


READERS: Mapping[str, Callable[[str, RunResult], list[str]]] = {
    "json": _json,
    "sarif": _sarif,
    "gitlab": _gitlab,
    "junit": _junit,
    "github": _github,
}
"""What reads a machine-readable format, and says what is wrong in it."""
