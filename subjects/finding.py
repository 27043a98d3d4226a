"""Finding a person by tokens: which records agree, in which fields, and whose they are.

A record is the person's if one of these agrees; people decide what to make of it, for two may share a name:

1. a number that one person has: NHS number, PNC ID, CRN or UPN;
2. the date of birth and the full name;
3. the date of birth, both names by their sound, and the postcode's district.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import uuid4

import polars as pl
from sqlalchemy import Connection

from audit.events import Action, Entry
from audit.log import append, checkpoint
from audit.subjects import disclose
from hub.database import transaction
from hub.settings import Settings
from ingest.storing import stated_version
from keys.home import log_signer
from keys.purposes import Purpose
from keys.ring import KeyRing
from linkage.registered.register import read_register
from pseudonymise.scheme_keys import hub_keys, token_key, token_version
from pseudonymise.subject import hub_form
from publish.order import Act
from publish.ordering import Officer, detail, give
from publish.refusals import logging_refusals
from store.files import exists, uri
from store.kept import tables_name
from store.tables import read_groups, read_metadata
from subjects.errors import SubjectHeld
from subjects.tables import Tables, stored_tables

ENOUGH: tuple[frozenset[str], ...] = (
    *(frozenset({f"token_{number}"}) for number in ("nhs_number", "pnc_id", "crn", "upn")),  # (1)
    frozenset({"token_date_of_birth", "token_full_name"}),  # (2)
    frozenset(
        {"token_date_of_birth", "token_forename_phonetic", "token_surname_phonetic", "token_postcode_district"}
    ),  # (3)
)


@dataclass(frozen=True)
class Found:
    """One person who may be meant; none where the records were not linked yet. Counts and names of fields alone."""

    person_id: str | None
    feeds: Mapping[str, int]
    agreeing: tuple[str, ...]


def find(settings: Settings, ring: KeyRing, officer: Officer, document: bytes) -> list[Found]:
    """The persons whose records agree with a document of tokens, most agreement first. Nothing of it is stored.

    That somebody looked, why, and how many were found is logged, with the commitments of who was found.
    Raises EncodedFormRefused, SubjectHeld, OrderRefused or AgreementRefusal.
    """
    with logging_refusals(settings, action=Action.REFUSE_ORDER), transaction(settings) as connection:
        order = give(settings, connection, officer, Act.FIND, "a person, by tokens")
        tokens = hub_form(document, hub_keys(ring), min(ring.kept(Purpose.SOURCE), default=None))
        records = [
            match for each in stored_tables(settings, connection, ring) for match in _agreeing(each, ring, tokens)
        ]
        found = _persons(connection, records)
        entry = Entry(
            action=Action.FIND_SUBJECT,
            actor=order.officer,
            justification=order.reason,
            agreement_hash=order.agreement_hash,
            code_commit=settings.code_commit,
            detail={"act": str(uuid4()), **detail(order), "fields": len(tokens), "found": len(found)},
        )
        persons = [each.person_id for each in found if each.person_id]
        if persons:
            disclose(connection, entry, persons)
        else:
            append(connection, entry)
        checkpoint(connection, log_signer(settings, ring))
    return found


@dataclass(frozen=True)
class _Match:
    record_id: str
    feed: str
    agreeing: frozenset[str]


def _agreeing(tables: Tables, ring: KeyRing, tokens: Mapping[str, str]) -> Iterable[_Match]:
    """The records of a delivery that agree in enough."""
    settings, delivery, key = tables.settings, tables.delivery, tables.key
    name = f"{tables_name(delivery)}.parquet"
    if not exists(uri(settings, "records", name)):
        return
    _require_newest(ring, delivery.id, stated_version(read_metadata(settings, "records", name, key)))
    for part in read_groups(settings, "records", name, key, columns=["record_id", *tokens]):
        agree = part.select("record_id", *(pl.col(column) == pl.lit(token) for column, token in tokens.items()))
        for record_id, *fields in agree.filter(pl.any_horizontal(pl.exclude("record_id"))).iter_rows():
            same = frozenset(column for column, equal in zip(tokens, fields, strict=True) if equal)
            if is_enough(same):
                yield _Match(record_id, delivery.feed, same)


def is_enough(agreeing: Collection[str]) -> bool:
    """Whether a record that agrees in these columns is the person's."""
    return any(needed <= set(agreeing) for needed in ENOUGH)


def _require_newest(ring: KeyRing, delivery: str, version: int) -> None:
    if version != token_version(ring):
        raise SubjectHeld(
            "Nobody is looked for",
            where=f"delivery {delivery}",
            why=f"its tokens are under {token_key(ring, version)}, and the newest are under {token_key(ring)}",
            fix="Re-key what is stored to its end first: hub keys rekey run",
        )


def _persons(connection: Connection, matches: Collection[_Match]) -> list[Found]:
    owner = dict(read_register(connection).select("record_id", "person_id").iter_rows())
    people: dict[str | None, list[_Match]] = {}
    for match in matches:
        people.setdefault(owner.get(match.record_id), []).append(match)
    found = [_found(person, theirs) for person, theirs in people.items()]
    return sorted(found, key=lambda each: (-len(each.agreeing), each.person_id or ""))


def _found(person: str | None, matches: Iterable[_Match]) -> Found:
    theirs = list({match.record_id: match for match in matches}.values())
    fields = {name.removeprefix("token_") for match in theirs for name in match.agreeing}
    return Found(person, dict(sorted(Counter(match.feed for match in theirs).items())), tuple(sorted(fields)))
