"""Who asks: every route but the interface's own description asks for a token first."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from api.claims import Caller, Scope, refused
from api.errors import ApiRefused, TooMany
from api.limits import Buckets
from api.revoking import is_revoked
from api.serving import Shelf
from api.verifying import Issuer, verify
from audit.events import Action
from hub.clock import now
from hub.database import transaction
from publish.refusals import logging_refusals

REFUSALS_PER_MINUTE = 60  # of one address; the log is not filled by whoever has no token
_bearer = HTTPBearer(auto_error=False, bearerFormat="JWT", description="A token of the partnership's issuer.")
Shown = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


@dataclass(frozen=True)
class Door:
    """Who is let in: those with a token of the issuer that stretches to what they ask, as often as the buckets say."""

    shelf: Shelf
    issuer: Issuer
    readers: Buckets
    strangers: Buckets

    def admit(self, token: str | None, address: str, scope: Scope) -> Caller:
        """Whoever shows the token.

        1. It counts (``verify``) and stretches to the scope; what is refused is logged.
        2. An address that is refused too often is put off before it is looked at, and that is not logged again.
        3. A reader who asks too often is put off.

        Raises TokenRefused, ScopeMissing or TooMany.
        """
        try:
            caller = self._caller(token, scope)
        except ApiRefused as refusal:
            self._wait(self.strangers, address)  # (2)
            with logging_refusals(self.shelf.settings, action=Action.REFUSE_TOKEN):  # (1)
                raise refusal from None
        self._wait(self.readers, caller.subject)  # (3)
        return caller

    def _caller(self, token: str | None, scope: Scope) -> Caller:
        if not token:
            raise refused("there is none")
        caller = verify(token, self.issuer, self._revoked)
        caller.require(scope)
        return caller

    def _revoked(self, token: str) -> bool:
        with transaction(self.shelf.settings) as connection:
            return is_revoked(connection, token)

    def _wait(self, buckets: Buckets, who: str) -> None:
        seconds = buckets.wait_s(who)
        if seconds:
            raise TooMany(
                "Too many requests",
                where="the last minute",
                why="they were more than one reader may send",
                fix="Wait as long as Retry-After says",
                again_at=now() + timedelta(seconds=seconds),
            )


def asking(scope: Scope) -> Callable[..., Caller]:
    """The dependency of a route that needs this scope."""

    def caller(request: Request, shown: Shown) -> Caller:
        door: Door = request.app.state.door
        address = request.client.host if request.client else "unknown"
        return door.admit(shown.credentials if shown else None, address, scope)

    return caller
