"""What the filters of the entries offer to choose from, found quickly however long the log is."""

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, select

from agreement.model import Agreement
from audit.events import Action
from audit.query import distinct
from hub.feeds import AUTHORITIES
from publish.models import ReleaseRow
from schemas.published import MODELS
from store.models import DeliveryRow

Offered = Mapping[str, tuple[str, ...]]
TYPED = ("actor", "delivery", "period", "purpose", "recipient")  # filters that take a value which is not offered too


def offered(connection: Connection, agreement: Agreement) -> Offered:
    """The values of each filter, in order.

    No index tells all values that entries have, so they are taken from where they come from. Only for actors,
    deliveries and feeds the newest entries are asked (``audit.query.distinct``).
    """
    return {
        "authority": tuple(dict.fromkeys((*AUTHORITIES, *(party.authority for party in agreement.parties)))),
        "actor": distinct(connection, "actor"),
        "verb": _sorted(str(action.verb) for action in Action),
        "release": _sorted(connection.execute(select(ReleaseRow.name)).scalars())[::-1],
        "period": _sorted(connection.execute(select(DeliveryRow.period).union(select(ReleaseRow.quarter))).scalars()),
        "feed": _sorted([*agreement.feeds, *distinct(connection, "feed")]),
        "delivery": distinct(connection, "delivery"),
        "table": tuple(MODELS),
        "source": _sorted(action.source for action in Action),
        "subject": _sorted(action.subject for action in Action),
        "action": _sorted(map(str, Action)),
        "purpose": _sorted(purpose.id for purpose in agreement.purposes),
        "recipient": _sorted(agreement.recipients),
        "outcome": ("done", "refused"),
    }


def _sorted(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))
