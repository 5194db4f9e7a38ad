"""What stands ready for CI: the GitHub action, run as a runner runs it, and the blocks of docs/ci.md and the README."""

from __future__ import annotations

import itertools
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from linting import ROOT, run_command

ACTION = ROOT / "action.yml"
DOCUMENTS = {"docs/ci.md": ROOT / "docs" / "ci.md", "README.md": ROOT / "README.md"}
BASH = shutil.which("bash")
FAULTY = """import time
from aws_durable_execution_sdk_python import DurableContext, durable_execution


@durable_execution
def handler(event: dict, context: DurableContext) -> dict:
    context.step(lambda _, now=time.time(): now, name="at")
    return {}
"""


def blocks(document: str, language: str) -> list[str]:
    text = DOCUMENTS[document].read_text("utf-8")
    if document == "README.md":
        text = re.search(r"^## In CI\n(.*?)^## ", text, re.MULTILINE | re.DOTALL)[1]  # type: ignore[index]
    fences = re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return [block for name, block in fences if name == language]


def workflows(document: str) -> list[dict[str, Any]]:
    """The GitHub workflows of a document."""
    return [yaml.safe_load(block) for block in blocks(document, "yaml") if "\njobs:" in block]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A repository with a finding in ``src``."""
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    (folder / ".git").mkdir()
    (folder / "src" / "app.py").write_text(FAULTY, "utf-8")
    return folder


# The forms of the files


def validate(schema: str, *files: Path) -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", f"vendor.{schema}", *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_files_have_the_form_that_the_services_publish(tmp_path: Path) -> None:
    validate("github-actions", ACTION)
    written = []
    for document in DOCUMENTS:
        for number, block in enumerate(blocks(document, "yaml")):
            if "\njobs:" in block:
                file = tmp_path / f"{Path(document).stem}-{number}.yml"
                file.write_text(block, "utf-8")
                written.append(file)
    assert len(written) == 3
    validate("github-workflows", *written)
    (gitlab,) = [block for block in blocks("docs/ci.md", "yaml") if "codequality" in block]
    (tmp_path / ".gitlab-ci.yml").write_text(gitlab, "utf-8")
    validate("gitlab-ci", tmp_path / ".gitlab-ci.yml")


def test_workflows_give_the_action_only_what_it_takes() -> None:
    inputs = yaml.safe_load(ACTION.read_text("utf-8"))["inputs"]
    told = re.findall(r"^\| `([a-z-]+)` \|", DOCUMENTS["docs/ci.md"].read_text("utf-8"), re.MULTILINE)
    assert [name for name in told if "-" in name or name in ("paths", "options", "summary")] == list(inputs)
    used = [step for document in DOCUMENTS for flow in workflows(document)
            for step in flow["jobs"]["durable-lint"]["steps"] if "durable-lint@" in step.get("uses", "")]  # fmt: skip
    assert len(used) == 2
    for step in used:
        assert set(step["with"]) <= set(inputs)


# The action


@dataclass
class Done:
    status: int
    log: str
    page: str
    outputs: dict[str, str]


class Runner:
    """Runs the steps of the action as GitHub's runner does."""

    def __init__(self, folder: Path, workspace: Path) -> None:
        self.folder = folder
        self.workspace = workspace
        self.action = yaml.safe_load(ACTION.read_text("utf-8"))

    def install(self) -> None:
        """Stand in for the first step: the program is this checkout's, run by this interpreter."""
        programs = self.folder / "durable-lint" / "bin"
        programs.mkdir(parents=True, exist_ok=True)
        program = programs / "durable-lint"
        path = shlex.quote(str(ROOT))
        program.write_text(f'#!/bin/sh\nPYTHONPATH={path} exec {shlex.quote(sys.executable)} -m durable_lint "$@"\n')
        program.chmod(0o755)

    def check(self, **given: str) -> Done:
        values = {
            name: given.get(name.replace("-", "_"), one["default"]) for name, one in self.action["inputs"].items()
        }

        def filled(text: str) -> str:
            return re.sub(r"\$\{\{ inputs\.([a-z-]+) \}\}", lambda match: values[match[1]], text)

        step = self.action["runs"]["steps"][1]
        assert "${{" not in step["run"], "what a user gives must not become part of a script"
        page, outputs = self.folder / "page.md", self.folder / "outputs"
        page.write_text("what was there\n")
        outputs.write_text("")
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "RUNNER_TEMP": str(self.folder),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_STEP_SUMMARY": str(page),
            "GITHUB_OUTPUT": str(outputs),
            **{name: filled(value) for name, value in step["env"].items()},
        }
        script = self.folder / "script.sh"
        script.write_text(step["run"])
        assert BASH is not None
        done = subprocess.run(
            [BASH, "--noprofile", "--norc", "-eo", "pipefail", str(script)],
            cwd=self.workspace / filled(step["working-directory"]),
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        pairs = dict(line.split("=", 1) for line in outputs.read_text().splitlines())
        return Done(done.returncode, done.stdout + done.stderr, page.read_text("utf-8"), pairs)


@pytest.fixture
def runner(tmp_path: Path, project: Path) -> Runner:
    if BASH is None:
        pytest.skip("bash is not installed")
    folder = tmp_path / "runner temp"
    folder.mkdir()
    made = Runner(folder, project)
    made.install()
    return made


def test_the_action_annotates_and_writes_the_page_and_the_report(runner: Runner, project: Path) -> None:
    done = runner.check(paths="src", sarif_file="durable-lint.sarif")
    assert (done.status, done.outputs) == (1, {"exit-code": "1"})
    assert "::error title=DUR101 wall-clock-in-workflow,file=src/app.py,line=7,endLine=7," in done.log
    assert done.page.startswith("what was there\n## durable-lint\n")
    assert "| error | DUR101 wall-clock-in-workflow |" in done.page
    assert len(json.loads((project / "durable-lint.sarif").read_text("utf-8"))["runs"][0]["results"]) == 1
    assert [path.name for path in runner.folder.iterdir() if "summary" in path.name] == []


def test_the_inputs_of_the_action(runner: Runner, project: Path) -> None:
    assert runner.check(fail_on="never").status == 0
    assert runner.check(options="--ignore DUR101  --quiet").log == ""
    assert runner.check(summary="false").page == "what was there\n"


def test_paths_and_options_of_the_action_are_words_and_no_script(runner: Runner, project: Path) -> None:
    inside = runner.check(working_directory="src")
    assert "file=src/app.py,line=7" in inside.log
    (project / "a b; echo $(touch x)").mkdir()
    (project / "a b; echo $(touch x)" / "c.py").write_text(FAULTY, "utf-8")
    several = runner.check(paths="src\r\na b; echo $(touch x)\n", options="--select $(touch,DUR101")
    assert several.status == 2
    assert not (project / "x").exists()
    assert runner.check(paths="src\r\na b; echo $(touch x)\n").log.count("::error ") == 2


def test_the_action_fails_when_not_everything_was_checked(runner: Runner, project: Path) -> None:
    (project / "src" / "broken.py").write_text("import aws_durable_execution_sdk_python\ndef (:\n", "utf-8")
    done = runner.check(fail_on="never")
    assert (done.status, done.outputs) == (2, {"exit-code": "2"})
    assert "::error title=durable-lint (syntax),file=src/broken.py,line=2::" in done.log
    assert "**error** <code>src/broken.py:2</code>" in done.page
    wrong = runner.check(options="--selct x")
    assert (wrong.status, wrong.page) == (2, "what was there\n")


@pytest.mark.skipif(not os.environ.get("CI"), reason="takes packages from the index: only where CI is set")
def test_the_action_installs_itself(tmp_path: Path, project: Path) -> None:
    if BASH is None:
        pytest.skip("bash is not installed")
    runner = Runner(tmp_path, project)
    script = tmp_path / "install.sh"
    script.write_text(runner.action["runs"]["steps"][0]["run"])
    environment = os.environ | {"RUNNER_TEMP": str(tmp_path), "GITHUB_ACTION_PATH": str(ROOT)}
    command = [BASH, "--noprofile", "--norc", "-eo", "pipefail", str(script)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    assert "::error title=DUR101 " in runner.check(paths="src").log


# The blocks


def commands(document: str) -> list[str]:
    """The commands of a document that run durable-lint, wherever they stand."""
    lines = [
        line.strip() for language in ("yaml", "") for block in blocks(document, language) for line in block.splitlines()
    ]
    return [line.removeprefix("- ").removeprefix("run: ") for line in lines
            if line.removeprefix("- ").removeprefix("run: ").startswith("durable-lint ")]  # fmt: skip


@pytest.mark.parametrize(("document", "count"), [("docs/ci.md", 3), ("README.md", 2)])
def test_every_command_can_be_used(document: str, count: int, project: Path) -> None:
    assert len(commands(document)) == count
    for command in commands(document):
        name, *words = shlex.split(command)
        done = run_command(*words, cwd=project)
        assert (name, done.returncode, done.stderr) == ("durable-lint", 1, ""), command
        written = [word.partition("=") for before, word in itertools.pairwise(words) if "--output" in before]
        assert written or "--format" in words
        for form, _, path in written:
            text = (project / path).read_text("utf-8")
            readers = {"junit": lambda text: ElementTree.fromstring(text.encode()).tag, "markdown": str}
            assert readers.get(form, json.loads)(text)


def test_the_reports_that_gitlab_collects_are_those_that_are_written() -> None:
    (block,) = [block for block in blocks("docs/ci.md", "yaml") if "codequality" in block]
    job = yaml.safe_load(block)["durable-lint"]
    written = dict(re.findall(r"--output-format (\w+)=(\S+)", " ".join(job["script"])))
    reports = job["artifacts"]["reports"]
    assert (reports["codequality"], reports["junit"]) == (written["gitlab"], written["junit"])
