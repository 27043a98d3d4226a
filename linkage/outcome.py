"""A link's two ways to persons: from what the last one kept, or from all records."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import polars as pl
from sqlalchemy import Connection, func, select

from agreement.model import Agreement
from hub.settings import Settings
from keys.ring import KeyRing
from linkage.assessed.traits import coded, with_traits
from linkage.config import LinkageConfig
from linkage.kept.arriving import Start, arrived, follows, start
from linkage.kept.coding import Fresh
from linkage.kept.frequent import Frequent, Renamed
from linkage.kept.sealed import About, keep_step, keep_whole, last_about
from linkage.kept.state import Ids, Kept, Rows, names_of
from linkage.kept.step import clusters, evidence, follow, telling, told_pairs
from linkage.kept.whole import Frequencies, link_whole
from linkage.learned.model import Model, train
from linkage.learned.trained import keep_model, newest_model, serves
from linkage.lived import with_days
from linkage.models import LinkDecision
from linkage.reading import Asked, permit_records
from linkage.registered.ahead import Ahead
from linkage.reviewed.reviewing import decided_of, words
from linkage.stored import delivered_records, stored_records, tokens_are_of
from store.models import DeliveryRow


@dataclass(frozen=True)
class Job:
    """One link to be made."""

    settings: Settings
    connection: Connection
    ring: KeyRing
    agreement: Agreement
    config: LinkageConfig
    asked: Asked
    deliveries: Sequence[DeliveryRow]

    def terms(self, model: Model) -> About:
        """By what a state is made now."""
        return About(model.version, self.config.hash, tokens_are_of(self.ring), self.agreement.hash)

    def read(self, deliveries: Sequence[DeliveryRow]) -> pl.DataFrame | None:
        """The records of some deliveries, once the agreement permits linking the feeds that they are from."""
        found = delivered_records(self.settings, self.connection, self.ring, self.agreement, deliveries)
        if found is None:
            return None
        permit_records(self.settings, self.agreement, self.asked, found)
        return self.told(found, deliveries)

    def told(self, records: pl.DataFrame, deliveries: Sequence[DeliveryRow]) -> pl.DataFrame:
        """Records with what their feeds tell of them beside tokens: traits, and days of death and life."""
        at, by = (self.settings, self.connection, self.ring), (self.agreement, self.config)
        return with_days(*at, by, with_traits(*at, records, deliveries), deliveries)


@dataclass(frozen=True)
class Outcome:
    """``clusters``: record_id, cluster; ``withdrawn``: record ids, if only touched records are among them.

    ``pairs`` gives what changes of the register rest on; ``ahead`` what it holds of touched records.
    """

    kept: Kept
    about: About
    model: Model
    trained: bool
    compared: int
    clusters: pl.DataFrame
    pairs: Callable[[], pl.DataFrame]
    withdrawn: list[str] | None
    ahead: Ahead | None = None


def follow_on(job: Job) -> Outcome | None:
    """Link what came and went since the last link; none if nothing that it kept serves."""
    model, about = newest_model(job.connection), last_about(job.connection)
    if model is None or not follows(about, job.terms(model), job.config):
        return None
    begun = start(job.settings, job.connection, job.ring, about, job.config)
    found = arrived(job.connection, begun, job.deliveries, job.read) if begun else None
    if begun is None or found is None or not serves(model, job.config, _records(begun, found.arrived.records)):
        return None
    with Ahead(job.connection) as ahead:
        step = follow(begun.kept, found.arrived, model, job.config, ahead.ask)
    after = replace(found.about, light=found.about.light + step.light)
    keep_step(job.settings, job.connection, job.ring, after, step.kept, begun.kept, step.lost)
    withdrawn = names_of(step.kept.ids[step.withdrawn]).to_list()
    touched = clusters(step)
    gone = sorted(set(withdrawn) - set(touched["record_id"]))
    pairs = partial(evidence, step, job.config)
    return Outcome(step.kept, after, model, False, step.compared, touched, pairs, gone, ahead)


def _records(begun: Start, new: pl.DataFrame) -> int:
    return int(begun.kept.alive.sum()) + new.height


def start_anew(job: Job) -> Outcome:
    """Link all records. Raises LinkageRefused if there is none."""
    read = stored_records(job.settings, job.connection, job.ring, job.agreement, job.deliveries)
    permit_records(job.settings, job.agreement, job.asked, read)
    records, traits = coded(job.told(read, job.deliveries), {})
    feeds = records["feed"].unique().sort().to_list()
    numbered = records.with_columns(
        pl.col("feed").replace_strict({name: at for at, name in enumerate(feeds)}, return_dtype=pl.Int64)
    )
    model, trained = _model(job, records)
    known = decided_of(words(job.connection), records["record_id"].sort())
    whole = link_whole(numbered, known, model, job.config, _frequencies(job, model), feeds)
    deliveries = [[row.id, row.period] for row in job.deliveries]
    newest = job.connection.execute(select(func.max(LinkDecision.number))).scalar() or 0
    about = replace(
        job.terms(model),
        deliveries=deliveries,
        present=sorted(row.id for row in job.deliveries),
        feeds=feeds,
        traits=traits,
        decision=newest,
        light=whole.light,
    )
    keep_whole(job.settings, job.connection, job.ring, about, whole.kept)
    return _all_of(whole.kept, about, (model, job.config), trained, whole.compared)


def _all_of(kept: Kept, about: About, by: tuple[Model, LinkageConfig], trained: bool, compared: int) -> Outcome:
    ids = names_of(kept.ids)

    def pairs() -> pl.DataFrame:
        told = telling(kept, kept.pairs)
        return told_pairs(told, ids.gather(told.left), ids.gather(told.right), by[1])

    return Outcome(
        kept, about, by[0], trained, compared, pl.DataFrame({"record_id": ids, "cluster": kept.label}), pairs, None
    )


def _model(job: Job, records: pl.DataFrame) -> tuple[Model, bool]:
    stored = newest_model(job.connection)
    if stored is not None and serves(stored, job.config, records.height):
        return stored, False
    model = train(records, job.config)
    keep_model(job.connection, model, job.asked.up_to)
    return model, True


def _frequencies(job: Job, model: Model) -> Frequencies | None:
    """Those that the model served by before: by the same tokens, or by the same records under a turned key."""
    about = last_about(job.connection)
    if about is None or about.model != model.version or about.config != job.config.hash:
        return None
    begun = start(job.settings, job.connection, job.ring, about, job.config)
    if begun is None:
        return None
    if about.tokens == tokens_are_of(job.ring):
        return begun.kept.frequent
    return lambda ids, fresh: _carried(begun.kept, ids, fresh)


def _carried(before: Kept, ids: Ids, fresh: Fresh) -> Frequent:
    rows: Rows = before.find(ids)
    at = np.flatnonzero(rows >= 0)
    was = {name: before.coded.tokens[name][rows[at]] for name in before.rarity}
    now = {name: fresh.coded.tokens[name][at] for name in before.rarity}
    return Frequent.carried(before.rarity, Renamed(was, now), fresh.values)
