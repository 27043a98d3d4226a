"""Asking, and an officer's word on what is asked: proved, kept and logged in one transaction, or refused and logged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from agreement.archive import enact
from agreement.policy import permit_reidentification
from agreement.signing import private_key
from audit.events import Action, Entry
from audit.log import append, checkpoint
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from keys.home import log_signer, open_ring
from keys.services import Service
from publish.officers import agreement_in_force, roll
from publish.refusals import logging_refusals
from reidentify import statements
from reidentify.errors import RequestRefused, WordRefused
from reidentify.logged import asked_by, digests
from reidentify.proving import Standing, require_within_limit, short, verify_request, verify_word
from reidentify.statements import Request, Signed, Verdict, Word, sign
from reidentify.stored import (
    Kept,
    State,
    end,
    find_request,
    forget,
    is_kept,
    keep_request,
    keep_word,
    words_on,
)
from reidentify.target import Target


@dataclass(frozen=True, repr=False)
class Officer:
    """Who signs: a name as registered, and the private key (PEM). Never shown."""

    name: str
    key: bytes
    passphrase: bytes | None = None


def ask(
    settings: Settings, officer: Officer, target: Target, feeds: Sequence[str], purpose: str, clause: str, reason: str
) -> Signed[Request]:
    """Sign a request as an officer, and record it; raises as ``record_request``, SigningRefused for an unusable key."""
    with logging_refusals(settings, action=Action.REFUSE_REIDENTIFICATION):
        agreement, at = agreement_in_force(settings), now()
        permit_reidentification(agreement, feeds, purpose, at.date())
        terms = agreement.reidentification
        asked = statements.request(
            agreement_hash=agreement.hash,
            officer=officer.name,
            reason=reason,
            about=target.about,
            target=target.commitment,
            feeds=tuple(sorted(set(feeds))),
            purpose=purpose,
            clause=clause,
            requested_at=at,
            expires_at=at + timedelta(days=terms.valid_days if terms else 0),
        )
        signed = sign(asked, private_key(officer.key, officer.passphrase))
    record_request(settings, signed, target)
    return signed


def record_request(settings: Settings, asked: Signed[Request], target: Target) -> None:
    """Keep a request that was signed here or elsewhere, and log it.

    1. It counts now (``proving.verify_request``).
    2. The agreement permits it of every feed that it names (DPA 2018 s.171).
    3. It was never recorded before: neither the table nor the log knows it.
    4. Its officer has not asked as often as the agreement allows already (``proving.require_within_limit``).

    Raises RequestRefused or AgreementRefusal; each is logged.
    """
    said = asked.statement
    with logging_refusals(settings, action=Action.REFUSE_REIDENTIFICATION), transaction(settings) as connection:
        standing = standing_now(settings, connection)
        verify_request(asked, target, standing)  # (1)
        permit_reidentification(standing.agreement, said.feeds, said.purpose, standing.now.date())  # (2)
        if is_kept(connection, said.digest) or said.digest in digests(
            connection, Action.ASK_REIDENTIFICATION, "request"
        ):  # (3)
            where = f"request {short(said.digest)}"
            raise RequestRefused("The request is refused", where=where, why="it was made before", fix="Ask anew")
        require_within_limit(asked_by(connection, said.officer), said, standing)  # (4)
        forget(connection)
        keep_request(connection, asked, target)
        enact(connection, standing.agreement, settings.actor, settings.code_commit, standing.now)
        append(connection, _asked_entry(settings, said))
        _sign_log(settings, connection)


def decide(settings: Settings, start: str, officer: Officer, verdict: Verdict, reason: str) -> Signed[Word]:
    """Sign a word on the request whose hash begins so, and record it; raises as ``record_word``."""
    with logging_refusals(settings, action=Action.REFUSE_REIDENTIFICATION):
        with transaction(settings) as connection:
            found = find_request(connection, start)
        said = statements.word(
            agreement_hash=agreement_in_force(settings).hash,
            officer=officer.name,
            reason=reason,
            request=found.asked.statement.digest,
            verdict=verdict,
            said_at=now(),
        )
        signed = sign(said, private_key(officer.key, officer.passphrase))
    record_word(settings, signed)
    return signed


def record_word(settings: Settings, given: Signed[Word]) -> None:
    """Keep an officer's word that was signed here or elsewhere, and log it. One that refuses ends the request.

    1. The request awaits words: it was neither refused nor fulfilled, and counts itself.
    2. The word counts (``proving.verify_word``).
    3. Its officer has not spoken on the request yet: what was said stands.

    Raises WordRefused, RequestRefused or AgreementRefusal; each is logged.
    """
    said = given.statement
    with logging_refusals(settings, action=Action.REFUSE_REIDENTIFICATION), transaction(settings) as connection:
        found = find_request(connection, said.request, lock=True)
        standing = standing_now(settings, connection)
        _require_awaiting(found, said)  # (1)
        verify_request(found.asked, found.target, standing)  # (1)
        verify_word(given, found.asked, standing)  # (2)
        if any(each.statement.officer == said.officer for each in words_on(connection, found.digest)):  # (3)
            raise _not_recorded(said, "this officer has spoken on it already")
        keep_word(connection, given)
        if said.verdict is Verdict.REFUSE:
            end(connection, found.digest, State.REFUSED)
        append(connection, _word_entry(settings, found.asked.statement, said))
        _sign_log(settings, connection)


def standing_now(settings: Settings, connection: Connection) -> Standing:
    """What statements are held against now; raises AgreementRefusal where no agreement is in force."""
    agreement = agreement_in_force(settings)
    return Standing(agreement, roll(connection, agreement), now())


def _require_awaiting(found: Kept, said: Word) -> None:
    if found.state is not State.ASKED:
        raise _not_recorded(said, f"the request is {found.state} already")


def _not_recorded(said: Word, why: str) -> WordRefused:
    where = f"the word of {said.officer} on request {short(said.request)}"
    return WordRefused("The word is not recorded", where=where, why=why, fix="See hub reidentify show")


def _asked_entry(settings: Settings, said: Request) -> Entry:
    return Entry(
        action=Action.ASK_REIDENTIFICATION,
        actor=said.officer,
        feed=said.feeds[0] if len(said.feeds) == 1 else None,
        purpose=said.purpose,
        clause=said.clause,
        justification=said.reason,
        agreement_hash=said.agreement_hash,
        code_commit=settings.code_commit,
        detail={"request": said.digest, "about": said.about, "feeds": len(said.feeds)},
    )


def _word_entry(settings: Settings, asked: Request, said: Word) -> Entry:
    return Entry(
        action=Action.DECIDE_REIDENTIFICATION,
        actor=said.officer,
        purpose=asked.purpose,
        clause=asked.clause,
        justification=said.reason,
        agreement_hash=said.agreement_hash,
        code_commit=settings.code_commit,
        detail={"request": asked.digest, "word": said.digest, "verdict": str(said.verdict)},
    )


def _sign_log(settings: Settings, connection: Connection) -> None:
    checkpoint(connection, log_signer(settings, open_ring(settings, Service.OFFICER)))
