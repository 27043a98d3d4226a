"""Building a candidate: the tables of one quarter for one recipient, sealed, with their manifest."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl
from sqlalchemy import Connection, insert, text, update

from agreement.model import Agreement
from agreement.policy import load_agreement, permit_release
from audit.events import Action, Entry
from audit.log import append
from hub.clock import now
from hub.database import transaction
from hub.periods import Quarter
from hub.settings import Settings
from keys.purposes import Purpose
from keys.ring import KeyRing
from publish.disclosure import disclosure
from publish.files import forget_candidate, is_intact, seal_candidate
from publish.inputs import key_versions, read_inputs
from publish.manifest import AgreementEntry, Manifest, TableEntry, release_name
from publish.parquet import to_parquet
from publish.recipient_ids import RecipientIds
from publish.refusals import logging_refusals
from publish.releases import TABLE, Release, of_quarter
from publish.tables import build_tables
from schemas.published import check_published

DEFAULT_RECIPIENT = "partnership_analysts"


@dataclass(frozen=True)
class Candidate:
    """A candidate release; ``unchanged``: the same contents were built or published before under this name."""

    release: str
    manifest_hash: str
    uri: str
    unchanged: bool


def build_candidate(
    settings: Settings, ring: KeyRing, quarter: Quarter, recipient: str = DEFAULT_RECIPIENT
) -> Candidate:
    """Build, check and seal the candidate of one quarter for one recipient, and log the combination.

    It holds the admitted deliveries up to and with ``quarter``, the register's person ids, and of each
    table those columns that the agreement grants the recipient. The same inputs, keys, agreement and
    code give the same bytes: built again, the candidate keeps its name (``unchanged``). Other contents
    replace an unpublished candidate under its name, which voids a decision on it; a published release
    is never replaced, its successor gets the next version.

    Raises CandidateRefused (tables that cannot be made or break their contract), AgreementRefusal;
    both are logged.
    """
    with logging_refusals(settings, period=str(quarter), recipient=recipient):
        agreement = load_agreement(settings)
        tables = _tables(settings, ring, agreement, quarter, recipient)
        files = {f"{name}.parquet": to_parquet(frame) for name, frame in tables.items()}
        manifest = _manifest(settings, ring, agreement, quarter, recipient, tables, files)
        with transaction(settings) as connection:
            _one_at_a_time(connection, quarter)
            candidate = _keep(settings, ring, connection, manifest, files)
            append(connection, _entry(settings, candidate, manifest))
    return candidate
