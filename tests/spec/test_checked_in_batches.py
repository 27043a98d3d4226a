"""A delivery cut into batches, however it is cut, is checked as if it were whole; and as a slow reference says."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace

import polars as pl
import pytest
from test_contracts_justice import SUPERVISED
from test_contracts_police import CRIME

from hub.periods import Quarter
from schemas.contract import Contract
from schemas.crossing import LAST_OF_EVENT, LAST_OF_RECORD, Crossing, Settled
from schemas.police import RECORDED_CRIME
from schemas.probation import SUPERVISION
from schemas.quarantine import summary
from schemas.reader import Reader
from schemas.validation import Checking, validate
from tests.cases import cases

QUARTER = Quarter(2026, 3)
LINKED = replace(RECORDED_CRIME, refers_to={"address": "crime_reference"})  # a crime named in another's row
KINDS = [
    pytest.param(RECORDED_CRIME, CRIME, id="crime"),
    pytest.param(SUPERVISION, SUPERVISED, id="supervision"),
    pytest.param(LINKED, CRIME, id="crime that refers to others"),
]


def delivery(contract: Contract, sound: dict[str, str], rows: int, seed: int) -> pl.DataFrame:
    """Rows of few keys, some spoilt, some barred, some marked deleted, some referring to keys that are nowhere."""
    chance, made = random.Random(seed), []
    for _ in range(rows):
        row = dict(sound)
        for name in contract.row_key:
            row[contract.source_name(name)] = ("X10000" if name == "crn" else "7") + str(chance.randrange(6))
        if chance.random() < 0.2:
            row[chance.choice([*contract.source_names][8:])] = "?"
        if contract.blocked_by is not None:
            row[contract.source_name(contract.blocked_by)] = "true" if chance.random() < 0.1 else "false"
        for name in contract.refers_to:
            row[contract.source_name(name)] = chance.choice(["", f"7{chance.randrange(9)}"])
        made.append(row | {"gone": chance.choice(["", "", "", "false", "f", "true", "2026-08-01"])})
    columns = dict.fromkeys([*contract.source_names, "gone"], pl.String)
    return (
        pl.DataFrame(made, schema=columns).with_row_index("row_number", 1).with_columns(pl.col("row_number").cast(int))
    )


def in_batches(
    frame: pl.DataFrame, contract: Contract, sizes: Callable[[], int], begins: tuple[int, ...] = (0,), **how: object
) -> dict[str, object]:
    """What a checking says of a frame in batches of these sizes, whose generations begin at these rows."""
    batches, start = [], 0
    while start < frame.height:
        ends = min([begin for begin in begins if begin > start], default=frame.height)
        batches.append((frame.slice(start, min(sizes(), ends - start)), sum(begin <= start for begin in begins) - 1))
        start += batches[-1][0].height
    with Checking(contract, QUARTER, **how) as checking:  # type: ignore[arg-type]
        checked = [checking.batch(batch, generation) for batch, generation in batches]
        settled = checking.settle()
        standing = pl.concat([checking.standing(batch) for batch in checked])
        quarantined = pl.concat([checking.quarantined(batch) for batch, _ in batches])
        return {
            "standing": standing,
            "quarantined": quarantined,
            "settled": settled,
            "remarks": checking.remarks,
            "barred": checking.barred,
        }


@pytest.mark.parametrize(("contract", "sound"), KINDS)
@pytest.mark.parametrize("seed", range(2))
def test_however_it_is_cut_it_is_checked_alike(
    contract: Contract, sound: dict[str, str], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame, chance = delivery(contract, sound, 60, seed).drop("gone"), random.Random(seed)
    whole = in_batches(frame, contract, lambda: 60)
    monkeypatch.setattr(Crossing.__init__, "__defaults__", (None, 25))  # the keys of so few rows stay in memory
    cut = in_batches(frame, contract, lambda: chance.randint(1, 20))

    for name, one in whole.items():
        other = cut[name]
        assert one.equals(other) if isinstance(one, pl.DataFrame) else one == other, name  # type: ignore[arg-type]
    checked = validate(frame, contract, QUARTER)
    assert checked.valid.equals(whole["standing"].drop(LAST_OF_EVENT, LAST_OF_RECORD))  # type: ignore[attr-defined]
    assert summary(checked.quarantined) == whole["settled"].counts  # type: ignore[attr-defined]


@dataclass
class Slow:
    """What rows say of each other, asked of each row in turn. A row's fate is a word."""

    contract: Contract
    rows: list[dict[str, str]]
    sound: list[bool]
    generation: list[int]
    gone: list[bool]

    def key(self, n: int, names: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self.rows[n][name] for name in names)

    def same(self, n: int, names: tuple[str, ...]) -> list[int]:
        return [other for other in range(len(self.rows)) if self.key(other, names) == self.key(n, names)]

    def fates(self) -> list[str]:
        row_key, every = self.contract.row_key, range(len(self.rows))
        removed = {n for n in every if not self.gone[n] and any(self.gone[m] and m > n for m in self.same(n, row_key))}
        dangling = {n for n in every if n not in removed and not self.gone[n] and self._dangles(n, removed)}
        speaks = {n for n in every if n not in removed | dangling and (self.sound[n] or self._bars(n) or self.gone[n])}
        replaced = removed | {
            n for n in every if not self.gone[n]
            and any(self.generation[m] > self.generation[n] for m in self.same(n, row_key) if m in speaks)
        } | {
            n for n in every if not self.gone[n] and (n in dangling or not (self.sound[n] or self._bars(n)))
            and any(self.generation[m] > self.generation[n] for m in self.same(n, row_key) if m not in removed)
        }  # fmt: skip
        bars = {n for n in every if n not in replaced and self._bars(n)}
        barred = {
            n for n in every if n not in replaced and not self.gone[n]
            and any(m in bars for m in self.same(n, self.contract.record_key))
        }  # fmt: skip
        left = [n for n in every if self.sound[n] and not self.gone[n] and n not in replaced | barred | dangling]
        return [
            "deleted" if self.gone[n] else "replaced" if n in replaced else "barred" if n in barred
            else "dangling" if n in dangling else "at fault" if not self.sound[n]
            else "repeated" if any(m > n for m in self.same(n, row_key) if m in left) else "stands" for n in every
        ]  # fmt: skip

    def _bars(self, n: int) -> bool:
        return (
            self.contract.blocked_by is not None
            and not self.gone[n]
            and self.rows[n][self.contract.blocked_by] == "true"
        )

    def _dangles(self, n: int, removed: set[int]) -> bool:
        known = [m for m in range(len(self.rows)) if m not in removed and not self.gone[m]]
        return any(
            self.rows[n][name] and all(self.rows[n][name] != self.rows[m][target] for m in known)
            for name, target in self.contract.refers_to.items()
        )


