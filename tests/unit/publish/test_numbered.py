"""Ids as numbers on the way come out as the very ids, in the very order, that text would have given."""

import hashlib
from random import Random

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from publish.numbered import EVENT, Names, Numbered, Numbering
from publish.recipient_ids import keyed
from publish.writing import require_kept
from schemas.errors import ContractError

KEY = "ab" * 32


def ids(count: int, seed: int = 0) -> list[str]:
    return [hashlib.sha256(f"{seed} {number}".encode()).hexdigest()[:32] for number in range(count)]


def numbered(*columns: list[str | None]) -> tuple[Names, list[pl.Series]]:
    numbering = Numbering()
    given = [numbering.of(pl.Series(column, dtype=pl.String)) for column in columns]
    names, to = numbering.ended()
    return names, [to.gather(numbers) for numbers in given]


def test_a_text_has_one_number_wherever_it_stands_and_a_blank_none() -> None:
    names, (one, other) = numbered(["bb", "aa", None], ["cc", "aa", "bb"])
    assert (one.to_list(), other.to_list()) == ([1, 0, None], [2, 0, 1])
    assert names.texts(pl.concat([one, other])).to_list() == ["bb", "aa", None, "cc", "aa", "bb"]


def test_numbers_are_in_the_order_of_their_texts() -> None:
    texts = ids(500)
    _, (numbers,) = numbered(texts)
    assert [text for _, text in sorted(zip(numbers, texts, strict=True))] == sorted(texts)


def test_a_table_under_a_recipients_key_is_the_one_that_text_gives() -> None:
    texts = [Random(1).choice(ids(40)) for _ in range(300)]
    frame = pl.DataFrame({EVENT: texts, "place": range(300)})
    names, (numbers,) = numbered(texts)
    table = Numbered(frame.with_columns(numbers.alias(EVENT)), {EVENT: names}).turned(EVENT, names.keyed(KEY))
    assert_frame_equal(table.sorted(EVENT, "place").text, keyed(frame, EVENT, KEY).sort(EVENT, "place"))


def test_a_blank_id_stays_blank_and_comes_last() -> None:
    names, (numbers,) = numbered(["a", None, "b"])
    table = Numbered(pl.DataFrame({EVENT: numbers}), {EVENT: names}).turned(EVENT, names.keyed(KEY)).sorted(EVENT)
    assert_frame_equal(
        table.text, keyed(pl.DataFrame({EVENT: ["a", None, "b"]}), EVENT, KEY).sort(EVENT, nulls_last=True)
    )


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> int:
    """A table's parts have so many rows."""
    monkeypatch.setattr("publish.numbered.ROWS_PER_GROUP", 50)
    return 50


def test_the_parts_of_a_table_are_the_whole_table(few: int) -> None:
    names, (numbers,) = numbered(ids(2 * few + 1))
    table = Numbered(pl.DataFrame({EVENT: numbers}), {EVENT: names})
    parts = list(table.parts())
    assert [part.height for part in parts] == [few, few, 1]
    assert_frame_equal(pl.concat(parts), table.text)
    (none,) = Numbered(table.rows.clear(), table.names).parts()
    assert (none.height, none.schema) == (0, {EVENT: pl.String})


def persons(texts: list[str]) -> Numbered:
    names, (numbers,) = numbered(texts)
    rows = pl.DataFrame({"person_id": numbers, "sex": "male", "ethnic_group": "white", "birth_year": 1990})
    days = (pl.date(2026, 7, 1).alias(name) for name in ("first_seen_on", "last_seen_on"))
    rows = rows.with_columns(*days, age_band=pl.lit("35-49"), authorities=1, events=1)
    return Numbered(rows, {"person_id": names})


def test_an_id_that_is_in_two_parts_of_a_table_breaks_its_contract(few: int) -> None:
    once = ids(few + 1)
    require_kept("person", persons(once))
    with pytest.raises(ContractError, match="person_id") as refused:
        require_kept("person", persons([*once[:-1], once[0]]))
    assert once[0] not in str(refused.value)


def test_what_breaks_the_contract_in_the_last_part_is_found(few: int) -> None:
    with pytest.raises(ContractError, match="person_id: "):
        require_kept("person", persons([*ids(few), "no id"]))
