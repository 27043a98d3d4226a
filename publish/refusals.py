"""Every refused act of publication is an entry in the log, whoever tried it."""

from collections.abc import Iterator
from contextlib import contextmanager

from agreement.errors import AgreementRefusal
from audit.events import Action, Entry
from audit.log import append, checkpoint
from hub.database import transaction
from hub.errors import ConfigurationError, DatabaseError, HubError
from hub.settings import Settings
from keys.errors import KeyRingError
from keys.home import log_signer, open_ring
from keys.ring import KeyRing
from keys.services import Service

ONE_LINE = 300


@contextmanager
def logging_refusals(
    settings: Settings,
    release: str | None = None,
    period: str | None = None,
    recipient: str | None = None,
    action: Action = Action.REFUSE_PUBLISH,
    **about: str | None,
) -> Iterator[None]:
    """Log a refusal raised in the block, in a transaction of its own, and let it go on.

    It is logged as ``action``, or as the agreement's if that is what refuses; a refused reading always as one.
    ``about`` is what else the entry says.
    """
    try:
        yield
    except DatabaseError:
        raise
    except HubError as refusal:
        by_agreement = isinstance(refusal, AgreementRefusal) and action is not Action.REFUSE_READ
        entry = Entry(
            action=Action.REFUSE_AGREEMENT if by_agreement else action,
            actor=settings.actor,
            release=release,
            period=period,
            recipient=recipient,
            clause=refusal.clause if isinstance(refusal, AgreementRefusal) else None,
            justification=_one_line(refusal),
            code_commit=settings.code_commit,
            **about,  # type: ignore[arg-type]  # names of the entry's texts
        )
        _log(settings, entry)
        raise


def _log(settings: Settings, entry: Entry) -> None:
    ring = _ring(settings)
    with transaction(settings) as connection:
        append(connection, entry)
        if ring is not None:
            checkpoint(connection, log_signer(settings, ring))


def _ring(settings: Settings) -> KeyRing | None:
    """The ring to sign with; without one, which may be the very ground of the refusal, the entry awaits the next."""
    try:
        return open_ring(settings, Service.PUBLISH)
    except (KeyRingError, ConfigurationError):
        return None


def _one_line(refusal: HubError) -> str:
    return " ".join(f"{refusal.what} in {refusal.where}: {refusal.why}".split())[:ONE_LINE]
