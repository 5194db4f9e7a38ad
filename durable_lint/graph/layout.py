"""Where each element of a picture stands, as SVG: sequences run down, branches to the right, bodies in frames."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from durable_lint.graph import shapes
from durable_lint.graph.model import (
    Attempt,
    Branch,
    Code,
    Column,
    Element,
    Helper,
    Jump,
    Loop,
    Mark,
    Operation,
    Picture,
    goes_on,
)
from durable_lint.graph.shapes import Box, Cell, Text, wrapped

MARGIN = 16


class Layout:
    """Draws one picture. ``number`` is its own in the page: anchors begin with it."""

    def __init__(self, picture: Picture, number: int, findings: Sequence[Mark]) -> None:
        self.picture = picture
        self.prefix = f"w{number}"
        self.findings = {mark: index for index, mark in enumerate(findings, 1)}
        self.operations = 0

    def svg(self) -> str:
        """The whole picture."""
        picture = self.picture
        start = shapes.card(
            [*wrapped(picture.name, "title", True), *self.marks(picture.marks)],
            self.style("terminal", picture.marks),
            least=60,
            radius=17,
        )
        parts = [start, self.sequence(picture.items)] if picture.items else [start]
        if goes_on(picture.items):
            parts.append(shapes.card([Text("end", "title", True)], "terminal", least=60, radius=17))
        whole = shapes.stack(parts)
        width, height = whole.width + 2 * MARGIN, whole.height + 2 * MARGIN
        label = escape(f"workflow {picture.name}")
        head = f'<svg viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}" role="img"'
        return "\n".join([f'{head} aria-label="{label}">', *whole.paint(MARGIN, MARGIN), "</svg>"])

    def sequence(self, items: Sequence[Element]) -> Box:
        """Elements one below the other."""
        box = shapes.stack([self.element(element) for element in items])
        box.goes_on = goes_on(items)
        return box

    def element(self, element: Element) -> Box:
        """The box of one element."""
        match element:
            case Operation():
                return self.operation(element)
            case Branch():
                return self.branch(element)
            case Loop():
                head = [Text("↻ " + one.text, one.style, True, hint=one.hint) if not index else one
                        for index, one in enumerate(wrapped(element.head, "title", True, 56))]  # fmt: skip
                inside = self.sequence(element.items)
                box = shapes.frame(
                    [*head, *self.marks(element.marks)], inside, self.style("loop", element.marks), back=True
                )
            case Attempt():
                box = self.attempt(element)
            case Helper():
                box = self.helper(element)
            case Code():
                text = [
                    *wrapped(element.text, "code", True),
                    Text("runs again at each replay", "note"),
                    *self.marks(element.marks),
                ]
                return shapes.card(text, self.style("plain", element.marks))
            case Jump():
                box = shapes.card(wrapped(element.text, "code", True), "jump", least=60, radius=15)
        box.goes_on = goes_on([element])
        return box

    def style(self, kind: str, marks: Sequence[Mark]) -> str:
        """The classes of a box: its kind, and the worst of its findings."""
        levels = {mark.severity for mark in marks}
        return f"{kind} {'error' if 'error' in levels else 'warning'}" if levels else kind

    def marks(self, marks: Sequence[Mark]) -> list[Text]:
        """A line for each finding, which leads to its message."""
        return [
            Text(f"▲ {mark.code} {mark.name}", f"mark {mark.severity}", False, f"f{self.findings[mark]}", mark.message)
            for mark in marks
        ]

    def operation(self, element: Operation) -> Box:
        """A card; a frame around its bodies where it has some."""
        self.operations += 1
        anchor = f"{self.prefix}o{self.operations}"
        title = wrapped(element.title, "title" if element.name else "title unnamed", True)
        number = Text(f"{self.operations} ", "number", True)
        pause = "suspends · " if element.suspends else ""
        note = (
            wrapped(pause + (element.note if element.name else ""), "note", longest=48) if pause or element.name else []
        )
        title = [Text(f"{number.text}{one.text}" if not index else one.text, one.style, True, hint=one.hint)
                 for index, one in enumerate(title)]  # fmt: skip
        text = [*title, *note, *self.marks(element.marks)]
        kind = "suspending" if element.suspends else "operation"
        if not element.bodies:
            return shapes.card(text, self.style(kind, element.marks), anchor, pause=element.suspends)
        cells = [self.cell(body, body.label) for body in element.bodies]
        box = shapes.frame(text, shapes.grid(cells), self.style("context", element.marks), anchor)
        box.goes_on = True
        return box

    def cell(self, column: Column, heading: str) -> Cell:
        """A column with its heading; an empty one says so."""
        text = [*wrapped(heading, "heading", True), *self.marks(column.marks)]
        box = self.sequence(column.items)
        return Cell(text, box if column.items else shapes.card([Text("no operation", "note")], "nothing", least=60))

    def branch(self, element: Branch) -> Box:
        """A condition with its ways side by side, an empty one straight down; a frame where they get too wide."""
        lines = [*wrapped(element.test, "title", True, 44), *self.marks(element.marks)]
        # Numbers follow the code, so the boxes are made in its order.
        made = {id(column): self.sequence(column.items) for column in element.columns}
        straight = 0 if len(element.columns) == 2 else len(element.columns) // 2
        ordered = list(element.columns)
        empty = next((column for column in ordered if not column.items), None)
        if empty is not None:
            ordered.remove(empty)
            ordered.insert(straight, empty)
        ways = [Cell(wrapped(one.label, "label", True, 34, 1), made[id(one)]) for one in ordered]
        whole = shapes.fork(shapes.question(lines, self.style("condition", element.marks)), ways, straight)
        if whole.width <= shapes.WIDEST:
            return whole
        ways = [Cell(wrapped(one.label, "label", True), self._filled(made[id(one)])) for one in element.columns]
        box = shapes.frame(lines, shapes.grid(ways), self.style("ways", element.marks))
        box.goes_on = whole.goes_on
        return box

    @staticmethod
    def _filled(box: Box) -> Box:
        return box if box.height else shapes.card([Text("goes on", "note")], "nothing", least=60)

    def attempt(self, element: Attempt) -> Box:
        """What is tried beside its clauses, and what runs finally below them."""
        first, *clauses = element.columns
        cells = [self.cell(Column("", first.items), "")]
        cells += [self.cell(clause, clause.label) for clause in clauses]
        inside = shapes.grid(cells, "cell clause")
        if element.final:
            below = shapes.grid([Cell([], self.sequence(element.final))])
            inside = shapes.stack([inside, shapes.frame([Text("finally", "heading", True)], below, "ways")])
        return shapes.frame(
            [Text("try", "title", True), *self.marks(element.marks)], inside, self.style("ways", element.marks)
        )

    def helper(self, element: Helper) -> Box:
        """A frame with the function's name and place, or a card where nothing is drawn of it."""
        place = f"{element.place.path}:{element.place.line}"
        text = [*wrapped(element.name, "title", True), *wrapped(element.folded or place, "note", longest=70, most=1)]
        text += self.marks(element.marks)
        if not element.items:
            return shapes.card(text, self.style("helper", element.marks))
        return shapes.frame(text, self.sequence(element.items), self.style("helper", element.marks))
