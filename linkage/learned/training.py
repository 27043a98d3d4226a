"""Training a model without linking: what the next link will go by, drawn so that a person can judge it."""

from dataclasses import dataclass
from pathlib import Path

from agreement.policy import load_agreement
from audit.events import Action, Entry
from audit.log import append, checkpoint
from hub.database import transaction
from hub.periods import Quarter
from hub.settings import Settings
from hub.traces import leaving_no_values
from keys.home import log_signer
from keys.ring import KeyRing
from keys.services import Service
from linkage.clustered.persons import scale_of
from linkage.config import load_linkage
from linkage.engines.chosen import engine
from linkage.learned.model import train_on
from linkage.learned.splink_view import save_charts
from linkage.learned.trained import charts_folder, keep_model, newest_model
from linkage.learned.waterfalls import save_waterfalls, some_pairs
from linkage.paired.blocks import Blocks
from linkage.paired.coded import code
from linkage.reading import Asked, read_permitted
from linkage.registered.seen import deliveries_digest


@dataclass(frozen=True)
class Trained:
    """A model's version, on how many records it was trained, whether it is another than before, and its charts."""

    version: str
    records: int
    is_new: bool
    pages: tuple[Path, ...]


@leaving_no_values
def train_model(settings: Settings, ring: KeyRing, quarter: Quarter, folder: Path | None = None) -> Trained:
    """Learn a model from all records up to a quarter, keep it as the newest, and draw it into a folder.

    Without a folder it is drawn into the home's for this model (linkage.learned.trained).

    1. Only records that the agreement lets be linked are read (linkage.reading).
    2. Model and log entry are kept together or not at all. No person of the register changes; the next link will go
       by this model.

    Raises AgreementRefusal, LinkageRefused.
    """
    config, agreement, ring = load_linkage(settings.config), load_agreement(settings), ring.serving(Service.LINK)
    with transaction(settings) as connection, engine(settings):
        read = read_permitted(settings, connection, ring, agreement, Asked(quarter, quarter))  # (1)
        coded = code(read.records, config.columns)
        blocks = Blocks.of(coded, config)
        before, model = newest_model(connection), train_on(coded, blocks, config)
        keep_model(connection, model, quarter)
        detail = {"model_version": model.version, "deliveries": deliveries_digest(read.deliveries)}
        entry = Entry(
            action=Action.TRAIN, actor=settings.actor, period=str(quarter), rows=read.records.height, purpose="linkage",
            agreement_hash=agreement.hash, code_commit=settings.code_commit, detail=detail,
        )  # fmt: skip
        append(connection, entry)  # (2)
        checkpoint(connection, log_signer(settings, ring))
    is_new = before is None or before.version != model.version
    into, scale = folder or charts_folder(settings, model), scale_of(coded, model, config)
    drawn = (*save_charts(model, config, into), save_waterfalls(scale, some_pairs(scale, blocks), into))
    return Trained(model.version, read.records.height, is_new, drawn)
