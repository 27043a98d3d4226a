"""Asking for a rotation and recording what officers say of it; every step is in the log."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError
from sqlalchemy import Connection, insert, select

from agreement.model import Agreement
from agreement.signing import private_key
from audit.events import Action, Entry
from audit.log import append, checkpoint, newest_checkpoint
from audit.query import Filter, stream
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from ingest.models import SourceEndRow
from keys.home import log_signer, open_ring
from keys.purposes import Purpose
from keys.ring import KeyRing
from keys.services import Service
from pseudonymise.scheme_keys import token_version
from publish.officers import agreement_in_force, roll
from publish.refusals import logging_refusals
from rotation.errors import RotationRefused
from rotation.models import RotationRow, WordRow
from rotation.word import (
    Rotation,
    SignedWord,
    Verdict,
    appointment_behind,
    newest_of_each,
    require_two,
    sign,
    stated,
    unreadable,
)  # fmt: skip

VALID_FOR = timedelta(days=14)


@dataclass(frozen=True)
class Asked:
    """A rotation that was asked for."""

    rotation: Rotation
    finished_at: datetime | None

    @property
    def digest(self) -> str:
        """What officers name it by."""
        return self.rotation.digest


def ask(settings: Settings, ring: KeyRing, reason: str, key: Purpose = Purpose.HUB) -> Asked:
    """Ask that all stored tokens be brought under a further version of the hub or the source key. Nothing changes yet.

    Raises RotationRefused while another rotation is not finished or where no source key is held, and WordRefused if the
    reason is not one line.
    """
    with logging_rotation_refusals(settings):
        if not ring.has(key):
            raise RotationRefused(
                "No rotation is asked for",
                where=f"the key ring under {key}",
                why="this hub holds no version of it, and could lay none on what is stored",
                fix="Have the authorities turn what they share, and the quarters delivered again",
            )
        versions = {"from_version": token_version(ring), "to_version": ring.next_step()}
        return _ask(settings, ring, reason, key=str(key), **versions)


def ask_end(settings: Settings, ring: KeyRing, reason: str) -> Asked:
    """Ask that the overlap of the source key's versions ends: that the newest alone counts when a delivery arrives.

    Raises as ``ask``; and RotationRefused if there is no overlap.
    """
    with logging_rotation_refusals(settings):
        first, *later = ring.kept(Purpose.SOURCE) or (0,)
        with transaction(settings) as connection:
            ended = connection.execute(select(SourceEndRow.version)).scalars().all()
        if not later or later[-1] in ended:
            raise RotationRefused(
                "No end is asked for",
                where="the source key",
                why="nothing that arrives counts under an earlier version than the newest as it is",
                fix="See hub keys list",
            )
        return _ask(settings, ring, reason, key="source", overlap="ends", from_version=first, to_version=later[-1])


def _ask(settings: Settings, ring: KeyRing, reason: str, **what: object) -> Asked:
    with transaction(settings) as connection:
        unfinished = next((asked for asked in rotations(connection) if asked.finished_at is None), None)
        if unfinished is not None:
            raise RotationRefused(
                "No rotation is asked for",
                where=f"rotation {unfinished.digest[:12]}",
                why="it is not finished, and tokens of three versions would lie beside each other",
                fix="Finish it first: hub keys rekey run",
            )
        about = {"reason": reason, "asked_by": settings.actor, "asked_at": now()}
        try:
            rotation = Rotation.model_validate(what | about)
        except ValidationError as error:
            raise unreadable(error) from None
        row = {"digest": rotation.digest, "document": rotation.canonical().decode(), "asked_at": rotation.asked_at}
        connection.execute(insert(RotationRow).values(row))
        detail = {"rotation": rotation.digest, "key": rotation.key_id} | _ending(rotation)
        append(connection, _entry(settings, Action.ASK_ROTATION, reason, detail, settings.actor))
        checkpoint(connection, log_signer(settings, ring))
    return Asked(rotation, None)


def decide(
    settings: Settings,
    rotation: str,
    *,
    verdict: Verdict,
    reason: str,
    officer: str,
    key: bytes,
    passphrase: bytes | None = None,
    valid_for: timedelta = VALID_FOR,
) -> SignedWord:
    """Sign a word on a rotation with the officer's private key (PEM), and record it.

    Raises SigningRefused, WordRefused, RotationRefused, or AgreementRefusal where no agreement is in force.
    """
    with logging_rotation_refusals(settings):
        with transaction(settings) as connection:
            asked = find(connection, rotation)
        at = now()
        said = stated(
            rotation=asked.digest, agreement_hash=agreement_in_force(settings).hash, officer=officer,
            verdict=verdict, reason=reason, said_at=at, expires_at=at + valid_for,
        )  # fmt: skip
        signed = sign(said, private_key(key, passphrase))
    return record(settings, signed)


def record(settings: Settings, signed: SignedWord) -> SignedWord:
    """Keep a word that was signed here or elsewhere, and log it, in one transaction.

    One that does not count, or is older than what that officer said before, is refused, and the refusal is logged.
    """
    said = signed.word
    with logging_rotation_refusals(settings), transaction(settings) as connection:
        asked, agreement = find(connection, said.rotation, lock=True), agreement_in_force(settings)
        appointment_behind(signed, asked.digest, agreement.hash, roll(connection, agreement), now())
        before = words_on(connection, asked.digest)
        if signed in before or signed not in newest_of_each([*before, signed]):
            raise RotationRefused(
                "The word is not recorded",
                where=f"rotation {asked.digest[:12]}",
                why="a newer one of this officer, or this very one, is recorded already",
                fix="Say it anew if it is to change",
            )
        row = {"digest": said.digest, "rotation": asked.digest, "document": said.canonical().decode()}
        connection.execute(insert(WordRow).values(row | {"signature": signed.signature, "recorded_at": now()}))
        detail = {"verdict": str(said.verdict), "word": said.digest, "rotation": asked.digest}
        append(connection, _entry(settings, Action.DECIDE_ROTATION, said.reason, detail, said.officer))
        checkpoint(connection, log_signer(settings, open_ring(settings, Service.OFFICER)))
    return signed


def agreed_by(connection: Connection, agreement: Agreement, rotation: str) -> tuple[str, ...]:
    """The authorities whose officers let a rotation go on now; raises WordRefused (``word.require_two``).

    The caller has seen to it that the agreement is in force.
    """
    return require_two(
        words_on(connection, rotation),
        rotation,
        agreement.hash,
        roll=roll(connection, agreement),
        logged=_logged(connection, rotation),
        now=now(),
    )


def rotations(connection: Connection) -> list[Asked]:
    """Every rotation that was asked for, newest first."""
    rows = connection.execute(
        select(RotationRow.document, RotationRow.finished_at).order_by(RotationRow.asked_at.desc())
    )
    return [Asked(Rotation.model_validate_json(row.document), row.finished_at) for row in rows]


def find(connection: Connection, digest: str, *, lock: bool = False) -> Asked:
    """A rotation by its digest, or by its first 8 digits or more; raises RotationRefused."""
    query = select(RotationRow.digest).where(RotationRow.digest.startswith(digest, autoescape=True))
    known = connection.execute(query.with_for_update() if lock else query).scalars().all()
    if len(digest) < 8 or len(known) != 1:
        raise RotationRefused(
            "There is no such rotation", where="the rotations", why="none has this hash", fix="See hub keys rekey list"
        )
    return next(asked for asked in rotations(connection) if asked.digest == known[0])


def words_on(connection: Connection, rotation: str) -> list[SignedWord]:
    """Every recorded word on a rotation, oldest first."""
    query = select(WordRow.document, WordRow.signature).where(WordRow.rotation == rotation)
    rows = connection.execute(query.order_by(WordRow.recorded_at))
    return [SignedWord.parse(row.document, bytes(row.signature)) for row in rows]


def _ending(rotation: Rotation) -> dict[str, str]:
    return {"overlap": rotation.overlap} if rotation.overlap else {}


@contextmanager
def logging_rotation_refusals(settings: Settings) -> Iterator[None]:
    """Log what is refused within the block, and let the refusal go on."""
    with logging_refusals(settings, action=Action.REFUSE_ROTATION):
        yield


def _logged(connection: Connection, rotation: str) -> frozenset[str]:
    """The digests of the words that the log knows, in entries that stand under a signed checkpoint."""
    last = newest_checkpoint(connection)
    said = stream(connection, Filter(action=Action.DECIDE_ROTATION), size=last.checkpoint.size if last else 0)
    details = (entry.said["detail"] for entry in said)
    return frozenset(str(detail["word"]) for detail in details if detail["rotation"] == rotation)


def _entry(settings: Settings, action: Action, reason: str, detail: dict[str, str], actor: str) -> Entry:
    return Entry(action=action, actor=actor, justification=reason, code_commit=settings.code_commit, detail=detail)
