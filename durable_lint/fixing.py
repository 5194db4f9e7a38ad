"""Applies fixes to a fixpoint, in memory; writing is a step of its own."""

from __future__ import annotations

import codecs
import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from durable_lint import progress
from durable_lint.atomic import Refused, replace
from durable_lint.config import Overrides
from durable_lint.engine import Run, lint_paths
from durable_lint.fixes.apply import apply, choose, is_reproduced
from durable_lint.fixes.leftovers import without_leftovers
from durable_lint.model import Applied, Diagnostic, Fix, FixedFile, Problem, RunResult
from durable_lint.paths import in_text
from durable_lint.settings import LEVELS
from durable_lint.source import SourceError, SourceFile, decode, parse
from durable_lint.workspace import collector_off

_NOTHING_GIVEN = Overrides()

PASSES = 10
"""How often fixes are looked for at most: each pass applies those that don't overlap."""


def fix_paths(
    paths: Sequence[str],
    overrides: Overrides,
    *,
    stdin: bytes | None = None,
    stdin_filename: str = "<stdin>",
    cwd: Path | None = None,
    statistics: bool = False,
    context: Sequence[str] = (),
    force_exclude: bool = False,
    workers: int = 1,
) -> RunResult:
    """Lint and fix, as ``engine.lint_paths`` takes its arguments; no file is written, and none of the context fixed.

    The result's findings are those that are left; ``fixed`` holds the changed files. Raises ConfigError.
    """
    fixer = Fixer(overrides, (cwd or Path.cwd()).absolute(), statistics, context, force_exclude, workers)
    with collector_off():
        return fixer.run(paths, stdin, stdin_filename)


def lint_source(
    text: str, path: str = "<string>", overrides: Overrides = _NOTHING_GIVEN, *, fix: bool = False
) -> RunResult:
    """Lint a text as if it stood in the file ``path``, which need not exist; its imports are looked up from there.

    With ``fix`` the findings are those that fixes leave; the only item of ``fixed``, if any, has the fixed text
    as ``new``.
    """
    run = fix_paths if fix else lint_paths
    return run(["-"], overrides, stdin=text.encode("utf-8", "surrogatepass"), stdin_filename=path)


def write(result: RunResult, stdin_file: str = "", *, what: str = "fixes") -> tuple[list[FixedFile], list[Problem]]:
    """Write the fixed files but ``stdin_file``, each whole or not at all; ``what`` is what they are changed by.

    Gives those that are fixed now, and why others are not.
    """
    written, problems = [], []
    for fixed in result.fixed:
        try:
            if fixed.file != stdin_file:
                replace(fixed.file, fixed.before, fixed.after)
            written.append(fixed)
        except Refused as refused:
            problems.append(Problem("unwritable", fixed.path, f"its {what} were not written: {refused}"))
    return written, problems


