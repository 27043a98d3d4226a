"""How right a linkage is by its own lights: what the model's match probabilities say, without any label."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from linkage.kept.state import Kept


@dataclass(frozen=True)
class Estimate:
    """Expected pairwise precision and recall, 0 to 1, over the pairs that were compared.

    It trusts the model: pairs that blocking never brought together are not in it, so recall is at best this.
    """

    precision: float
    recall: float
    pairs_joined: int
    pairs_expected: float


def estimate(pairs: pl.DataFrame, clusters: pl.DataFrame) -> Estimate:
    """Expected share of joined pairs that match, and of matching pairs that are joined.

    ``pairs`` has record_id_l, record_id_r, match_probability; ``clusters`` record_id, cluster.
    """
    left, right = (clusters.select(pl.col("record_id").alias(f"record_id_{side}"), side="cluster") for side in "lr")
    both = pairs.rename({"match_probability": "probability"}).select("record_id_l", "record_id_r", "probability")
    sided = both.join(left.rename({"side": "l"}), on="record_id_l").join(right.rename({"side": "r"}), on="record_id_r")
    joined = sided.filter(pl.col("l") == pl.col("r"))
    expected, right_ones = float(sided["probability"].sum()), float(joined["probability"].sum())
    return Estimate(
        precision=right_ones / joined.height if joined.height else 1.0,
        recall=right_ones / expected if expected else 1.0,
        pairs_joined=joined.height,
        pairs_expected=expected,
    )


def estimate_kept(kept: Kept, light: float) -> Estimate:
    """The same from what is kept; ``light`` is how many matches are expected among pairs that are not."""
    pairs = kept.pairs
    probability = 1 / (1 + np.exp2(-pairs.weight))
    joined = kept.label[pairs.left] == kept.label[pairs.right]
    expected, right = float(probability.sum()) + light, float(probability[joined].sum())
    count = int(joined.sum())
    return Estimate(right / count if count else 1.0, right / expected if expected else 1.0, count, expected)
