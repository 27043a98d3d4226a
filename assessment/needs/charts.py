"""Charts as SVG of their own: they need no script, no font and no network, and print. Pure.

Colours are the page's, so that a chart keeps to its light and dark. Every number in a chart was let through the gate;
a hidden one is a gap. Texts are escaped here, as the page takes a chart as it is. Coordinates are written to a tenth.
"""

from collections.abc import Sequence
from math import log2

from markupsafe import escape

_WIDE, _BAR, _LABEL, _WORDS = 640, 20, 190, 300
_CHART = '<svg class="chart" viewBox="0 0 {w} {h}" width="100%" role="img" aria-label="{about}">{body}</svg>'
_TEXT = '<text x="{x}" y="{y}" font-size="12" text-anchor="{to}" fill="var(--{ink})">{said}</text>'
Bar = tuple[str, float | None, str]
"""What it is called, how long it is, and what is written behind it."""


def _svg(body: Sequence[str], width: float, height: float, about: str) -> str:
    return _CHART.format(w=width, h=height, about=escape(about), body="".join(body))


def _text(x: float, y: float, said: str, to: str = "start", ink: str = "ink") -> str:
    return _TEXT.format(x=round(x, 1), y=round(y, 1), to=to, ink=ink, said=escape(said))


def bars(rows: Sequence[Bar], about: str) -> str:
    """A bar for each row, the label before it and its number behind it; a hidden number has no bar."""
    most = max((value for _, value, _ in rows if value), default=1.0)
    body: list[str] = []
    for place, (label, value, said) in enumerate(rows):
        y, long = place * _BAR, (value or 0) / most * (_WIDE - _LABEL - 90)
        body.append(_text(_LABEL - 8, y + 14, label[:34], "end"))
        body.append(f'<rect x="{_LABEL}" y="{y + 3}" width="{long:.1f}" height="14" fill="var(--link)"/>')
        body.append(_text(_LABEL + long + 6, y + 14, said, ink="quiet"))
    return _svg(body, _WIDE, max(len(rows), 1) * _BAR + 4, about)


def columns(rows: Sequence[Bar], about: str, every: int = 1) -> str:
    """A standing column for each row, as of months; every so many-th label is written."""
    high, foot, room = 150.0, 170.0, _WIDE - 50
    most = max((value for _, value, _ in rows if value), default=1.0)
    wide = room / max(len(rows), 1)
    body = [f'<line x1="44" x2="{_WIDE}" y1="{foot}" y2="{foot}" stroke="var(--edge)"/>']
    body += [_text(40, foot - high * part + 4, f"{most * part:,.0f}", "end", "quiet") for part in (0.5, 1.0)]
    for place, (label, value, _) in enumerate(rows):
        x, tall = 46 + place * wide, (value or 0) / most * high
        body.append(
            f'<rect x="{x:.1f}" y="{foot - tall:.1f}" width="{max(wide - 2, 1):.1f}" height="{tall:.1f}" '
            'fill="var(--link)"/>'
        )
        if place % every == 0:
            body.append(_text(x, foot + 16, label, ink="quiet"))
    return _svg(body, _WIDE, foot + 24, about)


def heat(down: Sequence[str], across: Sequence[str], cells: Sequence[Sequence[int | None]], about: str) -> str:
    """A field for each count, the darker the more; a hidden one is marked c."""
    most = max((cell for row in cells for cell in row if cell), default=1)
    wide, tall, left = (_WIDE - 110) / max(len(across), 1), 26, 100
    body = [_text(left + (n + 0.5) * wide, 14, name, "middle", "quiet") for n, name in enumerate(across)]
    for line, (name, row) in enumerate(zip(down, cells, strict=True)):
        y = 22 + line * tall
        body.append(_text(left - 8, y + 17, name, "end"))
        for place, cell in enumerate(row):
            x, deep = left + place * wide, (cell or 0) / most
            body.append(
                f'<rect x="{x:.1f}" y="{y}" width="{wide - 2:.1f}" height="{tall - 2}" fill="var(--link)" '
                f'fill-opacity="{0.06 + 0.74 * deep:.2f}"/>'
            )
            ink = "paper" if deep > 0.55 else "ink"
            body.append(_text(x + wide / 2, y + 17, "c" if cell is None else str(cell), "middle", ink))
    return _svg(body, _WIDE, 26 + len(down) * tall, about)


def intervals(rows: Sequence[tuple[str, float, float, float]], about: str) -> str:
    """A point with its interval for each ratio, on a logarithmic scale around 1 from an eighth to eight."""
    foot = len(rows) * _BAR + 6
    body: list[str] = []
    for mark in (0.125, 0.25, 0.5, 1, 2, 4, 8):
        dashed = "" if mark == 1 else ' stroke-dasharray="2 4"'
        x = f"{_scaled(mark):.1f}"
        body.append(f'<line x1="{x}" x2="{x}" y1="0" y2="{foot}" stroke="var(--edge)"{dashed}/>')
        body.append(_text(_scaled(mark), foot + 14, f"{mark:g}", "middle", "quiet"))
    for place, (label, value, low, high) in enumerate(rows):
        y, ends = place * _BAR + 10, f'x1="{_scaled(low):.1f}" x2="{_scaled(high):.1f}"'
        body.append(_text(_WORDS - 8, y + 4, label[:50], "end"))
        body.append(f'<line {ends} y1="{y}" y2="{y}" stroke="var(--link)" stroke-width="3"/>')
        body.append(f'<circle cx="{_scaled(value):.1f}" cy="{y}" r="4.5" fill="var(--link)"/>')
    return _svg(body, _WIDE, foot + 20, about)


def _scaled(ratio: float) -> float:
    """Where a ratio stands, 1 in the middle; what is beyond an eighth or eight stands at the end."""
    room = _WIDE - _WORDS - 20
    return _WORDS + 10 + room / 2 + max(-3.0, min(3.0, log2(max(ratio, 1e-6)))) * room / 6


def curve(points: Sequence[tuple[float, float]], about: str, x_title: str, y_title: str) -> str:
    """A curve from 0 to 1 both ways, beside the line of equal shares."""
    size, left = 260.0, 60.0

    def at(x: float, y: float) -> str:
        return f"{left + x * size:.1f},{10 + (1 - y) * size:.1f}"

    line = " ".join(at(x, y) for x, y in [(0.0, 0.0), *points])
    body = [
        f'<rect x="{left}" y="10" width="{size}" height="{size}" fill="none" stroke="var(--edge)"/>',
        f'<polyline points="{at(0, 0)} {at(1, 1)}" stroke="var(--edge)" stroke-dasharray="4 4" fill="none"/>',
        f'<polyline points="{line}" stroke="var(--link)" stroke-width="2.5" fill="none"/>',
        *(f'<circle cx="{at(x, y).split(",")[0]}" cy="{at(x, y).split(",")[1]}" r="3.5" fill="var(--link)"/>'
          for x, y in points),
    ]  # fmt: skip
    for mark in (0.0, 0.5, 1.0):
        body.append(_text(left - 6, 14 + (1 - mark) * size, f"{mark:.0%}", "end", "quiet"))
        body.append(_text(left + mark * size, size + 26, f"{mark:.0%}", "middle", "quiet"))
    body.append(_text(left + size / 2, size + 44, x_title, "middle"))
    body.append(_text(left + size + 12, 24, y_title))
    return _svg(body, _WIDE, size + 52, about)
