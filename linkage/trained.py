"""Trained models as the hub keeps them, and whether one may serve again."""

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from hub import clock
from hub.periods import Quarter
from linkage.config import LinkageConfig
from linkage.model import Model
from linkage.models import LinkageModel


def newest_model(connection: Connection) -> Model | None:
    """The model trained last, or None before the first training."""
    newest = select(LinkageModel.document).order_by(LinkageModel.trained_at.desc(), LinkageModel.version).limit(1)
    document = connection.execute(newest).scalar()
    return None if document is None else Model(document)


def serves(model: Model | None, config: LinkageConfig, records: int) -> bool:
    """Whether a model may score these records as it is.

    1. It was trained by these very rules.
    2. The records have not outgrown it: fewer than ``again_at_growth`` times those it was trained on.
    """
    if model is None or model.content["config_hash"] != config.hash:  # (1)
        return False
    return bool(records < config.training.again_at_growth * int(model.content["records"]))  # (2)


def keep_model(connection: Connection, model: Model, period: Quarter) -> None:
    """Keep a trained model under its version; one that is kept already counts as trained now."""
    now = clock.now()
    row = insert(LinkageModel).values(
        version=model.version, document=model.document, trained_in=str(period), trained_at=now
    )
    connection.execute(row.on_conflict_do_update(index_elements=["version"], set_={"trained_at": now}))
