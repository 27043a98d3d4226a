"""Taking back a published release by an officer's order. What a recipient was given is for the recipient to destroy."""

from sqlalchemy import Connection

from audit.events import Action, Entry
from audit.log import append, checkpoint
from hub.database import transaction
from hub.settings import Settings
from keys.home import log_signer, open_ring
from keys.services import Service
from publish import folders
from publish.errors import PublicationRefused
from publish.order import Act
from publish.ordering import Officer, detail, give
from publish.refusals import logging_refusals
from publish.releases import Release, find
from publish.withdrawing import withdraw
from store.files import remove


def take_back(settings: Settings, name: str, officer: Officer) -> Release:
    """Withdraw a published release.

    1. An appointed officer orders it, with a reason (``publish.ordering``).
    2. The order, the register and the log know it in one transaction, under a signed checkpoint; from then on neither
       SQL nor the interface gives a row of it (``publish.withdrawing``).
    3. Then its plain files are deleted. Killed before, running this again does it, without a new order; so does the
       nightly retention.

    Raises PublicationRefused, OrderRefused, SigningRefused and AgreementRefusal; each is logged.
    """
    with logging_refusals(settings, action=Action.REFUSE_ORDER):
        with transaction(settings) as connection:
            found = find(connection, name, lock=True)
            _require_published(found)
            if found.state == "published":
                order = give(settings, connection, officer, Act.WITHDRAW, found.name)  # (1)
                withdraw(settings, connection, found.name, order.officer, order.reason, detail(order))  # (2)
                _sign(settings, connection)
        with transaction(settings) as connection:
            found = find(connection, name, lock=True)
            if any([remove(found.uri), remove(folders.partial(found.uri))]):  # (3)
                append(connection, _files_gone(settings, found))
                _sign(settings, connection)
    return found


def _require_published(release: Release) -> None:
    if release.published_at is None:
        raise PublicationRefused(
            "The release is not withdrawn",
            where=release.name,
            why="it is a candidate, which nobody was given",
            fix="Refuse it: hub release refuse",
        )


def _files_gone(settings: Settings, release: Release) -> Entry:
    detail = {"files": 0, "keys_tried": 0, "opened": 0, "releases": 1}
    code = settings.code_commit
    return Entry(action=Action.ERASE_FILES, actor=settings.actor, release=release.name, code_commit=code, detail=detail)


def _sign(settings: Settings, connection: Connection) -> None:
    checkpoint(connection, log_signer(settings, open_ring(settings, Service.OFFICER)))
