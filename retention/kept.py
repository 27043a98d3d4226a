"""Everything that is kept under a key that still is, or lies open: read from the database."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, select

from agreement.archive import versions
from assessment.public.kept import CANDIDATE, RELEASE
from disclosure.remembered import REMEMBERED
from publish.releases import TABLE
from retention.due import Kept, Kind
from store.deliveries import State
from store.kept import PARTS, key_id
from store.models import DataKeyRow, DeliveryRow

_NOTHING_KEPT = frozenset({State.REFUSED, State.REPEATED})


def retention_days(connection: Connection) -> Mapping[str, int]:
    """How many days each zone may be kept, by the agreement that was last acted under; none before the first act.

    A file that somebody edited, and that nothing was done under yet, shreds nothing.
    """
    last = next(iter(versions(connection)), None)
    found: Mapping[str, int] = last.terms["retention_days"] if last else {}
    return found


def everything_kept(connection: Connection) -> Iterator[Kept]:
    """Each part of each delivery, candidate and release that was not erased yet, and what is remembered of those."""
    alive = set(connection.execute(select(DataKeyRow.id).where(DataKeyRow.wrapped.is_not(None))).scalars())
    for delivery in connection.execute(select(DeliveryRow).order_by(DeliveryRow.received_at, DeliveryRow.id)):
        since = (delivery.closed_at or delivery.received_at).date()
        for part in PARTS:
            own, kind = key_id(connection, delivery, part), Kind(part)
            if own in alive and (own != delivery.data_key_id or kind is Kind.LANDING):
                yield Kept(kind, delivery.id, delivery.feed, since)
        if delivery.data_key_id in alive:
            useless = (
                delivery.state in _NOTHING_KEPT and key_id(connection, delivery, "landing") != delivery.data_key_id
            )
            yield Kept(Kind.TABLES, delivery.id, delivery.feed, since, useless)
    yield from _releases(connection)


def _releases(connection: Connection) -> Iterator[Kept]:
    for release in connection.execute(select(TABLE).where(TABLE.c.state != "withdrawn").order_by(TABLE.c.name)):
        if release.state == "candidate":
            yield Kept(Kind.CANDIDATE, release.name, None, release.created_at.date())
        else:
            yield Kept(Kind.RELEASE, release.name, None, (release.published_at or release.created_at).date())
    for public in connection.execute(select(RELEASE).where(RELEASE.c.state == CANDIDATE).order_by(RELEASE.c.name)):
        yield Kept(Kind.PUBLIC, public.name, None, public.created_at.date())
    since = select(REMEMBERED.c.release, TABLE.c.published_at, REMEMBERED.c.remembered_at)
    for told in connection.execute(since.join(TABLE, TABLE.c.name == REMEMBERED.c.release, isouter=True).distinct()):
        yield Kept(Kind.ANSWERS, told.release, None, (told.published_at or told.remembered_at).date())
