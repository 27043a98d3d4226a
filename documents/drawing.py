"""What a drawing is made of: boxes that hold their texts, and arrows between them. Pure geometry, in units."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from documents.flow import Form
from documents.lettering import printable, width, wrapped

SIZE = 14.0
SMALL = 13.0
_LEADING = 1.22
_ASCENT = 0.78
PAD_X, PAD_Y = 8.0, 4.0

Point = tuple[float, float]


@dataclass(frozen=True)
class Text:
    """What is said in a box, before it is broken into lines."""

    text: str
    size: float = SMALL
    bold: bool = False
    quiet: bool = False


@dataclass(frozen=True)
class Line:
    """One line of text, from ``x`` on the base line ``y``."""

    text: str
    x: float
    y: float
    size: float
    bold: bool
    quiet: bool

    @property
    def right(self) -> float:
        """Where the line ends."""
        return self.x + width(self.text, self.size, bold=self.bold)


@dataclass(frozen=True)
class Box:
    """A box, its look, and its lines. It is as high as its lines need, or higher."""

    x: float
    y: float
    w: float
    h: float
    look: str
    lines: tuple[Line, ...]

    @property
    def right(self) -> float:
        """The right edge."""
        return self.x + self.w

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.y + self.h

    @property
    def middle(self) -> float:
        """Half-way down."""
        return self.y + self.h / 2

    @property
    def centre(self) -> float:
        """Half-way across."""
        return self.x + self.w / 2

    def at(self, y: float, h: float | None = None) -> "Box":
        """The same box moved to ``y``, and made as high as ``h``; its lines stay in its middle."""
        h = self.h if h is None else h
        down = y - self.y + (h - self.h) / 2
        return replace(self, y=y, h=h, lines=tuple(replace(line, y=line.y + down) for line in self.lines))


@dataclass(frozen=True)
class Arrow:
    """A line of straight pieces with a head at its end, unless it only leads on."""

    points: tuple[Point, ...]
    form: Form
    head: bool = True


def box(x: float, w: float, texts: Sequence[Text], look: str, y: float = 0.0) -> Box:
    """A box of a given width around its texts."""
    lines: list[Line] = []
    cursor = y + PAD_Y
    for text in texts:
        for piece in wrapped(printable(text.text), text.size, w - 2 * PAD_X, bold=text.bold):
            base = cursor + text.size * _ASCENT + text.size * (_LEADING - 1) / 2
            lines.append(Line(piece, x + PAD_X, base, text.size, text.bold, text.quiet))
            cursor += text.size * _LEADING
    return Box(x, y, w, cursor + PAD_Y - y, look, tuple(lines))


def stacked(boxes: Sequence[Box], y: float, gap: float) -> list[Box]:
    """Boxes one below the other from ``y`` on."""
    placed: list[Box] = []
    for each in boxes:
        placed.append(each.at(placed[-1].bottom + gap if placed else y))
    return placed


def height_of(boxes: Sequence[Box], gap: float) -> float:
    """How high a stack is."""
    return sum(each.h for each in boxes) + gap * max(0, len(boxes) - 1)
