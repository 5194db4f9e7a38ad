"""What holds for the rules and the package as a whole: one set of codes, the form of messages, the layers."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from fixture_files import FIXTURES, cases
from linting import ROOT, modules, result_of, run_python

from durable_lint import checks, engine
from durable_lint.knowledge import rules_dir

PACKAGE = ROOT / "durable_lint"
CODES = {rule.code for rule in engine.rules()}

LAYERS = (
    ("__main__",),
    ("cli", "flake8_plugin", "pylint_plugin"),
    ("checking",),
    ("commands", "hosted"),
    ("jobs", "ignoring", "baselining", "server", "survey", "caching"),
    ("incremental", "fixing", "console", "status_line", "outputs", "graph"),
    ("engine", "atomic"),
    ("reading",),
    ("report", "workspace"),
    ("cache", "suppressions", "since", "baseline"),
    ("checks",),
    ("fixes",),
    ("visit",),
    ("index",),
    ("knowledge", "config", "dependencies", "discovery"),
    ("config_file",),
    ("settings",),
    ("paths",),
    ("causes",),
    ("source", "fingerprints", "verdicts"),
    ("model", "observed", "progress", "streams", "crew"),
    ("loading", "records", "signals"),
)
"""The parts of the package from top to bottom: each imports only from those below it, and from itself."""

RANKS = {part: rank for rank, layer in enumerate(reversed(LAYERS)) for part in layer}
PUBLIC = {"engine", "fixing", "model"}
"""What the package itself gives on to its users."""

LIBCST = {"visit", "checks", "fixes"}
LOADING = {"loading", "fixes/tree.py"}
ASTROID = {"index/infer.py"}


# One set of codes


def test_there_are_rules() -> None:
    assert len(CODES) >= 25


def test_every_rule_has_a_page() -> None:
    assert {page.stem for page in rules_dir().glob("DUR*.md")} == CODES


def test_every_rule_has_fixtures() -> None:
    assert {folder.name for folder in FIXTURES.iterdir() if folder.is_dir()} == CODES
    assert {case.parent.name for case in cases()} == CODES


def test_every_rule_is_in_the_table_of_the_readme() -> None:
    text = (ROOT / "README.md").read_text("utf-8")
    rows = re.findall(r"^\| `?\[?(DUR\d{3})\b.*?\|(.*)$", text, re.MULTILINE)
    assert Counter(code for code, _ in rows) == Counter(CODES)
    table = dict(rows)
    for rule in engine.rules():
        severity = rule.default.value if rule.default is not None else "off"
        assert {rule.name, severity} <= {cell.strip(" `") for cell in table[rule.code].split("|")}


def test_every_rule_has_a_line_in_the_changelog() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    sections = re.findall(r"^### +new rules?\b.*?$(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL | re.IGNORECASE)
    codes = [code for section in sections for code in re.findall(r"\b(DUR\d{3})\)?\.?$", section, re.MULTILINE)]
    assert Counter(codes) == Counter(CODES)


def test_names_are_unique_and_in_kebab_case() -> None:
    names = [rule.name for rule in engine.rules()]
    assert [name for name, count in Counter(names).items() if count > 1] == []
    assert [name for name in names if not re.fullmatch(r"[a-z]+(-[a-z]+)*", name)] == []


def test_a_check_is_in_the_file_of_its_code_and_name() -> None:
    files = {file.stem for file in (PACKAGE / "checks").glob("dur*.py")}
    assert files == {f"{rule.code}_{rule.name}".lower().replace("-", "_") for rule in engine.rules()}


def test_only_suppressions_are_checked_by_the_engine() -> None:
    assert {rule.code for rule, check in checks.all_checks() if check is None} == {"DUR901", "DUR902", "DUR903"}


# Messages


@pytest.mark.parametrize("code", sorted(CODES))
def test_messages_are_in_one_form(code: str) -> None:
    wrong: list[str] = []
    count = 0
    for case in cases():
        if not any(one.code == code for one in result_of(case).diagnostics):
            continue
        text = "\n".join(module.read_text("utf-8") for module in modules(case))
        for one in result_of(case).diagnostics:
            if one.code == code:
                count += 1
                said = [one.message, *(hop.message for hop in one.related)]
                wrong += [
                    f"{one.path}:{one.line}: {fault}: {message}" for message in said for fault in faults(message, text)
                ]
    assert count > 0
    assert wrong == []


def faults(message: str, text: str) -> Iterator[str]:
    """What is wrong with the form of a message about a text."""
    if not message or message != message.strip():
        yield "space around it"
    if re.search(r"[\n\r\t\v\f]", message):
        yield "more than one line"
    if message.startswith("()"):
        yield "names no API"
    if "  " in message:
        yield "double space"
    if message.endswith((".", "!")):
        yield "a final stop"
    first = re.match(r"\w+", message)
    if first is not None and first[0][0].isupper() and not re.search(rf"\b{first[0]}\b", text):
        yield "upper case at the start, and no identifier"


# Layers


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def part_of(file: Path) -> str:
    """The part of the package that a file belongs to: a folder or a module; "" for the package itself."""
    first = file.relative_to(PACKAGE).parts[0]
    return "" if first == "__init__.py" else first.removesuffix(".py")


def imports(file: Path) -> Iterator[tuple[int, str]]:
    """The line and full name of everything that a file imports at run time, also within functions."""
    tree = ast.parse(file.read_bytes())
    for_types = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) in ("TYPE_CHECKING", "typing.TYPE_CHECKING")
        for statement in node.body
        for inner in ast.walk(statement)
    }
    package = ["durable_lint", *file.relative_to(PACKAGE).parent.parts]
    for node in ast.walk(tree):
        if id(node) in for_types:
            continue
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) + 1 - node.level] if node.level else []
            home = ".".join([*base, *([node.module] if node.module else [])])
            yield from ((node.lineno, f"{home}.{alias.name}") for alias in node.names)


def imported_parts(file: Path) -> Iterator[tuple[int, str]]:
    """The line and the part of the package of each of our own modules that a file imports."""
    for line, name in imports(file):
        parts = name.split(".")
        if parts[0] == "durable_lint" and len(parts) > 1 and parts[1] != "__version__":
            yield line, parts[1]


def test_every_part_has_a_layer() -> None:
    assert {part_of(file) for file in sources()} - {""} == set(RANKS), "give it a place in LAYERS, and the documents"


def test_each_module_imports_only_from_lower_layers() -> None:
    wrong = []
    for file in sources():
        own = part_of(file)
        for line, part in imported_parts(file):
            allowed = part in PUBLIC if not own else part == own or RANKS[part] < RANKS[own]
            if not allowed:
                wrong.append(f"{file.relative_to(ROOT)}:{line}: {own or 'the package'} imports {part}")
    assert wrong == []


@pytest.mark.parametrize(
    ("library", "users"), [("libcst", LOADING), ("durable_lint.loading", LIBCST), ("astroid", ASTROID)]
)
def test_only_some_modules_import_a_heavy_library(library: str, users: set[str]) -> None:
    wrong = []
    for file in sources():
        known = {part_of(file), file.relative_to(PACKAGE).as_posix()}
        for line, name in imports(file):
            if f"{name}.".startswith(f"{library}.") and not known & users:
                wrong.append(f"{file.relative_to(ROOT)}:{line}")
    assert wrong == []


# What is loaded

HEAVY = ("libcst", "astroid")
CLEAN = '''
import json
import logging
import time

from aws_durable_execution_sdk_python import DurableContext, StepContext, durable_execution, durable_step
from aws_durable_execution_sdk_python.config import Duration

from helpers import total

LIMIT = 100


@durable_step
def charge(step: StepContext, amount: int) -> dict:
    return {"amount": amount, "at": time.time()}


@durable_execution
def handler(event: dict, context: DurableContext) -> dict:
    """Takes one order."""
    amount = total(event["lines"])
    if amount > LIMIT:
        context.wait(Duration.from_minutes(10), name="cool-down")
    receipt = context.step(charge(amount), name="charge")
    parts = [context.step(lambda _, one=line: json.dumps(one), name=f"pack-{line['sku']}") for line in event["lines"]]
    context.logger.info("charged %s", amount)
    return {"receipt": receipt, "parts": parts}
'''
HELPERS = """
def total(lines: list[dict]) -> int:
    return sum(line["price"] * line["quantity"] for line in lines)