@pytest.mark.parametrize(("contract", "sound"), KINDS)
@pytest.mark.parametrize("seed", range(cases(6, 3)))
def test_what_rows_say_of_each_other_is_what_the_slow_way_says(
    contract: Contract, sound: dict[str, str], seed: int
) -> None:
    continued, chance = seed % 2 == 1, random.Random(seed)
    frame = delivery(contract, sound, 60, seed)
    begins, how = ((0, 25, 40), {"deleted": "gone"}) if continued else ((0,), {})
    frame = frame if continued else frame.drop("gone")
    said = in_batches(frame, contract, lambda: chance.randint(1, 20), begins, **how)

    rows = frame.rename(dict(contract.source_names)).rows(named=True)
    slow = Slow(
        contract,
        rows,
        Reader(contract, QUARTER, None).read(frame).sound.tolist(),
        [sum(begin <= n for begin in begins) - 1 for n in range(len(rows))],
        [continued and row["gone"] not in ("", "false", "f") for row in rows],
    )
    fates = slow.fates()
    told = {"barred": "limited_access", "dangling": "unknown_reference", "repeated": "repeated"}
    settled: Settled = said["settled"]  # type: ignore[assignment]
    quarantined: pl.DataFrame = said["quarantined"]  # type: ignore[assignment]
    standing: pl.DataFrame = said["standing"]  # type: ignore[assignment]
    faulty = [n for n, fate in enumerate(fates) if fate in (*told, "at fault")]
    kept = [n for n, fate in enumerate(fates) if fate == "stands"]
    assert quarantined["row_number"].to_list() == [n + 1 for n in faulty]
    for row, n in zip(quarantined.iter_rows(named=True), faulty, strict=True):
        assert {reason: reason in row["reasons"] for reason in told.values()} == {
            reason: fates[n] == fate for fate, reason in told.items()
        }
    assert (settled.accepted, settled.replaced, settled.deleted) == (
        len(kept),
        fates.count("replaced"),
        fates.count("deleted"),
    )
    assert settled.received == settled.accepted + settled.quarantined + settled.replaced + settled.deleted
    assert standing.height == len(kept)
    for flag, key in ((LAST_OF_EVENT, contract.event_key), (LAST_OF_RECORD, contract.record_key)):
        final = {slow.key(n, key): n for n in kept}
        assert standing[flag].to_list() == [final[slow.key(n, key)] == n for n in kept]


def test_a_key_that_cannot_be_read_deletes_nothing_and_is_told() -> None:
    marked = CRIME | {"Person Number": "", "gone": "true"}
    frame = pl.DataFrame([CRIME | {"gone": ""}, marked, marked | {"Person Number": "2", "Sex": "?"}])
    said = in_batches(frame.with_row_index("row_number", 1), RECORDED_CRIME, lambda: 3, deleted="gone")
    settled: Settled = said["settled"]  # type: ignore[assignment]
    assert (settled.accepted, settled.quarantined, settled.deleted) == (1, 1, 1)
    assert said["quarantined"]["columns"].to_list() == [["Person Number"]]  # type: ignore[index]
