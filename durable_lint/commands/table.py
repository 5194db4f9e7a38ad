"""The options of ``check`` that most runs give, as a table: click reads it for everything, ``understood`` reads plain
command lines by it without click, whose import takes as long as judging a handler."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from durable_lint.commands import NAMES
from durable_lint.records import dataclass
from durable_lint.report import FORMATS
from durable_lint.settings import FAIL_ON, LEVELS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from durable_lint.settings import Overrides

FLAG, TEXT, CODES = "", "TEXT", "CODES"


@dataclass(frozen=True, slots=True)
class Option:
    """An option: its name, what its help says, and what it is called in code where that isn't its name.

    ``takes`` is FLAG for one without a value, CODES for rules separated by commas, else TEXT; ``choices`` are all
    values that are allowed. ``shown`` stands for the value in the help; ``is_path``: a shell completes it as one.
    """

    name: str
    help: str
    takes: str = FLAG
    choices: tuple[str, ...] = ()
    default: str | None = None
    many: bool = False
    shown: str | None = None
    is_path: bool = False
    called: str = ""

    @property
    def destination(self) -> str:
        """The name of the parameter that gets the value."""
        return self.called or self.name.lstrip("-").replace("-", "_")


FORMAT = Option("--format", "The report. [text]", TEXT, tuple(FORMATS), "text", called="format_")
OUTPUT = Option("--output", "Write the report to a file, and print text.", TEXT, shown="FILE", is_path=True)
MORE = Option(
    "--output-format", "Write one more report; may be repeated.", TEXT, many=True, shown="FORMAT=FILE", called="more"
)
SELECT = Option("--select", "Check only these: codes, prefixes, names, recommended, strict or ALL.", CODES)
EXTEND_SELECT = Option("--extend-select", "Check these rules as well.", CODES)
IGNORE = Option("--ignore", "Leave these rules out.", CODES)
EXCLUDE = Option("--exclude", "Leave out matching files; may be repeated.", TEXT, many=True, shown="PATTERN")
FAIL = Option("--fail-on", "Exit with 1 from this level on. [warning]", TEXT, FAIL_ON)
ISOLATED = Option("--isolated", "Use no configuration file.")
FIX = Option("--fix", "Apply fixes and report what is left.")
FIX_ONLY = Option("--fix-only", "Apply fixes and report nothing but what was fixed.")
DIFF = Option("--diff", "Write no file: show what --fix would change, and exit with 1 if anything.")
FIX_LEVEL = Option("--fix-level", "The highest level of fixes that --fix applies. [history]", TEXT, LEVELS)
STDIN_FILENAME = Option(
    "--stdin-filename", "The name of what is read from standard input, given as '-'.", TEXT, shown="NAME", is_path=True
)
DIFF_FROM = Option("--diff-from", "Report only what changes since a git revision cause.", TEXT, shown="REV")
CONTEXT = Option(
    "--context", "Read these too, report what given files cause in them.", TEXT, many=True, shown="PATH", is_path=True
)
FORCE_EXCLUDE = Option("--force-exclude", "Leave out what is excluded even where it is given.")
NO_CACHE = Option("--no-cache", "Neither read nor write the cache of results.")
CACHE_DIR = Option(
    "--cache-dir", "Where the cache is. [the user's folder for caches]", TEXT, shown="FOLDER", is_path=True
)
STATISTICS = Option("--statistics", "Count the findings of each rule and module.")
QUIET = Option("--quiet", "Print findings only, no summary.")
COLOR = Option("--color", "When to use colour. [auto]", TEXT, ("auto", "always", "never"), "auto")

PLAIN = (
    FORMAT, OUTPUT, MORE, SELECT, EXTEND_SELECT, IGNORE, EXCLUDE, FAIL, ISOLATED, FIX, FIX_ONLY, DIFF, FIX_LEVEL,
    STDIN_FILENAME, DIFF_FROM, CONTEXT, FORCE_EXCLUDE, NO_CACHE, CACHE_DIR, STATISTICS, QUIET, COLOR,
)  # fmt: skip
"""The options that ``understood`` knows."""


def codes_in(values: Sequence[str]) -> tuple[str, ...]:
    """The codes and names in the values of an option that takes CODES."""
    return tuple(code.strip() for value in values for code in value.split(",") if code.strip())


def understood(args: Sequence[str]) -> dict[str, Any] | None:
    """What a command line says to ``check``, by parameter; None where click must say what it means.

    Whatever isn't plain is left to click: other commands and options, values that begin with a dash, mistakes.
    """
    known = {option.name: option for option in PLAIN}
    given: dict[str, list[str]] = {}
    paths: list[str] = []
    words = list(reversed(args))
    while words:
        word = words.pop()
        if not word.startswith("-") or word == "-":
            paths.append(word)
            continue
        name, equals, value = word.partition("=")
        option = known.get(name)
        if option is None or (option.takes == FLAG and equals):
            return None
        if option.takes != FLAG and not equals:
            value = words.pop() if words else ""
        if option.takes != FLAG and (not value or value.startswith("-")):
            return None
        given.setdefault(name, []).append(value)
    if paths and paths[0] == "check":
        del paths[0]
    elif paths and paths[0] in NAMES:
        return None
    found: dict[str, Any] = {option.destination: _value(option, given.get(option.name, ())) for option in PLAIN}
    wrong = [one for one in PLAIN if one.name in given and not _is_allowed(one, given[one.name])]
    return None if wrong or "" in paths else {**found, "paths": tuple(paths)}


def _value(option: Option, given: Sequence[str]) -> Any:
    if option.takes == FLAG:
        return bool(given)
    if option.takes == CODES:
        return codes_in(given)
    if option.many:
        return tuple(given)
    return given[-1] if given else option.default


def _is_allowed(option: Option, given: Sequence[str]) -> bool:
    if option.takes == CODES:
        return bool(codes_in(given))
    return not option.choices or all(value in option.choices for value in given)


def overrides_in(settings: Mapping[str, Any]) -> Overrides:
    """What the command line says about settings."""
    from durable_lint.settings import Overrides

    return Overrides(**{**settings, "select": settings["select"] or None})
