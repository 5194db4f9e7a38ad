"""Which version of the SDK a project uses, by its own files."""

from __future__ import annotations

from pathlib import Path

import pytest

from durable_lint.dependencies import NEWEST, Dependencies
from durable_lint.engine import target_version
from durable_lint.knowledge import profile_tables
from durable_lint.model import SdkVersion
from durable_lint.settings import Settings

(AWS,) = (profile for profile in profile_tables.load() if profile.id == "aws-durable-execution")
SDK = AWS.distribution

LOCK = f"""
version = 1

[[package]]
name = "{SDK}-testing"
version = "1.2.1"

[[package]]
name = "{SDK}"
version = "2.0.1"
source = {{ registry = "https://pypi.org/simple" }}

[[package]]
name = "boto3"
version = "1.40.0"
"""


def version(directory: Path) -> tuple[str, str]:
    found, origin = Dependencies().version(directory, SDK, AWS.versions)
    return str(found), origin


def test_versions_compare_with_tuples() -> None:
    assert SdkVersion(1, 7) < (2, 0) <= SdkVersion(2, 0) < SdkVersion(3)
    assert str(SdkVersion(2, 1)) == "2.1.0"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (SDK, "3.0.0"),
        (f"{SDK}==1.7.0", "1.7.0"),
        (f"{SDK} == 1.7.0  # until we have tested 2", "1.7.0"),
        (f"{SDK}==1.7.0 --hash=sha256:abc", "1.7.0"),
        (f"{SDK}==2.1.0 \\\n    --hash=sha256:abc \\\n    --hash=sha256:def", "2.1.0"),
        (f"{SDK}==1.9.4", "1.9.4"),
        (f"{SDK}==1.*", "1.7.0"),
        (f"{SDK}>=1.7,<2", "1.7.0"),
        (f"{SDK}>=1.7", "3.0.0"),
        (f"{SDK}~=2.0", "2.1.0"),
        (f"{SDK}~=2.0.0", "2.0.1"),
        (f"{SDK}>=4", "4.0.0"),
        (f"{SDK}<=2.1,!=2.1.0; python_version > '3.10'", "2.0.1"),
        (f"{SDK}[otel]>=2,<3", "2.1.0"),
        ("AWS_durable.execution-sdk-python==1.7.0", "1.7.0"),
        (f"{SDK} @ https://example.com/sdk.whl", "3.0.0"),
        (f"boto3\n-r other.txt\n{SDK}==1.7.0", "1.7.0"),
        (f"{SDK}==1.0.0.post1", "1.0.0"),
    ],
)
def test_requirements_are_read(tmp_path: Path, line: str, expected: str) -> None:
    (tmp_path / "requirements.txt").write_text(f"# what runs\n{line}\n")
    assert version(tmp_path) == (expected, "requirements.txt")


@pytest.mark.parametrize(
    "text",
    ["", f"{SDK}-testing==1.1.2\n", f"# {SDK}==1.7.0\n", f"boto3  # {SDK}==1.7.0\n", f"-e ./{SDK}\n", f"{SDK} == ?\n"],
)
def test_what_names_no_version_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "requirements.txt").write_text(text)
    assert version(tmp_path) == ("3.0.0", NEWEST)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f'[project]\ndependencies = ["boto3", "{SDK}>=1.7,<2"]', "1.7.0"),
        (f'[project]\noptional-dependencies = {{dev = ["{SDK}~=2.0"]}}', "2.1.0"),
        (f'[dependency-groups]\ndev = [{{include-group = "x"}}, "{SDK}==2.0.0"]', "2.0.0"),
        (f'[tool.uv]\ndev-dependencies = ["{SDK}==2.0.0"]', "2.0.0"),
        (f'[tool.poetry.dependencies]\n{SDK} = "^1.3"', "1.7.0"),
        (f'[tool.poetry.dependencies]\n{SDK} = "~1.1"', "1.1.2"),
        (f'[tool.poetry.dependencies]\n{SDK} = "~2"', "2.1.0"),
        (f'[tool.poetry.dependencies]\n{SDK} = "1.7.0"', "1.7.0"),
        (f'[tool.poetry.dependencies]\n{SDK} = "*"', "3.0.0"),
        (f'[tool.poetry.dependencies]\n{SDK} = ">=1.0,<2.0"', "1.7.0"),
        (f'[tool.poetry.dependencies]\n{SDK} = {{version = "^2.0", extras = ["otel"]}}', "2.1.0"),
        (f'[tool.poetry.group.app.dependencies]\n{SDK} = "^1.0 || ^2.0"', "2.1.0"),
    ],
)
def test_pyproject_is_read(tmp_path: Path, text: str, expected: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    assert version(tmp_path) == (expected, "pyproject.toml")


@pytest.mark.parametrize("name", ["uv.lock", "poetry.lock", "pdm.lock"])
def test_a_lock_file_goes_before_requirements(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(LOCK)
    (tmp_path / "requirements.txt").write_text(f"{SDK}==1.7.0")
    assert version(tmp_path) == ("2.0.1", name)


def test_a_pin_goes_before_a_range(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(f'[project]\ndependencies = ["{SDK}>=1.7"]')
    (tmp_path / "requirements").mkdir()
    (tmp_path / "requirements" / "base.txt").write_text(f"{SDK}==2.1.0")
    assert version(tmp_path) == ("2.1.0", "base.txt")


def test_the_nearest_folder_that_says_something_decides(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text(LOCK)
    inner = tmp_path / "services" / "orders"
    inner.mkdir(parents=True)
    (inner / "requirements.txt").write_text("boto3\n")
    assert version(inner) == ("2.0.1", "uv.lock")
    (inner / "requirements.txt").write_text(f"{SDK}==1.7.0\n")
    assert version(inner) == ("1.7.0", "requirements.txt")


def test_the_search_ends_at_the_root_of_a_repository(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text(LOCK)
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    assert version(tmp_path / "repository") == ("3.0.0", NEWEST)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("pyproject.toml", f"[project\n# {SDK}".encode()),
        ("pyproject.toml", f'project = "{SDK}"'.encode()),
        ("uv.lock", f'[[package]]\nname = "{SDK}"\nversion = "soon"'.encode()),
        ("requirements.txt", b"\xff\xfe" + SDK.encode("utf-16-le")),
    ],
)
def test_files_that_cannot_be_read_say_nothing(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    assert version(tmp_path) == ("3.0.0", NEWEST)


def test_settings_win_and_isolation_reads_nothing(tmp_path: Path) -> None:
    (tmp_path / "uv.lock").write_text(LOCK)
    given = Settings(tmp_path, sdk_version=SdkVersion(1, 7), profiles=(AWS.id,))
    assert target_version(given, tmp_path, Dependencies()) == ((1, 7, 0), "sdk-version")
    silent = Settings(tmp_path, profiles=(AWS.id,))
    assert target_version(silent, tmp_path, Dependencies()) == ((2, 0, 1), "uv.lock")
    assert target_version(silent, tmp_path, Dependencies(isolated=True)) == ((3, 0, 0), NEWEST)
