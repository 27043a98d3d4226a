"""Weights of harm: taken whole or not at all, given to events whose code says what happened."""

from pathlib import Path

import polars as pl
import pytest

from hub.errors import ConfigurationError
from schemas.errors import ContractError
from schemas.harm import Harm, harm_path, load_harm, with_harm
from schemas.harm_loading import read_weights
from schemas.offences import load_offences
from schemas.reference import write_reference

NAMES = ("offence_code", "weight")


def weights(folder: Path, *lines: str, names: tuple[str, str] = NAMES) -> pl.DataFrame:
    path = folder / "weights.csv"
    path.write_text("\n".join([",".join(names), *lines]), encoding="utf-8")
    return read_weights(path, names, "days", "an index", load_offences())


def test_codes_are_written_as_the_list_writes_them(tmp_path: Path) -> None:
    found = weights(tmp_path, "5/1,1095", "008/06,10.5", '5,"1,000"', "008/06,10.5", names=("Code", "Days"))
    assert found.select("offence_code", "weight").rows() == [("005", 1000.0), ("005/01", 1095.0), ("008/06", 10.5)]
    write_reference(harm_path(tmp_path), found)
    known = load_harm(tmp_path)
    assert known is not None
    assert (known.unit, known.source, known.weights.height) == ("days", "an index", 3)


def test_a_subclass_goes_before_its_class_and_a_code_without_a_weight_has_no_harm() -> None:
    known = Harm(pl.DataFrame({"offence_code": ["005", "005/01"], "weight": [1000.0, 1095.0]}), "days", "x", "0" * 64)
    events = pl.DataFrame(
        {
            "event_type": ["crime", "crime", "crime", "crime", "supervision"],
            "offence_code": ["005/01", "005/04", "034/10", None, "005/01"],
        }
    )
    assert with_harm(events, known, ("crime",))["harm"].to_list() == [1095.0, 1000.0, None, None, None]
    assert with_harm(events.drop("offence_code"), known, ("crime",))["harm"].null_count() == 5
    assert with_harm(events, None, ("crime",)).equals(events)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (("005/01,1", "999/99,2"), "1 of its rows have a code that the list of offences does not; the first is row 2"),
        (("5A,1",), "1 of its rows have a code"),
        (("005/01,much",), "1 of its rows have a weight that is no number"),
        (("005/01,-1", "005/04,nan"), "2 of its rows have a weight"),
        (("005/01,1", "5/1,2"), "1 of its rows give a code a second weight"),
        (("005/01",), "not a CSV|no number"),
    ],
)
def test_a_wrong_row_refuses_the_whole_file(tmp_path: Path, lines: tuple[str, ...], said: str) -> None:
    with pytest.raises(ContractError, match=said):
        weights(tmp_path, *lines)


def test_weights_of_two_sources_are_not_mixed(tmp_path: Path) -> None:
    assert load_harm(tmp_path) is None
    mixed = pl.DataFrame({"offence_code": ["005", "008"], "weight": [1.0, 2.0], "unit": "days", "source": ["a", "b"]})
    write_reference(harm_path(tmp_path), mixed)
    with pytest.raises(ConfigurationError, match="not all of one unit and one source"):
        load_harm(tmp_path)
