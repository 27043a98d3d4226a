"""Trained models as the hub keeps them, and whether one may serve again."""

from pathlib import Path

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from hub import clock
from hub.periods import Quarter
from hub.settings import Settings
from linkage.config import LinkageConfig
from linkage.errors import LinkageRefused
from linkage.learned.model import Model
from linkage.models import LinkageModel


def newest_model(connection: Connection) -> Model | None:
    """The model trained last, or None before the first training."""
    newest = select(LinkageModel.document).order_by(LinkageModel.trained_at.desc(), LinkageModel.version).limit(1)
    document = connection.execute(newest).scalar()
    return None if document is None else Model(document)


def model_of(connection: Connection, version: str) -> Model | None:
    """The model of that version; none if the hub keeps none."""
    document = connection.execute(select(LinkageModel.document).where(LinkageModel.version == version)).scalar()
    return None if document is None else Model(document)


def charts_folder(settings: Settings, model: Model) -> Path:
    """Where a model's pages lie unless another place is asked for: one folder for each model."""
    return settings.home / "linkage-charts" / model.version[:12]


def deciding(connection: Connection, config: LinkageConfig) -> Model:
    """The model trained last, by these rules; raises LinkageRefused if there is none."""
    model = newest_model(connection)
    if model is None or model.content["config_hash"] != config.hash:
        raise LinkageRefused(
            "There is no model to draw",
            where="config/linkage.yaml",
            why="none was trained by these rules",
            fix="Link a quarter first: hub link run",
        )
    return model


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
