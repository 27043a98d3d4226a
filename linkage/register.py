"""The person register: which record belongs to which person, and how that came about."""

from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, func, select, text

from hub import clock
from hub.periods import Quarter
from linkage.bulk import append_rows, read_columns
from linkage.changes import EVENT, Changes, Kind, NewPersonId, changes
from linkage.evidence import EVIDENCE, with_evidence
from linkage.models import Membership, Person, RegisterEvent

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
) -> RegisterChange:
    """Bring the register to these clusters by the rules of linkage.changes; the same clusters again change nothing.

    ``clusters`` has record_id and cluster and holds every record there is: others are withdrawn. ``pairs``
    (record_id_l, record_id_r, match_weight) give the evidence. Waits for another update under way.
    """
    lock_register(connection)
    before = read_columns(connection, Membership, ["record_id", "person_id"])
    persons = read_columns(connection, Person, ["person_id", "founded_in", "ended_in"])
    found = changes(before, persons, clusters, new_person_id)
    _write_membership(connection, found, period)
    _write_persons(connection, found, period)
    after = before.update(found.membership, on="record_id", how="full")
    events = with_evidence(found.events, pl.DataFrame(schema=_PAIRS) if pairs is None else pairs, before, after)
    _write_events(connection, events, period, model_version)
    return RegisterChange(persons=_living(persons, found), records=clusters.height, counts=found.counts)


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


def _living(persons: pl.DataFrame, found: Changes) -> int:
    came = found.of(Kind.FOUNDED).height + found.of(Kind.RESTORED).height
    return persons["ended_in"].null_count() + came - len(_gone(found))


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
