"""Comparing the register with a known truth, for boroughs that are synthetic."""

from pathlib import Path

import polars as pl

from hub.database import transaction
from hub.settings import Settings
from keys.home import open_ring, tell
from keys.services import Service
from linkage.errors import LinkageRefused
from linkage.evaluation import Quality, evaluate
from linkage.registered.register import read_register
from pseudonymise.references import record_id_for
from pseudonymise.scheme_keys import SchemeKeys, scheme_keys

COLUMNS = ("feed", "source_reference", "true_person_id")


def evaluate_against(settings: Settings, path: Path) -> Quality:
    """How right the register is, by a CSV file of ``feed``, ``source_reference``, ``true_person_id``.

    A reference of several parts is joined by U+001F. References become record ids in memory, by the
    home's own keys, and are stored nowhere. Raises LinkageRefused.
    """
    ring = open_ring(settings, Service.EVALUATION)
    truth, keys = _read(path), scheme_keys(ring)
    known = pl.concat(
        _record_ids(feed, rows, keys) for (feed,), rows in truth.partition_by("feed", as_dict=True).items()
    )
    tell(settings, ring)
    with transaction(settings) as connection:
        register = read_register(connection)
    return evaluate(known, register)


def _read(path: Path) -> pl.DataFrame:
    try:
        return pl.read_csv(path, infer_schema=False).select(COLUMNS)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise LinkageRefused(
            "The truth cannot be read",
            where=str(path),
            why=f"it is not a CSV file with the columns {', '.join(COLUMNS)} ({type(error).__name__})",
            fix="Give the file that was made with the synthetic borough",
        ) from None


def _record_ids(feed: str, rows: pl.DataFrame, keys: SchemeKeys) -> pl.DataFrame:
    ids = record_id_for(feed, rows["source_reference"], keys)
    return rows.select(ids.alias("record_id"), "true_person_id")
