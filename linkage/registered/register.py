"""The person register: which record belongs to which person, and how that came about."""

from collections.abc import Collection
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, func, select, text

from hub import clock
from hub.periods import Quarter
from linkage.bulk import append_rows, read_columns
from linkage.errors import LinkageRefused
from linkage.models import Membership, Person, RegisterEvent
from linkage.registered.changes import EVENT, Changes, Kind, NewPersonId, changes
from linkage.registered.evidence import EVIDENCE, with_evidence

_PAIRS = {"record_id_l": pl.String, "record_id_r": pl.String, "match_weight": pl.Float64}


@dataclass(frozen=True)
class RegisterChange:
    """How many events of each kind one update made, and how many persons and records there are now."""

    persons: int
    records: int
    counts: dict[str, int]


def lock_register(connection: Connection) -> None:
    """Let no other update begin before this transaction ends; reading goes on."""
    connection.execute(text("LOCK TABLE hub.membership IN SHARE ROW EXCLUSIVE MODE"))


def update_register(
    connection: Connection,
    clusters: pl.DataFrame,
    period: Quarter,
    new_person_id: NewPersonId,
    *,
    pairs: pl.DataFrame | None = None,
    model_version: str | None = None,
    withdrawn: Collection[str] | None = None,
) -> RegisterChange:
    """Bring the register to these clusters by the rules of registered.changes; the same clusters again change nothing.

    ``clusters`` has record_id and cluster and holds every record there is: others are withdrawn. With ``withdrawn``
    it holds some records, and all others of their persons, and these alone are withdrawn. ``pairs``
    (record_id_l, record_id_r, match_weight) give the evidence. Waits for another update under way.
    """
    lock_register(connection)
    if withdrawn is None:
        before = read_columns(connection, Membership, ["record_id", "person_id"])
        persons = read_columns(connection, Person, ["person_id", "founded_in", "ended_in"])
    else:
        before = _memberships(connection, [*clusters["record_id"], *withdrawn])
        persons = _persons(connection, before, clusters, new_person_id)
        _require_whole(connection, before)
    found = changes(before, persons, clusters, new_person_id)
    _write_membership(connection, found, period)
    _write_persons(connection, found, period)
    after = before.update(found.membership, on="record_id", how="full")
    events = with_evidence(found.events, pl.DataFrame(schema=_PAIRS) if pairs is None else pairs, before, after)
    _write_events(connection, events, period, model_version)
    held, living = connection.execute(_COUNTS).one()
    return RegisterChange(persons=living, records=held, counts=found.counts)


def _memberships(connection: Connection, record_ids: list[str]) -> pl.DataFrame:
    rows = connection.execute(_OF_RECORDS, {"records": record_ids}).all()
    return pl.DataFrame(rows, schema={"record_id": pl.String, "person_id": pl.String}, orient="row")


def _require_whole(connection: Connection, before: pl.DataFrame) -> None:
    """Persons are brought up to date whole; raises LinkageRefused if the register has records that nobody looked at."""
    held = connection.execute(_HELD, {"persons": before["person_id"].unique().to_list()}).scalar()
    if held != before.height:
        raise LinkageRefused(
            "The register is not brought up to date",
            where="the register of persons",
            why="it holds records of these persons that the last link did not know of",
            fix="Link all records anew: hub link run --full",
        )


def _persons(
    connection: Connection, before: pl.DataFrame, clusters: pl.DataFrame, new_person_id: NewPersonId
) -> pl.DataFrame:
    """The persons of these records, and any whom a new person could be named like."""
    named = clusters.select("record_id", pl.col("record_id").min().over("cluster").alias("cluster"))
    owned = named.join(before, on="record_id", how="left")
    plain = (
        owned.group_by("cluster")
        .agg(pl.col("person_id").n_unique() == 1, one=pl.col("person_id").first())
        .filter("person_id", pl.col("one").is_not_null() & (pl.len().over("one") == 1))
    )
    seeds = named.select("cluster").unique().join(plain, on="cluster", how="anti")["cluster"]
    names = [new_person_id(seed if number == 1 else f"{seed}#{number}") for seed in seeds for number in _NAMES]
    asked = sorted({*before["person_id"], *names})
    rows = connection.execute(_OF_PERSONS, {"persons": asked}).all()
    return pl.DataFrame(rows, schema=dict.fromkeys(("person_id", "founded_in", "ended_in"), pl.String), orient="row")


_NAMES = range(
    1, 5
)  # linkage.registered.changes, rule 3; a fifth of one name would break the table's key, and nothing is kept
_OF_RECORDS = text("SELECT record_id, person_id FROM hub.membership WHERE record_id = ANY(:records)")
_OF_PERSONS = text("SELECT person_id, founded_in, ended_in FROM hub.person WHERE person_id = ANY(:persons)")
_HELD = text("SELECT count(*) FROM hub.membership WHERE person_id = ANY(:persons)")
_COUNTS = text("SELECT (SELECT count(*) FROM hub.membership), (SELECT count(*) FROM hub.person WHERE ended_in IS NULL)")


def read_register(connection: Connection) -> pl.DataFrame:
    """The register as it is: record_id, person_id and since, in the order of record ids."""
    return read_columns(connection, Membership, ["record_id", "person_id", "since"]).sort("record_id")


def newest_linked(connection: Connection) -> Quarter | None:
    """The latest quarter that changed the register, or None before the first."""
    period = connection.execute(select(func.max(RegisterEvent.period))).scalar()
    return None if period is None else Quarter.parse(period)


def read_history(connection: Connection) -> pl.DataFrame:
    """Successions of persons, oldest first: kind (merged or split), period, person_id, other_id."""
    columns = ["number", "kind", "period", "person_id", "other_id"]
    events = read_columns(connection, RegisterEvent, columns)
    return (
        events.filter(pl.col("kind").is_in([Kind.MERGED, Kind.SPLIT]))
        .sort("number", maintain_order=True)
        .drop("number")
    )


def _gone(found: Changes) -> list[str]:
    return pl.concat([found.of(Kind.ENDED)["person_id"], found.of(Kind.MERGED)["other_id"]]).unique().to_list()


def _write_membership(connection: Connection, found: Changes, period: Quarter) -> None:
    stale = [*found.membership["record_id"], *found.of(Kind.WITHDRAWN)["record_id"]]
    connection.execute(text("DELETE FROM hub.membership WHERE record_id = ANY(:stale)"), {"stale": stale})
    append_rows(connection, Membership, found.membership.with_columns(since=pl.lit(str(period))))


def _write_persons(connection: Connection, found: Changes, period: Quarter) -> None:
    founded = found.of(Kind.FOUNDED).select("person_id", founded_on_record="record_id", founded_in=pl.lit(str(period)))
    append_rows(connection, Person, founded)
    end = text("UPDATE hub.person SET ended_in = :period WHERE person_id = ANY(:persons)")
    connection.execute(end, {"period": str(period), "persons": _gone(found)})
    restored = found.of(Kind.RESTORED)["person_id"].to_list()
    connection.execute(end, {"period": None, "persons": restored})


def _write_events(connection: Connection, events: pl.DataFrame, period: Quarter, model_version: str | None) -> None:
    columns = [*EVENT, *list(EVIDENCE)[1:]]
    stamped = events.select(
        *columns,
        period=pl.lit(str(period)),
        model_version=pl.lit(model_version, dtype=pl.String),
        at=pl.lit(clock.now().isoformat()),
    )
    append_rows(connection, RegisterEvent, stamped)
