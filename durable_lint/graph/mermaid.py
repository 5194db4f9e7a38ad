"""Pictures as Mermaid flowcharts, which GitHub and GitLab draw in pull requests."""

from __future__ import annotations

import re
from collections.abc import Sequence

from durable_lint.graph.flow import Edge, Flow, Node, flow_of
from durable_lint.graph.model import Picture, short

MOST_EDGES = 500
LONGEST = 50_000
"""From so many edges and characters on Mermaid refuses a chart, where nobody has configured it otherwise."""

_SHAPES = {
    "start": ("([", "])"), "end": ("([", "])"), "operation": ("[", "]"), "suspending": ("[/", "/]"),
    "branch": ("{{", "}}"), "loop": ("[/", "\\]"), "code": ("[", "]"), "call": ("[[", "]]"), "try": (">", "]"),
    "jump": ("([", "])"),
}  # fmt: skip
_ARROWS = {"flow": "-->", "again": "-.->", "error": "-.->"}
_CLASSES = """\
    classDef operation fill:#dbeafe,stroke:#2563eb,color:#0f172a
    classDef suspending fill:#ede9fe,stroke:#7c3aed,color:#0f172a
    classDef other fill:#f1f5f9,stroke:#64748b,color:#0f172a
    classDef warning fill:#fef3c7,stroke:#d97706,color:#0f172a,stroke-width:3px
    classDef error fill:#fee2e2,stroke:#dc2626,color:#0f172a,stroke-width:3px
    classDef region fill:transparent,stroke:#94a3b8
"""
# A line of Markdown may begin a list, and underscores at the edge of a word may be emphasis: these are escaped too.
_SPECIAL = re.compile(r"[\"#&<>:;`\\%$*~{}\[\]|@^]|(?<![^\W_])_|_(?![^\W_])|^[-+=]|(?<=^\d)[.)]|(?<=^\d\d)[.)]")


def render(pictures: Sequence[Picture]) -> str:
    """A flowchart for each picture, with an empty line between two."""
    return "\n".join(map(_chart, pictures))


def markdown(pictures: Sequence[Picture]) -> str:
    """The flowcharts in fenced blocks, each under a heading, for a pull request or the summary of a job."""
    return "\n".join(f"### {_heading(one)}\n\n```mermaid\n{_chart(one)}```\n" for one in pictures)


def _heading(picture: Picture) -> str:
    text = f"{picture.name} ({picture.place.path}:{picture.place.line})"
    return re.sub(r"[\\`*_{}\[\]<>#|&~]", lambda found: f"&#{ord(found[0])};", short(text, 200))


def _chart(picture: Picture) -> str:
    """The flowchart of a picture; what lies deepest is folded until it is no larger than Mermaid draws by default."""
    chart = ""
    for deepest in (99, 8, 6, 5, 4, 3, 2, 1, 0):
        flow = flow_of(picture, deepest)
        chart = _drawn(flow)
        if len(flow.edges) < MOST_EDGES and len(chart) < LONGEST:
            break
    return chart


def _drawn(flow: Flow) -> str:
    lines = ["flowchart TD", *_region(flow, 0, 1)]
    lines += [_edge(edge) for edge in flow.edges]
    lines += [f"    class r{region.id} region" for region in flow.regions]
    return "\n".join(lines) + "\n" + _CLASSES


def _region(flow: Flow, region: int, depth: int) -> list[str]:
    """The nodes of a region and the regions in it."""
    indent = "    " * depth
    lines = [indent + _node(node) for node in flow.nodes if node.region == region]
    for inner in flow.regions:
        if inner.parent == region:
            lines.append(f"{indent}subgraph r{inner.id}[{_quoted([inner.title])}]")
            lines += _region(flow, inner.id, depth + 1)
            lines.append(f"{indent}end")
    return lines


def _node(node: Node) -> str:
    before, after = _SHAPES[node.kind]
    pause = "⏸ " if node.kind == "suspending" else ""
    lines = [pause + node.title, *([node.note] if node.note else [])]
    lines += [f"⚠ {mark.code} {mark.name}, line {mark.line}" for mark in node.marks]
    kind = node.kind if node.kind in ("operation", "suspending") else "other"
    if node.marks:
        kind = "error" if any(mark.severity == "error" for mark in node.marks) else "warning"
    return f"n{node.id}{before}{_quoted(lines)}{after}:::{kind}"


def _edge(edge: Edge) -> str:
    label = f"|{_quoted([edge.label])}|" if edge.label else ""
    return f"    n{edge.source} {_ARROWS[edge.style]}{label} n{edge.target}"


def _quoted(lines: Sequence[str]) -> str:
    return '"' + "<br/>".join(escaped(line) for line in lines) + '"'


def escaped(text: str) -> str:
    """A text as it may stand in quotes: what Mermaid, Markdown or HTML would read something into as ``#code;``."""
    return _SPECIAL.sub(lambda found: _code(found[0]), short(text, 120))


def _code(char: str) -> str:
    """The code of a character; an invisible one keeps ``$$`` from being a formula and ``\\n`` a new line."""
    return f"#{ord(char)};" + ("#8203;" if char in "$\\" else "")
