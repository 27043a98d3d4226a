"""A motivated intruder on a release: knows of a neighbour what a newspaper or a window tells, and looks for the row.

The release is the demo's, as it is given to its recipient; the neighbours are the persons of the police's own extract,
whose names the intruder knows, so every one of them is in some row or in none. He has no key and joins nothing else.
He is *sure* of a person when one person alone fits, and *right* when it is that one.
"""

from pathlib import Path

import polars as pl

from pseudonymise.references import SEPARATOR
from publish.tables import age_band
from schemas.areas import from_grid, load_areas

FEED = "police.recorded_crime"
KNOWN = {
    "ward, quarter, offence, role, sex, age band": ["ward_code", "offence_code", "role", "sex", "age_band"],
    "the same, and the month": ["ward_code", "offence_code", "role", "sex", "age_band", "month"],
    "the same, and the day": ["ward_code", "offence_code", "role", "sex", "age_band", "occurred_on"],
    "ward, quarter, sex and age band; nothing of the offence": ["ward_code", "sex", "age_band"],
}


def looked_for(release: Path, partners: Path) -> list[str]:
    """One line for each thing that he may know."""
    rows, neighbours = released(release), neighbours_of(partners, release)
    truth = neighbours.join(rows, on=["occurred_at", "lsoa_code", "offence_code", "role"], how="left", suffix="_row")
    truth = truth.group_by("true_person_id", "occurred_at", "offence_code", "role", maintain_order=True).agg(
        pl.col("person_id").drop_nulls().unique().alias("really"),
        pl.exclude("person_id", "true_person_id", "occurred_at", "offence_code", "role").first(),
    )
    lines = [f"  {release.name}: {rows['person_id'].n_unique():,} persons in {rows.height:,} rows of recorded crime; "
             f"{neighbours['true_person_id'].n_unique():,} neighbours known to the police"]  # fmt: skip
    for what, columns in KNOWN.items():
        fits = rows.group_by(columns).agg(pl.col("person_id").unique().alias("fits"))
        found = truth.join(fits, on=columns, how="left").with_columns(n=pl.col("fits").list.len().fill_null(0))
        sure = found.filter(pl.col("n") == 1)
        right = sure.filter(pl.col("really").list.set_intersection("fits").list.len() > 0)
        lines.append(
            f"  {what:<58} sure of {sure.height:>5} of {found.height:,} ({sure.height / found.height:.1%}), "
            f"right in {right.height:,} ({right.height / found.height:.1%})"
        )
    return lines


def released(release: Path) -> pl.DataFrame:
    """What the recipient can put together: each person's part in each recorded crime."""
    person, event, part = (pl.read_parquet(release / f"{name}.parquet") for name in ("person", "event", "involvement"))
    rows = part.filter(pl.col("feed") == FEED).join(person, on="person_id").join(event, on="event_id", suffix="_event")
    return rows.with_columns(month=pl.col("occurred_on").dt.month())


def neighbours_of(partners: Path, release: Path) -> pl.DataFrame:
    """The persons of the police's extract as those who know them would tell of them."""
    quarter = "-".join(release.name.split("-")[:2])
    extract = pl.read_csv(partners / "extracts" / "police" / f"recorded_crime_{quarter}.csv", infer_schema=False)
    truth = pl.read_csv(partners / "truth" / "truth.csv").filter(pl.col("feed") == FEED)
    people = pl.read_csv(partners / "truth" / "people.csv", infer_schema=False)
    start = pl.col("Committed From").str.to_datetime("%d/%m/%Y %H:%M", strict=False)
    rows = extract.with_columns(
        occurred_at=start.dt.replace_time_zone("Europe/London", ambiguous="earliest", non_existent="null")
        .dt.convert_time_zone("UTC").dt.cast_time_unit("us"),
        occurred_on=start.dt.date(), month=start.dt.month(),
        offence_code=pl.col("HO Code"), role=pl.col("Person Role").str.to_lowercase(),
        source_reference=pl.col("Crime Reference") + SEPARATOR + pl.col("Person Number"),
        **{name: pl.col(name.title()).cast(pl.Float64, strict=False) for name in ("easting", "northing")},
    )  # fmt: skip
    placed = from_grid(rows, load_areas()).join(truth, on="source_reference").join(people, on="true_person_id")
    born = pl.col("date_of_birth").str.slice(0, 4).cast(pl.Int64)
    return placed.select(
        "true_person_id", "occurred_at", "occurred_on", "month", "offence_code", "role", "lsoa_code", "ward_code",
        sex=pl.col("sex").replace_strict({"F": "female", "M": "male"}),
        age_band=age_band(born, int(quarter[:4])),
    )  # fmt: skip
