"""What a recipient may see of linked events, and of the tables made from them. Pure: frames in, frames out."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date

import polars as pl

from agreement.grants import Portion, Rows, portions
from agreement.model import Agreement
from agreement.policy import permit_release
from agreement.violation import Violation
from hub.periods import Quarter
from publish.manifest import TableEntry
from publish.parquet import scan
from publish.tables import Linked, persons
from publish.told import of_these

Filters = Mapping[str, Rows]
SEEN = frozenset({"event", "involvement", "person", "incident"})
INSTANT = "%Y-%m-%dT%H:%M:%SZ"


def seen(linked: Linked, quarter: Quarter, filters: Filters) -> Linked:
    """The events and involvements that a recipient may see; ``filters`` narrow the rows of each table.

    1. An event is seen if it passes the filters on events.
    2. An involvement is seen if it passes those on involvements, and its event is seen.
    3. A person is what the involvements that are seen tell, and is seen if that passes the filters on persons.
    4. An involvement is seen only with its person.

    An event is seen without any of its involvements too: street crime has none. The tables are made of what is left,
    so that no count and no date tells of the rest.
    """
    events = passing(linked.events, filters.get("event", {}))  # (1)
    parts = passing(linked.involvements, filters.get("involvement", {}))  # (2)
    parts = of_these(parts, events, ["event_id"])
    if filters.get("person"):  # (3)
        kept = passing(persons(Linked(events, parts), quarter), filters["person"])
        parts = of_these(parts, kept, ["person_id"])  # (4)
    return replace(linked, events=events, involvements=parts)


def passing(frame: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """The rows whose every named column holds one of its values. A blank, and a column that is not there, is none."""
    if not rows:
        return frame
    if not rows.keys() <= set(frame.columns):
        return frame.clear()
    holds = [_as_text(frame, name).is_in(list(values)) for name, values in rows.items()]
    return frame.filter(pl.all_horizontal(pl.lit(True), *holds))


def _as_text(frame: pl.DataFrame, column: str) -> pl.Expr:
    """A column as the agreement writes its values: true, 12, 2026-07-04, 2026-07-04T22:15:00Z."""
    if isinstance(frame.schema[column], pl.Datetime):
        return pl.col(column).dt.strftime(INSTANT)
    return pl.col(column).cast(pl.String)


def given(tables: Mapping[str, pl.DataFrame], portions: Mapping[str, Portion]) -> dict[str, pl.DataFrame]:
    """The granted tables with their granted columns, in the table's order.

    Events, involvements and persons were narrowed before anything was made of them (``seen``); the others are here.
    """
    narrowed = {
        table: tables[table] if table in SEEN else passing(tables[table], portion.rows)
        for table, portion in portions.items()
    }
    return {
        table: frame.select(c for c in frame.columns if c in portions[table].columns)
        for table, frame in narrowed.items()
    }


def permit_tables(
    agreement: Agreement, recipient: str, entries: Iterable[TableEntry], files: Mapping[str, bytes], on: date
) -> dict[str, pl.LazyFrame]:
    """The tables in a release's very bytes, if they may be given to the recipient; raises AgreementRefusal.

    1. Each table's own columns are granted, and the purposes and filters that the manifest states (``permit_release``).
    2. Every row passes the filters on the columns that the table has. A column that the recipient does not get is
       gone by now: of it the manifest says that rows were filtered by it.
    3. An involvement is of an event and of a person that the recipient is given too, and an event of an incident, where
       there are these tables; and no incident is there that no event of the release tells of. Nobody became a person
       who is not given. Every factor of a person and every intervention is of a person and an event likewise.

    Of millions of rows only the columns that are asked about are read at a time.
    """
    entries = tuple(entries)
    tables = {entry.name: scan(files[entry.file]) for entry in entries}
    held = {name: tuple(frame.collect_schema()) for name, frame in tables.items()}
    own = {entry.name: replace(entry.portion, columns=held[entry.name]) for entry in entries}
    permit_release(agreement, recipient, own, on)  # (1)
    for table, frame in tables.items():
        filters = portions(agreement, recipient)[table].rows
        shown = {name: values for name, values in filters.items() if name in held[table]}
        if shown:
            asked = frame.select(list(shown)).collect()
            _refuse(recipient, table, asked.height - passing(asked, shown).height, "do not pass the filters")  # (2)
    for part, whole, key in _POINTING:
        if key in held.get(part, ()) and key in held.get(whole, ()):
            rows = _dangling(tables[part].select(key), tables[whole].select(key), key, none=part == "factor")
            _refuse(recipient, part, rows, f"are of no {whole} that is given")  # (3)
    return tables


_POINTING = (
    ("involvement", "event", "event_id"),
    ("involvement", "person", "person_id"),
    ("event", "incident", "incident_id"),
    ("incident", "event", "incident_id"),
    ("person_history", "person", "person_id"),
    ("factor", "person", "person_id"),
    ("factor", "event", "event_id"),
    ("intervention", "person", "person_id"),
    ("intervention", "event", "event_id"),
)


def _dangling(parts: pl.LazyFrame, whole: pl.LazyFrame, key: str, *, none: bool) -> int:
    """How many rows of one table point to no row of another; ``none``: a row may point to nothing, as an area's may."""
    pointing = parts.drop_nulls() if none else parts
    return pointing.collect().join(whole.collect(), on=key, how="anti").height


def _refuse(recipient: str, table: str, rows: int, why: str) -> None:
    if rows:
        place, said = f"recipients.{recipient}.tables.{table}", f"{rows} rows {why}"
        violation = Violation("Agreement, recipients", place, said, "Build the candidate again")
        raise violation.refusal(f"Release to {recipient} is refused")
