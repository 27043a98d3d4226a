"""The lines around small areas, for maps: from the official GeoJSON, which the partnership loads. None are shipped.

1. A file is a FeatureCollection of polygons with the code of each small area (``LSOA21CD``), in degrees (WGS 84) or in
   metres (British National Grid), as the Office for National Statistics publishes it (Open Geography Portal).
2. The borough's alone are kept, on a plane in metres; points within ``FINE_M`` of the one before are left out.
3. All of the borough must be there: a map that lacks an area would say that nothing happens in it.
"""

import json
from collections.abc import Iterable, Mapping
from math import cos, dist, radians
from pathlib import Path
from typing import Any

from schemas.errors import ContractError

NAME = "area_boundaries.json"
CODE = "LSOA21CD"
FINE_M = 8.0
_M_A_DEGREE = 111_320.0
_BOROUGH_LATITUDE = 51.4
Point = tuple[float, float]
Rings = tuple[tuple[Point, ...], ...]
"""Lines that close; what lies within an even number of them is outside."""


def boundaries_path(config: Path) -> Path:
    """Where the boundaries of a configuration lie."""
    return config / "reference" / NAME


def load_boundaries(config: Path) -> Mapping[str, Rings]:
    """The boundaries by small area; none where none are loaded. Raises ContractError."""
    path = boundaries_path(config)
    if not path.exists():
        return {}
    try:
        kept = json.loads(path.read_text(encoding="utf-8")).items()
        return {code: tuple(tuple((float(x), float(y)) for x, y in ring) for ring in rings) for code, rings in kept}
    except (OSError, ValueError, TypeError, AttributeError):
        raise _refused(path, "it is not as hub areas boundaries wrote it", "Load the boundaries again") from None


def read_boundaries(path: Path, borough: Iterable[str]) -> dict[str, Rings]:
    """The boundaries of the borough's small areas in an official file; raises ContractError."""
    wanted = set(borough)
    try:
        features = json.loads(path.read_text(encoding="utf-8-sig"))["features"]
        mine = [one for one in features if one["properties"].get(CODE) in wanted]
        found = {one["properties"][CODE]: _rings(one["geometry"]) for one in mine}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        raise _refused(
            path, f"it is no GeoJSON of polygons with {CODE}", "Take it from the Open Geography Portal"
        ) from None
    if missing := len(wanted - found.keys()):  # (3)
        why = f"it lacks {missing} of the borough's {len(wanted)} small areas"
        raise _refused(path, why, "Take the file of the small areas of 2021")
    return dict(sorted(found.items()))


def write_boundaries(config: Path, found: Mapping[str, Rings]) -> Path:
    """Put boundaries in the place of those that are there, at once."""
    path = boundaries_path(config)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.partial")
    draft.write_text(json.dumps(found, separators=(",", ":")), encoding="utf-8")
    draft.replace(path)
    return path


def _rings(geometry: Mapping[str, Any]) -> Rings:
    parts = {"Polygon": [geometry["coordinates"]], "MultiPolygon": geometry["coordinates"]}[geometry["type"]]
    return tuple(_thinned([_plane(*point[:2]) for point in ring]) for part in parts for ring in part)


def _plane(x: float, y: float) -> Point:
    """Rule 2: degrees become metres where the borough is; metres stay."""
    if abs(x) <= 180 and abs(y) <= 90:
        x, y = x * _M_A_DEGREE * cos(radians(_BOROUGH_LATITUDE)), y * _M_A_DEGREE
    return round(float(x), 1), round(float(y), 1)


def _thinned(ring: list[Point]) -> tuple[Point, ...]:
    kept = ring[:1]
    for point in ring[1:]:
        if dist(point, kept[-1]) >= FINE_M:
            kept.append(point)
    return tuple(kept)


def _refused(path: Path, why: str, fix: str) -> ContractError:
    return ContractError("The boundaries cannot be used", where=str(path), why=why, fix=fix)
