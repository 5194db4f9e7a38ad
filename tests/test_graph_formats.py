"""The formats of pictures, read by the programs that they are for; those that aren't installed are left out.

``DURABLE_LINT_MERMAID`` names a folder in which ``npm install mermaid jsdom`` was run.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from graphs import SMALL, handler, large, pictures
from linting import ROOT

from durable_lint.graph import dot, html, mermaid, model
from durable_lint.graph.model import Picture

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
DOT = shutil.which("dot")
NODE = shutil.which("node")
MERMAID = os.environ.get("DURABLE_LINT_MERMAID", "")

NAMES = (
    "</title><script>alert(1)</script>",
    'a "quoted" [x](y) {z} (w) #35; & &amp; `b` \\n end',
    "%%{init: {}}%% $$x$$ fa:fa-car style: #x; --> |y|",
    "__init__ *bold* ~~s~~ _em_",
    "1. one",
    "- item",
    "end",
    "日本語の名前 e\u0301 \u202eevil\x1b[31m",
    "]]>--><img src=x onerror=alert(1)>",
    "\\",
    "subgraph x",
)
"""Names of operations in which some format could read something else."""

EVIL = (
    "".join(f"    context.step(call('x'), name={name!r})\n" for name in NAMES)
    + """\
    for each in event["</svg><script>"]:
        if each == ']--\\\\"><img src=x onerror=alert(2)>':
            return "<b>"
        context.step(call(each), name=f"{each}|<i>{time.time()}")
"""
)


def evil(folder: Path) -> tuple[Picture, ...]:
    return pictures(folder, app=handler(EVIL.replace("\n    ", "\n").removeprefix("    ")))


@pytest.fixture(params=["small", "large", "evil", "orders"])
def some(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Picture, ...]:
    """Pictures of several sizes, and of code that tries to break out of them."""
    if request.param == "orders":
        return pictures(ROOT, "examples/orders")
    if request.param == "evil":
        return evil(tmp_path)
    return pictures(tmp_path, app=large() if request.param == "large" else handler(SMALL))


def test_the_large_one_is_large(tmp_path: Path) -> None:
    (picture,) = pictures(tmp_path, app=large())
    assert len(model.operations(picture)) == 60


# HTML


class Page(HTMLParser):
    """The tags, the texts, the anchors and the links of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def values(self, name: str) -> list[str]:
        return [value for one, value in self.attributes if one == name]


def test_the_page_needs_nothing_else_and_runs_nothing(some: tuple[Picture, ...]) -> None:
    text = html.render(some)
    page = Page(text)
    assert page.tags.isdisjoint({"script", "img", "link", "iframe", "object"})
    assert {name for name, _ in page.attributes}.isdisjoint({"src", "onerror", "onload", "onclick"})
    assert all(value.startswith("#") for value in page.values("href"))
    assert re.findall(r"https?:|@import|url\((?!#arrow\))", text) == []
    assert "default-src 'none'" in " ".join(page.values("content"))
    assert "prefers-color-scheme: dark" in text
    assert text.isascii()


def test_every_link_of_the_page_leads_somewhere_and_every_anchor_is_one(some: tuple[Picture, ...]) -> None:
    page = Page(html.render(some))
    anchors = page.values("id")
    assert sorted(set(anchors)) == sorted(anchors)
    assert {value.removeprefix("#") for value in page.values("href")} <= set(anchors)


def test_names_arrive_in_the_page_as_they_are(tmp_path: Path) -> None:
    texts = " ".join(Page(html.render(evil(tmp_path))).texts)
    for name in NAMES:
        assert model.short(name) in texts


def test_the_page_lists_operations_and_findings(some: tuple[Picture, ...]) -> None:
    texts = Page(html.render(some)).texts
    for picture in some:
        assert [one for one in (each.title for each in model.operations(picture)) if one not in texts] == []
        assert [mark.message for mark in model.marks(picture) if model.short(mark.message, 600) not in texts] == []


