"""The files of one run: read once, parsed once, with everything that went wrong."""

from __future__ import annotations

import codecs
import gc
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from durable_lint import crew, observed
from durable_lint.discovery import Found, mentions
from durable_lint.model import Problem, Suppression
from durable_lint.paths import display
from durable_lint.source import SourceError, SourceFile, decode, parse, read_bytes, too_large

if TYPE_CHECKING:
    from typing import Any

    from durable_lint.index.facts import Module
    from durable_lint.index.scope import Shared

SEED, OTHER, LOST = "seed", "other", "lost"
"""What a file is to the run: it speaks of an SDK; it doesn't; it can't be read."""

_NO_SOURCE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
"""What begins so can't be searched for names; decoding says what is wrong with it."""

_TEST = re.compile(rb"def\s+test")
_BEFORE_DEF = re.compile(rb"\s*(?:async\s+)?")
_TEST_CASE = re.compile(rb"TestCase\b")
_WORD = re.compile(rb"\w")
_COMMENT = re.compile(rb"durable-lint:|noqa\s*:[^\n]*DUR", re.IGNORECASE)


def _holds_tests(raw: bytes) -> bool:
    """Whether a file defines tests. Patterns that begin with a ``^`` or a ``\\b`` are too slow to try everywhere."""
    for one in _TEST_CASE.finditer(raw) if b"TestCase" in raw else ():
        if not _WORD.match(raw, max(one.start() - 1, 0), one.start()):
            return True
    before = 0
    for one in _TEST.finditer(raw):
        line = max(raw.rfind(b"\n", before, one.start()) + 1, before)
        if _BEFORE_DEF.fullmatch(raw, line, one.start()):
            return True
        before = one.start()
    return False


def _holds_comment(raw: bytes) -> bool:
    """Whether a file may hold a comment that suppresses something; plain searches are ten times as fast."""
    lowered = raw.lower()
    if b"dur" not in lowered:
        return False
    return (b"durable-lint:" in lowered or b"noqa" in lowered) and _COMMENT.search(raw) is not None