"""
LOADED = "print(sorted(name for name in {heavy} if name in sys.modules))"


def test_importing_the_command_loads_nothing_heavy(tmp_path: Path) -> None:
    done = run_python("-c", f"import sys, durable_lint.cli; {LOADED.format(heavy=(*HEAVY, 'asyncio'))}", cwd=tmp_path)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_a_run_over_clean_code_loads_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(CLEAN, "utf-8")
    (tmp_path / "helpers.py").write_text(HELPERS, "utf-8")
    run = "import sys; from durable_lint.cli import main; status = main(['--isolated', '.'])"
    done = run_python("-c", f"{run}; {LOADED.format(heavy=HEAVY)}; sys.exit(status)", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "no findings in 2 files\n[]\n", "")


FEW_NEED = (
    "click", "dataclasses", "inspect", "tokenize", "dis", "json", "hashlib", "pickle", "textwrap", "pkgutil",
    "threading", "signal", "unicodedata", "subprocess", "durable_lint.cli", "durable_lint.fixing",
    "durable_lint.suppressions", "durable_lint.verdicts", "durable_lint.graph", "durable_lint.server",
)  # fmt: skip
"""What a run over clean code has no use for: each costs as much as a part of the analysis."""
PARTS_OF_A_CLEAN_RUN = 130
"""The most modules of the package, checks aside, that a run over clean code loads; today's number and a few more."""


def test_a_run_over_clean_code_loads_little(tmp_path: Path) -> None:
    """As the command does it; a module costs 0.2 ms, and a run over one handler should take no more than 50."""
    (tmp_path / "app.py").write_text(CLEAN, "utf-8")
    (tmp_path / "helpers.py").write_text(HELPERS, "utf-8")
    show = "import sys; loaded = set(sys.modules); print(*sorted(loaded), file=sys.stderr)"
    run = "from durable_lint.__main__ import main; import sys; sys.argv[1:] = ['--isolated', '--no-cache', '.']; main()"
    done = run_python("-I", "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {run}; {show}", cwd=tmp_path)
    assert done.stdout == "no findings in 2 files\n"
    loaded = set(done.stderr.split())
    assert sorted(loaded.intersection((*HEAVY, *FEW_NEED))) == []
    own = {name for name in loaded if name.startswith("durable_lint.")}
    parts = {name for name in own if not name.startswith("durable_lint.checks.dur")}
    assert not {name for name in parts if re.match(r"durable_lint\.(fixes|commands\.(?!table))", name)}
    assert {name for name in parts if name.startswith("durable_lint.report.")} == {
        f"durable_lint.report.{name}" for name in ("summary", "terminal", "text")
    }
    assert len(parts) <= PARTS_OF_A_CLEAN_RUN, sorted(parts)
