"""From records and a model to persons: score, constrain, cluster. Pure: frames in, frames out."""

from dataclasses import dataclass

import polars as pl

from linkage.cluster import Indices, Linkage, cluster
from linkage.config import LinkageConfig
from linkage.constraints import constrain
from linkage.model import Model, score


@dataclass(frozen=True)
class Persons:
    """``clusters``: record_id, cluster (the smallest record_id of the person). ``pairs``: all that were compared."""

    clusters: pl.DataFrame
    pairs: pl.DataFrame


def find_persons(records: pl.DataFrame, model: Model, config: LinkageConfig) -> Persons:
    """Group records into persons. Raises LinkageRefused if the records are not well formed."""
    pairs = constrain(score(records, model, config), model, config)
    ids = records.select(pl.col("record_id").sort()).with_row_index("number")
    rule = Linkage(**config.clustering.model_dump())
    left, right = _numbers(pairs, "record_id_l", ids), _numbers(pairs, "record_id_r", ids)
    labels = cluster(ids.height, left, right, pairs["match_weight"].to_numpy(), rule)
    return Persons(ids.select("record_id", cluster=ids["record_id"].gather(labels)), pairs)


def _numbers(pairs: pl.DataFrame, side: str, ids: pl.DataFrame) -> Indices:
    numbered = pairs.select(record_id=side).join(ids, on="record_id", how="left", maintain_order="left")
    return numbered["number"].cast(pl.Int64).to_numpy()
