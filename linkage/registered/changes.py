"""What new clusters change in the person register. Pure: frames in, frames out.

1. A cluster and a person that share records claim each other. The claim with most records is granted first; ties go to
   the person founded earlier, then to the smaller person id, then to the cluster with the smaller first record.
   Each person goes to one cluster at most, each cluster takes one person at most. So a person whose records
   stay together keeps the id for ever, a merge keeps the id with most records, a split the id with its largest part.
2. A cluster left without a person founds one, named after its smallest record.
3. If that name belongs to a person who ended earlier, that person is restored; if to one who lives, the name
   is made anew from the record and a number.
4. A person whose records all went to others is merged into each of them; one whose records were all withdrawn ends.
5. A record that no delivery holds any more is withdrawn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

import polars as pl

from linkage.registered.claims import Claims

NewPersonId = Callable[[str], str]


class Kind(StrEnum):
    """What happened to a person: the first three say how it came to be or ended, the others what moved."""

    FOUNDED = "founded"  # person_id on record_id
    RESTORED = "restored"  # person_id, ended before, on record_id
    ENDED = "ended"  # person_id has no record left
    MERGED = "merged"  # other_id into person_id
    SPLIT = "split"  # other_id off person_id
    JOINED = "joined"  # record_id, new, to person_id
    MOVED = "moved"  # record_id from other_id to person_id
    WITHDRAWN = "withdrawn"  # record_id from person_id


EVENT = {"kind": pl.String, "person_id": pl.String, "other_id": pl.String, "record_id": pl.String}


@dataclass(frozen=True)
class Changes:
    """``events`` in the order of Kind, then ids; ``membership`` rows that are new or other than before."""

    events: pl.DataFrame
    membership: pl.DataFrame

    def of(self, kind: Kind) -> pl.DataFrame:
        """The events of one kind."""
        return self.events.filter(pl.col("kind") == kind)

    @property
    def counts(self) -> dict[str, int]:
        """How many events of each kind, every kind named."""
        return {str(kind): self.of(kind).height for kind in Kind}


def changes(before: pl.DataFrame, persons: pl.DataFrame, clusters: pl.DataFrame, new_person_id: NewPersonId) -> Changes:
    """Compare the register with new clusters.

    ``before`` has record_id and person_id; ``persons`` person_id, founded_in and ended_in; ``clusters``
    record_id and cluster (any value that is equal within a cluster).
    """
    return changed(Claims.of(before, clusters), persons, new_person_id)


def changed(claims: Claims, persons: pl.DataFrame, new_person_id: NewPersonId) -> Changes:
    """``changes``, once claims are known; of persons it is enough to know those contested or like new ones by name."""
    granted = claims.granted(persons)
    founded = _founded(claims, granted, persons, new_person_id)
    owners = pl.concat([granted, founded.select("cluster", "person_id")])
    records = claims.records.join(owners, on="cluster", how="left")
    other = records.filter(pl.col("person_id").ne_missing(pl.col("person_before")))
    moved = other.filter(pl.col("person_id").is_not_null())
    return Changes(
        events=_events(records, other, founded).sort(
            pl.col("kind").cast(pl.Enum([kind.value for kind in Kind])), *list(EVENT)[1:]
        ),
        membership=moved.select("record_id", "person_id").sort("record_id"),
    )


def _founded(claims: Claims, granted: pl.DataFrame, persons: pl.DataFrame, new_person_id: NewPersonId) -> pl.DataFrame:
    """Rules 2 and 3: cluster, record_id that names it, person_id, and whether the person is restored."""
    living = set(persons.filter(pl.col("ended_in").is_null())["person_id"])
    ended = set(persons["person_id"]) - living
    rows = []
    for cluster, record in claims.named.join(granted, on="cluster", how="anti").sort("name").iter_rows():
        person, number = new_person_id(record), 2
        while person in living:  # (3)
            person, number = new_person_id(f"{record}#{number}"), number + 1
        living.add(person)
        rows.append((cluster, record, person, person in ended))
    told = {"record_id": pl.String(), "person_id": pl.String(), "restored": pl.Boolean()}
    return pl.DataFrame(rows, schema=pl.Schema({"cluster": claims.named.schema["cluster"], **told}), orient="row")


def _events(records: pl.DataFrame, other: pl.DataFrame, founded: pl.DataFrame) -> pl.DataFrame:
    """``other``: those of the records that are another person's than before, or no person's."""
    was, now = pl.col("person_before").is_not_null(), pl.col("person_id").is_not_null()
    moved, withdrawn = other.filter(was & now), other.filter(~now)
    joined = other.filter(~was).join(founded, on="record_id", how="anti")
    left = other.filter(was).select(person_id="person_before").unique()
    gone = left.join(records, on="person_id", how="anti")
    flows = moved.select("person_id", "person_before").unique()
    into = flows.join(gone, left_on="person_before", right_on="person_id", how="semi")
    off = flows.join(founded, on="person_id", how="semi").join(
        gone, left_on="person_before", right_on="person_id", how="anti"
    )
    ended = gone.join(flows, left_on="person_id", right_on="person_before", how="anti")
    return pl.concat(
        [
            _event(Kind.FOUNDED, founded.filter(~pl.col("restored")), record="record_id"),
            _event(Kind.RESTORED, founded.filter("restored"), record="record_id"),
            _event(Kind.ENDED, ended),
            _event(Kind.MERGED, into, other="person_before"),
            _event(Kind.SPLIT, off, person="person_before", other="person_id"),
            _event(Kind.JOINED, joined, record="record_id"),
            _event(Kind.MOVED, moved, other="person_before", record="record_id"),
            _event(Kind.WITHDRAWN, withdrawn, person="person_before", record="record_id"),
        ]
    )


def _event(
    kind: Kind, rows: pl.DataFrame, person: str = "person_id", other: str | None = None, record: str | None = None
) -> pl.DataFrame:
    def column(name: str | None) -> pl.Expr:
        return pl.col(name) if name else pl.lit(None, dtype=pl.String)

    return rows.select(
        kind=pl.lit(str(kind)), person_id=column(person), other_id=column(other), record_id=column(record)
    )
