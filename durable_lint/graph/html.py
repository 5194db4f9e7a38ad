"""Pictures as one HTML page that needs nothing else: no script, no network, light and dark by the reader's choice."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import durable_lint
from durable_lint.graph.layout import Layout
from durable_lint.graph.model import Mark, Operation, Picture, marks, operations, short
from durable_lint.graph.style import STYLE

_ARROW = """<svg width="0" height="0" aria-hidden="true"><defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" \
markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0L8 4L0 8Z"/></marker></defs></svg>"""
_LEGEND = (
    ("blue", "operation: recorded, skipped on replay"),
    ("violet", "suspends: the function ends here and starts again from the top"),
    ("line", "plain code, helpers (dashed), branches and loops: run again on each replay"),
    ("red", "finding: error"),
    ("amber", "finding: warning"),
)


def render(pictures: Sequence[Picture]) -> str:
    """A page with all pictures, their operations and their findings."""
    found = list(dict.fromkeys(mark for picture in pictures for mark in marks(picture)))
    title = ", ".join(short(picture.name) for picture in pictures[:3]) or "no workflow"
    sections = [_section(picture, number, found) for number, picture in enumerate(pictures, 1)]
    page = "\n".join(
        [
            "<!doctype html>",
            '<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">",
            f"<title>{escape(title)} · durable-lint</title><style>{STYLE}</style></head><body>",
            _ARROW,
            _contents(pictures),
            *sections,
            _findings(found),
            f"<footer>drawn by durable-lint {escape(durable_lint.__version__)}: "
            "a step that fails may suspend too, until its retry</footer></body></html>",
            "",
        ]
    )
    return page.encode("ascii", "xmlcharrefreplace").decode("ascii")  # right in whatever encoding it is stored


def _contents(pictures: Sequence[Picture]) -> str:
    if len(pictures) < 2:
        return ""
    items = [
        f'<li><a href="#w{number}">{escape(short(one.name))}</a> '
        f'<span class="place">{escape(short(one.place.path, 300))}:{one.place.line}</span></li>'
        for number, one in enumerate(pictures, 1)
    ]
    return f"<nav><ul>{''.join(items)}</ul></nav>"


def _section(picture: Picture, number: int, found: Sequence[Mark]) -> str:
    made = operations(picture)
    own = marks(picture)
    counts = [
        _count(len(made), "operation"),
        _count(sum(one.suspends for one in made), "suspension"),
        _count(len(own), "finding"),
    ]
    legend = "".join(f'<li><i style="color: var(--{color})"></i>{text}</li>' for color, text in _LEGEND)
    place = f"{picture.place.path}:{picture.place.line}"
    return "\n".join(
        [
            f'<section id="w{number}"><h1><code>{escape(short(picture.name))}</code></h1>',
            f'<div class="place">{escape(short(place, 300))}</div><p class="counts">{" · ".join(counts)}</p>',
            f'<ul class="legend">{legend}</ul><figure>{Layout(picture, number, found).svg()}</figure>',
            _table(made, number),
            "</section>",
        ]
    )


def _count(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _table(made: Sequence[Operation], number: int) -> str:
    if not made:
        return "<p>no operation</p>"
    rows = []
    for index, one in enumerate(made, 1):
        place = f"{one.place.path}:{one.place.line}"
        codes = ", ".join(mark.code for mark in one.marks)
        texts = [
            escape(text)
            for text in (one.kind, one.detail or one.repeats, "suspends" if one.suspends else "", codes, place)
        ]
        name = f'<a href="#w{number}o{index}"><code>{escape(one.title)}</code></a>'
        rest = "".join(f"<td>{text}</td>" for text in texts)
        rows.append(f'<tr><td class="n">{index}</td><td>{name}</td>{rest}</tr>')
    heads = "".join(f"<th>{text}</th>" for text in ("", "Name", "Operation", "What", "Suspends", "Findings", "Place"))
    return f"<h2>Operations</h2><table><thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table>"


def _findings(found: Sequence[Mark]) -> str:
    if not found:
        return ""
    items = [
        f'<li id="f{index}" class="{escape(mark.severity)}"><strong>{escape(mark.code)} {escape(mark.name)}</strong> '
        f'<span class="place">{escape(short(mark.path, 300))}:{mark.line}</span><br>'
        f"{escape(short(mark.message, 600))}</li>"
        for index, mark in enumerate(found, 1)
    ]
    return f'<section><h2>Findings</h2><ul class="findings">{"".join(items)}</ul></section>'
