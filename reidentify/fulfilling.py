"""Fulfilment: from a request that two authorities approved to a sealed file for each whose records are meant."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PublicKey
from sqlalchemy import Connection, insert

from agreement.archive import enact
from agreement.feed_rules import provider
from agreement.policy import permit_reidentification
from audit.events import Action, Entry
from audit.log import checkpoint
from audit.subjects import disclose
from hub.database import transaction
from hub.settings import Settings
from hub.traces import leaving_no_values
from keys.home import log_signer
from keys.ring import KeyRing
from keys.services import Service
from publish.appointment import Appointment
from publish.refusals import logging_refusals
from reidentify import envelope
from reidentify.asking import standing_now
from reidentify.finding import Found, find_records
from reidentify.logged import digests, fulfilled_of, require_sound_log
from reidentify.models import EnvelopeRow
from reidentify.opening import references_of
from reidentify.outbox import hand_out
from reidentify.proving import Standing, not_fulfilled, require_within_limit, verify_approvals, verify_request
from reidentify.statements import Request, Signed, Word
from reidentify.stored import Kept, State, end, find_request, words_on
from reidentify.target import HUB


@dataclass(frozen=True)
class Fulfilled:
    """A request that was fulfilled: the file of each authority in its outbox."""

    request: str
    files: Mapping[str, str]


@leaving_no_values
def fulfil(settings: Settings, ring: KeyRing, start: str) -> Fulfilled:
    """Send each authority its own references that the request whose hash begins so means, sealed to it.

    That somebody runs this is no evidence of anything, so everything is proved here, at the effect:

    1. The whole log verifies, and knows the request and every word on it; it knows of no fulfilment.
    2. The request counts now, and is about whom it committed to (``proving.verify_request``).
    3. Two officers of two authorities approved it, and none refused (``proving.verify_approvals``).
    4. The agreement permits it of every feed that is named, today (``permit_reidentification``; DPA 2018 s.171).
    5. No more of the officer's requests were fulfilled in 24 hours than may be made.

    Then, in an order in which nothing leaves before its disclosure is in the log:

    6. In one transaction: the references are opened and sealed to their authority, the request ends, and the log's
       entries say what goes to whom, with whose data it is, signed. Killed before its commit: nothing happened.
    7. The sealed files are put into the outboxes, and forgotten here. Killed before: the rerun does it, and opens
       nothing.

    Raises RequestRefused, WordRefused, FulfilmentRefused or AgreementRefusal; each is logged.
    """
    ring = ring.serving(Service.REIDENTIFY)
    with logging_refusals(settings, action=Action.REFUSE_REIDENTIFICATION):
        with transaction(settings) as connection:
            found = find_request(connection, start, lock=True)
            if found.state is not State.FULFILLED:
                _disclose(settings, ring, connection, found)
        with transaction(settings) as connection:
            files = hand_out(settings, connection, found.digest)  # (7)
        if not files:
            raise not_fulfilled(found.digest, "it was fulfilled before, and its files were handed out", "Ask anew")
        return Fulfilled(found.digest, files)


def _disclose(settings: Settings, ring: KeyRing, connection: Connection, kept: Kept) -> None:
    """Steps 1 to 6, within the transaction that locks the request."""
    words, standing = words_on(connection, kept.digest), standing_now(settings, connection)
    said = kept.asked.statement
    _require_known(settings, ring, connection, kept, words)  # (1)
    verify_request(kept.asked, kept.target, standing)  # (2)
    verify_approvals(words, kept.asked, standing)  # (3)
    permit_reidentification(standing.agreement, said.feeds, said.purpose, standing.now.date())  # (4)
    require_within_limit([*fulfilled_of(connection, said.officer).values()], said, standing)  # (5)
    if kept.target is None:
        raise not_fulfilled(kept.digest, "whom it was about is forgotten", "Ask anew")
    found = find_records(settings, connection, ring, kept.target, said.feeds)
    if not found:
        why = "no record that is held now is meant: it may be of another feed, barred, restricted or under another id"
        if kept.target.under != HUB:
            why += f", or under a version of {kept.target.under}'s key that was retired"
        raise not_fulfilled(kept.digest, why, "Ask anew with the id in the newest release")
    enact(connection, standing.agreement, settings.actor, settings.code_commit, standing.now)
    for authority, own in groupby(sorted(found, key=lambda each: each.feed), key=lambda each: provider(each.feed)):
        _seal_to(settings, ring, connection, kept.asked, words, standing, authority, tuple(own))
    end(connection, kept.digest, State.FULFILLED)
    checkpoint(connection, log_signer(settings, ring))


def _require_known(
    settings: Settings, ring: KeyRing, connection: Connection, kept: Kept, words: Sequence[Signed[Word]]
) -> None:
    """Rule 1: the log, which is believed over every table, knows what is kept here, and no more of it."""
    require_sound_log(settings, ring, connection, kept.digest)
    if kept.state is State.REFUSED:
        raise not_fulfilled(kept.digest, "an officer refused it", "Ask anew, with what was missing")
    said, known = kept.asked.statement.digest, digests(connection, Action.ASK_REIDENTIFICATION, "request")
    if said != kept.digest or known.count(said) != 1:
        raise not_fulfilled(kept.digest, "the log does not know this very request, once", "Find out who changed it")
    spoken = digests(connection, Action.DECIDE_REIDENTIFICATION, "word")
    if any(spoken.count(word.statement.digest) != 1 for word in words):
        raise not_fulfilled(kept.digest, "the log does not know each word on it, once", "Find out who changed them")
    if digests(connection, Action.DECIDE_REIDENTIFICATION, "request").count(said) != len(words):
        raise not_fulfilled(kept.digest, "the log knows of words on it that are gone", "Find out who took them out")
    if said in digests(connection, Action.REIDENTIFY, "request"):
        raise not_fulfilled(kept.digest, "the log knows that it was fulfilled before", "Ask anew")


def _seal_to(
    settings: Settings,
    ring: KeyRing,
    connection: Connection,
    asked: Signed[Request],
    words: Sequence[Signed[Word]],
    standing: Standing,
    authority: str,
    own: Sequence[Found],
) -> None:
    """Seal one authority's references to it, and log the disclosure, an entry a feed."""
    party = standing.agreement.party(authority)
    public = X25519PublicKey.from_public_bytes(base64.b64decode(party.sealing_key or "" if party else ""))
    content = envelope.seal(
        authority,
        public,
        standing.now,
        asked.document(),
        asked.statement.digest,
        [word.document() for word in words],
        [word.document().decode() for word in _appointments(asked, words, standing)],
        references_of(standing.agreement, ring, own),
    )
    row = {"request": asked.statement.digest, "authority": authority, "content": content}
    digest = sha256(content).hexdigest()
    connection.execute(insert(EnvelopeRow).values(row | {"sha256": digest}))
    for found in own:
        disclose(connection, _entry(settings, asked.statement, authority, found, digest), found.persons)


def _appointments(asked: Signed[Request], words: Sequence[Signed[Word]], standing: Standing) -> list[Appointment]:
    """The appointments of who asked and of who approved, each once: what the authority proves the signatures by."""
    held = [*standing.speaking(asked, asked.statement.requested_at)]
    for word in words:
        held += standing.speaking(word, word.statement.said_at)
    return list({appointment.digest: appointment for appointment in held}.values())


def _entry(settings: Settings, said: Request, authority: str, found: Found, digest: str) -> Entry:
    """One disclosure for each feed (DPA 2018 s.62(1)(d), (3)): to whom, what for, under which law, how many."""
    return Entry(
        action=Action.REIDENTIFY,
        actor=settings.actor,
        feed=found.feed,
        recipient=authority,
        columns=("reference",),
        rows=len(found.sealed),
        purpose=said.purpose,
        clause=said.clause,
        justification=said.reason,
        agreement_hash=said.agreement_hash,
        code_commit=settings.code_commit,
        detail={"request": said.digest, "act": f"{said.digest}/{found.feed}", "sha256": digest},
    )
