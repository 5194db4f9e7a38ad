"""What ``durable-lint init`` writes and prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from durable_lint.report import visible
from durable_lint.report.summary import plural

if TYPE_CHECKING:
    from durable_lint.survey import Survey

MOST_NAMED = 4
MOST_ROOTS = 12
"""With more folders of modules than this, a list of them helps nobody."""


def configuration(found: Survey, table: str) -> list[str]:
    """The lines of a configuration: a table of this name, or a file of its own when the name is empty."""
    comment = "" if not 0 < len(found.tests) <= MOST_NAMED else f" Tests were found in {', '.join(found.tests)}."
    tests = next((f"{name}/" for name in found.tests if name != "."), "test_*.py" if found.tests else "tests/")
    return [
        *([f"[{table}]"] if table else []),
        "# What durable-lint checks. What holds for one file, and why: durable-lint config FILE",
        "",
        "# Rules beside those that are on by default: codes, beginnings of codes, names, or strict for nearly all.",
        f'# extend-select = ["{"replay-not-tested" if found.tests else "strict"}"]',
        '# ignore = ["DUR206"]',
        "",
        "# From which level on findings make the exit status 1: error, warning or never.",
        'fail-on = "warning"',
        "",
        "# The highest level of fixes that --fix applies: safe, history or unsafe.",
        '# fix-level = "history"',
        "",
        "# Where the top-level modules lie.",
        _src(found),
        "",
        _sdk(found),
        f'# sdk-version = "{found.sdk.major}.{found.sdk.minor}"',
        "",
        "# Files to leave out. What .gitignore names is left out anyway.",
        '# exclude = ["generated/"]',
        "",
        f"# Rules to leave out in some files.{comment}",
        f"# [{f'{table}.' if table else ''}per-file-ignores]",
        f'# {_quoted(tests)} = ["DUR5"]',
    ]


def _sdk(found: Survey) -> str:
    if not found.sdk_source:
        return "# The SDK's version that the code runs on. No file here says it, so the newest known one is assumed."
    return f"# The SDK's version that the code runs on. It is read from {visible(found.sdk_source)}: {found.sdk} now."


def _src(found: Survey) -> str:
    """The folders of modules; as a comment where they are those that are looked into anyway."""
    default = set(found.roots) <= {".", "src"}
    roots = found.roots if default or len(found.roots) <= MOST_ROOTS else ()
    listed = ", ".join(_quoted(root) for root in dict.fromkeys([".", *roots]))
    return f"src = [{listed}]" if roots and not default else f"# src = [{listed}]"


def _quoted(text: str) -> str:
    """A printable text as a string of TOML."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def facts(found: Survey) -> str:
    """One line of what was found."""
    version = f"SDK {found.sdk} by {visible(found.sdk_source)}" if found.sdk_source else "no word of an SDK's version"
    tests = f"tests in {', '.join(found.tests[:MOST_NAMED])}" if found.tests else "no tests"
    if len(found.tests) > MOST_NAMED:
        tests += f" and {len(found.tests) - MOST_NAMED} more"
    return f"found {plural(found.files, 'Python file')}, {found.workflows} with durable functions; {version}; {tests}"


def blocks(found: Survey) -> list[tuple[str, str]]:
    """What to add to the project's other tools, and why."""
    paths = " ".join(found.roots) if len(found.roots) == 1 and found.roots[0].isidentifier() else "."
    names = "REPOSITORY stands for the address of durable-lint's repository, COMMIT for the commit to use"
    blocks = []
    if found.pre_commit:
        blocks.append((f"a hook for .pre-commit-config.yaml ({names}):", PRE_COMMIT))
    if found.github:
        named = "OWNER/durable-lint stands for durable-lint's repository, COMMIT for the commit to use"
        blocks.append((f"a step for a job in .github/workflows ({named}):", GITHUB.format(paths=paths)))
    if found.gitlab:
        blocks.append((f"a job for .gitlab-ci.yml ({names}):", GITLAB.format(paths=paths)))
    if found.ruff:
        blocks.append(("for ruff, which else removes our codes from noqa comments:", RUFF))
    return blocks


PRE_COMMIT = """\
  - repo: REPOSITORY
    rev: COMMIT
    hooks:
      - id: durable-lint"""
GITHUB = """\
      - uses: actions/setup-python@v5
        with:
          python-version: "3.13"
      - uses: OWNER/durable-lint@COMMIT
        with:
          paths: {paths}"""
GITLAB = """\
durable-lint:
  image: python:3.13
  script:
    - pip install "durable-lint @ git+REPOSITORY@COMMIT"
    - durable-lint --output-format gitlab=gl-code-quality-report.json {paths}
  artifacts:
    when: always
    reports:
      codequality: gl-code-quality-report.json"""
RUFF = """\
[tool.ruff.lint]
external = ["DUR"]"""
