"""The lines around small areas come from the official file alone, whole, and are drawn as they were loaded."""

import json
from pathlib import Path
from typing import Any

import pytest

from cli.main import main
from hub.settings import PROJECT
from schemas.area_boundaries import load_boundaries, read_boundaries, write_boundaries
from schemas.areas import load_areas
from schemas.errors import ContractError

SQUARE = [[520_000.0, 166_000.0], [520_300.0, 166_000.0], [520_300.0, 166_003.0], [520_300.0, 166_300.0]]


def feature(code: str, coordinates: Any = None, kind: str = "Polygon") -> dict[str, Any]:
    return {"type": "Feature", "properties": {"LSOA21CD": code, "LSOA21NM": "Somewhere"},
            "geometry": {"type": kind, "coordinates": coordinates or [[*SQUARE, SQUARE[0]]]}}  # fmt: skip


def written(path: Path, *features: dict[str, Any]) -> Path:
    path.write_text(json.dumps({"type": "FeatureCollection", "features": list(features)}), encoding="utf-8")
    return path


def test_the_borough_alone_is_taken_and_points_that_nobody_would_see_are_left_out(tmp_path: Path) -> None:
    file = written(tmp_path / "ons.geojson", feature("E01000002"), feature("E01000001"), feature("E01099999"))
    found = read_boundaries(file, ["E01000001", "E01000002"])
    assert list(found) == ["E01000001", "E01000002"]
    assert found["E01000001"] == (((520_000, 166_000), (520_300, 166_000), (520_300, 166_300), (520_000, 166_000)),)
    write_boundaries(tmp_path, found)
    assert load_boundaries(tmp_path) == found


def test_islands_and_holes_and_degrees_are_taken(tmp_path: Path) -> None:
    ring = [[-0.30, 51.40], [-0.29, 51.40], [-0.29, 51.41], [-0.30, 51.40]]
    file = written(tmp_path / "ons.geojson", feature("E01000001", [[ring], [ring, ring]], "MultiPolygon"))
    rings = read_boundaries(file, ["E01000001"])["E01000001"]
    assert len(rings) == 3
    assert rings[0][1][0] - rings[0][0][0] == pytest.approx(694, abs=2)  # a hundredth of a degree, here
    assert rings[0][2][1] - rings[0][1][1] == pytest.approx(1113, abs=2)


def test_a_file_that_lacks_an_area_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path / "ons.geojson", feature("E01000001"))
    with pytest.raises(ContractError, match="it lacks 1 of the borough's 2 small areas"):
        read_boundaries(file, ["E01000001", "E01000002"])


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"features": 1}', '{"features": [{}]}', '{"features": [{"properties": null}]}',
     json.dumps({"features": [feature("E01000001", [[1, 2]])]}),
     json.dumps({"features": [feature("E01000001", [0, 0], "Point")]})],
    ids=["empty", "a list", "no features", "no properties", "blank properties", "no ring", "a point"],
)  # fmt: skip
def test_what_is_no_such_file_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "ons.geojson").write_text(text, encoding="utf-8")
    with pytest.raises(ContractError, match="no GeoJSON of polygons with LSOA21CD"):
        read_boundaries(tmp_path / "ons.geojson", ["E01000001"])


def test_a_kept_file_that_was_changed_by_hand_is_refused(tmp_path: Path) -> None:
    write_boundaries(tmp_path, {}).write_text("[1]", encoding="utf-8")
    with pytest.raises(ContractError, match="hub areas boundaries"):
        load_boundaries(tmp_path)


def test_the_command_loads_all_99(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reference = tmp_path / "config" / "reference"
    reference.mkdir(parents=True)
    for name in ("areas.csv", "wards.csv"):
        (reference / name).write_bytes((PROJECT / "config" / "reference" / name).read_bytes())
    codes = load_areas(PROJECT / "config").table["lsoa_code"].to_list()
    file = written(tmp_path / "ons.geojson", *map(feature, codes))
    monkeypatch.setenv("HUB_CONFIG", str(tmp_path / "config"))
    monkeypatch.setattr("sys.argv", ["hub", "areas", "boundaries", str(file)])
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    assert "The boundaries of 99 small areas" in capsys.readouterr().out
    assert len(load_boundaries(tmp_path / "config")) == 99