@contextmanager
def collector_off() -> Iterator[None]:
    """Look for no garbage: everything that is made lives as long as the run, and looking would double the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


class _Indexed:
    """What indexing files gave, by key, and what it said; the facts are packed on their way to another process."""

    def __init__(
        self,
        modules: Mapping[str, Module | None],
        suppressions: Mapping[str, tuple[Suppression, ...]],
        problems: Sequence[Problem],
    ) -> None:
        self.modules = modules
        self.suppressions = suppressions
        self.problems = problems

    def __reduce__(self) -> tuple[Any, ...]:
        from durable_lint.index.packing import pack

        lost = [key for key, module in self.modules.items() if module is None]
        packed = pack([module for module in self.modules.values() if module is not None])
        return _unpacked, (packed, lost, self.suppressions, self.problems)


def _unpacked(
    packed: bytes,
    lost: Sequence[str],
    suppressions: Mapping[str, tuple[Suppression, ...]],
    problems: Sequence[Problem],
) -> _Indexed:
    from durable_lint.index.packing import unpack

    modules = {module.path: module for module in unpack(packed)}
    return _Indexed({**modules, **dict.fromkeys(lost)}, suppressions, problems)


class Workspace:
    """Files by key: their absolute path with ``/``; ``tests`` are those that hold tests and speak of no SDK."""

    def __init__(
        self,
        cwd: Path,
        unsaved: Mapping[str, bytes] | None = None,
        *,
        noqa: bool = True,
        limit: Callable[[str], int] = lambda key: observed.SIZE_LIMIT,
    ) -> None:
        """``unsaved``: what stands for the content of files, by key; ``noqa``: whether ``# noqa`` comments hold.

        ``limit`` gives the size in bytes up to which a file is read.
        """
        self.cwd = cwd
        self.limit = limit
        self.unsaved = unsaved or {}
        self.noqa = noqa
        self.sources: dict[str, SourceFile] = {}
        self.suppressions: dict[str, tuple[Suppression, ...]] = {}
        self.problems: list[Problem] = []
        self.tests: set[str] = set()
        self._modules: dict[str, Module | None] = {}
        self._shared: Shared | None = None
        self._shown: dict[str, SourceFile] = {}

    def say(self, problem: Problem) -> None:
        """Remember a problem, once."""
        if problem not in self.problems:
            self.problems.append(problem)

    def take(self, one: Found, data: bytes | None, explicit: bool, roots: tuple[bytes, ...]) -> str:
        """Read a file that is to be linted (``data`` when it is standard input): it is to be indexed if it can matter.

        ``roots`` are the packages of the SDKs that its settings name.

        A file that speaks of no SDK is indexed only when it was named itself or holds a comment of ours.
        """
        key = one.file.as_posix()
        try:
            raw = data if data is not None else self.bytes(key, one.path)
            if data is not None and len(data) > self.limit(key):
                raise SourceError(too_large(one.path, self.limit(key)))
            seed = mentions(raw, roots) or raw.startswith(_NO_SOURCE)
            if not seed and _holds_tests(raw):
                self.tests.add(key)
            if not seed and not explicit and not _holds_comment(raw):
                return OTHER
            self.sources[key] = decode(raw, one.path)
        except SourceError as error:
            self.say(error.problem)
            return LOST
        return SEED if seed else OTHER

    def bytes(self, key: str, path: str) -> bytes:
        """The bytes of a file, shown as ``path``; raises SourceError when it can't be read."""
        unsaved = self.unsaved.get(key)
        return unsaved if unsaved is not None else read_bytes(key, path, limit=self.limit(key))

    def index(self, keys: Sequence[str], workers: int) -> None:
        """Index files that were read, by so many processes where that pays."""
        for indexed in crew.work(crew.deal(keys, self._size, workers), self._indexed):
            self._modules.update(indexed.modules)
            self.suppressions.update(indexed.suppressions)
            for problem in indexed.problems:
                self.say(problem)

    def _size(self, key: str) -> int:
        return len(self.sources[key].data)

    def _indexed(self, keys: Sequence[str]) -> _Indexed:
        said = len(self.problems)
        modules = {key: self.module(key) for key in keys}
        known = {key: self.suppressions[key] for key in keys if key in self.suppressions}
        return _Indexed(modules, known, self.problems[said:])

    def is_lost(self, key: str) -> bool:
        """Whether a file was to be indexed and couldn't be."""
        return key in self._modules and self._modules[key] is None

    def module(self, key: str) -> Module | None:
        """The facts of a file; None, and a problem said, when it can't be read or parsed."""
        if key not in self._modules:
            self._modules[key] = None
            self._modules[key] = self._index(key)
        return self._modules[key]

    def _index(self, key: str) -> Module | None:
        from durable_lint.index.collect import collect
        from durable_lint.index.scope import Shared

        self._shared = self._shared or Shared()
        path = display(key, self.cwd)
        try:
            source = self.sources.get(key) or decode(self.bytes(key, path), path)
            self.sources[key] = source
            tree = parse(source)
            if _holds_comment(source.data):
                from durable_lint import suppressions

                self.suppressions[key] = suppressions.find(source, tree, noqa=self.noqa)
            return collect(source, tree, key, self._shared)
        except SourceError as error:
            self.say(error.problem)
        except RecursionError:
            self.say(Problem("too-deep", path, "nested too deeply to be analysed: split the expression"))
        return None

    def shown(self, path: str) -> SourceFile:
        """The file that was read and is shown as ``path``."""
        if len(self._shown) < len(self.sources):
            self._shown = {source.path: source for source in self.sources.values()}
        return self._shown[path]

    def text(self, key: str) -> str | None:
        """The text of a file that was read, None for any other."""
        source = self.sources.get(key)
        return source.text if source is not None else None

    @property
    def parsed(self) -> frozenset[str]:
        """The files that were parsed."""
        return frozenset(key for key, module in self._modules.items() if module is not None)
