"""A map of small areas, by their official boundaries where the partnership loaded them (``hub areas boundaries``).

Else each point belongs to the area whose middle is nearest, as the hub itself places events (``schemas.areas``): that
shows what the counts are of (a Voronoi diagram), and the map says that it is none of official boundaries. Nothing is
drawn farther from a middle than so many times the distance at which middles usually lie. Pure.
"""

from collections.abc import Collection, Mapping, Sequence
from math import cos, dist, pi, sin
from statistics import median

import polars as pl
from markupsafe import escape

from schemas.area_boundaries import Point, Rings

_WIDE, _REACH, _CORNERS, _FEWEST = 520.0, 1.5, 32, 3
_MAP = (
    '<svg class="map" fill-rule="evenodd" viewBox="-2 -2 {w:.0f} {h:.0f}" role="img" aria-label="Map of small areas">'
    "{body}</svg>"
)


def area_map(lines: Mapping[str, Rings], counts: Mapping[str, int | None], out: Collection[str]) -> str:
    """An SVG whose areas are the darker the more there is; those that stand out are edged."""
    corners = [corner for rings in lines.values() for ring in rings for corner in ring]
    west, north = min(x for x, _ in corners), max(y for _, y in corners)
    scale = _WIDE / (max(x for x, _ in corners) - west)
    tall = (north - min(y for _, y in corners)) * scale
    most = max((count for count in counts.values() if count), default=1)
    body = []
    for code in sorted(lines, key=lambda code: (code in out, code)):  # edged ones last, so that no other covers them
        placed = [[f"{(x - west) * scale:.1f} {(north - y) * scale:.1f}" for x, y in ring] for ring in lines[code]]
        path = "".join(f"M{'L'.join(ring)}Z" for ring in placed)
        said, look = "c" if counts[code] is None else counts[code], _look(counts[code], most, out=code in out)
        body.append(f'<path d="{path}" {look}><title>{escape(code)}: {said}</title></path>')
    return _MAP.format(w=_WIDE + 4, h=tall + 4, body="".join(body))


def around_middles(places: pl.DataFrame, codes: Collection[str]) -> dict[str, Rings]:
    """The line around each middle: nearer to it than to any other, and not too far; none of fewer than three."""
    known = places.filter(pl.col("area_code").is_in(list(codes))).sort("area_code")
    middles = known.select("area_code", "easting_m", "northing_m")
    at = {code: (float(x), float(y)) for code, x, y in middles.iter_rows()}
    return _around(at) if len(at) >= _FEWEST else {}


def _look(count: int | None, most: int, *, out: bool) -> str:
    """The darker the more; a hidden count is grey."""
    fill = 'fill="var(--edge)" fill-opacity=".6"' if count is None else 'fill="var(--paper)"'
    if count:
        fill = f'fill="var(--link)" fill-opacity="{0.12 + 0.8 * count / most:.2f}"'
    return fill + (' stroke="var(--bad)" stroke-width="2.5"' if out else ' stroke="var(--quiet)" stroke-width=".5"')


def _around(at: Mapping[str, Point]) -> dict[str, Rings]:
    nearest = [min(dist(one, other) for other in at.values() if other != one) for one in at.values()]
    reach = _REACH * median(nearest)
    found: dict[str, Rings] = {}
    for code, one in at.items():
        line = [(one[0] + reach * cos(k * 2 * pi / _CORNERS), one[1] + reach * sin(k * 2 * pi / _CORNERS))
                for k in range(_CORNERS)]  # fmt: skip
        for other in at.values():
            if other != one and dist(one, other) < 2 * reach:
                line = _nearer(line, one, other)
        found[code] = (tuple(line),)
    return found


def _nearer(line: Sequence[Point], one: Point, other: Point) -> list[Point]:
    """The part of a polygon that is nearer to one point than to another (Sutherland & Hodgman 1974)."""
    kept: list[Point] = []
    for here, then in zip(line, [*line[1:], line[0]], strict=True):
        now, next_ = (dist(point, other) ** 2 - dist(point, one) ** 2 for point in (here, then))
        if now >= 0:
            kept.append(here)
        if (now >= 0) != (next_ >= 0):
            part = now / (now - next_)
            kept.append((here[0] + part * (then[0] - here[0]), here[1] + part * (then[1] - here[1])))
    return kept
