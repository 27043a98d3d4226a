"""What a grant means: which columns and rows of a table, and for what. Pure: rows are named here, not held."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from agreement.hub_columns import HUB_COLUMNS, MADE_LAST
from agreement.model import Agreement, Recipient
from agreement.violation import Violation

Rows = Mapping[str, tuple[str, ...]]
"""A table's rows are narrowed to those whose column holds one of the values; of several columns all must."""

IDS = frozenset({"event_id", "person_id", "incident_id", "former_id", "intervention_id"})
QUASI_IDENTIFIERS = ("age_band", "ethnic_group", "sex", "birth_year")
"""What others may know of a person in the tables person and involvement."""
COUNTED_LAST: Mapping[str, frozenset[str]] = MADE_LAST


@dataclass(frozen=True)
class Portion:
    """What of one table is given, or asked for: its columns, for which purposes, its rows narrowed by what."""

    columns: tuple[str, ...]
    purposes: tuple[str, ...]
    rows: Rows = field(default_factory=dict)


def portions(agreement: Agreement, recipient: str) -> dict[str, Portion]:
    """The whole of what is granted to a recipient, by table; nothing to one that is not named."""
    held = agreement.recipients.get(recipient)
    return {table: _whole(held, table) for table in held.tables} if held else {}


def _whole(recipient: Recipient, table: str) -> Portion:
    grant = recipient.tables[table]
    return Portion(grant.columns, recipient.purposes_of(table), grant.rows)


def named(agreement: Agreement, recipient: str) -> Iterator[Violation]:
    """Whether the agreement names a recipient (agreement, recipients)."""
    if recipient not in agreement.recipients:
        place = f"recipients.{recipient}"
        yield Violation("Agreement, recipients", place, "this recipient is not named", "Name it, or give to another")


def beyond(recipient: Recipient, where: str, table: str, asked: Portion) -> Iterator[Violation]:
    """Whether what is asked for of a table goes beyond what a recipient is granted.

    1. The table is granted to it, and each column (agreement, recipients; UK GDPR Art 5(1)(c)).
    2. It is asked for a purpose, and each is the recipient's and granted for the table (UK GDPR Art 5(1)(b)).
    3. Its rows are narrowed no less than the grant says (agreement, recipients; UK GDPR Art 5(1)(c)).
    """
    if table not in recipient.tables:  # (1)
        yield Violation("Agreement, recipients", where, "the table is not granted", "Leave it out, or agree it")
        return
    granted = _whole(recipient, table)
    for column in asked.columns:
        if column not in granted.columns:
            why = f"the column {column} is not granted"
            yield Violation("Agreement, recipients", where, why, "Leave it out, or agree it")
    yield from _other_purposes(recipient, where, granted, asked)  # (2)
    yield from wider(where, granted.rows, asked.rows)  # (3)


def _other_purposes(recipient: Recipient, where: str, granted: Portion, asked: Portion) -> Iterator[Violation]:
    """Rule 2 of ``beyond``; a purpose may be what somebody typed, so it is not repeated."""
    if not asked.purposes:
        yield Violation("UK GDPR Art 5(1)(b)", where, "no purpose is stated", "Say what it is for")
    allowed = [purpose for purpose in granted.purposes if purpose in recipient.purposes]
    if not set(asked.purposes) <= set(allowed):
        why = "it is asked for another purpose than " + ", ".join(allowed)
        yield Violation("UK GDPR Art 5(1)(b)", where, why, "Ask for one of these, or agree the other")


def wider(where: str, granted: Rows, asked: Rows) -> Iterator[Violation]:
    """Whether rows are narrowed less than a grant says: by each of its columns, to no other values."""
    for column, values in granted.items():
        if column not in asked or not set(asked[column]) <= set(values):
            why = f"its rows are not narrowed by {column} as the grant says"
            yield Violation("Agreement, recipients", f"{where}.rows", why, "Build the release again")


def row_filters(agreement: Agreement) -> Iterator[Violation]:
    """Whether rows can be narrowed as the grants say.

    1. No id is named: whom or what it stands for, the agreement does not say (UK GDPR Art 5(1)(c)).
    2. No column is named that is counted of the rows that are left (agreement, recipients).
    3. Every other column is made by the hub or by the fields of a feed (agreement, recipients).
    4. No column is named that is changed so that a recipient's persons are alike (agreement, disclosure).
    """
    given = {name for terms in agreement.feeds.values() for c, t in terms.fields.items() for name in t.published(c)}
    for name, recipient in agreement.recipients.items():
        for table, grant in recipient.tables.items():
            for column in grant.rows:
                why = _unfit(table, column, given)
                if recipient.persons_alike == "reached" and column in QUASI_IDENTIFIERS:  # (4)
                    why = f"{column} may be changed until persons are alike enough"
                if why:
                    where = f"recipients.{name}.tables.{table}.rows"
                    yield Violation("Agreement, recipients", where, why, "Narrow by another column")


def _unfit(table: str, column: str, given: set[str]) -> str | None:
    if column in IDS:  # (1)
        return f"rows are narrowed by the id {column}"
    if column in COUNTED_LAST.get(table, frozenset()):  # (2)
        return f"{column} is counted of the rows that are left"
    if column not in given | HUB_COLUMNS.get(table, frozenset()):  # (3)
        return f"no feed gives the column {column}"
    return None
