"""How identifying a candidate's rows are, and bringing them to the agreement's level where it asks for that. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from agreement.grants import QUASI_IDENTIFIERS, Portion
from agreement.model import Agreement
from agreement.model import Disclosure as Agreed
from disclosure.alike import Groups, groups
from disclosure.levelling import Level, Levelled, Step, levelled
from disclosure.patterns import unique_patterns
from publish.manifest import DisclosureEntry, LevelEntry

Tables = Mapping[str, pl.DataFrame]
TOLD = ("person", "involvement")
_YEAR = "birth_year"


@dataclass(frozen=True)
class Disclosed:
    """The tables as they may be given, and what the manifest says of it."""

    tables: dict[str, pl.DataFrame]
    entry: DisclosureEntry


def disclosed(tables: Tables, granted: Mapping[str, Portion], agreement: Agreement, recipient: str) -> Disclosed:
    """The whole tables, in which persons are alike as the agreement asks of the recipient, and how alike they were.

    1. What counts are the quasi-identifiers that the recipient is granted, in the table person or in involvement.
    2. ``measured``: the rows stay as they are.
    3. ``reached``: they are changed in the order that the agreement states (``disclosure.levelling``). A value that was
       changed in person is withheld in the person's involvements, and years of birth are withheld: an age band tells
       enough.
    """
    stated = agreement.disclosure
    columns = tuple(name for name in QUASI_IDENTIFIERS if _is_granted(granted, name))  # (1)
    sensitive = tuple(name for name in stated.sensitive if _has(granted, "involvement", name))
    rows = _rows(tables, sensitive)
    before = groups(rows, columns, sensitive)
    if agreement.recipients[recipient].persons_alike == "measured" or not columns:  # (2)
        return Disclosed(dict(tables), _entry(rows, columns, sensitive, before, stated))
    coarse = tuple(name for name in columns if name != _YEAR)
    steps = [Step(step.column, _narrow_to_wide(step.into)) for step in stated.generalise]
    level = Level(stated.smallest_group, stated.smallest_diversity if sensitive else 1)
    done = levelled(rows, coarse, sensitive, level, steps)  # (3)
    entry = _entry(rows, columns, sensitive, before, stated)
    changed = {"treatment": "levelled", "after": _after(done, level, years=_YEAR in columns)}
    return Disclosed(_changed(tables, done.rows, coarse), entry.model_copy(update=changed))


def _is_granted(granted: Mapping[str, Portion], name: str) -> bool:
    return any(_has(granted, table, name) for table in TOLD)


def _has(granted: Mapping[str, Portion], table: str, name: str) -> bool:
    return table in granted and name in granted[table].columns


def _rows(tables: Tables, sensitive: tuple[str, ...]) -> pl.DataFrame:
    """A row a person: what all know, and of each sensitive column the values that the person has, as one text."""
    rows = tables["person"].select("person_id", *QUASI_IDENTIFIERS)
    told = (
        tables["involvement"]
        .group_by("person_id")
        .agg(pl.col(name).cast(pl.String).unique().sort().str.join(" ") for name in sensitive)
    )
    return rows.join(told, on="person_id", how="left").sort("person_id") if sensitive else rows


def _narrow_to_wide(into: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    return {narrow: wide for wide, values in into.items() for narrow in values}


def _changed(tables: Tables, rows: pl.DataFrame, columns: tuple[str, ...]) -> dict[str, pl.DataFrame]:
    """The tables with the persons' new values, in their order and with their columns."""
    person = tables["person"]
    new = person.select("person_id").join(rows, on="person_id", how="left", maintain_order="left")
    was = person.select("person_id", *(pl.col(name).alias(f"{name} was") for name in columns))
    parts = tables["involvement"].join(
        new.join(was, on="person_id").select(
            "person_id", *((pl.col(name) != pl.col(f"{name} was")).alias(f"{name} changed") for name in columns)
        ),
        on="person_id",
        how="left",
        maintain_order="left",
    )
    kept = [
        pl.when(~pl.col(f"{name} changed")).then(pl.col(name)).alias(name) for name in columns if name in parts.columns
    ]
    blank = [pl.lit(None, parts.schema[name]).alias(name) for name in (_YEAR,) if name in parts.columns]
    years = [pl.lit(None, person.schema[_YEAR]).alias(_YEAR)]
    return {
        **tables,
        "person": person.with_columns(*(new[name] for name in columns), *years),
        "involvement": parts.with_columns(*kept, *blank).select(tables["involvement"].columns),
    }


def _entry(
    rows: pl.DataFrame, columns: tuple[str, ...], sensitive: tuple[str, ...], alike: Groups, stated: Agreed
) -> DisclosureEntry:
    patterns = unique_patterns(rows, columns)
    return DisclosureEntry(
        quasi_identifiers=columns,
        smallest_group=alike.smallest,
        threshold=stated.smallest_group,
        persons_below_threshold=int(alike.size[alike.size < stated.smallest_group].sum()),
        treatment="none",
        diversity_threshold=stated.smallest_diversity if sensitive else None,
        smallest_diversity=alike.least_diverse if sensitive else None,
        sensitive=sensitive or None,
        unique_patterns={", ".join(names): number for names, number in patterns.items()},
    )


def _after(done: Levelled, level: Level, *, years: bool) -> LevelEntry:
    withheld = dict(done.withheld) | ({_YEAR: done.rows[_YEAR].count()} if years else {})
    return LevelEntry(
        smallest_group=done.after.smallest,
        persons_below_threshold=int(done.after.size[done.after.size < level.group].sum()),
        smallest_diversity=done.after.least_diverse if level.diversity > 1 else None,
        widened=dict(done.widened),
        withheld=withheld,
    )
