"""The table person_history: who became whom since a recipient's earlier releases, so that a cohort can be followed.

1. It tells of persons whom an earlier release to this recipient had, and of what befell them after that was built.
2. A person who ended was merged into each person of this release to whom the records went, however many steps that
   took. A person who lives was split: part of the records went to a person who was new then.
3. Both ends are persons whom the recipient is or was given. Nobody who must be left out is in it.
4. Ids are under the recipient's key as it is now: once it was turned, earlier ids can be followed no more.
"""

import polars as pl
from sqlalchemy import Connection, text

from keys.ring import KeyRing
from linkage.bulk import read_columns
from linkage.models import Person
from linkage.registered.changes import Kind
from linkage.registered.forgetting import excluded_persons
from publish.database import schema_name
from publish.disclosed_persons import PERSON_ID, own_ids
from publish.recipient_ids import RecipientIds, keyed
from publish.releases import in_state

HISTORY = {"former_id": pl.String, "person_id": pl.String, "change": pl.String, "changed_in": pl.String}
_EVENT = ("number", "kind", "person_id", "other_id", "period", "at")


def person_history(connection: Connection, ring: KeyRing, recipient: str, given: pl.Series) -> pl.DataFrame:
    """The table under the hub's own ids; ``given`` are those of the persons in this release."""
    known = _given_before(connection, ring, recipient)
    if known.is_empty():
        return pl.DataFrame(schema=HISTORY)
    known = known.filter(~pl.col("former_id").is_in(sorted(excluded_persons(connection))))  # (3)
    people = read_columns(connection, Person, ["person_id", "ended_in"])
    ended = people.filter(pl.col("ended_in").is_not_null())["person_id"]
    return successions(_events(connection), known, ended, given)


def keyed_history(history: pl.DataFrame, ids: RecipientIds) -> dict[str, pl.DataFrame]:
    """The table under the recipient's ids, in their order."""
    made = keyed(keyed(history, "person_id", ids.person), "former_id", ids.person)
    return {"person_history": made.sort("former_id", "person_id")}


def successions(events: pl.DataFrame, known: pl.DataFrame, ended: pl.Series, given: pl.Series) -> pl.DataFrame:
    """Rules 1 to 3, sorted. Pure.

    ``events``: the register's, with number, kind, person_id, other_id, period and at. ``known``: former_id, and the
    instant ``since`` which counts. ``ended``: persons who have no record any more.
    """
    merged, split = (events.filter(pl.col("kind") == kind) for kind in (Kind.MERGED, Kind.SPLIT))
    when = ("number", "period", "at")
    edges = pl.concat(
        [
            merged.select(*when, pl.col("other_id").alias("old"), pl.col("person_id").alias("new")),
            split.select(*when, pl.col("person_id").alias("old"), pl.col("other_id").alias("new")),
        ]
    )
    reached = [pl.DataFrame(schema={"former_id": pl.String, "person_id": pl.String, "changed_in": pl.String})]
    now = known.select("former_id", "since", pl.col("former_id").alias("old"), last=pl.lit(-1, pl.Int64))
    while now.height:
        met = now.join(edges, on="old").filter((pl.col("at") > pl.col("since")) & (pl.col("number") > pl.col("last")))
        reached.append(met.select("former_id", person_id="new", changed_in="period"))
        now = met.select("former_id", "since", pl.col("new").alias("old"), last="number").unique()
    told = pl.concat(reached).filter(
        pl.col("person_id").is_in(given.implode()) & (pl.col("person_id") != pl.col("former_id"))  # (3)
    )
    gone = pl.col("former_id").is_in(ended.implode())
    change = pl.when(gone).then(pl.lit("merged")).otherwise(pl.lit("split"))
    last = told.group_by("former_id", "person_id").agg(pl.col("changed_in").max())
    return last.with_columns(change.alias("change")).select(*HISTORY).sort("former_id", "person_id")


def _given_before(connection: Connection, ring: KeyRing, recipient: str) -> pl.DataFrame:
    """``former_id``, the hub's own, of every person in an earlier release; ``since`` the first was built."""
    found = [pl.DataFrame(schema={PERSON_ID: pl.String, "since": pl.Datetime("us", "UTC")})]
    for release in in_state(connection, "published", recipient):
        for table in release.manifest.tables:
            if PERSON_ID in table.columns:
                asked = text(f"SELECT DISTINCT person_id FROM {schema_name(release.name)}.{table.name}")  # noqa: S608
                ids = pl.Series(PERSON_ID, list(connection.execute(asked).scalars()), dtype=pl.String)
                since = pl.lit(release.created_at).dt.convert_time_zone("UTC").cast(pl.Datetime("us", "UTC"))
                found.append(ids.to_frame().with_columns(since=since))
    first = pl.concat(found).group_by(PERSON_ID).agg(pl.col("since").min())
    if first.is_empty():
        return first.rename({PERSON_ID: "former_id"})
    return own_ids(connection, ring, recipient).join(first, on=PERSON_ID).select(former_id="own_id", since="since")


def _events(connection: Connection) -> pl.DataFrame:
    rows = connection.execute(
        text(f"SELECT {', '.join(_EVENT)} FROM hub.register_event WHERE kind IN (:merged, :split)"),  # noqa: S608
        {"merged": str(Kind.MERGED), "split": str(Kind.SPLIT)},
    ).all()
    kinds: dict[str, pl.DataType] = dict.fromkeys(_EVENT, pl.String())
    schema = kinds | {"number": pl.Int64(), "at": pl.Datetime("us", "UTC")}
    return pl.DataFrame([tuple(row) for row in rows], schema=schema, orient="row")