class Fixer:
    """One run of ``--fix``: passes over the project with the changed texts in place of the files."""

    def __init__(
        self,
        overrides: Overrides,
        cwd: Path,
        statistics: bool,
        context: Sequence[str],
        force_exclude: bool,
        workers: int = 1,
    ) -> None:
        self.overrides = overrides
        self.cwd = cwd
        self.statistics = statistics
        self.context = context
        self.force_exclude = force_exclude
        self.workers = workers
        self.sources: dict[str, SourceFile] = {}
        self.unsaved: dict[str, bytes] = {}
        self.applied: dict[str, list[Applied]] = {}
        self.left_alone: dict[str, Problem] = {}

    def run(self, paths: Sequence[str], stdin: bytes | None, stdin_filename: str) -> RunResult:
        """The result of fixing these files, as ``fix_paths`` gives it."""
        for number in range(PASSES + 1):
            progress.again(f"pass {number + 1}")
            run = self.read(paths, stdin, stdin_filename)
            result = run.result()
            if not self._pass(run, result, last=number == PASSES):
                break
        return self._result(self._tidy(run, result, paths, stdin, stdin_filename))

    def read(self, paths: Sequence[str], stdin: bytes | None, stdin_filename: str) -> Run:
        """A run over the files as they are by now."""
        key = (self.cwd / stdin_filename).as_posix()
        given = self.unsaved.get(key, stdin) if stdin is not None else None
        run = Run(self.overrides, self.cwd, self.statistics, self.unsaved)
        run.workers = self.workers
        files = [path for path in paths if path != "-"]
        run.read(files, given, stdin_filename, self.context, self.force_exclude)
        return run

    def _tidy(
        self, run: Run, result: RunResult, paths: Sequence[str], stdin: bytes | None, stdin_filename: str
    ) -> RunResult:
        """Take out what the fixes have made unused, and look once more, because every line below has moved."""
        changed = False
        for key, data in sorted(self.unsaved.items()):
            before = self.sources[key]
            now = decode(data, before.path)
            text = without_leftovers(before.text, now.text, partial(_is_taken, run, key))
            changed = changed or text != now.text
            self.unsaved[key] = encoded(text, before)
        if not changed:
            return result
        return self.read(paths, stdin, stdin_filename).result()

    def _pass(self, run: Run, result: RunResult, last: bool) -> bool:
        """Apply what can be applied now; gives whether anything was."""
        wanted: dict[str, list[tuple[Diagnostic, Fix]]] = {}
        keys = {found.path: key for key, found in run.linted.items()}
        untouched = self.left_alone.keys() | run.context
        for diagnostic in result.diagnostics:
            key = keys[diagnostic.path]
            if diagnostic.fix is not None and key not in untouched and self.allows(run, key, diagnostic.fix):
                wanted.setdefault(key, []).append((diagnostic, diagnostic.fix))
        if last:
            for key in wanted:
                message = f"its fixes did not come to an end in {PASSES} passes: please report this bug of durable-lint"
                self.left_alone[key] = Problem("internal", run.files.sources[key].path, message)
            return False
        fixed = [key for key, found in sorted(wanted.items()) if self._fix(run.files.sources[key], key, found)]
        return bool(fixed)

    def allows(self, run: Run, key: str, fix: Fix) -> bool:
        """Whether a fix may be applied to a file."""
        return LEVELS.index(fix.level.value) <= LEVELS.index(run.settings[key].fix_level)

    def _fix(self, source: SourceFile, key: str, found: list[tuple[Diagnostic, Fix]]) -> bool:
        if key not in self.sources:
            reason = _not_reproducible(source)
            if reason:
                self.left_alone[key] = Problem("unfixable", source.path, f"{reason}: correct it by hand")
                return False
            self.sources[key] = source
        chosen = choose(found)
        text = apply(source.text, [edit for _, fix in chosen for edit in fix.edits])
        codes = ", ".join(sorted({diagnostic.code for diagnostic, _ in chosen}))
        try:
            data = encoded(text, source)
            parse(decode(data, source.path))
        except (SourceError, UnicodeError) as error:
            message = f"the fixes of {codes} would break it ({error}): please report this bug of durable-lint"
            self.left_alone[key] = Problem("internal", source.path, message)
            return False
        self.unsaved[key] = data
        applied = self.applied.setdefault(key, [])
        applied += [Applied(diagnostic.code, fix.level, fix.title) for diagnostic, fix in chosen]
        return True

    def _result(self, result: RunResult) -> RunResult:
        from durable_lint.records import replace as changed

        fixed = [
            FixedFile(key, before.path, before.data, data, before.text, decode(data, before.path).text, tuple(applied))
            for key, data in self.unsaved.items()
            for before, applied in [(self.sources[key], self.applied[key])]
        ]
        problems = sorted({*result.problems, *self.left_alone.values()}, key=lambda problem: problem.sort_key)
        fixed.sort(key=lambda one: (one.path, one.file))
        return changed(result, fixed=tuple(fixed), problems=tuple(problems))


def encoded(text: str, like: SourceFile) -> bytes:
    """The bytes of a text in the encoding of a file, with its byte order mark. Raises UnicodeError."""
    return (codecs.BOM_UTF8 if like.bom else b"") + text.encode(like.encoding)


def _is_taken(run: Run, key: str, name: str) -> bool:
    """Whether a file of the run seems to import a name from a module, or can't be read: then it may."""
    path = Path(key)
    module = path.parent.name if path.name == "__init__.py" else path.stem
    wanted = rf"\bfrom\s+[\w.]*\b{re.escape(module)}\s+import\b[^;]*?\b{name}\b|\b{re.escape(module)}\.{name}\b"
    pattern = re.compile(in_text(wanted))
    for other, found in sorted(run.linted.items()):
        if other == key:
            continue
        try:
            data = run.files.bytes(other, found.path)
        except SourceError:
            return True
        if in_text(module) in data and pattern.search(data):
            return True
    return False


def _not_reproducible(source: SourceFile) -> str:
    """Why a file can't be edited safely; empty when its bytes come back from its text and its tree."""
    if encoded(source.text, source) != source.data:
        return f"its bytes can't be reproduced in {source.encoding}"
    return "" if is_reproduced(source.text) else "libcst doesn't reproduce its text"
