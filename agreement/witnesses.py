"""Who witnesses the log by the agreement, where they are, and whether enough of them vouch for it."""

import base64
from datetime import timedelta

from agreement.errors import LogNotVerified
from agreement.model import Agreement
from agreement.policy import load_agreement
from audit.cosignatures import Quorum, Witness
from audit.log import checkpoint
from audit.verify import Verification, remember, verify
from audit.witnessing import Sent, send
from hub.clock import now
from hub.database import transaction
from hub.errors import ConfigurationError
from hub.settings import Settings
from keys.home import log_signer, log_verifiers
from keys.ring import KeyRing


def witnesses(agreement: Agreement) -> dict[str, Witness]:
    """The witness of each authority that has one.

    1. A key counts once its own party has signed the text that states it.
    2. A key that two parties state counts for the first alone: one key has one voice.
    """
    keys = {
        base64.b64decode(party.witness_key): party.authority
        for party in reversed(agreement.parties)
        if party.witness_key and party.authority in agreement.signed_by  # (1)
    }
    named = {authority: Witness(f"{authority}.witness", key) for key, authority in keys.items()}  # (2)
    return {party.authority: named[party.authority] for party in agreement.parties if party.authority in named}


def quorum(agreement: Agreement) -> Quorum:
    """Whose cosignatures the log needs, how many, and how soon."""
    every = tuple(witnesses(agreement).values())
    return Quorum(every, agreement.log.cosignatures, timedelta(hours=agreement.log.within_hours))


def addresses(settings: Settings, agreement: Agreement) -> dict[Witness, str]:
    """Where each witness answers: the setting ``endpoints``, else what the agreement states.

    Raises ConfigurationError for a witness that has no address.
    """
    return {witness: _address(settings, agreement, authority) for authority, witness in witnesses(agreement).items()}


def _address(settings: Settings, agreement: Agreement, authority: str) -> str:
    party = agreement.party(authority)
    address = settings.endpoints.get(f"witness.{authority}") or (party and party.witness_url)
    if not address:
        raise ConfigurationError(
            "A witness has no address",
            where=f"endpoints, witness.{authority}",
            why="neither the settings nor the agreement say where it answers",
            fix="Add it to the home's local.yaml",
        )
    return address


def sign_for_witnesses(settings: Settings, ring: KeyRing) -> list[str]:
    """Sign the log as it stands; the authorities whose witnesses are to see it."""
    with transaction(settings) as connection:
        checkpoint(connection, log_signer(settings, ring))
    return list(witnesses(load_agreement(settings)))


def send_to(settings: Settings, authority: str) -> Sent:
    """Have one authority's witness cosign the newest checkpoint; raises as ``audit.witnessing.send``."""
    agreement = load_agreement(settings)
    return send(settings, witnesses(agreement)[authority], _address(settings, agreement, authority))


def verify_and_remember(settings: Settings, ring: KeyRing) -> Verification:
    """Verify the whole log with its quorum and remember what was found; raises LogNotVerified if anything is wrong."""
    verifiers, needed = log_verifiers(settings, ring), quorum(load_agreement(settings))
    with transaction(settings) as connection:
        found = verify(connection, *verifiers, quorum=needed, at=now())
        remember(connection, found)
    if not found.verified:
        raise LogNotVerified(
            "The log does not verify",
            where="hub audit verify",
            why=found.problems[0].rstrip("."),
            fix="Let nothing be published, and compare with the witnesses' copies",
        )
    return found
