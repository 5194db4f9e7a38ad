"""What every check shares: the rule's identity, and the view of one module that a check judges."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from durable_lint.checks.cleaning import cleaning
from durable_lint.checks.repairs import Repair, in_step
from durable_lint.model import Fix, RuleInfo, SdkVersion, Severity
from durable_lint.records import dataclass, field

if TYPE_CHECKING:
    from durable_lint.fixes.imports import Imports
    from durable_lint.fixes.tree import Tree
    from durable_lint.fixes.wrap import Wrapping
    from durable_lint.index.effects import Hops
    from durable_lint.index.facts import Module
    from durable_lint.index.issuing import Site
    from durable_lint.index.project import Project
    from durable_lint.index.things import FunctionId
    from durable_lint.source import SourceFile
    from durable_lint.visit.region import Region
    from durable_lint.visit.values import EffectUse

Rule = RuleInfo


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check reports: offsets in the module's text, and the hops to the cause, the reported place first.

    ``severity`` is the finding's own where the rule's depends on the case; ``reach`` is what its value reaches, with
    the offset of that place. ``fix`` builds the fix, or gives None where the rule has one but not for this finding.
    """

    rule: Rule
    start: int
    end: int
    message: str
    hops: Hops = ()
    severity: Severity | None = None
    reach: tuple[str, int] | None = None
    fix: Callable[[], Fix | None] | None = None


@dataclass(frozen=True, slots=True)
class Check:
    """One module as the checks see it; ``regions`` are sorted by place and kind.

    ``sdk_version`` is the version of the SDK that the module is meant for, as its project says; else the newest known.
    """

    project: Project
    module: Module
    source: SourceFile
    regions: Sequence[Region]
    sdk_version: SdkVersion
    trees: dict[int, Tree] = field(default_factory=dict)
    strict: bool = False
    """Whether the preset ``strict`` is chosen for the file: what is left to taste counts too."""
    memo: dict[str, Any] = field(default_factory=dict)

    @property
    def unchecked_until(self) -> str:
        """The version from which on an operation of another kind or name than the history has fails; empty when the
        targeted version does that."""
        later = [profile.checked_since for profile in self.project.profiles if self.sdk_version < profile.checked_since]
        return ".".join(map(str, max(later))) if later else ""

    @property
    def are_results_converted(self) -> bool:
        """Whether the first run of the targeted version gives results as a replay does."""
        return all(self.sdk_version >= profile.converted_since for profile in self.project.profiles)

    def tree(self, top: int) -> Tree:
        """The libcst tree of a top-level statement (``Function.top``), read when it is first asked for.

        Raises libcst.ParserSyntaxError when libcst can't read a statement that Python itself can.
        """
        if top not in self.trees:
            from durable_lint.fixes.tree import Tree
            from durable_lint.visit.numbering import Numbered

            start, end = self.module.tops[top]
            seen = (region.numbered for region in self.regions if self.top(region.fid) == top)
            self.trees[top] = Tree(next(seen, None) or Numbered(self.source.text[start:end] + "\n"), start)
        return self.trees[top]

    def tree_at(self, offset: int) -> Tree:
        """The libcst tree of the top-level statement at an offset of the text."""
        return self.tree(next(top for top, (start, end) in enumerate(self.module.tops) if start <= offset < end))

    def tree_of(self, fid: FunctionId, offset: int) -> Tree:
        """The libcst tree of the top-level statement that holds a function, or an offset of the module's own code."""
        top = self.top(fid)
        return self.tree(top) if top >= 0 else self.tree_at(offset)

    @property
    def imports(self) -> Imports:
        """The imports of the module, for fixes that need one."""
        if "imports" not in self.memo:
            from durable_lint.fixes.imports import Imports

            self.memo["imports"] = Imports(self.source, self.module)
        found: Imports = self.memo["imports"]
        return found

    @property
    def wrapping(self) -> Wrapping:
        """What wraps effects of this module in steps, and names them."""
        if "wrapping" not in self.memo:
            from durable_lint.fixes.wrap import Wrapping

            self.memo["wrapping"] = Wrapping(self.project, self.module.path, self.imports)
        found: Wrapping = self.memo["wrapping"]
        return found

    def top(self, fid: FunctionId) -> int:
        """The top-level statement that holds a function of this module; -1 for the module's own code."""
        return self.module.functions[fid[1]].top

    def sites(self) -> Sequence[Site]:
        """The calls of this module that issue operations themselves, in the order of its functions and their calls."""
        return self.project.sites(self.module.path)

    def replayed(self) -> Iterator[Region]:
        """The regions that run again on every replay."""
        return (region for region in self.regions if region.replayed)

    def steps(self) -> Iterator[Region]:
        """The regions of step code."""
        return (region for region in self.regions if not region.replayed)

    def place(self, region: Region) -> str:
        """Where the code of a region stands, for a message."""
        return {"workflow": "in workflow code", "child": "in a child context's body"}.get(region.kind, "in a step")

    def written(self, start: int, end: int, api: str) -> str:
        """An API as its user wrote it, without arguments; the resolved name is added where it says more."""
        text = " ".join(self.source.text[start:end].split())
        called = text.endswith(")")
        depth = 0
        for index in range(len(text) - 1, -1, -1) if called else ():
            depth += (text[index] == ")") - (text[index] == "(")
            if not depth:
                text = text[:index]
                break
        if len(text) > 60:
            api = api or _without_arguments(text)
            return f"{api}()" if called else api
        shown = f"{text}()" if called else text
        return (
            shown if not api or api in (text, shown) or api.endswith(f".{text}") or "()" in api else f"{shown} ({api})"
        )


