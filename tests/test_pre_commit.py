"""The real pre-commit, with the hooks of .pre-commit-hooks.yaml, on git repositories made here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from linting import ROOT
from test_context import SWALLOWED
from test_hosted import FIXED, HANDLER, HELPERS
from test_readme import blocks
from tools import needs

pytestmark = [needs("pre_commit"), pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")]

README = next(block for block in blocks("yaml") if "id: durable-lint\n" in block)
SAFE = HELPERS.replace('    print("stamped")\n', "")


def environment(folder: Path) -> dict[str, str]:
    """Without the user's git, and with a command ``durable-lint`` that is this checkout's."""
    command = folder / "bin" / "durable-lint"
    if not command.exists():
        command.parent.mkdir()
        command.write_text(f"#!{sys.executable}\nfrom durable_lint.cli import main\nraise SystemExit(main())\n")
        command.chmod(0o755)
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "DURABLE_LINT_"))}
    names = {f"GIT_{who}_{what}": f"{who}@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return {
        **inherited,
        **names,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        "PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}",
        "PRE_COMMIT_HOME": str(folder / "pre-commit"),
        "PRE_COMMIT_COLOR": "never",
        "PYTHONPATH": str(ROOT),
    }


def call(folder: Path, env: Mapping[str, str], *command: str) -> CompletedProcess[str]:
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, encoding="utf-8", timeout=300, check=False)


def git(folder: Path, env: Mapping[str, str], *args: str) -> str:
    done = call(folder, env, "git", *args)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


class Repository:
    """A user's repository, whose first commit has no findings."""

    def __init__(self, folder: Path, env: Mapping[str, str], config: str) -> None:
        self.folder, self.env = folder, env
        folder.mkdir()
        git(folder, env, "init", "-q", ".")
        self.write(
            {".pre-commit-config.yaml": config, "app.py": HANDLER, "helpers.py": FIXED.replace("print(", "len(")}
        )
        git(folder, env, "commit", "-q", "-m", "first")

    def write(self, files: Mapping[str, str]) -> None:
        """Write files and stage them."""
        for name, text in files.items():
            (self.folder / name).write_text(text, "utf-8")
        git(self.folder, self.env, "add", "-A")

    def run(self, *args: str) -> CompletedProcess[str]:
        return call(self.folder, self.env, sys.executable, "-m", "pre_commit", "run", *args)


@pytest.fixture(scope="module")
def env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return environment(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory, env: dict[str, str]) -> tuple[Path, str]:
    """This checkout as a repository of hooks, and its revision."""
    folder = tmp_path_factory.mktemp("hooks")
    for name in (".pre-commit-hooks.yaml", "pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    for name in ("durable_lint", "rules"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    git(folder, env, "init", "-q", ".")
    git(folder, env, "add", "-A")
    git(folder, env, "commit", "-q", "-m", "all")
    return folder, git(folder, env, "rev-parse", "HEAD")


def repository(
    tmp_path: Path, env: dict[str, str], hooks: tuple[Path, str], hook: str, language: str = "system"
) -> Repository:
    """A repository with one of the hooks; ``system`` runs the command of this checkout, ``python`` installs it."""
    config = README.replace("REPOSITORY", str(hooks[0])).replace("COMMIT", hooks[1])
    config = config.replace("id: durable-lint\n", f"id: {hook}\n        language: {language}\n")
    return Repository(tmp_path / "user", env, config)


def places(done: CompletedProcess[str]) -> list[str]:
    return re.findall(r"^(\S+\.py:\d+):\d+: \w+ (DUR\d+)", done.stdout, re.MULTILINE)


def test_installed_by_pre_commit(tmp_path: Path, env: dict[str, str], hooks: tuple[Path, str]) -> None:
    user = repository(tmp_path, env, hooks, "durable-lint", "python")
    install = call(user.folder, user.env, sys.executable, "-m", "pre_commit", "install-hooks")
    if install.returncode and re.search(r"No matching distribution|[Cc]onnection|resolve", install.stdout):
        pytest.skip("no package index can be reached")
    assert install.returncode == 0, install.stdout
    user.env = {**user.env, "PYTHONPATH": "", "PATH": os.environ["PATH"]}
    assert user.run("--all-files").returncode == 0
    user.write({"helpers.py": HELPERS})
    done = user.run()
    assert (done.returncode, places(done)) == (1, [("app.py:8", "DUR101"), ("helpers.py:9", "DUR206")])


def test_only_what_the_changed_files_cause_is_reported(
    tmp_path: Path, env: dict[str, str], hooks: tuple[Path, str]
) -> None:
    user = repository(tmp_path, env, hooks, "durable-lint")
    user.write({"other.py": SWALLOWED})
    assert places(user.run()) == [("other.py:10", "DUR307")]
    git(user.folder, user.env, "commit", "-q", "-m", "a fault that nobody looks at")
    user.write({"helpers.py": HELPERS})
    done = user.run()
    assert (done.returncode, places(done)) == (1, [("app.py:8", "DUR101"), ("helpers.py:9", "DUR206")])
    assert "-> helpers.py:5:12 now: time.time" in done.stdout
    user.write({"helpers.py": SAFE.replace("time.time()", "1.5")})
    assert user.run().returncode == 0


def test_files_that_it_is_not_for(tmp_path: Path, env: dict[str, str], hooks: tuple[Path, str]) -> None:
    user = repository(tmp_path, env, hooks, "durable-lint")
    user.write({"script": "#!/usr/bin/env python3\n" + SWALLOWED, "notes.md": "", "types.pyi": ""})
    (user.folder / "script").chmod(0o755)
    assert "(no files to check)Skipped" in user.run().stdout
    user.write({"durable-lint.toml": 'exclude = ["generated.py"]\n', "generated.py": SWALLOWED})
    done = user.run()
    assert (done.returncode, "Passed" in done.stdout) == (0, True)


def test_what_cannot_be_judged_fails(tmp_path: Path, env: dict[str, str], hooks: tuple[Path, str]) -> None:
    user = repository(tmp_path, env, hooks, "durable-lint")
    user.write({"helpers.py": "def stamp(:\n"})
    done = user.run()
    assert (done.returncode, "exit code: 2" in done.stdout) == (1, True)
    assert "error: helpers.py:1: not valid Python" in done.stdout


def test_the_fixing_hook(tmp_path: Path, env: dict[str, str], hooks: tuple[Path, str]) -> None:
    user = repository(tmp_path, env, hooks, "durable-lint-fix")
    user.write({"other.py": SWALLOWED})
    done = user.run()
    assert (done.returncode, "files were modified by this hook" in done.stdout) == (1, True)
    assert (user.folder / "other.py").read_text() == SWALLOWED.replace("except:", "except Exception:")
    user.write({})
    assert user.run().returncode == 0
    user.write({"helpers.py": HELPERS})  # no safe fix: reported
    done = user.run()
    assert (done.returncode, places(done)) == (1, [("app.py:8", "DUR101"), ("helpers.py:9", "DUR206")])
    assert "files were modified" not in done.stdout
