"""What is kept between links, at rest: tables under a data key of their own, in the zone ``register``.

1. A whole state is a first part; each link adds a part of what it changed. Which parts count, the database says in the
   link's own transaction: a killed link leaves files that no row names, under a key that was never kept.
2. It can always be made again from the records: to forget it, its key is destroyed (registered.forgetting), and the
   next link reads all records.
3. After so many parts that reading them takes long, a link writes a first part again.
"""

import json
import secrets
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

import numpy as np
from sqlalchemy import Connection, delete, insert, select

from hub.settings import Settings
from keys.key import Key
from keys.ring import KeyRing
from linkage.kept.state import Kept, Rows
from linkage.kept.tables import TABLES, Part, compact, part_of, put_together
from linkage.models import LinkState
from store.datakeys import create_data_key, destroy_data_key, open_data_key
from store.tables import read_table, write_table

KEYS = "link/"
_MOST_PARTS = 24


@dataclass(frozen=True)
class About:
    """By what a state was made. It serves a link only by the same model, rules, tokens and agreement.

    ``deliveries``: id and period by number, ``present`` those in force; ``feeds`` by number; ``decision``: the newest
    that was obeyed; ``light``: matches expected among pairs that are not kept; ``traits``: their values by number.
    """

    model: str
    config: str
    tokens: str
    agreement: str
    deliveries: list[list[str]] = field(default_factory=list)
    present: list[str] = field(default_factory=list)
    feeds: list[str] = field(default_factory=list)
    traits: dict[str, list[str]] = field(default_factory=dict)
    decision: int = 0
    light: float = 0.0

    def same_terms(self, other: "About") -> bool:
        """Whether both were made by the same model, rules, tokens and agreement."""
        mine, others = ((it.model, it.config, it.tokens, it.agreement) for it in (self, other))
        return mine == others


def last_about(connection: Connection) -> About | None:
    """By what the state was made that is kept now; none if there is none."""
    newest = select(LinkState.stated).order_by(LinkState.number.desc()).limit(1)
    stated = connection.execute(newest).scalar()
    return None if stated is None else About(**json.loads(stated))


def read_kept(
    settings: Settings, connection: Connection, ring: KeyRing, frequencies: tuple[str, ...], feeds: Sequence[str]
) -> Kept:
    """The state again, part after part; ``feeds`` are About's. Raises SealBroken, FileMissing or DataKeyGone."""
    rows = connection.execute(select(LinkState.data_key_id, LinkState.name).order_by(LinkState.number)).all()
    key = open_data_key(connection, ring, rows[0].data_key_id)
    return put_together([_read_part(settings, key, row.name) for row in rows], frequencies, feeds)


def keep_whole(settings: Settings, connection: Connection, ring: KeyRing, about: About, kept: Kept) -> None:
    """Keep a state in the place of the one before."""
    forget_kept(connection)
    key = create_data_key(connection, ring, KEYS + secrets.token_hex(8))
    _write(settings, connection, key, about, part_of(kept, None, np.zeros(0, dtype=np.int64)))


def keep_step(
    settings: Settings, connection: Connection, ring: KeyRing, about: About, kept: Kept, before: Kept, lost: Rows
) -> None:
    """Keep what a link changed; ``lost`` are numbers of pairs. A state of many parts is written whole (3)."""
    first = connection.execute(select(LinkState.data_key_id, LinkState.number)).all()
    if len(first) >= _MOST_PARTS:
        keep_whole(settings, connection, ring, about, compact(kept))
        return
    key = open_data_key(connection, ring, first[0].data_key_id)
    _write(settings, connection, key, about, part_of(kept, before, lost))


def forget_kept(connection: Connection) -> None:
    """Rule 2."""
    for key_id in connection.execute(select(LinkState.data_key_id).distinct()).scalars().all():
        destroy_data_key(connection, key_id)
    connection.execute(delete(LinkState))


def _write(settings: Settings, connection: Connection, key: Key, about: About, part: Part) -> None:
    name = f"{key.id.removeprefix(KEYS)}/{secrets.token_hex(4)}"
    for table, frame in part.items():
        write_table(settings, "register", f"{name}.{table}.parquet", key, frame)
    row = {"data_key_id": key.id, "name": name, "stated": json.dumps(asdict(about))}
    connection.execute(insert(LinkState).values(row))


def _read_part(settings: Settings, key: Key, name: str) -> Part:
    return {table: read_table(settings, "register", f"{name}.{table}.parquet", key) for table in TABLES}
