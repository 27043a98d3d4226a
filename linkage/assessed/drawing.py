"""Drawing a sample of pairs for people to judge, from what the newest link kept."""

from dataclasses import dataclass

import polars as pl

from hub.database import transaction
from hub.settings import Settings
from hub.traces import leaving_no_values
from keys.ring import KeyRing
from keys.services import Service
from linkage.assessed.sampling import draw, forget_sample
from linkage.config import load_linkage
from linkage.errors import LinkageRefused
from linkage.kept.arriving import Start, start
from linkage.kept.sealed import last_about
from linkage.kept.state import halves_of
from linkage.learned.trained import newest_model
from linkage.registered.register import newest_linked
from linkage.reviewed.reviewing import add_questions


@dataclass(frozen=True)
class Drawn:
    """How many pairs were drawn, of how many, from how many strata."""

    pairs: int
    of: int
    strata: int


@leaving_no_values
def draw_sample(settings: Settings, ring: KeyRing, most: int, seed: int) -> Drawn:
    """Put a random sample in the place of the one before; raises LinkageRefused if nothing was linked."""
    config, ring = load_linkage(settings.config), ring.serving(Service.LINK)
    with transaction(settings) as connection:
        model, about, period = newest_model(connection), last_about(connection), newest_linked(connection)
        begun = start(settings, connection, ring, about, config)
        if begun is None or model is None or begun.about.model != model.version or begun.about.config != config.hash:
            raise LinkageRefused(
                "No sample is drawn",
                where="what the newest link kept",
                why="there is none, or the model or the rules were changed since",
                fix="Link the quarter first: hub link run",
            )
        forget_sample(connection)
        sample = draw(begun.kept, model, config, most, seed)
        about_it = {"period": str(period), "model_version": model.version}
        add_questions(connection, sample, _feeds(begun, sample), tuple(config.comparisons), **about_it)
    of = sample.unique("stratum")["stratum_pairs"].sum()
    return Drawn(sample.height, int(of), sample["stratum"].n_unique())


def _feeds(begun: Start, sample: pl.DataFrame) -> pl.DataFrame:
    """record_id and feed of the records in a sample."""
    ids = pl.concat([sample["record_id_l"], sample["record_id_r"]]).unique().sort()
    rows = begun.kept.find(halves_of(ids))
    feed = [begun.about.feeds[number] for number in begun.kept.feed[rows].tolist()]
    return pl.DataFrame({"record_id": ids, "feed": pl.Series(feed, dtype=pl.String)})
