"""How a release differs from an earlier version of it: in counts, never a row. Pure: manifests and frames in.

1. Rows are compared by the key of their table, in the columns that both releases have; where the key is not there, or
   not unique, whole rows are, and then none counts as changed.
2. Ids that were made under another key stand for nobody in the other release: tables that hold them are not compared.
3. A count of rows about persons or events below the agreement's smallest is told as such. Both manifests state how many
   rows there are, so that rows added and rows removed each tell the other: where one of them is small, neither is told,
   nor which of them it is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from agreement.grants import IDS
from keys.purposes import Purpose
from publish.manifest import Manifest, TableEntry
from publish.manifest_changes import Change, inputs_changed, made_changed

Told = int | str
Tables = Mapping[str, pl.DataFrame]
_KEYS: Mapping[str, tuple[str, ...]] = {
    "person": ("person_id",),
    "event": ("event_id",),
    "involvement": ("event_id", "person_id", "role"),
    "incident": ("incident_id",),
    "factor": ("person_id", "area_code", "factor", "feed"),
    "intervention": ("intervention_id",),
    "area": ("area_code",),
    "person_history": ("former_id", "person_id"),
    "release": ("feed",),
}
_OF_NOBODY = frozenset({"area", "release"})  # a row is a place or a feed
_ONE_OF_THEM = "only one of the releases has it"
_OTHER_IDS = "its ids cannot be compared"


@dataclass(frozen=True)
class Rows:
    """How many rows came, went, and stayed under their key with other values; None: rows had no key of their own."""

    added: Told
    removed: Told
    changed: Told | None


@dataclass(frozen=True)
class TableDifference:
    """One table: its rows as the manifests state them, columns that came and went, and the rows that differ.

    ``rows`` is None where ``why_not`` says why they were not compared.
    """

    table: str
    old_rows: int | None
    new_rows: int | None
    columns_added: tuple[str, ...] = ()
    columns_removed: tuple[str, ...] = ()
    rows: Rows | None = None
    why_not: str | None = None


@dataclass(frozen=True)
class Difference:
    """What is different in ``new``; ``ids`` says why ids cannot be compared, where they cannot."""

    old: str
    new: str
    tables: tuple[TableDifference, ...]
    inputs: tuple[Change, ...]
    made_by: tuple[Change, ...]
    ids: str | None


def difference(old: Manifest, new: Manifest, tables: tuple[Tables, Tables], smallest: int) -> Difference:
    """The report on two releases to one recipient. ``tables`` hold what ``to_compare`` names, of either."""
    return Difference(
        old=old.release,
        new=new.release,
        tables=tuple(_table(name, old, new, tables, smallest) for name in _names(old, new)),
        inputs=inputs_changed(old, new),
        made_by=made_changed(old, new),
        ids=other_ids(old, new),
    )


def to_compare(old: Manifest, new: Manifest) -> dict[str, tuple[str, ...]]:
    """The tables whose rows can be compared, each with the columns that both releases have (1, 2)."""
    before, after = _entries(old), _entries(new)
    common = {
        name: tuple(column for column in after[name].columns if column in before[name].columns)
        for name in after
        if name in before
    }
    barred = IDS if other_ids(old, new) else frozenset()
    return {name: columns for name, columns in common.items() if columns and not barred & set(columns)}


def other_ids(old: Manifest, new: Manifest) -> str | None:
    """Why an id of one release stands for nobody in the other; None if it does not (2)."""
    shaping = (str(Purpose.EVENT), f"{Purpose.RECIPIENT}/{new.recipient}")
    turned = [name for name in shaping if old.key_versions.get(name) != new.key_versions.get(name)]
    if not turned:
        return None
    keys = " and ".join(f"{name} ({_version(old, name)}, then {_version(new, name)})" for name in turned)
    return f"their ids are made under other versions of the key {keys}"


def rows_differing(table: str, old: pl.DataFrame, new: pl.DataFrame, smallest: int) -> Rows:
    """The rows that differ of two frames with the same columns, as they may be told (1, 3)."""
    key = [name for name in _KEYS.get(table, ()) if name in new.columns]
    keyed = bool(key) and len(key) == len(_KEYS[table])
    if keyed and not any(frame.select(key).is_duplicated().any() for frame in (old, new)):
        added, removed, changed = _by_key(old, new, key)
    else:
        added, removed, changed = *_whole_rows(old, new), None
    if table in _OF_NOBODY:
        return Rows(added, removed, changed)
    return Rows(*_both_told(added, removed, smallest), None if changed is None else _told(changed, smallest))


def _table(name: str, old: Manifest, new: Manifest, tables: tuple[Tables, Tables], smallest: int) -> TableDifference:
    before, after = _entries(old).get(name), _entries(new).get(name)
    if before is None or after is None:
        numbers = [entry.rows if entry else None for entry in (before, after)]
        return TableDifference(name, numbers[0], numbers[1], why_not=_ONE_OF_THEM)
    columns, rows = to_compare(old, new).get(name), None
    if columns:
        was, is_now = (held[name].select(columns) for held in tables)
        rows = rows_differing(name, was, is_now, smallest)
    return TableDifference(
        table=name,
        old_rows=before.rows,
        new_rows=after.rows,
        columns_added=tuple(column for column in after.columns if column not in before.columns),
        columns_removed=tuple(column for column in before.columns if column not in after.columns),
        rows=rows,
        why_not=None if rows else _OTHER_IDS,
    )


def _by_key(old: pl.DataFrame, new: pl.DataFrame, key: list[str]) -> tuple[int, int, int]:
    came, went = (one.join(other, on=key, how="anti", nulls_equal=True) for one, other in ((new, old), (old, new)))
    both = old.join(new, on=key, how="inner", nulls_equal=True, suffix=" now")
    others = [pl.col(name).ne_missing(pl.col(f"{name} now")) for name in old.columns if name not in key]
    return came.height, went.height, both.filter(pl.any_horizontal(pl.lit(False), *others)).height


def _whole_rows(old: pl.DataFrame, new: pl.DataFrame) -> tuple[int, int]:
    """How many rows came and went, each as often as it is there."""
    before, after = (frame.group_by(frame.columns).len("times") for frame in (old, new))
    met = before.join(after, on=old.columns, how="full", nulls_equal=True, suffix=" now")
    more = pl.col("times now").cast(pl.Int64).fill_null(0) - pl.col("times").cast(pl.Int64).fill_null(0)
    came, went = met.select(more.clip(lower_bound=0).sum(), (-more).clip(lower_bound=0).sum().alias("went")).row(0)
    return int(came), int(went)


def _both_told(added: int, removed: int, smallest: int) -> tuple[Told, Told]:
    """Rule 3."""
    if any(0 < count < smallest for count in (added, removed)):
        hidden = f"not told: one of the two is fewer than {smallest}"
        return hidden, hidden
    return added, removed


def _told(count: int, smallest: int) -> Told:
    return f"fewer than {smallest}" if 0 < count < smallest else count


def _names(old: Manifest, new: Manifest) -> list[str]:
    """Every table of either, in the order of the newer."""
    return list(dict.fromkeys([*_entries(new), *_entries(old)]))


def _entries(manifest: Manifest) -> dict[str, TableEntry]:
    return {entry.name: entry for entry in manifest.tables}


def _version(manifest: Manifest, name: str) -> str:
    return str(manifest.key_versions.get(name, "none"))
