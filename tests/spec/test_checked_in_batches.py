"""A delivery cut into batches, however it is cut, is checked as if it were whole; and as a slow reference says."""

import random
from collections.abc import Callable
from dataclasses import replace

import polars as pl
import pytest
from test_contracts_justice import SUPERVISED
from test_contracts_police import CRIME

from hub.periods import Quarter
from schemas.contract import Contract
from schemas.crossing import LAST_OF_EVENT, LAST_OF_RECORD
from schemas.police import RECORDED_CRIME
from schemas.probation import SUPERVISION
from schemas.quarantine import summary
from schemas.validation import Checking, validate

QUARTER = Quarter(2026, 3)
LINKED = replace(RECORDED_CRIME, refers_to={"address": "crime_reference"})  # a crime named in another's row
KINDS = [
    pytest.param(RECORDED_CRIME, CRIME, id="crime"),
    pytest.param(SUPERVISION, SUPERVISED, id="supervision"),
    pytest.param(LINKED, CRIME, id="crime that refers to others"),
]


def delivery(contract: Contract, sound: dict[str, str], rows: int, seed: int) -> pl.DataFrame:
    """Rows of few keys, some of them spoilt, some barred, some referring to keys that are nowhere."""
    chance, made = random.Random(seed), []
    for _ in range(rows):
        row = dict(sound)
        for name in contract.row_key:
            row[contract.source_name(name)] = f"{name[:3]}{chance.randrange(6)}"
        if chance.random() < 0.2:
            row[chance.choice(list(contract.source_names))] = "?"
        if contract.blocked_by is not None:
            row[contract.source_name(contract.blocked_by)] = "true" if chance.random() < 0.1 else "false"
        for name, target in contract.refers_to.items():
            row[contract.source_name(name)] = chance.choice(["", f"{target[:3]}{chance.randrange(9)}"])
        made.append(row)
    columns = dict.fromkeys(contract.source_names, pl.String)
    return (
        pl.DataFrame(made, schema=columns).with_row_index("row_number", 1).with_columns(pl.col("row_number").cast(int))
    )


def in_batches(frame: pl.DataFrame, contract: Contract, sizes: Callable[[], int]) -> dict[str, object]:
    """What a checking says of a frame that comes in batches of these sizes."""
    batches, start = [], 0
    while start < frame.height:
        batches.append(frame.slice(start, sizes()))
        start += batches[-1].height
    with Checking(contract, QUARTER) as checking:
        checked = [checking.batch(batch) for batch in batches]
        settled = checking.settle()
        standing = pl.concat([checking.standing(batch) for batch in checked])
        quarantined = pl.concat([checking.quarantined(batch) for batch in batches])
        return {
            "standing": standing,
            "quarantined": quarantined,
            "settled": settled,
            "remarks": checking.remarks,
            "barred": checking.barred,
        }


@pytest.mark.parametrize(("contract", "sound"), KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_however_it_is_cut_it_is_checked_alike(contract: Contract, sound: dict[str, str], seed: int) -> None:
    frame, chance = delivery(contract, sound, 60, seed), random.Random(seed)
    whole, cut = in_batches(frame, contract, lambda: 60), in_batches(frame, contract, lambda: chance.randint(1, 20))

    for name, one in whole.items():
        other = cut[name]
        assert one.equals(other) if isinstance(one, pl.DataFrame) else one == other, name  # type: ignore[arg-type]
    checked = validate(frame, contract, QUARTER)
    assert checked.valid.equals(whole["standing"].drop(LAST_OF_EVENT, LAST_OF_RECORD))  # type: ignore[attr-defined]
    assert summary(checked.quarantined) == whole["settled"].counts  # type: ignore[attr-defined]


@pytest.mark.parametrize(("contract", "sound"), KINDS)
@pytest.mark.parametrize("seed", range(4, 8))
def test_what_rows_say_of_each_other_is_what_the_slow_way_says(
    contract: Contract, sound: dict[str, str], seed: int
) -> None:
    frame, chance = delivery(contract, sound, 60, seed), random.Random(seed)
    alone = [validate(frame.slice(place, 1), replace(contract, refers_to={}), QUARTER) for place in range(frame.height)]
    rows = frame.rename(dict(contract.source_names)).rows(named=True)
    cut = in_batches(frame, contract, lambda: chance.randint(1, 20))

    def key(row: dict[str, str], names: tuple[str, ...]) -> tuple[str | None, ...]:
        return tuple(row[name] if row[name] != "?" or name in contract.row_key else None for name in names)

    barred_keys = {
        key(row, contract.record_key) for row in rows if contract.blocked_by and row[contract.blocked_by] == "true"
    }
    barred = {n for n, row in enumerate(rows) if key(row, contract.record_key) in barred_keys}
    known = {name: {row[target] for row in rows} for name, target in contract.refers_to.items()}
    dangling = {n for n, row in enumerate(rows) for name in known if row[name] and row[name] not in known[name]}
    sound_rows = [n for n, one in enumerate(alone) if one.valid.height and n not in barred | dangling]
    newest = {key(rows[n], contract.row_key): n for n in sound_rows}
    kept = sorted(newest.values())

    def last(names: tuple[str, ...]) -> list[bool]:
        final = {key(rows[n], names): n for n in kept}
        return [final[key(rows[n], names)] == n for n in kept]

    standing: pl.DataFrame = cut["standing"]  # type: ignore[assignment]
    reasons: pl.DataFrame = cut["quarantined"]  # type: ignore[assignment]
    assert barred or contract.blocked_by is None
    assert dangling or not contract.refers_to
    assert reasons["row_number"].to_list() == [n + 1 for n in range(frame.height) if n not in kept]
    assert standing[LAST_OF_EVENT].to_list() == last(contract.event_key)
    assert standing[LAST_OF_RECORD].to_list() == last(contract.record_key)
    for row in reasons.iter_rows(named=True):
        place = row["row_number"] - 1
        assert ("limited_access" in row["reasons"]) == (place in barred)
        assert ("unknown_reference" in row["reasons"]) == (place in dangling - barred)
        assert ("repeated" in row["reasons"]) == (place in sound_rows)
