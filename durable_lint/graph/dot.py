"""Pictures in Graphviz's language."""

from __future__ import annotations

from collections.abc import Sequence

from durable_lint.graph.flow import Edge, Flow, Node, flow_of
from durable_lint.graph.model import Picture, short

_SHAPES = {
    "start": "oval", "end": "oval", "operation": "box", "suspending": "parallelogram", "branch": "diamond",
    "loop": "hexagon", "code": "note", "call": "component", "try": "cds", "jump": "oval",
}  # fmt: skip
_COLORS = {
    "operation": ("#dbeafe", "#2563eb"), "suspending": ("#ede9fe", "#7c3aed"), "other": ("#f1f5f9", "#64748b"),
    "warning": ("#fef3c7", "#d97706"), "error": ("#fee2e2", "#dc2626"),
}  # fmt: skip
_STYLES = {"flow": "solid", "again": "dashed", "error": "dotted"}


def render(pictures: Sequence[Picture]) -> str:
    """A directed graph for each picture."""
    return "\n".join(map(_graph, pictures))


def _graph(picture: Picture) -> str:
    flow = flow_of(picture)
    lines = [
        f"digraph {_quoted([picture.name])} {{",
        '    graph [fontname="sans-serif", style="rounded", color="#94a3b8"]',
        '    node [fontname="sans-serif", style="filled", fontcolor="#0f172a"]',
        '    edge [fontname="sans-serif", color="#64748b"]',
        *_region(flow, 0, 1),
        *(_edge(edge) for edge in flow.edges),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _region(flow: Flow, region: int, depth: int) -> list[str]:
    indent = "    " * depth
    lines = [indent + _node(node) for node in flow.nodes if node.region == region]
    for inner in flow.regions:
        if inner.parent == region:
            lines.append(f"{indent}subgraph cluster_{inner.id} {{")
            lines.append(f"{indent}    label={_quoted([inner.title])}")
            lines += _region(flow, inner.id, depth + 1)
            lines.append(f"{indent}}}")
    return lines


def _node(node: Node) -> str:
    lines = [node.title, *([node.note] if node.note else [])]
    if node.kind == "suspending":
        lines.append("suspends")
    lines += [f"{mark.code} {mark.name}, line {mark.line}" for mark in node.marks]
    kind = node.kind if node.kind in _COLORS else "other"
    if node.marks:
        kind = "error" if any(mark.severity == "error" for mark in node.marks) else "warning"
    fill, line = _COLORS[kind]
    return f'n{node.id} [shape={_SHAPES[node.kind]}, fillcolor="{fill}", color="{line}", label={_quoted(lines)}]'


def _edge(edge: Edge) -> str:
    label = f", label={_quoted([edge.label])}" if edge.label else ""
    return f"    n{edge.source} -> n{edge.target} [style={_STYLES[edge.style]}{label}]"


def _quoted(lines: Sequence[str]) -> str:
    return '"' + "\\n".join(escaped(line) for line in lines) + '"'


def escaped(text: str) -> str:
    """A text as it may stand in quotes; Graphviz reads backslashes and HTML's entities there."""
    return short(text, 120).replace("&", "&amp;").replace("\\", "\\\\").replace('"', '\\"')
