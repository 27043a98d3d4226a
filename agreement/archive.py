"""Every version under which something was ever done, kept whole: its text, and the signatures that brought it in force.

A release, an entry of the log and an admission name the agreement by its hash; here is the text that the hash is of.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import rfc8785
from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects.postgresql import insert

from agreement.errors import ArchiveDamaged, VersionUnknown
from agreement.model import Agreement
from agreement.models import VERSION
from agreement.parties import SIGNATURES, Signature, right
from agreement.violation import Violation
from audit.events import Action, Entry
from audit.log import append


@dataclass(frozen=True)
class Enacted:
    """A version that was in force: its text is read as it was signed, whatever the model is now."""

    hash: str
    id: str
    version: str
    text: bytes
    signatures: tuple[Signature, ...]
    enacted_at: datetime

    @property
    def terms(self) -> dict[str, Any]:
        """What the text states."""
        stated: dict[str, Any] = json.loads(self.text)
        return stated

    @property
    def signed_by(self) -> Mapping[str, Signature]:
        """The parties whose signature of this very text is right, each with it."""
        keys = {party["authority"]: party.get("signing_key") for party in self.terms["parties"]}
        return right(self.text, keys, self.signatures)


def enact(connection: Connection, agreement: Agreement, actor: str, code_commit: str, at: datetime) -> None:
    """Keep the agreement the first time that something is done under it; call it before the act's entry is added.

    1. A text that is known is in the archive already: nothing is done.
    2. A version is one text for ever: another text under its number is refused (Agreement, version).
    3. A new text is kept with its signatures, and that is logged, in the transaction of the act.

    Whether anything may be done under it at all is not asked here: see policy.py. Raises AgreementRefusal.
    """
    if connection.execute(select(VERSION.c.hash).where(VERSION.c.hash == agreement.hash)).first():  # (1)
        return
    row = {
        "hash": agreement.hash,
        "agreement": agreement.id,
        "version": agreement.version,
        "text": agreement.canonical,
        "signatures": rfc8785.dumps([given.model_dump(mode="json") for given in agreement.signatures]),
        "enacted_at": at,
    }
    kept = connection.execute(insert(VERSION).values(row).on_conflict_do_nothing().returning(VERSION.c.hash)).first()
    if kept is None:  # another run kept it at the same moment, or (2)
        _refuse_other_text(connection, agreement)
        return
    append(connection, _entry(agreement, actor, code_commit, at))  # (3)


def _refuse_other_text(connection: Connection, agreement: Agreement) -> None:
    """Rule 2 of ``enact``."""
    same = select(VERSION.c.hash).where(VERSION.c.agreement == agreement.id, VERSION.c.version == agreement.version)
    known = connection.execute(same).scalar()
    if known != agreement.hash:
        why = f"another text was in force as version {agreement.version} of {agreement.id}"
        fix = "Give the text a new version and have all parties sign it"
        raise Violation("Agreement, version", "version", why, fix).refusal("Acting under a changed text is refused")


def _entry(agreement: Agreement, actor: str, code_commit: str, at: datetime) -> Entry:
    return Entry(
        action=Action.ENACT_AGREEMENT,
        actor=actor,
        justification=f"version {agreement.version} of {agreement.id}",
        agreement_hash=agreement.hash,
        code_commit=code_commit,
        detail={"signatures": len(agreement.signed_by)},
        at=at,
    )


def versions(connection: Connection) -> list[Enacted]:
    """Every version that was in force, the newest first; raises ArchiveDamaged."""
    return [_enacted(row) for row in connection.execute(select(VERSION).order_by(VERSION.c.enacted_at.desc()))]


def find_version(connection: Connection, start: str) -> Enacted:
    """The version whose hash begins so; raises VersionUnknown if there is none or more than one, and ArchiveDamaged."""
    wanted = select(VERSION).where(VERSION.c.hash.startswith(start, autoescape=True))
    rows = connection.execute(wanted.limit(2)).all()
    if len(rows) != 1:
        raise VersionUnknown(
            "The version cannot be shown",
            where=f"the archive, hash {start}",
            why="more than one begins so" if rows else "nothing was ever done under such a text",
            fix="Give a hash that hub agreement list shows",
        )
    return _enacted(rows[0])


def _enacted(row: Row[Any]) -> Enacted:
    if sha256(row.text).hexdigest() != row.hash:
        raise ArchiveDamaged(
            "The archive of agreements is not to be believed",
            where=f"agreement_version, hash {row.hash}",
            why="the text under this hash is another one",
            fix="Restore the text, which each party has",
        )
    signatures = SIGNATURES.validate_json(row.signatures)
    return Enacted(row.hash, row.agreement, row.version, row.text, signatures, row.enacted_at)