def _without_arguments(text: str) -> str:
    """A long callee without what its calls are given: ``a.map(rows, f).get`` as ``a.map(...).get``, else its end."""
    kept, depth = "", 0
    for character in text:
        depth -= character == ")"
        kept += character if not depth else ""
        if character == "(":
            kept += "..." if not depth else ""
            depth += 1
    return kept if len(kept) <= 60 else kept.rpartition(".")[2]


Repairing = Callable[["Check", "Region", "EffectUse"], Repair]


def effects(rule: Rule, kind: str, consequence: str, repair: Repairing = in_step) -> object:
    """A check that reports every effect of a kind in replayed code: once for each place.

    ``consequence`` says what goes wrong. Effects inside an operation's name are DUR502's, those in
    cleanup code that a suspension runs DUR308's. A rule that is an error by
    default is a warning where no operation can depend on the value.
    """

    def check(ctx: Check) -> Iterator[Finding]:
        for region in ctx.replayed():
            for use in region.ordered_effects():
                if use.kind != kind or (use.in_name and use.source is not None):
                    continue
                if cleaning(ctx, region, use) is None:
                    yield effect_finding(ctx, rule, region, use, consequence, repair)

    return check


def effect_finding(
    ctx: Check, rule: Rule, region: Region, use: EffectUse, consequence: str, repair: Repairing = in_step
) -> Finding:
    """The finding of one effect: what it is, where, what follows, and what its value reaches."""
    api = ctx.written(use.start, use.end, use.api if len(use.hops) < 2 else "")
    through = (
        f" leads to {use.api}{'' if use.api.endswith(')') or kind_is_read(use) else '()'}" if len(use.hops) > 1 else ""
    )
    reach = worst_reach(use)
    message = f"{api}{through} {ctx.place(region)}: {consequence}{reached(ctx, use)}"
    graded = severity(use) if rule.default is Severity.ERROR else None
    return Finding(rule, use.start, use.end, message, use.hops, graded, reach, repair(ctx, region, use))


def kind_is_read(use: EffectUse) -> bool:
    """Whether the cause is a read of a name, which takes no parentheses."""
    return use.api in ("os.environ", "os.environb", "sys.argv", "sys.path")


_SINKS = ("name", "branch", "loop", "argument", "body", "kept", "result", "log")
"""What a value can reach, the worst first; from ``result`` on no operation depends on it."""


def worst_reach(use: EffectUse) -> tuple[str, int] | None:
    """The worst that the value of an effect reaches, with its offset or -1; None when nothing is known of it."""
    reaches = use.source.reaches if use.source is not None else {}
    return next((reaches[sink] for sink in _SINKS if sink in reaches), None)


def severity(use: EffectUse) -> Severity | None:
    """An error when an operation can depend on the value, else a warning; None for effects that make no value."""
    if use.source is None:
        return None
    return Severity.ERROR if any(sink in use.source.reaches for sink in _SINKS[:6]) else Severity.WARNING


def reached(ctx: Check, use: EffectUse) -> str:
    """The end of a message: what the value reaches, and where."""
    reach = worst_reach(use)
    if reach is None:
        return ""
    line = f" at line {ctx.source.lines.position(reach[1]).line}" if reach[1] >= 0 else ""
    return f" (reaches {reach[0]}{line})"


ERROR, WARNING = Severity.ERROR, Severity.WARNING
