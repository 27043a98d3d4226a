"""Whose rows they are: the hub's own ids of the persons in a release, found once and not at every page."""

from collections.abc import Collection

import polars as pl
from sqlalchemy import Connection, text

from hub.database import plan_by_values
from keys.purposes import Purpose
from keys.ring import KeyRing
from publish.disclosed_persons import PERSON_ID, own_ids, persons_of

_LIVING = text("""
    SELECT count(*) FROM unnest(string_to_array(:asked, chr(10))) AS asked (id)
    JOIN hub.person AS kept ON kept.person_id = asked.id
""")


class OwnIds:
    """The own ids of all persons, by the ids of each recipient; made under the recipient's newest key."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, int], pl.DataFrame] = {}

    def of(self, connection: Connection, ring: KeyRing, recipient: str, persons: pl.Series) -> Collection[str]:
        """The own ids of these persons.

        1. Those who were found before are still in the register: nobody is told of who was erased since.
        2. All others are sought anew, and one whom the register knows not is refused (``persons_of``).
        """
        wanted = persons.drop_nulls().unique().to_frame(PERSON_ID)
        key = (recipient, max(ring.kept(Purpose.RECIPIENT, recipient), default=0))
        if key not in self._held:
            self._held = {key: own_ids(connection, ring, recipient)}
        found: list[str] = wanted.join(self._held[key], on=PERSON_ID)["own_id"].to_list()
        if len(found) == wanted.height and _living(connection, found) == len(found):  # (1)
            return found
        self._held = {}
        return persons_of(connection, ring, recipient, {"asked": wanted})  # (2)


def _living(connection: Connection, own: list[str]) -> int:
    plan_by_values(connection)
    return connection.execute(_LIVING, {"asked": "\n".join(own)}).scalar() or 0
