"""The analysis of one folder, again and again: facts of unchanged files are kept, fixes are built when asked for.

There are two ways to look at a document. The *near* way links it with the files that import it, straight or through
others, and with what these reach; it takes milliseconds. The *whole* way links the folder, as the command does, and
its answer is the one that stays. They differ only where a file that is not near has a say.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

from durable_lint import observed
from durable_lint.checks.base import Finding
from durable_lint.config import Overrides
from durable_lint.discovery import Discovery, Found, discover
from durable_lint.engine import Run
from durable_lint.fingerprints import numbered
from durable_lint.fixing import Fixer
from durable_lint.index.facts import Module
from durable_lint.model import Diagnostic, Fix, Level, Problem, RunResult, Suppression
from durable_lint.paths import Patterns, display, in_text
from durable_lint.records import dataclass, field
from durable_lint.server import narrow as narrowing
from durable_lint.source import SourceError, SourceFile, decode, read_bytes
from durable_lint.workspace import Workspace, collector_off

NEAR = 16
"""How many files that import a document are linked with it, straight or through others, before the whole is."""

_IMPORT = re.compile(rb"^[ \t]*(?:from[ \t]+([\w.]+)[ \t]+)?import[ \t]*(\([^)]*\)|(?:\\\r?\n|[^\n])*)", re.MULTILINE)
_WORD = re.compile(rb"\w+")

Unsaved = Mapping[str, bytes]
Stop = Callable[[], bool]


class Stopped(BaseException):
    """A run was given up, because what it looks at has changed; no Exception, so that nothing takes it for a fault."""


@dataclass
class _Facts:
    source: SourceFile
    module: Module | None
    suppressions: tuple[Suppression, ...] | None
    problems: list[Problem]


@dataclass
class Kept:
    """What is kept of files by key, as long as their bytes stay the same."""

    facts: dict[str, _Facts] = field(default_factory=dict)
    on_disk: dict[str, tuple[tuple[int, int, int], bytes]] = field(default_factory=dict)
    imports: dict[str, tuple[bytes, frozenset[bytes]]] = field(default_factory=dict)

    def imported(self, key: str, data: bytes) -> frozenset[bytes]:
        """The words in the import statements of a file; for ``from . import`` the names of the folders meant, too."""
        known = self.imports.get(key)
        if known is None or known[0] != data:
            words: set[bytes] = set()
            for match in _IMPORT.finditer(data):
                words.update(_WORD.findall(match[0]))
                level = len(match[1] or b"") - len((match[1] or b"").lstrip(b"."))
                above = PurePosixPath(key).parents
                if 0 < level < len(above):
                    words.add(in_text(above[level - 1].name))
            known = self.imports[key] = (data, frozenset(words))
        return known[1]


class _Files(Workspace):
    """The files of one run, their facts taken from earlier runs where they can be."""

    def __init__(self, cwd: Path, unsaved: Unsaved, kept: Kept, limit: Callable[[str], int]) -> None:
        super().__init__(cwd, unsaved, limit=limit)
        self.kept = kept

    def bytes(self, key: str, path: str) -> bytes:
        unsaved = self.unsaved.get(key)
        if unsaved is not None:
            return unsaved
        try:
            stat = os.stat(key)  # noqa: PTH116 - half the time of Path.stat, and it is asked for every file
        except (OSError, ValueError):
            return read_bytes(Path(key), path, limit=self.limit(key))  # says what is wrong
        signature = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        known = self.kept.on_disk.get(key)
        if known is None or known[0] != signature:
            known = self.kept.on_disk[key] = (signature, read_bytes(Path(key), path, limit=self.limit(key)))
        return known[1]

    def _index(self, key: str) -> Module | None:
        try:
            data = self.bytes(key, display(key, self.cwd))
        except SourceError as error:
            self.say(error.problem)
            return None
        known = self.kept.facts.get(key)
        if known is None or known.source.data != data:
            said = len(self.problems)
            module = super()._index(key)
            source = self.sources.get(key)
            if source is not None:
                found = self.suppressions.get(key)
                self.kept.facts[key] = _Facts(source, module, found, self.problems[said:])
            return module
        self.sources[key] = known.source
        if known.suppressions is not None:
            self.suppressions[key] = known.suppressions
        for problem in known.problems:
            self.say(problem)
        return known.module


class Look(Run):
    """One run over given files; its findings are those of the ``judged`` ones, without fixes unless ``fixes``.

    ``part``: of the judged file some functions were left out, and it can't give fixes.
    """

    def __init__(
        self,
        root: Path,
        unsaved: Unsaved,
        kept: Kept,
        judged: Collection[str],
        stop: Stop,
        *,
        fixes: bool = False,
        part: bool = False,
    ) -> None:
        super().__init__(Overrides(), root)
        self.part = part
        self.files = _Files(root, unsaved, kept, self.finder.size_limit)
        self.judged = judged
        self.stop = stop
        self.fixes = fixes
        self._findings_of: dict[tuple[str, str, int, int, str], Finding] = {}

    def pause(self) -> None:
        """Give up when the run is stale."""
        if self.stop():
            raise Stopped

    def judge(self, key: str) -> list[Diagnostic]:
        """What is found in a file, if its findings are wanted; the others are only linked."""
        self.pause()
        return super().judge(key) if key in self.judged else []

    def load(self, files: Iterable[Found]) -> None:
        """Read and link these files."""
        self.link({one: self._take(one, None, False) for one in files})

    def over(self, files: Iterable[Found]) -> RunResult:
        """The result for these files."""
        self.load(files)
        return self.result()

    def _fix(self, finding: Finding, key: str) -> Fix | None:
        if self.fixes:
            return super()._fix(finding, key)
        self._findings_of[(key, finding.rule.code, finding.start, finding.end, finding.message)] = finding
        return None

    def fix(self, key: str, found: Diagnostic, stop: Stop) -> Fix | None:
        """The fix of a finding of this run, which may be stale by now: only ``stop`` ends the making of the fix."""
        self.stop = stop
        span = found.location.span
        finding = self._findings_of.get((key, found.code, span.start, span.end, found.message))
        return found.fix if finding is None else super()._fix(finding, key)

    def discover(self, paths: Sequence[str], *, force_exclude: bool = False) -> Discovery:
        """The files below paths, by the settings that hold there."""

        def excludes(directory: Path) -> Sequence[Patterns]:
            self.pause()
            return self.finder.excludes(directory)

        return discover(paths, cwd=self.cwd, excludes=excludes, force_exclude=force_exclude)


@dataclass(frozen=True)
class Answer:
    """The findings of each judged file by key, what went wrong, and the run that can still make the fixes."""

    found: Mapping[str, Sequence[Diagnostic]]
    problems: Sequence[Problem]
    look: Look


@dataclass(frozen=True)
class _Last:
    """The last answer of the near way: about which document, and what was open then."""

    key: str
    unsaved: Unsaved
    answer: Answer


class Session:
    """One folder; ``whole``: all its files are linked, and not only those that are open. Use it from one thread."""

    def __init__(self, root: Path, whole: bool = True) -> None:
        self.root = root
        self.whole = whole
        self.kept = Kept()
        self._files: dict[str, Found] | None = None
        self._is_included: dict[str, bool] = {}
        self._trusted: dict[str, bool] = {}
        self._last: _Last | None = None
        self._tops: tuple[str, tuple[narrowing.Top, ...]] = ("", ())

    def near(self, keys: Collection[str], unsaved: Unsaved, stop: Stop, *, anyway: bool = False) -> Answer | None:
        """Look at documents and the open ones that depend on them; None where the whole folder must be looked at."""
        with collector_off():
            users = self._users(keys, unsaved)
            if not anyway and not all(self._trusted.get(key, users is not None) for key in keys):
                return None
            if not anyway and users == {*keys} and len(users) == 1:
                (key,) = keys
                answer = self._narrow(key, unsaved, stop) or self._near(users, unsaved, stop)
                if not answer.problems:
                    self._last = _Last(key, dict(unsaved), answer)
                return answer
            return self._near(users or keys, unsaved, stop)

    def _near(self, keys: Collection[str], unsaved: Unsaved, stop: Stop) -> Answer:
        look = Look(self.root, unsaved, self.kept, {key for key in keys if key in unsaved}, stop)
        shown = [self.shown(key) for key in sorted(keys) if self._included(look, key)]
        return self._answer(look, look.over(shown))

    def _narrow(self, key: str, unsaved: Unsaved, stop: Stop) -> Answer | None:
        """Look at the function alone that was edited since the last answer; None where more must be looked at."""
        last = self._last
        if last is None or last.key != key or {**last.unsaved, key: b""} != {**unsaved, key: b""}:
            return None
        old = last.answer.look.files.sources.get(key)
        if old is None or old.bom or narrowing.speaks_of_ours(old.text):
            return None
        try:
            new = decode(unsaved[key], old.path)
            tops = self._tops[1] if self._tops[0] == old.text else narrowing.tops_of(old.text)
        except (SourceError, SyntaxError, ValueError, RecursionError):
            return None
        found = narrowing.narrow(old.text, tops, new.text) if new.encoding == "utf-8" else None
        kept = narrowing.moved(last.answer.found[key], found, old, new) if found is not None else None
        if found is None or kept is None or not found.apart or narrowing.speaks_of_ours(new.text):
            return None
        look = Look(self.root, {**unsaved, key: found.text.encode()}, self.kept, {key}, stop, part=True)
        result = look.over([self.shown(key)] if self._included(look, key) else [])
        if result.problems or (key in look.settings and look.settings[key].baseline is not None):
            return None  # a baseline knows findings by their number among all that are alike
        look.files.sources[key] = new
        self._tops = (new.text, found.tops)
        fresh = [one for one in result.diagnostics if not found.is_apart(one.location)]
        every = numbered(sorted([*kept, *fresh], key=lambda one: one.sort_key), new.lines.line_text)
        return Answer({key: every}, (), look)

    def all(self, unsaved: Unsaved, last: Collection[str], stop: Stop) -> Answer:
        """Look at the whole folder and judge the open documents; ``last`` are those that were changed last."""
        with collector_off():
            look = Look(self.root, unsaved, self.kept, set(unsaved), stop)
            self._is_included.clear()
            self._last = None
            found = look.discover([str(self.root)]).files if self.whole else ()
            self._files = {one.file.as_posix(): one for one in found}
            new = [key for key in unsaved if key not in self._files and self._included(look, key)]
            answer = self._answer(look, look.over([*found, *map(self.shown, new)]))
        for key in last:
            if key in unsaved:
                nearby = self.near([key], unsaved, stop, anyway=True)
                self._trusted[key] = nearby is not None and nearby.found[key] == answer.found[key]
        return answer

    def look_for_fixes(self, key: str, unsaved: Unsaved, stop: Stop) -> Look:
        """A look at a document and what is near that can give the fixes of its findings."""
        with collector_off():
            return self._near(self._users([key], unsaved) or {key}, unsaved, stop).look

    def fix_all(self, key: str, unsaved: Unsaved, stop: Stop) -> str | None:
        """The text of a document with all its safe fixes applied; None when there are none."""
        with collector_off():
            fixer = _SafeFixer(self, key, unsaved, self._users([key], unsaved) or {key}, stop)
            result = fixer.run([str(self.root)], None, "<stdin>")
        return next((fixed.new for fixed in result.fixed if fixed.file == key), None)

    def _answer(self, look: Look, result: RunResult) -> Answer:
        found: dict[str, list[Diagnostic]] = {key: [] for key in look.judged}
        keys = {one.path: key for key, one in look.linted.items()}
        for diagnostic in result.diagnostics:
            found[keys[diagnostic.path]].append(diagnostic)
        return Answer(found, result.problems, look)

    def shown(self, key: str) -> Found:
        """A document as a file that was found."""
        known = (self._files or {}).get(key)
        return known if known is not None else Found(Path(key), display(key, self.root))

    def _included(self, look: Look, key: str) -> bool:
        """Whether the command would look at a file when it is given the folder; a new one counts before it is saved."""
        if key not in self._is_included:
            missing = not Path(key).exists()
            known = self._files is not None and key in self._files
            shown = known or missing or bool(look.discover([key], force_exclude=True).files)
            self._is_included[key] = shown
        return self._is_included[key]

    def _users(self, keys: Collection[str], unsaved: Unsaved) -> set[str] | None:
        """Documents and the files that may import them, straight or through others; None when these are too many.

        A file may import another when an import in it has its name. Tests are left out: they say little of others.
        """
        files = _Files(self.root, unsaved, self.kept, lambda key: observed.LARGEST)
        others: dict[str, frozenset[bytes]] = {}
        for key in {*(self._files or ()), *unsaved} - {*keys}:
            if not _is_test(key):
                try:
                    others[key] = self.kept.imported(key, files.bytes(key, key))
                except SourceError:
                    continue
        found, waiting = set(keys), list(keys)
        while waiting:
            name = _name(waiting.pop())
            users = [key for key, words in others.items() if name in words]
            for key in users:
                del others[key]
            found.update(users)
            waiting += users
            if len(found) - len(keys) > NEAR:
                return None
        return found


def _name(key: str) -> bytes:
    path = PurePosixPath(key)
    return in_text(path.parent.name if path.stem == "__init__" else path.stem)


def _is_test(key: str) -> bool:
    path = PurePosixPath(key)
    return path.name.startswith(("test_", "conftest")) or path.stem.endswith("_test")


class _SafeFixer(Fixer):
    """Applies the safe fixes of one document."""

    def __init__(self, session: Session, key: str, unsaved: Unsaved, users: Collection[str], stop: Stop) -> None:
        super().__init__(Overrides(), session.root, False, (), False)
        self.session = session
        self.key = key
        self.given = unsaved
        self.users = users
        self.stop = stop

    def read(self, paths: Sequence[str], stdin: bytes | None, stdin_filename: str) -> Run:
        """A run over the files as they are by now."""
        unsaved = {**self.given, **self.unsaved}
        look = Look(self.session.root, unsaved, self.session.kept, {self.key}, self.stop, fixes=True)
        look.load([self.session.shown(key) for key in sorted(self.users)])
        return look

    def allows(self, run: Run, key: str, fix: Fix) -> bool:
        """Whether a fix may be applied to a file."""
        return key == self.key and fix.level is Level.SAFE
