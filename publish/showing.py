"""What each recipient sees in PostgreSQL, made from the agreement and from the releases that are published."""

from sqlalchemy import Connection

from agreement.archive import enact
from agreement.model import Agreement
from audit.log import checkpoint
from hub.clock import now
from hub.database import transaction
from hub.settings import Settings
from keys.home import log_signer
from keys.ring import KeyRing
from publish import database
from publish.officers import agreement_in_force
from publish.releases import in_state


def show_newest(connection: Connection, agreement: Agreement, recipient: str) -> int:
    """Make a recipient's rights and views anew, in the caller's transaction; says of how many releases.

    The views show the release of the latest quarter, of this the latest version; what is withdrawn is shown to nobody.
    """
    published = sorted(in_state(connection, "published", recipient), key=lambda each: (each.quarter, each.version))
    database.open_to(connection, agreement, [release.manifest for release in published], recipient)
    return len(published)


def show_all(settings: Settings, ring: KeyRing) -> dict[str, int]:
    """Make the rights of every recipient anew, as after a change of the agreement; says of how many releases each.

    A recipient whom the agreement names no more is left with nothing. Raises AgreementRefusal where none is in force:
    the term of the last one, which the database knows, has closed the tables by then.
    """
    agreement = agreement_in_force(settings)
    with transaction(settings) as connection:
        enact(connection, agreement, settings.actor, settings.code_commit, now())
        known = sorted({*agreement.recipients, *recipients(connection)})
        shown = {recipient: show_newest(connection, agreement, recipient) for recipient in known}
        checkpoint(connection, log_signer(settings, ring))
    return shown


def recipients(connection: Connection) -> list[str]:
    """Everybody for whom a release was ever built."""
    found = connection.exec_driver_sql("SELECT DISTINCT recipient FROM hub.release ORDER BY 1")
    return list(found.scalars())
