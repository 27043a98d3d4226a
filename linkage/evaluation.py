"""How right a register is, measured against a truth that only evaluation may read."""

from dataclasses import dataclass

import polars as pl

from linkage.errors import LinkageRefused


@dataclass(frozen=True)
class Quality:
    """Agreement of a register with the truth, over the records that both hold. All shares are 0 to 1.

    ``precision`` and ``recall`` count pairs of records; ``cluster_*`` count persons found exactly as they
    are; ``b_cubed_*`` average over records (Bagga & Baldwin 1998).
    """

    records: int
    persons_true: int
    persons_found: int
    largest_cluster: int
    precision: float
    recall: float
    f1: float
    cluster_precision: float
    cluster_recall: float
    cluster_f1: float
    b_cubed_precision: float
    b_cubed_recall: float
    b_cubed_f1: float


def evaluate(truth: pl.DataFrame, register: pl.DataFrame) -> Quality:
    """Compare a register with the truth by counts of the table person found x true person.

    ``truth`` has record_id and true_person_id, ``register`` record_id and person_id. Records that only
    one of them holds (withheld or quarantined rows) are left out. No pair is ever written out, so a
    million records take a second. Raises LinkageRefused if they share no record.
    """
    both = truth.select("record_id", "true_person_id").join(
        register.select("record_id", "person_id"), on="record_id", how="inner"
    )
    if both.is_empty():
        raise LinkageRefused(
            "Linkage cannot be evaluated",
            where="the truth and the register",
            why="they have no record in common",
            fix="Give the truth of the same records, by the same record ids",
        )
    cells = (
        both.group_by("true_person_id", "person_id")
        .agg(pl.len().cast(pl.Int64).alias("cell"))
        .with_columns(
            pl.col("cell").sum().over("true_person_id").alias("true"),
            pl.col("cell").sum().over("person_id").alias("found"),
        )
    )
    return _quality(cells, both)


def _quality(cells: pl.DataFrame, both: pl.DataFrame) -> Quality:
    found, true = both["person_id"].value_counts()["count"], both["true_person_id"].value_counts()["count"]
    right_pairs = _pairs(cells["cell"])
    exact = cells.filter((pl.col("cell") == pl.col("true")) & (pl.col("cell") == pl.col("found"))).height
    precision, recall = _share(right_pairs, _pairs(found)), _share(right_pairs, _pairs(true))
    cluster_precision, cluster_recall = _share(exact, len(found)), _share(exact, len(true))
    b_precision = _share(cells.select(pl.col("cell") ** 2 / pl.col("found")).sum().item(), both.height)
    b_recall = _share(cells.select(pl.col("cell") ** 2 / pl.col("true")).sum().item(), both.height)
    return Quality(
        records=both.height,
        persons_true=len(true),
        persons_found=len(found),
        largest_cluster=int(found.cast(pl.Int64).sort().item(-1)),
        precision=precision,
        recall=recall,
        f1=harmonic(precision, recall),
        cluster_precision=cluster_precision,
        cluster_recall=cluster_recall,
        cluster_f1=harmonic(cluster_precision, cluster_recall),
        b_cubed_precision=b_precision,
        b_cubed_recall=b_recall,
        b_cubed_f1=harmonic(b_precision, b_recall),
    )


def harmonic(precision: float, recall: float) -> float:
    """F1: the harmonic mean of precision and recall; 0 where both are 0."""
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0


def _pairs(sizes: pl.Series) -> int:
    sizes = sizes.cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())


def _share(part: float, whole: float) -> float:
    """A share; where there is nothing to get wrong (no pair at all), it is 1."""
    return part / whole if whole else 1.0
