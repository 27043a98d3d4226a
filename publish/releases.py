"""The register of releases: what was built, and what has been published."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

from sqlalchemy import Connection, Row, Table, select

from hub.database import transaction
from hub.settings import Settings
from publish.errors import PublicationRefused
from publish.manifest import Manifest
from publish.models import ReleaseRow

State = Literal["candidate", "published", "withdrawn"]
TABLE = cast(Table, ReleaseRow.__table__)


@dataclass(frozen=True)
class Release:
    """One release: ``uri`` is its folder (sealed while it is a candidate, plain once it is published)."""

    name: str
    quarter: str
    recipient: str
    version: int
    manifest_hash: str
    content_hash: str
    state: State
    uri: str
    data_key_id: str
    manifest: Manifest
    created_at: datetime
    published_at: datetime | None


def releases(settings: Settings) -> list[Release]:
    """Every release, in the order of quarter and version."""
    with transaction(settings) as connection:
        rows = connection.execute(select(TABLE).order_by(TABLE.c.quarter, TABLE.c.version)).all()
    return [_release(row) for row in rows]


def find(connection: Connection, name: str, *, lock: bool = False) -> Release:
    """One release by name; ``lock`` keeps others from changing it until the transaction ends.

    Raises PublicationRefused if there is none.
    """
    query = select(TABLE).where(TABLE.c.name == name)
    row = connection.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise PublicationRefused(
            "There is no such release",
            where=name,
            why="no candidate of that name was built",
            fix="See hub release list",
        )
    return _release(row)


def of_quarter(connection: Connection, quarter: str) -> list[Release]:
    """The releases of one quarter for any recipient, oldest version first."""
    rows = connection.execute(select(TABLE).where(TABLE.c.quarter == quarter).order_by(TABLE.c.version))
    return [_release(row) for row in rows]


def in_state(connection: Connection, state: State, recipient: str) -> list[Release]:
    """The releases of one recipient that are in a state."""
    query = select(TABLE).where(TABLE.c.state == state, TABLE.c.recipient == recipient)
    return [_release(row) for row in connection.execute(query)]


def _release(row: Row[tuple[object, ...]]) -> Release:
    values = dict(row._mapping)
    return Release(**values | {"manifest": Manifest.parse(values["manifest"], values["name"])})
