"""astroid is asked last: for packages that are installed and that nobody else knows."""

from __future__ import annotations

from pathlib import Path

import pytest
from linting import run_python

from durable_lint import lint_paths
from durable_lint.config import Overrides
from durable_lint.index import infer

PACKAGE = """
import smtplib
from datetime import datetime

now = datetime.now


class Ledger:
    def rows(self):
        return []


def ledger():
    return Ledger()


def mail():
    return smtplib.SMTP("mail")
"""
APP = """
from acmekit import ledger, mail, now

from aws_durable_execution_sdk_python import DurableContext, durable_execution


@durable_execution
def handler(event, context: DurableContext):
    at = now()
    rows = ledger().rows()
    sent = mail().sendmail("a@example.com", "b@example.com", "hello")
    return context.step(lambda _: [at, rows, sent], name="store")
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder for the code, with a package beside it that the interpreter finds."""
    site = tmp_path / "site-packages"
    (site / "acmekit").mkdir(parents=True)
    (site / "acmekit" / "__init__.py").write_text(PACKAGE)
    monkeypatch.syspath_prepend(str(site))
    infer.is_installed.cache_clear()
    code = tmp_path / "code"
    code.mkdir()
    (code / "app.py").write_text(APP)
    return code


def found(folder: Path) -> list[tuple[int, str]]:
    result = lint_paths(["."], Overrides(isolated=True), cwd=folder)
    assert result.problems == ()
    return [(one.line, one.code) for one in result.diagnostics]


def test_an_installed_package_is_read(installed: Path) -> None:
    assert found(installed) == [(9, "DUR101"), (11, "DUR201")]


def test_nothing_is_known_of_a_package_that_is_not_installed(tmp_path: Path) -> None:
    infer.is_installed.cache_clear()
    (tmp_path / "app.py").write_text(APP)
    assert found(tmp_path) == []


def test_questions_are_limited(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(infer, "_QUESTIONS", 1)
    assert found(installed) == [(9, "DUR101")]


def test_astroid_is_not_loaded_without_a_question(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(APP.replace("acmekit", "acme_that_is_not_installed"))
    code = "import sys; from durable_lint.cli import main; main(['--isolated', '.']); print('astroid' in sys.modules)"
    assert run_python("-c", code, cwd=tmp_path).stdout.splitlines()[-1] == "False"


@pytest.mark.parametrize(
    ("name", "public"),
    [
        ("_pydatetime.datetime.now", "datetime.datetime.now"),
        ("pathlib._local.Path.read_text", "pathlib.Path.read_text"),
        ("pathlib._abc.PathBase.cwd", "pathlib.Path.cwd"),
        ("_pydatetimes.now", "_pydatetimes.now"),
        ("", ""),
    ],
)
def test_moved_sources_keep_their_public_names(name: str, public: str) -> None:
    assert infer._public(name) == public
