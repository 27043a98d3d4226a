"""Who has seen data about a person: commitments beside the log that only the person's salt can be matched with.

Each person has a salt of 32 random bytes. For each person in a disclosure the hub keeps

    commitment = HMAC-SHA256(key = salt, "hub/disclosed/1" LF act LF recipient)

where the act is the entry's release, or else the ``act`` that its detail names, and the recipient is the entry's, or
else its actor. The disclosure's entry states how many persons there were and the Merkle root (RFC 9162 section 2.1.1)
of their sorted commitments, so that none can be added or taken away later. Nobody can tell from a commitment whom it is
about without the salt; once the salt is shredded, nobody can at all, and every root and proof stays right.
"""

import hmac
import secrets
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Connection,
    LargeBinary,
    Text,
    any_,
    bindparam,
    delete,
    insert,
    literal,
    select,
    text,
)

from audit.digests import in_order, keyed_digests, root, rows_of
from audit.errors import EntryRefused, EntryUnknown, LogDamaged
from audit.events import Action, Entry
from audit.log import append
from audit.merkle import HASH_BYTES
from audit.models import DISCLOSED, SUBJECT
from audit.query import Kept, entry, numbered
from hub.database import plan_by_values

SALT_BYTES = 32
_NEW = text("""
    SELECT asked.subject FROM unnest(string_to_array(:subjects, chr(10))) AS asked (subject)
    WHERE NOT EXISTS (SELECT FROM hub.audit_subject AS kept WHERE kept.subject = asked.subject)
""")
_MAKE = text("""
    INSERT INTO hub.audit_subject (subject, salt)
    SELECT asked.subject, substring(:salts FROM (asked.number::int - 1) * :length + 1 FOR :length)
    FROM unnest(string_to_array(:subjects, chr(10))) WITH ORDINALITY AS asked (subject, number)
    ON CONFLICT DO NOTHING
""").bindparams(bindparam("salts", type_=LargeBinary))
_SALTS = text("""
    SELECT string_agg(kept.salt, '') FROM hub.audit_subject AS kept
    JOIN unnest(string_to_array(:subjects, chr(10))) AS asked (subject) ON kept.subject = asked.subject
""")
_ASKED = text("""
    SELECT kept.entry
    FROM unnest(:entries, :commitments) AS asked (entry, commitment)
    JOIN hub.audit_disclosed AS kept ON kept.entry = asked.entry
    WHERE position(asked.commitment IN kept.commitments) % length(asked.commitment) = 1
""").bindparams(bindparam("entries", type_=ARRAY(BigInteger)), bindparam("commitments", type_=ARRAY(LargeBinary)))


