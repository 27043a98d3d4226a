"""Rows that their authority pseudonymised, as they arrive: taken back to stage 1, whatever they travel under.

While the source key is turned, authorities change one by one. Whoever has changed and whoever has not say the same of
the same person here, before anything else looks at a row (docs/decisions/0023):

1. A row says its versions of the source key; one that says none is under the first alone, as all were before.
2. Versions that this hub does not hold refuse the delivery whole: tokens under another key would be nobody's.
3. So do versions before the one with which officers have ended the overlap, be it while the delivery is read. What a
   delivery continues was admitted when its own still counted, and is read as before.
"""

import re

import polars as pl
from sqlalchemy import Connection, func, select, text

from hub.database import transaction
from ingest.case import Case
from ingest.models import SourceEndRow
from keys.purposes import Purpose
from pseudonymise.errors import EncodedFormRefused
from pseudonymise.scheme_keys import wire_keys
from pseudonymise.wire import SOURCE_KEY, arrived, stated

_SAID = re.compile(r"[1-9][0-9]{0,5}(\+[1-9][0-9]{0,5})?")


class Arriving:
    """Takes the rows of one delivery back to stage 1, batch by batch; ``seen``: which versions its own rows said."""

    def __init__(self, case: Case) -> None:
        self.seen: set[str] = set()
        self._feed = case.feed.name
        self._known = wire_keys(case.ring) if case.feed.pseudonymised_at == "source" else {}
        self._first = stated(min(case.ring.kept(Purpose.SOURCE), default=1))
        with transaction(case.settings) as connection:
            self._ended = _ended(connection)

    def stage_1(self, frame: pl.DataFrame, *, newest: bool) -> pl.DataFrame:
        """A batch of texts as stage 1; raises EncodedFormRefused. ``newest``: it is not of what the delivery continues.

        Rows of a feed with names are no stage yet, and a hub that holds no source key can take none off: as they came.
        """
        if not self._known:
            return frame
        told = frame[SOURCE_KEY] if SOURCE_KEY in frame.columns else pl.Series([None] * frame.height, dtype=pl.String)
        said = told.str.strip_chars().replace("", None).fill_null(self._first)  # (1)
        versions = said.unique(maintain_order=True).to_list()
        for each in versions:
            self._hold(each, newest=newest)
        if len(versions) < 2:
            return self._off(frame, versions[0]) if versions else frame
        placed = frame.with_row_index("_place")
        return (
            pl.concat(self._off(placed.filter(said == each), each) for each in versions).sort("_place").drop("_place")
        )

    def hold_still(self, connection: Connection) -> None:
        """Ask the end of the overlap once more, where the delivery is admitted: raises EncodedFormRefused.

        Until that transaction ends, no overlap does.
        """
        if self.seen:
            connection.execute(text(f"LOCK TABLE {SourceEndRow.__table__} IN SHARE MODE"))
            self._ended = _ended(connection)
            for each in sorted(self.seen):
                self._hold_current(each)

    def _off(self, rows: pl.DataFrame, said: str) -> pl.DataFrame:
        """Rows of one version as stage 1."""
        key = self._known[said]
        return rows if key is None else arrived(rows, self._feed, key)

    def _hold(self, said: str, *, newest: bool) -> None:
        if said not in self._known:  # (2)
            raise self._refused(said, "this hub does not hold these versions of the source key")
        if not newest:
            return
        self.seen.add(said)
        self._hold_current(said)

    def _hold_current(self, said: str) -> None:
        if _travels(said) < self._ended:  # (3)
            raise self._refused(said, f"officers have ended the overlap before source/{self._ended}")

    def _refused(self, said: str, why: str) -> EncodedFormRefused:
        """A refusal that says which versions count; what a row says is repeated only if it is versions."""
        accepted = (each for each in self._known if _travels(each) >= self._ended)
        named = (" and ".join(f"source/{version}" for version in each.split("+")) for each in accepted)
        return EncodedFormRefused(
            "The delivery is refused whole",
            where=f"feed {self._feed}, column {SOURCE_KEY}{f', {said}' if _SAID.fullmatch(said) else ''}",
            why=why,
            fix=f"Encode it with the copies of {', or of '.join(named)}",
        )


def _ended(connection: Connection) -> int:
    """The version of the source key with which the last overlap was ended; 0 while none was."""
    return connection.execute(select(func.max(SourceEndRow.version))).scalar() or 0


def _travels(said: str) -> int:
    """The version that rows travel under."""
    return int(said.rpartition("+")[2])
