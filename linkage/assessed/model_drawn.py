"""Charts of the model that decides: what it learned, and how some pairs of the last link come to their weight."""

from pathlib import Path

import numpy as np

from hub.database import transaction
from hub.settings import Settings
from hub.traces import leaving_no_values
from keys.ring import KeyRing
from keys.services import Service
from linkage.config import LinkageConfig, load_linkage
from linkage.kept.arriving import start
from linkage.kept.sealed import last_about
from linkage.kept.state import Kept
from linkage.learned.model import Model
from linkage.learned.splink_view import save_charts
from linkage.learned.trained import charts_folder, deciding
from linkage.learned.waterfalls import chosen, save_waterfalls


@leaving_no_values
def draw_model(settings: Settings, ring: KeyRing, folder: Path | None = None) -> tuple[Path, ...]:
    """Save them into a folder, or the home's for this model.

    Waterfalls are of pairs that the last link kept, if it went by this model. Raises LinkageRefused.
    """
    config, ring = load_linkage(settings.config), ring.serving(Service.LINK)
    with transaction(settings) as connection:
        model, about = deciding(connection, config), last_about(connection)
        begun = start(settings, connection, ring, about, config)
    into = folder or charts_folder(settings, model)
    drawn = save_charts(model, config, into)
    if begun is None or begun.about.model != model.version or begun.about.config != config.hash:
        return drawn
    return (*drawn, _waterfalls(begun.kept, model, config, into))


def _waterfalls(kept: Kept, model: Model, config: LinkageConfig, folder: Path) -> Path:
    pairs = kept.pairs.at(chosen(kept.pairs.weight, kept.pairs.constraint))
    rows = kept.in_order(np.unique(np.concatenate([pairs.left, pairs.right])))
    place = np.full(len(kept.alive), -1, dtype=np.int64)
    place[rows] = np.arange(len(rows))
    return save_waterfalls(kept.scale(rows, model, config), pairs.compared(place), folder)
