"""Visit the workflow and step code of one module."""

from __future__ import annotations

from collections.abc import Set

from durable_lint.index import facts as f
from durable_lint.index.facts import Module
from durable_lint.index.project import Project
from durable_lint.index.things import FunctionId
from durable_lint.visit.numbering import Numbered
from durable_lint.visit.region import Region
from durable_lint.visit.walker import Visit


def visit_module(project: Project, module: Module, text: str, tops: Set[int]) -> list[Region]:
    """The regions of some top-level statements of a module, sorted by place and kind.

    Raises libcst.ParserSyntaxError when libcst can't read a statement that Python itself can.
    """
    regions: list[Region] = []
    held: dict[int, list[FunctionId]] = {top: [] for top in sorted(tops)}
    for function in module.functions:
        if function.top in held and function.kind in ("def", "lambda"):
            held[function.top].append((module.path, function.index))
    for top, fids in held.items():
        start, end = module.tops[top]
        visit = Visit(project, module.path, Numbered(text[start:end] + "\n"))
        for fid in sorted(fids, key=lambda fid: _inside_region(project, fid)):
            for kind in project.kinds(fid):
                if (fid, kind) not in visit.visits:
                    visit.function(fid, kind)
        regions += visit.regions.values()
    _give_way(project, module, regions)
    return sorted(regions, key=lambda region: (project.ev.function(region.fid).start, region.fid, region.kind))


def _give_way(project: Project, module: Module, regions: list[Region]) -> None:
    """Forget what calls do that are made at once where an operation should get a body: the call itself is the fault."""
    calls = [
        project.ev.function(fid).calls[expr[1]]
        for _, leaves in project.handing.eager(module.path)
        for expr, fid in leaves
        if fid[0] == module.path and expr[0] == f.CALL
    ]
    spans = [(call.start, call.end) for call in calls]
    spans += [(one.start, one.end) for one, _ in project.handing.eager(module.path)]
    for region in regions:
        for key, use in sorted(region.effects.items()):
            if any(start <= use.start and use.end <= end for start, end in spans):
                del region.effects[key]


def _inside_region(project: Project, fid: FunctionId) -> bool:
    """Whether a function around this one is visited too, and will lead to it."""
    while fid[1] > 0:
        fid = project.ev.parent(fid)
        if fid[1] > 0 and project.kinds(fid):
            return True
    return False
