"""Revoking a token: from then on it is refused, and the log says so."""

from typing import cast

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects.postgresql import insert

from api.claims import digest
from api.models import RevokedTokenRow
from api.verifying import own_name
from audit.events import Action, Entry
from audit.log import append, checkpoint
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from keys.home import log_signer
from keys.ring import KeyRing

TABLE = cast(Table, RevokedTokenRow.__table__)


def revoke(settings: Settings, ring: KeyRing, token_id: str, reason: str) -> str:
    """Revoke a token by its id (jti), whoever issued it; returns what the log calls it."""
    token = digest(own_name(settings), token_id)
    entry = Entry(
        action=Action.REVOKE_TOKEN,
        actor=settings.actor,
        justification=reason,
        code_commit=settings.code_commit,
        detail={"token": token},
    )
    with transaction(settings) as connection:
        row = {"token": token, "revoked_at": now()}
        connection.execute(insert(TABLE).values(row).on_conflict_do_nothing())
        append(connection, entry)
        checkpoint(connection, log_signer(settings, ring))
    return token


def is_revoked(connection: Connection, token: str) -> bool:
    """Whether a token is on the list."""
    return connection.execute(select(TABLE.c.token).where(TABLE.c.token == token)).first() is not None
