"""The wheel: built, installed elsewhere and run there, it brings all that the command needs and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import venv
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from linting import ROOT
from tools import needs

import durable_lint
from durable_lint import engine

APP = """\
import time

from aws_durable_execution_sdk_python import DurableContext, durable_execution


@durable_execution
def handler(event: dict, context: DurableContext) -> float:
    return time.time()
"""


def run(command: Sequence[str | Path], cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run a command that can't see this checkout."""
    hidden = ("PYTHONPATH", "PYTHONHOME", "DURABLE_LINT_DEBUG", "FORCE_COLOR")
    environment = {name: value for name, value in os.environ.items() if name not in hidden}
    return subprocess.run(
        command,
        cwd=cwd,
        env=environment | {"NO_COLOR": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    done = run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], ROOT)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new virtual environment with the wheel; what that depends on comes from this environment."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, system_site_packages=False, with_pip=False)
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel]
    done = run(pip, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    paths = [sysconfig.get_path("purelib"), sysconfig.get_path("platlib")]
    site = Path(run([python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], folder).stdout.strip())
    (site / "dependencies.pth").write_text("\n".join(dict.fromkeys(paths)) + "\n")
    return python


@pytest.fixture
def command(installed: Path) -> str:
    return str(installed.with_name("durable-lint"))


def test_what_is_in_it(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    held = {name for name in names if ".dist-info/" not in name}
    code = [*(ROOT / "durable_lint").rglob("*.py"), ROOT / "durable_lint" / "py.typed"]
    data = [file for file in (ROOT / "rules").rglob("*") if file.suffix in (".md", ".toml")]
    expected = {file.relative_to(ROOT).as_posix() for file in code}
    expected |= {f"durable_lint/_rules/{file.relative_to(ROOT / 'rules').as_posix()}" for file in data}
    tables = ("catalogue", "profiles", "returns", "types")
    assert held == expected | {f"durable_lint/knowledge/_compiled/{name}.marshal" for name in tables}
    assert len(names) == len(set(names))
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert wheel.name.startswith(f"durable_lint-{durable_lint.__version__}-py3-")


def test_the_rules_come_from_the_package(installed: Path, tmp_path: Path) -> None:
    code = "import durable_lint.knowledge as k; print(k.__file__); print(k.rules_dir())"
    module, folder = run([installed, "-c", code], tmp_path).stdout.splitlines()
    package = Path(module).parent.parent
    assert Path(folder) == package / "_rules"
    assert installed.parent.parent in package.parents
    assert ROOT not in package.parents


def test_its_tables_need_no_reading_of_toml(installed: Path, tmp_path: Path) -> None:
    code = "from durable_lint.knowledge import catalogue; catalogue.load(); import sys; print('tomli' in sys.modules)"
    done = run([installed, "-c", code], tmp_path)
    assert (done.stdout, done.stderr) == ("False\n", "")


def test_explain(command: str, tmp_path: Path) -> None:
    done = run([command, "explain", "DUR101"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("wall-clock-in-workflow (DUR101)")
    assert "ignore[DUR101]" in done.stdout


def test_rules(command: str, tmp_path: Path) -> None:
    done = run([command, "rules"], tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.split()[0] for line in done.stdout.splitlines()] == [rule.code for rule in engine.rules()]


def test_lint(command: str, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP)
    done = run([command, "--isolated", "--format", "concise", "app.py"], tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.startswith("app.py:8:12: warning DUR101 time.time() ")
    assert len(done.stdout.splitlines()) == 1


def test_version(command: str, tmp_path: Path) -> None:
    assert run([command, "--version"], tmp_path).stdout == f"durable-lint {durable_lint.__version__}\n"


@needs("flake8")
def test_flake8_finds_its_plugin(installed: Path, tmp_path: Path) -> None:
    shown = run([installed, "-m", "flake8", "--version"], tmp_path).stdout
    assert f"durable-lint: {durable_lint.__version__}" in " ".join(shown.split())
    (tmp_path / "app.py").write_text(APP)
    done = run([installed, "-m", "flake8", "--isolated", "app.py"], tmp_path)
    assert done.stdout.startswith("app.py:8:12: DUR101 time.time() ")
