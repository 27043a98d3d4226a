"""What the filters of the entries offer to choose from, found quickly however long the log is."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from agreement.model import Agreement
from audit.events import Action
from audit.query import distinct
from publish.models import ReleaseRow
from store.models import DeliveryRow

Offered = Mapping[str, tuple[str, ...]]


def offered(connection: Connection, agreement: Agreement) -> Offered:
    """The values of each filter, in order.

    1. What the log has an index of is taken from the log: actors, actions and their parts, feeds, releases.
    2. The rest would need every entry to be read. Quarters are those of deliveries and releases, purposes and
       recipients those of the agreement; others can be typed.
    """
    found = {name: distinct(connection, name) for name in ("actor", "action", "feed", "release")}  # (1)
    actions = [Action(action) for action in found["action"]]
    found["source"] = _sorted(action.source for action in actions)
    found["subject"] = _sorted(action.subject for action in actions)
    found["verb"] = _sorted(str(action.verb) for action in actions)
    found["authority"] = _sorted(feed.partition(".")[0] for feed in found["feed"])
    found["period"] = _quarters(connection)  # (2)
    found["purpose"] = _sorted(purpose.id for purpose in agreement.purposes)
    found["recipient"] = _sorted(agreement.recipients)
    found["outcome"] = ("done", "refused")
    return found


def _quarters(connection: Connection) -> tuple[str, ...]:
    known = select(DeliveryRow.period).union(select(ReleaseRow.quarter))
    return _sorted(connection.execute(known).scalars())


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))
