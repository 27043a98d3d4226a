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
from sqlalchemy import Connection, Row, insert, select

from agreement.errors import ArchiveDamaged, VersionUnknown
from agreement.model import Agreement
from agreement.models import VERSION
from agreement.parties import SIGNATURES, Signature, right
from agreement.violation import Violation
from audit.events import Action, Entry
from audit.head import lock_head
from audit.log import append

_LAST = select(VERSION).order_by(VERSION.c.number.desc()).limit(1)


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

    1. The version that came into force last is in the archive already: nothing is done.
    2. A version that another one followed is not acted under again, though it is unexpired: its terms may be those that
       the parties took back (Agreement, version).
    3. A version is one text for ever: another text under its number is refused (Agreement, version).
    4. What follows a version is signed with the keys that this version states, by all its parties but one at most
       (Agreement, parties). One party at a time may so lose its key or leave; nobody brings in a text of his own under
       six keys of his own. The first text of all is taken as it comes: who relies on it compares its hash.
    5. A new text is kept with its signatures, and that is logged, in the transaction of the act.

    Whether anything may be done under it at all is not asked here: see policy.py. Raises AgreementRefusal, and
    ArchiveDamaged if the version before is not what was archived.
    """
    if agreement.hash == connection.execute(_LAST.with_only_columns(VERSION.c.hash)).scalar():  # (1)
        return
    lock_head(connection)  # versions follow one another
    last = connection.execute(_LAST).first()
    if last is not None:
        if last.hash == agreement.hash:  # another run kept it while this one waited
            return
        _refuse_known(connection, agreement, last)  # (2, 3)
        _refuse_stranger(agreement, _enacted(last))  # (4)
    number = 1 if last is None else last.number + 1
    row = {
        "number": number,
        "hash": agreement.hash,
        "agreement": agreement.id,
        "version": agreement.version,
        "text": agreement.canonical,
        "signatures": rfc8785.dumps([given.model_dump(mode="json") for given in agreement.signatures]),
        "enacted_at": at,
    }
    connection.execute(insert(VERSION).values(row))
    entry = Entry(
        action=Action.ENACT_AGREEMENT,
        actor=actor,
        justification=f"version {agreement.version} of {agreement.id}",
        agreement_hash=agreement.hash,
        code_commit=code_commit,
        detail={"signatures": len(agreement.signed_by), "number": number} | ({"replaces": last.hash} if last else {}),
        at=at,
    )
    append(connection, entry)  # (5)


def _refuse_known(connection: Connection, agreement: Agreement, last: Row[Any]) -> None:
    """Rules 2 and 3 of ``enact``."""
    what = "Acting under a text that is not in force is refused"
    if connection.execute(select(VERSION.c.hash).where(VERSION.c.hash == agreement.hash)).first():  # (2)
        why = f"version {last.version} of {last.agreement} has replaced it since {last.enacted_at:%Y-%m-%d}"
        fix = "Act under that, or have all parties sign these terms as a new version"
        raise Violation("Agreement, version", "version", why, fix).refusal(what)
    same = select(VERSION.c.hash).where(VERSION.c.agreement == agreement.id, VERSION.c.version == agreement.version)
    if connection.execute(same).first():  # (3)
        why = f"another text was in force as version {agreement.version} of {agreement.id}"
        fix = "Give the text a new version and have all parties sign it"
        raise Violation("Agreement, version", "version", why, fix).refusal(what)


def _refuse_stranger(agreement: Agreement, last: Enacted) -> None:
    """Rule 4 of ``enact``."""
    keys = {party["authority"]: party.get("signing_key") for party in last.terms["parties"]}
    signed = right(agreement.canonical, keys, agreement.signatures)
    if len(signed) < len(keys) - 1:
        why = f"{len(signed)} of the {len(keys)} parties to version {last.version} signed it with the keys stated there"
        fix = f"Have all of them but one at most sign it with those keys, which {last.hash[:12]} states"
        what = "Acting under a text that does not follow the last one is refused"
        raise Violation("Agreement, parties", "parties", why, fix).refusal(what)


def versions(connection: Connection) -> list[Enacted]:
    """Every version that was in force, the newest first; raises ArchiveDamaged."""
    return [_enacted(row) for row in connection.execute(select(VERSION).order_by(VERSION.c.number.desc()))]


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
