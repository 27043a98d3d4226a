"""What is attacked: the stored records of a synthetic borough, and what anybody may know of names beforehand.

The borough's people and the people whose name frequencies are public are drawn from the same tables of names, with
other seeds: as if the attacker had the statistics of the very region, which no real one publishes so exactly.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import polars as pl
from numpy.typing import NDArray

from benchmarks.borough import borough
from keys.key import Key
from partners.population.households import make_population
from partners.population.people import Person
from pseudonymise.linkage_columns import linkage_columns
from pseudonymise.names import name_forms
from pseudonymise.scheme_keys import HubKeys, SourceKeys
from schemas.contract import Identifier

PEOPLE, SEED = 30_000, 23
PUBLIC_PEOPLE, PUBLIC_SEED = 120_000, 97
SOURCE = SourceKeys(Key("source/1", bytes(range(32))))
HUB = HubKeys(Key("hub/1", bytes(range(32, 64))), Key("event/1", bytes(range(64, 96))))
FIELDS = ("forename", "surname")
_KINDS = ("forename", "surname", "date_of_birth", "sex", "postcode", "uprn", "nhs_number", "pnc_id")


@dataclass(frozen=True)
class Target:
    """Records as they are stored (``records``) and the canonical names behind them, in the same order."""

    records: pl.DataFrame
    names: dict[str, pl.Series]
    person: pl.Series


@dataclass(frozen=True)
class Public:
    """How common each canonical name is, commonest first; ``female`` is the share of its bearers that are."""

    names: list[str]
    count: NDArray[np.float64]
    female: NDArray[np.float64]


def target() -> Target:
    """The borough's records."""
    clear = borough(PEOPLE, SEED)
    kinds = {name: Identifier(name) for name in _KINDS}
    typed = clear.with_columns(pl.col("date_of_birth").str.to_date(strict=False))
    records = linkage_columns(typed.select(_KINDS), kinds, SOURCE, HUB)
    return Target(records, {field: canonical(clear[field], field) for field in FIELDS}, clear["person"])


def canonical(column: pl.Series, field: str) -> pl.Series:
    """Names as the scheme makes them."""
    return name_forms(column, field)[field]


def public(field: str) -> Public:
    """The frequencies of a field's names among other people."""
    people = _people()
    said = [each.forename if field == "forename" else each.surnames[-1].surname for each in people]
    names = canonical(pl.Series(said), field)
    known = pl.DataFrame({"name": names, "sex": [each.sex for each in people]}).drop_nulls()
    counted = known.group_by("name").agg(n=pl.len(), female=(pl.col("sex") == "F").mean())
    counted = counted.sort(pl.col("n"), "name", descending=[True, False])
    return Public(counted["name"].to_list(), counted["n"].to_numpy().astype(float), counted["female"].to_numpy())


@cache
def _people() -> tuple[Person, ...]:
    return tuple(make_population(PUBLIC_PEOPLE, PUBLIC_SEED).people)


def told(what: str, guessed: dict[object, str], truth: pl.DataFrame) -> str:
    """One line: how many of the distinct names, and of the records, a guess of the names behind codes is right about.

    ``truth`` has ``code`` and ``name``, one row a record.
    """
    guess = truth["code"].replace_strict(guessed, default=None, return_dtype=pl.String)
    right = truth.with_columns(right=(guess == pl.col("name")).fill_null(False))
    by_name = right.unique(["code", "name"])
    return (
        f"  {what:<58} {by_name['right'].sum():>5} of {by_name.height:,} names ({by_name['right'].mean():.2%}), "
        f"{right['right'].mean():.2%} of records"
    )
