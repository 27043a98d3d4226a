"""The list of offences and the code lists that are kept as tables."""

from pathlib import Path

import polars as pl
import pytest

from hub.errors import ConfigurationError
from partners.population import offences as invented
from schemas import codes
from schemas.codes import CodeList
from schemas.codes.code_list import listed
from schemas.offences import OFFENCE_CODE, exists, load_offences


def test_the_list_is_the_genuine_one_and_class_0_is_no_offence(genuine: Path) -> None:
    theirs = pl.read_csv(genuine / "home_office_offence_codes.csv", infer_schema=False)
    code = pl.col("class").str.zfill(3) + "/" + pl.col("subclass").str.zfill(2)
    expected = theirs.select(code.alias("offence_code"), "group", (pl.col("class") != "0").alias("valid"))
    assert load_offences().equals(expected.sort("offence_code"))
    assert (expected.height, int(expected["valid"].sum())) == (3_039, 3_037)
    assert load_offences()["offence_code"].str.contains(OFFENCE_CODE).all()


def test_a_code_exists_if_it_is_listed_and_valid() -> None:
    given = pl.DataFrame({"code": ["005/01", "000/01", "005/99", "5/1", None]})
    assert given.select(exists("code")).to_series().to_list() == [True, False, False, False, None]


def test_every_offence_of_the_synthetic_borough_exists() -> None:
    used = pl.DataFrame({"code": [one.code for one in vars(invented).values() if isinstance(one, invented.Offence)]})
    assert used.height >= 30
    assert used.select(exists("code")).to_series().all()


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"A reference table cannot be read in .*offences\.csv"):
        load_offences(tmp_path)
    with pytest.raises(ConfigurationError, match=r"no code of the reference set 1\. Restore the file"):
        len(listed("ecds_injury", "1"))


def test_every_code_list_says_what_it_is_and_where_it_comes_from() -> None:
    known = [one for one in vars(codes).values() if isinstance(one, CodeList)]
    assert len(known) > 25
    for one in known:
        assert all((one.title, one.source, one.version, len(one)))
        assert dict(one.words()) == {word: word for word in one.values()}
    assert {one.title for one in known if one.verified} >= {"Assault location type", "Crime category", "Incident group"}