@dataclass(frozen=True)
class Commitments:
    """The commitments of all persons in one act, one after the other, as they are stored.

    They are sorted, so that their order tells nothing of the persons'.
    """

    packed: bytes

    @cached_property
    def root(self) -> bytes:
        """The Merkle root of the commitments."""
        return root(rows_of(self.packed))

    @property
    def detail(self) -> dict[str, str | int]:
        """What the act's entry says of them."""
        return {"persons": len(self.packed) // HASH_BYTES, "persons_root": self.root.hex()}


def disclose(connection: Connection, told: Entry, subjects: Iterable[str]) -> int:
    """Add an entry to the log, and the commitments of the persons whose data it was about; returns its index.

    ``subjects`` are the hub's own person ids. The caller's transaction keeps both or neither.
    """
    made = commit(connection, told.values(), subjects)
    (index,) = append(connection, replace(told, detail={**told.detail, **made.detail}))
    connection.execute(insert(DISCLOSED).values(entry=index, commitments=made.packed))
    return index


def commit(connection: Connection, said: Mapping[str, Any], subjects: Iterable[str]) -> Commitments:
    """The commitments of these persons for the act that an entry tells of; who has no salt yet is given one."""
    message = _message(said)
    plan_by_values(connection)
    salts = rows_of(_salts(connection, set(subjects)))
    return Commitments(in_order(keyed_digests(salts, message)).tobytes())


def seen(connection: Connection, subject: str) -> list[Kept]:
    """The entries of all acts that were about a person, newest first; none if the person's salt was shredded."""
    salt = connection.execute(select(SUBJECT.c.salt).where(SUBJECT.c.subject == subject)).scalar()
    if salt is None:
        return []
    disclosed = connection.execute(select(DISCLOSED.c.entry)).scalars().all()
    acts = {act.index: act for act in numbered(connection, disclosed)}
    asked = [_commitment(salt, _message(act.said)) for act in acts.values()]
    found = connection.execute(_ASKED, {"entries": list(acts), "commitments": asked}).scalars()
    return [acts[index] for index in sorted(found, reverse=True)]


def shred(connection: Connection, subject: str, *, actor: str, justification: str, code_commit: str) -> bool:
    """Destroy a person's salt and log that one was; says whether there was one.

    Copies of the table elsewhere, such as backups, keep it until they are destroyed too.
    """
    if not connection.execute(delete(SUBJECT).where(SUBJECT.c.subject == subject)).rowcount:
        return False
    told = Entry(action=Action.SHRED_SUBJECT, actor=actor, justification=justification, code_commit=code_commit)
    append(connection, replace(told, detail={"salts": 1}))
    return True


def forget_salts(connection: Connection, subjects: Iterable[str]) -> int:
    """Destroy the salts of persons, which the caller logs with its own act; says how many there were."""
    gone = list(set(subjects))
    return connection.execute(delete(SUBJECT).where(SUBJECT.c.subject == any_(literal(gone, ARRAY(Text))))).rowcount


def problems(connection: Connection, stated: Mapping[int, Mapping[str, Any]], size: int) -> Iterator[str]:
    """What is wrong with the stored commitments, one sentence each.

    ``stated`` is what the first ``size`` entries say of their persons. Later ones are read now, and not missed.

    1. Each entry that states a root has its commitments.
    2. They are as many as the entry says, and have that root.
    """
    missing = set(stated)
    query = select(DISCLOSED).order_by(DISCLOSED.c.entry)
    for row in connection.execute(query, execution_options={"yield_per": 10}):
        missing.discard(row.entry)
        said = stated.get(row.entry) if row.entry < size else _stated(connection, row.entry)
        if not _fits(said or {}, bytes(row.commitments)):  # (2)
            yield f"Whose data the act of entry {row.entry} was about was changed: the commitments have another root."
    for number in sorted(missing):  # (1)
        yield f"Whose data the act of entry {number} was about was removed: its commitments are missing."


def _stated(connection: Connection, index: int) -> Mapping[str, Any]:
    try:
        said: Mapping[str, Any] = entry(connection, index).said.get("detail", {})
    except (EntryUnknown, LogDamaged):
        return {}
    return said


def _fits(said: Mapping[str, Any], packed: bytes) -> bool:
    if len(packed) % HASH_BYTES:
        return False
    made = Commitments(packed).detail
    return {name: said.get(name) for name in made} == made


def _message(said: Mapping[str, Any]) -> bytes:
    act = said.get("release") or said.get("detail", {}).get("act")
    if not act:
        raise EntryRefused(
            "The persons of an act cannot be recorded",
            where="the log entry's release or detail.act",
            why="nothing there names the act",
            fix="Say it where the act is recorded",
        )
    return f"hub/disclosed/1\n{act}\n{said.get('recipient') or said['actor']}".encode()


def _commitment(salt: bytes, message: bytes) -> bytes:
    return hmac.digest(salt, message, "sha256")


def _salts(connection: Connection, subjects: Collection[str]) -> bytes:
    """The salt of each person, one after the other, in no order.

    Ids and salts go to and fro as one text and one string of bytes: a release is about a million persons, nearly all of
    whom have one. Raises EntryRefused unless there is one salt for each: nobody may be left out of what is told of a
    disclosure.
    """
    asked, length = "\n".join(subjects), SALT_BYTES * len(subjects)
    kept = _kept_salts(connection, asked)
    if len(kept) < length:
        _make_salts(connection, asked)
        kept = _kept_salts(connection, asked)
    if len(kept) != length:
        raise EntryRefused(
            "The persons of an act cannot be recorded",
            where="the salts of persons",
            why=f"there are {len(kept) // SALT_BYTES} for {len(subjects)} persons: some were destroyed meanwhile",
            fix="Try again",
        )
    return kept


def _kept_salts(connection: Connection, asked: str) -> bytes:
    return bytes(connection.execute(_SALTS, {"subjects": asked}).scalar() or b"")


def _make_salts(connection: Connection, asked: str) -> None:
    """Give a salt to whoever has none. Of two that are made at once, the first that is kept counts for both."""
    new = connection.execute(_NEW, {"subjects": asked}).scalars().all()
    salts = secrets.token_bytes(SALT_BYTES * len(new))
    connection.execute(_MAKE, {"subjects": "\n".join(sorted(new)), "salts": salts, "length": SALT_BYTES})
