"""The strongest pair behind each change of the register."""

import polars as pl

from linkage.registered.changes import Kind

EVIDENCE = {"record_id": pl.String, "evidence_record_id": pl.String, "bits": pl.Float64, "levels": pl.String}


def with_evidence(events: pl.DataFrame, pairs: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Add ``evidence_record_id``, ``bits`` and ``levels`` to events, null where no pair speaks.

    1. A record that joined or moved rests on its strongest pair with a record of its person now.
    2. A merge rests on the strongest pair between a record that came and one of the survivor's before.
    3. A split rests on the strongest pair between a record that was split off and one of those that stayed.

    ``pairs`` has record_id_l, record_id_r, match_weight, levels; ``before`` and ``after`` record_id, person_id.
    """
    sides = pl.concat(
        [
            pairs.select(
                record_id="record_id_l", evidence_record_id="record_id_r", bits="match_weight", levels="levels"
            ),
            pairs.select(
                record_id="record_id_r", evidence_record_id="record_id_l", bits="match_weight", levels="levels"
            ),
        ]
    )
    moving = events.filter(pl.col("kind").is_in([Kind.JOINED, Kind.MOVED])).select("record_id")
    merging = before.join(
        events.filter(pl.col("kind") == Kind.MERGED), left_on="person_id", right_on="other_id", how="semi"
    )
    about = pl.concat([moving, merging.select("record_id")])  # of most records there is nothing to tell
    owner, other = after.rename({"person_id": "owner"}), after.select(evidence_record_id="record_id", other="person_id")
    held = (
        sides.join(about, on="record_id", how="semi").join(owner, on="record_id").join(other, on="evidence_record_id")
    )
    within = held.filter(pl.col("owner") == pl.col("other")).select(*EVIDENCE)
    best = within.sort("bits", "evidence_record_id", descending=[True, False]).group_by("record_id").first()
    by_record = events.filter(pl.col("kind").is_in([Kind.JOINED, Kind.MOVED])).join(
        best, on="record_id", how="left"
    )  # (1)
    merged = _merged(events.filter(pl.col("kind") == Kind.MERGED), within, before)  # (2)
    split = _split(events.filter(pl.col("kind") == Kind.SPLIT), held)  # (3)
    rest = events.filter(~pl.col("kind").is_in([Kind.JOINED, Kind.MOVED, Kind.MERGED, Kind.SPLIT]))
    return pl.concat([rest, split, merged, by_record], how="diagonal").select(
        *events.columns, *(pl.col(name).cast(kind) for name, kind in list(EVIDENCE.items())[1:])
    )


def _merged(events: pl.DataFrame, within: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    came = before.rename({"person_id": "other_id"})
    stayed = before.select(evidence_record_id="record_id", person_id="person_id")
    best = (
        within.join(came, on="record_id")
        .join(stayed, on="evidence_record_id")
        .sort("bits", "record_id", "evidence_record_id", descending=[True, False, False])
        .group_by("other_id", "person_id")
        .first()
    )
    return events.drop("record_id").join(best, on=["other_id", "person_id"], how="left")


def _split(events: pl.DataFrame, held: pl.DataFrame) -> pl.DataFrame:
    """``held``: EVIDENCE, and as owner and other the persons of both records now."""
    best = (
        held.join(events.select(owner="other_id", other="person_id"), on=["owner", "other"], how="semi")
        .sort("bits", "record_id", "evidence_record_id", descending=[True, False, False])
        .group_by("owner", "other")
        .first()
        .rename({"owner": "other_id", "other": "person_id"})
    )
    return events.drop("record_id").join(best, on=["other_id", "person_id"], how="left")
