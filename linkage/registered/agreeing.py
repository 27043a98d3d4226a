"""How far two registers agree, record by record: what a full link made other than links delivery by delivery had."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Agreeing:
    """Pairs of records of one person: ``share`` of those in either register that both have; ``pairs`` in either.

    ``differing``: person_id of each person in the new register who is not the same records as any in the old.
    """

    share: float
    pairs: int
    differing: tuple[str, ...]


def agreement_of(before: pl.DataFrame, after: pl.DataFrame) -> Agreeing:
    """Compare two registers (record_id, person_id) over the records that both have."""
    both = before.select("record_id", one="person_id").join(
        after.select("record_id", other="person_id"), on="record_id", how="inner"
    )
    cells = both.group_by("one", "other").len("cell")
    common, one, other = _pairs(cells["cell"]), *(_pairs(both.group_by(it).len("n")["n"]) for it in ("one", "other"))
    alone = cells.filter((pl.len().over("one") > 1) | (pl.len().over("other") > 1))
    either = one + other - common
    return Agreeing(common / either if either else 1.0, either, tuple(alone["other"].unique().sort()))


def _pairs(sizes: pl.Series) -> int:
    sizes = sizes.cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())
