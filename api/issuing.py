"""The hub's own issuer of tokens, for where the partnership has no other: demonstrations, and small partnerships."""

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from jwt.utils import base64url_encode

from agreement.model import Agreement
from api.claims import Scope, caller_of
from api.verifying import audience, own_name
from audit.events import Action, Entry
from audit.log import append, checkpoint
from hub.clock import now
from hub.database import transaction
from hub.errors import ConfigurationError
from hub.settings import Settings
from keys.home import log_signer
from keys.purposes import Purpose
from keys.ring import KeyRing
from publish.officers import agreement_in_force


@dataclass(frozen=True)
class Issued:
    """A token and its id; ``repr`` does not show the token, which opens what its reader may see."""

    id: str
    ends_at: datetime
    token: str = field(repr=False)


def issue(
    settings: Settings,
    ring: KeyRing,
    reader: str,
    *,
    recipient: str,
    purposes: Sequence[str],
    scopes: Sequence[Scope] = tuple(Scope),
    hours: int = 8,
) -> Issued:
    """A token for a reader, signed with the hub's own issuer key, which is made the first time; the log knows of both.

    1. The settings name no other issuer.
    2. An agreement is in force, and gives the recipient these purposes.
    3. The token says what one has to say, or it is not issued (``caller_of``).

    Raises ConfigurationError, AgreementRefusal or TokenRefused.
    """
    if settings.token_issuer or settings.token_keys:  # (1)
        raise _refused("token_issuer", "the settings name another issuer", "Ask that one for tokens")
    _require_given(agreement_in_force(settings), recipient, purposes)  # (2)
    at, token_id = now(), secrets.token_urlsafe(16)
    ends_at = at + timedelta(hours=hours)
    claims = {
        "iss": own_name(settings),
        "aud": audience(settings),
        "sub": reader,
        "recipient": recipient,
        "purposes": list(purposes),
        "scope": " ".join(scopes),
        "iat": int(at.timestamp()),
        "nbf": int(at.timestamp()),
        "exp": int(ends_at.timestamp()),
        "jti": token_id,
    }
    token = caller_of(claims).token  # (3)
    with transaction(settings) as connection:
        if not ring.has(Purpose.ISSUER):
            made = ring.create(Purpose.ISSUER)
            append(connection, _entry(settings, Action.CREATE_KEY, key=made.id))
        told = _entry(settings, Action.ISSUE_TOKEN, token=token, hours=hours, reader=f"reader:{reader}")
        why = "issued by the hub itself"
        append(connection, replace(told, recipient=recipient, purpose=", ".join(purposes), justification=why))
        signed = _signed(ring, claims)
        checkpoint(connection, log_signer(settings, ring))
    return Issued(token_id, ends_at, signed)


def _signed(ring: KeyRing, claims: dict[str, object]) -> str:
    """Compact form (RFC 7515 section 7.1). The ring signs: its key is handed to no library."""
    signer = ring.signer(Purpose.ISSUER)
    header = {"alg": "EdDSA", "kid": signer.key_id, "typ": "JWT"}
    parts = b".".join(base64url_encode(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    return b".".join([parts, base64url_encode(signer.sign(parts))]).decode()


def _require_given(agreement: Agreement, recipient: str, purposes: Sequence[str]) -> None:
    held = agreement.recipients.get(recipient)
    if held is None:
        named = ", ".join(agreement.recipients)
        raise _refused("--recipient", f"the agreement names no such recipient; it names {named}", "Name one of these")
    if not purposes or not set(purposes) <= set(held.purposes):
        given = ", ".join(held.purposes)
        raise _refused("--purpose", f"the agreement gives {recipient} these purposes: {given}", "State one of these")


def _entry(settings: Settings, action: Action, **detail: str | int) -> Entry:
    why, commit = "for the interface", settings.code_commit
    return Entry(action=action, actor=settings.actor, justification=why, code_commit=commit, detail=detail)


def _refused(where: str, why: str, fix: str) -> ConfigurationError:
    return ConfigurationError("The token is not issued", where=where, why=why, fix=fix)
