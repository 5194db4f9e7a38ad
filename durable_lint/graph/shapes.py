"""Boxes of a drawing: each knows its size, where the line of control enters and leaves it, and how to draw itself.

Lengths are in pixels. A box is drawn with its upper left corner at a given place; ``axis`` is the distance from its
left edge at which control enters at the top and, where it ``goes_on``, leaves at the bottom.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from unicodedata import category, east_asian_width

from durable_lint.graph.model import CUT
from durable_lint.records import dataclass

MONO, SANS, BOLD = 7.9, 6.6, 7.7
"""Widths of a character: of code in 13 px, of words in 12 px and of bold ones, rounded up for the fonts of systems."""

LINE = 17
GAP = 24
PAD = 12
CELL = 14
WIDEST = 1180
"""Columns that would stand further right begin a row of their own."""


@dataclass(slots=True)
class Box:
    """A drawing of a known size."""

    width: float
    height: float
    axis: float
    paint: Callable[[float, float], list[str]]
    goes_on: bool = True


@dataclass(frozen=True, slots=True)
class Text:
    """A line of text: ``style`` is a class of the style sheet, ``code`` says that it is set in a fixed width."""

    text: str
    style: str
    code: bool = False
    link: str = ""
    hint: str = ""

    @property
    def width(self) -> float:
        """How much room the line takes."""
        return cells(self.text) * (MONO if self.code else BOLD if self.link else SANS)

    def paint(self, x: float, y: float) -> str:
        """The line with its baseline at ``y``."""
        hint = f"<title>{escape(self.hint)}</title>" if self.hint else ""
        drawn = f'<text x="{x:.0f}" y="{y:.0f}" class="{self.style}">{hint}{escape(self.text)}</text>'
        return f'<a href="#{escape(self.link)}">{drawn}</a>' if self.link else drawn


def cells(text: str) -> int:
    """How many characters of usual width a text takes."""
    return sum(2 if east_asian_width(char) in "WF" else category(char) not in ("Mn", "Me") for char in text)


def wrapped(text: str, style: str, code: bool = False, longest: int = 40, most: int = 2) -> list[Text]:
    """A text in lines of at most ``longest`` characters; what doesn't fit is cut off, and is the hint of each line."""
    lines: list[str] = []
    rest = text
    while rest and len(lines) < most:
        if len(rest) <= longest:
            lines.append(rest)
            rest = ""
            break
        at = max(rest.rfind(mark, longest // 2, longest) for mark in (" ", "(", ".", ",", "-", "_")) + 1
        at = at if at > 0 else longest
        lines.append(rest[:at].rstrip())
        rest = rest[at:].lstrip()
    if rest:
        lines[-1] = lines[-1][: longest - 1] + CUT
    return [Text(line, style, code, hint=text if rest else "") for line in lines]


def line(points: Sequence[tuple[float, float]], style: str = "flow", arrow: bool = False) -> str:
    """A line with round corners through points that lie above or beside one another."""
    path = [f"M{points[0][0]:.0f} {points[0][1]:.0f}"]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        first, second = _towards(here, before), _towards(here, after)
        path.append(f"L{first[0]:.0f} {first[1]:.0f}Q{here[0]:.0f} {here[1]:.0f} {second[0]:.0f} {second[1]:.0f}")
    path.append(f"L{points[-1][0]:.0f} {points[-1][1]:.0f}")
    head = ' marker-end="url(#arrow)"' if arrow else ""
    return f'<path d="{"".join(path)}" class="{style}"{head}/>'


def _towards(here: tuple[float, float], there: tuple[float, float], most: float = 8) -> tuple[float, float]:
    """The point that lies some way from here on the straight line to there."""
    length = abs(there[0] - here[0]) + abs(there[1] - here[1])
    part = min(most, length / 2) / length if length else 0
    return here[0] + (there[0] - here[0]) * part, here[1] + (there[1] - here[1]) * part


def rect(x: float, y: float, width: float, height: float, style: str, radius: float = 8) -> str:
    """A rectangle."""
    place = f'x="{x:.0f}" y="{y:.0f}" width="{width:.0f}" height="{height:.0f}"'
    return f'<rect {place} rx="{radius:.0f}" class="{style}"/>'


def card(
    lines: Sequence[Text], style: str, anchor: str = "", least: float = 120, radius: float = 8, *, pause: bool = False
) -> Box:
    """Lines of text in a rectangle; ``pause``: with the sign for one at its right."""
    width = max([least, *(text.width + 2 * PAD for text in lines)]) + (20 if pause else 0)
    height = len(lines) * LINE + 14

    def paint(x: float, y: float) -> list[str]:
        name = f' id="{anchor}"' if anchor else ""
        drawn = [f"<g{name}>", rect(x, y, width, height, f"box {style}", radius)]
        if pause:
            drawn += [rect(x + width - PAD - 10 + shift, y + 11, 3.5, 12, "pause", 1) for shift in (0, 6)]
        drawn += [text.paint(x + PAD, y + 21 + LINE * index) for index, text in enumerate(lines)]
        return [*drawn, "</g>"]

    return Box(width, height, width / 2, paint)


def question(lines: Sequence[Text], style: str) -> Box:
    """Lines of text in a box with pointed sides."""
    width = max([90, *(text.width + 2 * PAD + 12 for text in lines)])
    height = len(lines) * LINE + 14

    def paint(x: float, y: float) -> list[str]:
        half, right = y + height / 2, x + width
        corners = [
            (x, half),
            (x + 12, y),
            (right - 12, y),
            (right, half),
            (right - 12, y + height),
            (x + 12, y + height),
        ]
        points = " ".join(f"{across:.0f},{down:.0f}" for across, down in corners)
        drawn = [f'<polygon points="{points}" class="box {style}"/>']
        return drawn + [text.paint(x + PAD + 6, y + 21 + LINE * index) for index, text in enumerate(lines)]

    return Box(width, height, width / 2, paint)


def stack(boxes: Sequence[Box]) -> Box:
    """Boxes one below the other, with arrows between them."""
    if not boxes:
        return Box(0, 0, 0, lambda x, y: [])
    axis = max(box.axis for box in boxes)
    width = max(axis - box.axis + box.width for box in boxes)
    height = sum(box.height for box in boxes) + GAP * (len(boxes) - 1)

    def paint(x: float, y: float) -> list[str]:
        drawn: list[str] = []
        for index, box in enumerate(boxes):
            drawn += box.paint(x + axis - box.axis, y)
            y += box.height
            if index + 1 < len(boxes) and box.goes_on:
                drawn.append(line([(x + axis, y), (x + axis, y + GAP - 2)], arrow=True))
            y += GAP
        return drawn

    return Box(width, height, axis, paint, all(box.goes_on for box in boxes))


@dataclass(slots=True)
class Cell:
    """A box under a heading."""

    heading: list[Text]
    box: Box

    @property
    def width(self) -> float:
        """The width with the heading's."""
        return max([self.box.width, 40, *(text.width for text in self.heading)])

    @property
    def top(self) -> float:
        """The height of the heading."""
        return len(self.heading) * LINE + (8 if self.heading else 0)

    def paint(self, x: float, y: float) -> list[str]:
        """Draw heading and box."""
        drawn = [text.paint(x, y + 13 + LINE * index) for index, text in enumerate(self.heading)]
        return drawn + self.box.paint(x + (self.width - self.box.width) / 2, y + self.top)


def grid(cells_: Sequence[Cell], style: str = "cell") -> Box:
    """Cells side by side, in as many rows as they need."""
    if len(cells_) == 1:
        return _alone(cells_[0])
    rows: list[list[Cell]] = [[]]
    for cell in cells_:
        used = sum(one.width + 3 * CELL for one in rows[-1])
        if rows[-1] and used + cell.width > WIDEST:
            rows.append([])
        rows[-1].append(cell)
    heights = [max(cell.top + cell.box.height for cell in row) + 2 * CELL for row in rows]
    width = max(sum(cell.width + 3 * CELL for cell in row) - CELL for row in rows)

    def paint(x: float, y: float) -> list[str]:
        drawn: list[str] = []
        for row, height in zip(rows, heights, strict=True):
            spare = (width - (sum(cell.width + 3 * CELL for cell in row) - CELL)) / 2
            left = x + spare
            for cell in row:
                drawn.append(rect(left, y, cell.width + 2 * CELL, height, style, 6))
                drawn += cell.paint(left + CELL, y + CELL)
                left += cell.width + 3 * CELL
            y += height + CELL
        return drawn

    goes_on = any(cell.box.goes_on for cell in cells_)
    return Box(width, sum(heights) + CELL * (len(rows) - 1), width / 2, paint, goes_on)


def _alone(cell: Cell) -> Box:
    axis = (cell.width - cell.box.width) / 2 + cell.box.axis
    return Box(cell.width, cell.top + cell.box.height, axis, cell.paint, cell.box.goes_on)


def frame(header: Sequence[Text], inside: Box, style: str, anchor: str = "", back: bool = False) -> Box:
    """A box around another, with lines of text at its top; ``back`` draws the way from its end to its beginning."""
    left = PAD + (16 if back else 0)
    width = max([inside.width + left + PAD, *(text.width + 2 * PAD for text in header)])
    top = len(header) * LINE + 16
    height = top + inside.height + PAD + (14 if back else 0)
    middle = left + (width - left - PAD - inside.width) / 2

    def paint(x: float, y: float) -> list[str]:
        name = f' id="{anchor}"' if anchor else ""
        drawn = [f"<g{name}>", rect(x, y, width, height, f"frame {style}", 10)]
        drawn += [text.paint(x + PAD, y + 21 + LINE * index) for index, text in enumerate(header)]
        drawn += ["</g>", *inside.paint(x + middle, y + top)]
        if back:
            axis, bottom = x + middle + inside.axis, y + top + inside.height
            points = [(axis, bottom), (axis, bottom + 12), (x + PAD, bottom + 12), (x + PAD, y + top + 8)]
            begin = points[:] if inside.goes_on else points[2:]
            drawn.append(line(begin, "again", arrow=True))
        return drawn

    return Box(width, height, width / 2, paint)


def fork(head: Box, ways: Sequence[Cell], straight: int) -> Box:
    """A condition and the ways that lead on from it, side by side; that with the index ``straight`` straight down."""
    lefts: list[float] = []
    at = 0.0
    for way in ways:
        lefts.append(at)
        # The label of a way stands at the right of its line.
        labels = max((text.width for text in way.heading), default=0) + 10
        at += max(way.box.width, way.box.axis + labels, 24) + 20
    axis = lefts[straight] + ways[straight].box.axis
    shift = max(head.axis - axis, 0)
    axis += shift
    width = max(at - 20 + shift, axis - head.axis + head.width)
    top = head.height + 40
    goes_on = any(way.box.goes_on for way in ways)
    height = top + max(way.box.height for way in ways) + (18 if goes_on else 0)

    def paint(x: float, y: float) -> list[str]:
        drawn: list[str] = []
        middle, leave, enter, end = x + axis, y + head.height, y + top, y + height
        for way, left in zip(ways, lefts, strict=True):
            own = x + shift + left + way.box.axis
            empty = not way.box.height  # a line from the condition to the end of the branch
            points = [(middle, leave), (middle, leave + 12), (own, leave + 12), (own, enter - 2)]
            drawn.append(line(points, arrow=not empty))
            drawn += [text.paint(own + 7, enter - 10) for text in way.heading[:1]]
            drawn += way.box.paint(own - way.box.axis, enter)
            if way.box.goes_on:
                below = enter + way.box.height - (2 if empty else 0)
                drawn.append(line([(own, below), (own, end - 6), (middle, end - 6), (middle, end)]))
        return head.paint(middle - head.axis, y) + drawn

    return Box(width, height, axis, paint, goes_on)
