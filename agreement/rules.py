"""The rules on the agreement as a whole. Pure: the agreement in, violations out, each with its clause.

Every function yields nothing where the rule holds.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from agreement.model import Agreement
from agreement.violation import Violation
from hub.feeds import AUTHORITIES
from hub.periods import Quarter

_NEVER_PUBLISHED = ("token_", "encoding_", "reference_")
HUB_COLUMNS: Mapping[str, frozenset[str]] = {
    "person": frozenset({"person_id", "age_band", "authorities", "events", "first_seen_on", "last_seen_on"}),
    "event": frozenset({"event_id", "feed", "event_type", "persons"}),
    "involvement": frozenset({"event_id", "person_id", "feed", "authority", "role"}),
}
"""Columns of the published tables that the hub makes itself; all others come from a feed's fields."""


def in_force(agreement: Agreement, on: date) -> Iterator[Violation]:
    """Whether anything may flow on a day.

    1. Every party has signed, on or before that day (agreement, signatures).
    2. The day is not before commencement (agreement, commencement).
    3. The day is not after expiry (agreement, expiry).
    """
    for authority in _unsigned(agreement, on):  # (1)
        yield Violation(
            "Agreement, signatures", f"signatures.{authority}", "this party has not signed", "Have it sign this version"
        )
    if on < agreement.commences_on:  # (2)
        why = f"it commences on {agreement.commences_on}"
        yield Violation("Agreement, commencement", "commences_on", why, "Wait until then")
    if on > agreement.expires_on:  # (3)
        why = f"it expired on {agreement.expires_on}"
        yield Violation("Agreement, expiry", "expires_on", why, "Review, renew and sign it again")


def _unsigned(agreement: Agreement, on: date) -> list[str]:
    signed = {authority for authority, signature in agreement.signatures.items() if signature.signed_on <= on}
    return [authority for authority in AUTHORITIES if authority not in signed]


def ended(quarter: Quarter, on: date) -> Iterator[Violation]:
    """Whether a quarter may be collected and linked on a day.

    1. It has ended before that day: until then nobody can tell the whole of it (agreement, periods).
    """
    if quarter.ends_on >= on:  # (1)
        why = f"it ends on {quarter.ends_on}, and a quarter is delivered after it has ended"
        yield Violation("Agreement, periods", str(quarter), why, "Wait until then, or ask for an earlier quarter")


def form(agreement: Agreement) -> Iterator[Violation]:
    """Whether the agreement is whole in itself.

    1. The six authorities are its parties, each once (PCSC Act 2022 s.11 and Sch.1).
    2. Commencement, review and expiry follow each other (agreement, term).
    3. Every purpose that is named is stated (UK GDPR Art 5(1)(b)).
    4. Every feed that may be linked has terms (agreement, linkage).
    5. Every zone has a retention period (UK GDPR Art 5(1)(e)).
    """
    if sorted(party.authority for party in agreement.parties) != sorted(AUTHORITIES):  # (1)
        yield Violation(
            "PCSC Act 2022 s.11", "parties", "the six specified authorities are not each named once", "Name each once"
        )
    if not agreement.commences_on <= agreement.review_on <= agreement.expires_on:  # (2)
        yield Violation(
            "Agreement, term", "review_on", "commencement, review and expiry are out of order", "Correct the dates"
        )
    yield from _unstated_purposes(agreement)  # (3)
    for feed in sorted(set(agreement.linkage.feeds) - set(agreement.feeds)):  # (4)
        yield Violation("Agreement, linkage", f"linkage.feeds {feed}", "this feed has no terms", "Add its terms")
    for zone in _ZONES:  # (5)
        if zone not in agreement.retention_days:
            yield Violation(
                "UK GDPR Art 5(1)(e)", f"retention_days.{zone}", "no retention period is stated", "State the days"
            )


_ZONES = ("landing", "quarantine", "records", "events", "register", "candidates", "releases")


def _unstated_purposes(agreement: Agreement) -> Iterator[Violation]:
    stated = {purpose.id for purpose in agreement.purposes}
    named = [(f"feeds.{name}.purposes", terms.purposes) for name, terms in agreement.feeds.items()]
    named += [(f"recipients.{name}.purposes", recipient.purposes) for name, recipient in agreement.recipients.items()]
    for where, purposes in named:
        for purpose in sorted(set(purposes) - stated):
            yield Violation(
                "UK GDPR Art 5(1)(b)", where, f"the purpose {purpose} is not stated", "State it or remove it"
            )


def recipients(agreement: Agreement) -> Iterator[Violation]:
    """Whether what recipients get is covered by what feeds give.

    1. Each feed that is linked is given for each of the recipient's purposes (UK GDPR Art 5(1)(b)).
    2. Tokens, encodings and sealed references are never published (agreement, tokens; UK GDPR Art 25).
    3. Every other column is made by the hub or by the fields of a feed (UK GDPR Art 5(1)(c)).
    """
    given = {
        name for terms in agreement.feeds.values() for column, t in terms.fields.items() for name in t.published(column)
    }
    for name, recipient in agreement.recipients.items():
        for feed, terms in agreement.feeds.items():
            for purpose in sorted(set(recipient.purposes) - set(terms.purposes)):  # (1)
                why = f"{feed} is not given for the purpose {purpose}"
                yield Violation(
                    "UK GDPR Art 5(1)(b)",
                    f"recipients.{name}.purposes",
                    why,
                    "Remove it, or agree it with the provider",
                )
        for table, columns in recipient.tables.items():
            where = f"recipients.{name}.tables.{table}"
            yield from _published_columns(table, columns, given, where)  # (2) (3)


def _published_columns(table: str, columns: Sequence[str], given: set[str], where: str) -> Iterator[Violation]:
    for column in columns:
        if column.startswith(_NEVER_PUBLISHED) or column == "record_id":  # (2)
            yield Violation("Agreement, tokens", where, f"{column} is never published", "Remove it")
        elif column not in given | HUB_COLUMNS.get(table, frozenset()):  # (3)
            yield Violation("UK GDPR Art 5(1)(c)", where, f"no feed gives the column {column}", "Remove it")


def contracts(agreement: Agreement, columns: Mapping[str, Sequence[str]]) -> Iterator[Violation]:
    """Whether the agreement and the feeds' contracts name the same columns.

    1. Every feed that has a contract has terms (agreement, feeds).
    2. Every column of its contract has a treatment (agreement, fields).
    3. No treatment is stated for a column that does not exist (agreement, fields).
    """
    for feed, named in columns.items():
        if feed not in agreement.feeds:  # (1)
            yield Violation("Agreement, feeds", f"feeds.{feed}", "this feed has no terms", "Add its terms")
            continue
        stated = set(agreement.feeds[feed].fields)
        for column in sorted(set(named) - stated):  # (2)
            yield Violation(
                "Agreement, fields",
                f"feeds.{feed}.fields.{column}",
                "the column is not declared",
                "Say how it is treated",
            )
        for column in sorted(stated - set(named)):  # (3)
            yield Violation(
                "Agreement, fields", f"feeds.{feed}.fields.{column}", "the contract has no such column", "Remove it"
            )