def drawings(some: tuple[Picture, ...]) -> list[ElementTree.Element]:
    found = re.findall(r"<svg viewBox.*?</svg>", html.render(some), re.DOTALL)
    assert len(found) == len(some)
    return [ElementTree.fromstring(one) for one in found]


def test_no_two_boxes_of_a_drawing_lie_on_each_other(some: tuple[Picture, ...]) -> None:
    for svg in drawings(some):
        boxes = [
            tuple(float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
            for rect in svg.iter("rect")
            if rect.attrib["class"].split()[0] == "box"
        ]
        assert boxes
        for at, (x, y, width, height) in enumerate(boxes):
            for left, top, wide, high in boxes[:at]:
                assert x >= left + wide or left >= x + width or y >= top + high or top >= y + height
        whole = [float(one) for one in svg.attrib["viewBox"].split()]
        assert all(x >= 0 and y >= 0 and x + w <= whole[2] and y + h <= whole[3] for x, y, w, h in boxes)


# It finds each text of the drawing that reaches out of the box or frame in whose group it stands.
MEASURE = """<script>
const out = [];
for (const group of document.querySelectorAll("figure g")) {
  const box = (group.querySelector(":scope > rect") || group).getBBox();
  for (const text of group.querySelectorAll(":scope > text, :scope > a > text")) {
    const b = text.getBBox();
    if (b.x < box.x || b.x + b.width > box.x + box.width || b.y < box.y - 1 || b.y + b.height > box.y + box.height + 1)
      out.push(text.textContent);
  }
}
const boxes = document.querySelectorAll("figure g").length;
const wide = document.documentElement.scrollWidth > document.documentElement.clientWidth;
document.title = JSON.stringify({out, boxes, wide, back: getComputedStyle(document.body).backgroundColor});
</script>"""


def chromium(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    assert CHROMIUM is not None
    fixed = (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        f"--user-data-dir={folder / 'profile'}",
    )
    return subprocess.run([CHROMIUM, *fixed, *args], capture_output=True, encoding="utf-8", timeout=120, check=False)


@pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")
@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("size", ["small", "large"])
def test_text_fits_its_box_in_a_real_browser(tmp_path: Path, size: str, dark: bool) -> None:
    text = html.render(pictures(tmp_path, app=large() if size == "large" else handler(SMALL)))
    text = re.sub(r"<meta http-equiv[^>]*>", "", text)  # it forbids scripts, ours for measuring too
    page = tmp_path / "page.html"
    page.write_text(text.replace("</body>", f"{MEASURE}</body>"), "utf-8")
    options = ("--force-dark-mode",) if dark else ()
    done = chromium(tmp_path, "--window-size=1280,1000", *options, "--dump-dom", page.as_uri())
    title = re.search(r"<title>(\{.*?\})</title>", done.stdout, re.DOTALL)
    assert title is not None, done.stderr
    seen = json.loads(title[1].replace("&amp;", "&").replace("&lt;", "<").replace("&gt;", ">"))
    assert seen["out"] == []
    assert seen["boxes"] >= (60 if size == "large" else 3)
    assert seen["wide"] is False
    assert seen["back"] == ("rgb(13, 18, 25)" if dark else "rgb(255, 255, 255)")


# Mermaid


def charts(text: str) -> list[str]:
    return [f"flowchart TD\n{part}" for part in text.split("flowchart TD\n")[1:]]


def test_mermaid_has_one_statement_on_each_line(some: tuple[Picture, ...]) -> None:
    text = r'"[^"`{}|<>&$\\%*~]*(?:<br/>[^"`{}|<>&$\\%*~]*)*"'
    statement = re.compile(
        rf"flowchart TD| *n\d+[\[({{>/]+{text}[\])}}/\\]+:::\w+| *subgraph r\d+\[{text}\]| *end"
        rf"| *n\d+ (-->|-\.->)(\|{text}\|)? n\d+| *class(Def)? [\w ]+[\w:#,-]*"
    )
    for line in mermaid.render(some).splitlines():
        assert statement.fullmatch(line) or not line, line


def test_a_chart_that_mermaid_would_refuse_is_folded(tmp_path: Path) -> None:
    before = "".join(
        f"def h{at}(ctx):\n" + "".join(f"    if ctx:\n        h{at + 1}(ctx)\n" for _ in range(3)) for at in range(5)
    )
    before += "def h5(ctx):\n" + "".join(f'    ctx.step(call("a"), name="s{at}")\n' for at in range(4))
    chart = mermaid.render(pictures(tmp_path, app=handler("h0(context)\n", before)))
    assert len(chart) < mermaid.LONGEST
    assert len(re.findall(r"-->|-\.->", chart)) < mermaid.MOST_EDGES
    assert "operations inside" in chart


def test_markdown_fences_each_chart(tmp_path: Path) -> None:
    made = pictures(tmp_path, app=handler(SMALL))
    assert mermaid.markdown(made) == f"### handler (app.py:13)\n\n```mermaid\n{mermaid.render(made)}```\n"


PARSE = """
import { JSDOM } from 'jsdom';
import fs from 'fs';
const dom = new JSDOM('<!DOCTYPE html><body></body>');
globalThis.window = dom.window;
globalThis.document = dom.window.document;
const { default: mermaid } = await import('mermaid');
mermaid.initialize({ startOnLoad: false });
const texts = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const found = [];
for (const text of texts) {
  await mermaid.parse(text);
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
  const labels = [...db.getVertices().values()].map((node) => node.text);
  found.push({ labels, edges: db.getEdges().length, regions: db.getSubGraphs().length });
}
console.log(JSON.stringify(found));
"""


def parsed(folder: Path, texts: list[str]) -> list[dict[str, object]]:
    """What the real parser makes of charts."""
    script, data = Path(MERMAID) / "parse-charts.mjs", folder / "charts.json"
    script.write_text(PARSE, "utf-8")
    data.write_text(json.dumps(texts), "utf-8")
    done = subprocess.run(
        [str(NODE), str(script), str(data)], capture_output=True, encoding="utf-8", timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.skipif(not (NODE and MERMAID), reason="needs node, and mermaid and jsdom in DURABLE_LINT_MERMAID")
def test_the_real_parser_of_mermaid_reads_the_charts(tmp_path: Path) -> None:
    made = [*pictures(tmp_path, app=large()), *evil(tmp_path), *pictures(ROOT, "examples/orders")]
    texts = charts(mermaid.render(made))
    found = parsed(tmp_path, texts)
    assert len(found) == 3
    for text, one in zip(texts, found, strict=True):
        assert one["edges"] == len(re.findall(r" (?:-->|-\.->)", text))
        assert one["regions"] == text.count("subgraph r")
    labels = [str(label) for label in found[1]["labels"]]  # type: ignore[attr-defined]
    read = [re.sub("ﬂ°°(\\d+)¶ß", lambda code: chr(int(code[1])), label).replace("\u200b", "") for label in labels]
    assert [f"{model.short(name)}<br>step" for name in NAMES] == read[1 : len(NAMES) + 1]


# DOT


def test_dot_escapes_what_graphviz_reads() -> None:
    assert dot.escaped('a "b" \\N &lt; <b>') == 'a \\"b\\" \\\\N &amp;lt; <b>'


@pytest.mark.skipif(DOT is None, reason="needs Graphviz")
def test_graphviz_draws_the_pictures_with_their_names(some: tuple[Picture, ...]) -> None:
    done = subprocess.run(
        [str(DOT), "-Tsvg"], input=dot.render(some), capture_output=True, encoding="utf-8", timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    drawn = ElementTree.fromstring(done.stdout.encode())
    texts = {"".join(one.itertext()).replace("\xa0", " ") for one in drawn.iter("{http://www.w3.org/2000/svg}text")}
    for one in model.operations(some[0]):
        assert one.title in texts
