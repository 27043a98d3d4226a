"""The person register: which record belongs to which person, and how that came about."""

from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor

import polars as pl
from sqlalchemy import Connection, select, text

from hub import clock
from hub.periods import Quarter
from linkage.bulk import append_rows, read_columns
from linkage.errors import LinkageRefused
from linkage.models import Membership, Person, RegisterEvent
from linkage.registered.ahead import Ahead, Held
from linkage.registered.changes import EVENT, Changes, Kind, NewPersonId, changed, changes
from linkage.registered.claims import Claims
from linkage.registered.evidence import EVIDENCE, with_evidence
from linkage.registered.looked_up import look_up

_PAIRS = {"record_id_l": pl.String, "record_id_r": pl.String, "match_weight": pl.Float64, "levels": pl.String}


def lock_register(connection: Connection) -> None:
    """Let no other update begin before this transaction ends; reading goes on."""
    connection.execute(text("LOCK TABLE hub.membership IN SHARE ROW EXCLUSIVE MODE"))


def update_register(
    connection: Connection,
    clusters: pl.DataFrame,
    period: Quarter,
    new_person_id: NewPersonId,
    *,
    pairs: Callable[[], pl.DataFrame] | None = None,
    model_version: str | None = None,
    withdrawn: Collection[str] | None = None,
    ahead: Ahead | None = None,
) -> dict[str, int]:
    """Bring the register to these clusters by the rules of registered.changes; the same clusters again change nothing.

    Says how many events of each kind that made.

    ``clusters`` has record_id and cluster and holds every record there is: others are withdrawn. With ``withdrawn``
    it holds some records, and all others of their persons, and these alone are withdrawn. ``pairs`` gives the
    evidence (record_id_l, record_id_r, match_weight, levels); ``ahead`` may have been asked already. Waits for another
    update under way.
    """
    lock_register(connection)
    with ThreadPoolExecutor(1) as beside:  # what is to be written is worked out while the database works
        telling = beside.submit(pairs or _no_pairs)
        if withdrawn is None:
            before = read_columns(connection, Membership, ["record_id", "person_id"])
            persons = read_columns(connection, Person, list(_PERSON))
            changing = beside.submit(changes, before, persons, clusters, new_person_id)
        else:
            ids = pl.concat([clusters["record_id"], pl.Series("record_id", list(withdrawn), dtype=pl.String)])
            before = _whole((ahead or Ahead(connection)).held(ids))
            claims = Claims.of(before, clusters)
            changing = beside.submit(changed, claims, _persons(connection, claims, new_person_id), new_person_id)
        found = changing.result()
        events = beside.submit(_events, found, telling.result(), before)
        _write_membership(connection, found, before, period)
        _write_persons(connection, found, period)
        _write_events(connection, events.result(), period, model_version)
    return found.counts


def _no_pairs() -> pl.DataFrame:
    return pl.DataFrame(schema=_PAIRS)


def _events(found: Changes, pairs: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    after = before.update(found.membership, on="record_id", how="full")
    return with_evidence(found.events, pairs, before, after)


def _whole(held: Held) -> pl.DataFrame:
    """Persons are brought up to date whole; raises LinkageRefused if the register has records that nobody looked at."""
    if not held.whole:
        raise LinkageRefused(
            "The register is not brought up to date",
            where="the register of persons",
            why="it holds records of these persons that the last link did not know of",
            fix="Link all records anew: hub link run --full",
        )
    return held.before


def _persons(connection: Connection, claims: Claims, new_person_id: NewPersonId) -> pl.DataFrame:
    """The persons who are contested, and any whom a new person could be named like: rules 1 and 3 of a change.

    Of all others it does not matter when they were founded, nor that they live.
    """
    names = {new_person_id(record): record for record in claims.named["name"]}
    ids = pl.concat([claims.contested["person_id"], pl.Series("person_id", list(names), dtype=pl.String)])
    known = look_up(connection, Person, ids, list(_PERSON))
    taken = set(names) & set(known.filter(pl.col("ended_in").is_null())["person_id"])
    more = [new_person_id(f"{names[name]}#{number}") for name in taken for number in _NUMBERS]
    if more:
        known = pl.concat([known, look_up(connection, Person, pl.Series(more), list(_PERSON))]).unique()
    return known


_PERSON = ("person_id", "founded_in", "ended_in")
_NUMBERS = range(2, 5)  # a fifth of one name would break the table's key, and nothing is kept


def read_register(connection: Connection) -> pl.DataFrame:
    """The register as it is: record_id, person_id and since, in the order of record ids."""
    return read_columns(connection, Membership, ["record_id", "person_id", "since"]).sort("record_id")


def newest_linked(connection: Connection) -> Quarter | None:
    """The latest quarter that changed the register, or None before the first: no later event is of an earlier one."""
    period = connection.execute(select(RegisterEvent.period).order_by(RegisterEvent.number.desc()).limit(1)).scalar()
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


def _write_membership(connection: Connection, found: Changes, before: pl.DataFrame, period: Quarter) -> None:
    moved = found.membership.join(before, on="record_id", how="semi")
    stale = [*moved["record_id"], *found.of(Kind.WITHDRAWN)["record_id"]]
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
