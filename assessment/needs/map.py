"""A map of small areas: each point of the borough belongs to the area whose middle is nearest, as events are placed.

No boundaries are shipped. The hub itself places an event in the small area of the nearest middle (``schemas.areas``),
so that this map shows what the counts are of, and says that it is no map of the official boundaries. Pure.
"""

from collections.abc import Collection, Mapping

import numpy as np
import polars as pl
from markupsafe import escape

_ACROSS, _WIDE = 68, 520.0
_REACH = 1.35
"""How far from a middle the borough goes on: times the median distance between neighbours."""


def area_map(places: pl.DataFrame, counts: Mapping[str, int | None], out: Collection[str]) -> str | None:
    """A map whose areas are the darker the more there is; those that stand out are edged. None without places."""
    known = places.filter(pl.col("area_code").is_in(list(counts))).sort("area_code")
    if known.height < 3:
        return None
    at = known.select("easting_m", "northing_m").to_numpy().astype(float)
    low, high = at.min(axis=0) - 400, at.max(axis=0) + 400
    side = (high[0] - low[0]) / _ACROSS
    cells, owner = _hexagons(at, low, high, side)
    scale, most = _WIDE / (high[0] - low[0]), max((count for count in counts.values() if count), default=1)
    body = []
    for place, code in enumerate(known["area_code"]):
        count, mine = counts[code], cells[owner == place]
        path = "".join(_hexagon((x - low[0]) * scale, (high[1] - y) * scale, side * scale / 2) for x, y in mine)
        look = (
            'fill="none" stroke="var(--edge)"'
            if count is None
            else f'fill="var(--link)" fill-opacity="{_deep(count, most)}"'
        )
        edge = ' stroke="var(--bad)" stroke-width="1.2"' if code in out else ""
        title = f"<title>{escape(code)}: {'c' if count is None else count}</title>"
        body.append(f'<path d="{path}" {look}{edge}>{title}</path>')
    tall = (high[1] - low[1]) * scale
    drawing = '<svg class="map" viewBox="0 0 {w} {h}" role="img" aria-label="Map of small areas">{body}</svg>'
    return drawing.format(w=round(_WIDE, 1), h=round(tall, 1), body="".join(body))


def _deep(count: int, most: int) -> str:
    return f"{0.06 + 0.84 * count / most:.2f}"


def _hexagons(at: np.ndarray, low: np.ndarray, high: np.ndarray, side: float) -> tuple[np.ndarray, np.ndarray]:
    """Middles of hexagons over the borough, and the place of the nearest small area of each."""
    rows = np.arange(low[1], high[1], side * 0.866)
    made = [(x, y) for n, y in enumerate(rows) for x in np.arange(low[0] + side / 2 * (n % 2), high[0], side)]
    cells = np.array(made)
    far = ((cells[:, None, :] - at[None, :, :]) ** 2).sum(axis=2) ** 0.5
    between = ((at[:, None, :] - at[None, :, :]) ** 2).sum(axis=2) ** 0.5
    np.fill_diagonal(between, np.inf)
    within = far.min(axis=1) <= _REACH * float(np.median(between.min(axis=1)))
    return cells[within], far.argmin(axis=1)[within]


def _hexagon(x: float, y: float, radius: float) -> str:
    """A pointed hexagon around a point, as a path of whole tenths."""
    corners = [(x + radius * 1.16 * dx, y + radius * 1.16 * dy) for dx, dy in _CORNERS]
    return "M" + "L".join(f"{cx:.1f} {cy:.1f}" for cx, cy in corners) + "Z"


_CORNERS = [(float(np.sin(k * np.pi / 3)), float(np.cos(k * np.pi / 3))) for k in range(6)]
