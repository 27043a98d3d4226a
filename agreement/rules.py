"""The rules asked whenever something is to flow: is the agreement in force, may a recipient have this.

Pure: the agreement in, violations out, each with its clause. Every function yields nothing where the rule holds.
"""

from collections.abc import Iterable, Iterator
from datetime import date

from agreement.hub_columns import HUB_COLUMNS
from agreement.key_rules import shared_keys
from agreement.model import Agreement, Gateway, Recipient
from agreement.violation import Violation
from hub.feeds import AUTHORITIES, Authority
from hub.periods import Quarter

_NEVER_PUBLISHED = ("token_", "encoding_", "reference_")
RELEVANT: frozenset[Authority] = frozenset({"police", "fire", "health", "probation", "council"})
"""The relevant authorities of CDA 1998 s.115(2) (unverified: a youth offending team is not named there)."""


def in_force(agreement: Agreement, on: date) -> Iterator[Violation]:
    """Whether anything may flow on a day.

    1. Every party has signed this very text, on or before that day (Agreement, signatures).
    2. No key speaks for two parties, so that as many signatures are as many parties' (Agreement, keys).
    3. The day is not before commencement (Agreement, commencement).
    4. The day is not after expiry (Agreement, expiry).
    """
    yield from unsigned(agreement, on)  # (1)
    yield from shared_keys(agreement)  # (2)
    if on < agreement.commences_on:  # (3)
        why = f"it commences on {agreement.commences_on}"
        yield Violation("Agreement, commencement", "commences_on", why, "Wait until then")
    if on > agreement.expires_on:  # (4)
        why = f"it expired on {agreement.expires_on}"
        yield Violation("Agreement, expiry", "expires_on", why, "Review, renew and sign it again")


def signatories(agreement: Agreement) -> tuple[Authority, ...]:
    """Who must sign: the specified authorities, though the text should leave one out, and every other party."""
    return tuple(dict.fromkeys((*AUTHORITIES, *(party.authority for party in agreement.parties))))


def unsigned(agreement: Agreement, on: date) -> Iterator[Violation]:
    """Rule 1 of ``in_force``: each party whose signature does not count on that day, and why."""
    given = {signature.authority for signature in agreement.signatures}
    for authority in signatories(agreement):
        party, right = agreement.party(authority), agreement.signed_by.get(authority)
        if right is not None and right.signed_on <= on:
            continue
        if party is None or party.signing_key is None:
            why, fix = "the text states no key of this party", "Put its public key into the text"
        elif right is not None:
            why, fix = f"it is dated {right.signed_on}", "Wait until then"
        elif authority in given:
            why, fix = "its signature is not of this very text", "Have it read and sign this version"
        else:
            why, fix = "this party has not signed", "Have it sign this version"
        yield Violation("Agreement, signatures", f"signatures.{authority}", why, fix)


def ended(quarter: Quarter, on: date) -> Iterator[Violation]:
    """Whether a quarter may be collected and linked on a day.

    1. It has ended before that day: until then nobody can tell the whole of it (Agreement, periods).
    """
    if quarter.ends_on >= on:  # (1)
        why = f"it ends on {quarter.ends_on}, and a quarter is delivered after it has ended"
        yield Violation("Agreement, periods", str(quarter), why, "Wait until then, or ask for an earlier quarter")


def recipients(agreement: Agreement) -> Iterator[Violation]:
    """Whether what recipients get is covered by what feeds give.

    1. Each feed is given for each of the recipient's purposes (UK GDPR Art 5(1)(b)).
    2. A table is granted for purposes that are the recipient's own (UK GDPR Art 5(1)(b)).
    3. Tokens, encodings and sealed references are never published (Agreement, tokens; UK GDPR Art 25).
    4. Every other column is made by the hub or by the fields of a feed (UK GDPR Art 5(1)(c)).
    5. What came under s.16 goes to a specified authority, or to who acts for one (PCSC Act 2022 s.16(1)-(2)).
    6. What came under s.115 or s.17A goes to a relevant authority, or to who acts for one (CDA 1998 s.115(1)-(2)).
    """
    given = {
        name for terms in agreement.feeds.values() for column, t in terms.fields.items() for name in t.published(column)
    }
    for name, recipient in agreement.recipients.items():
        where = f"recipients.{name}"
        yield from _purposes(agreement, recipient, where)  # (1) (2)
        for table, grant in recipient.tables.items():
            yield from _published_columns(table, grant.columns, given, f"{where}.tables.{table}")  # (3) (4)
        yield from _received(agreement, recipient, where)  # (5) (6)


def _purposes(agreement: Agreement, recipient: Recipient, where: str) -> Iterator[Violation]:
    clause = "UK GDPR Art 5(1)(b)"
    for feed, terms in agreement.feeds.items():
        for purpose in sorted(set(recipient.purposes) - set(terms.purposes)):  # (1)
            why = f"{feed} is not given for the purpose {purpose}"
            yield Violation(clause, f"{where}.purposes", why, "Remove it, or agree it with the provider")
    for table in recipient.tables:
        for purpose in sorted(set(recipient.purposes_of(table)) - set(recipient.purposes)):  # (2)
            why = f"the purpose {purpose} is not one of the recipient's"
            yield Violation(clause, f"{where}.tables.{table}.purposes", why, "Remove it, or agree it")


def _published_columns(table: str, columns: Iterable[str], given: set[str], where: str) -> Iterator[Violation]:
    for column in columns:
        if column.startswith(_NEVER_PUBLISHED) or column == "record_id":  # (3)
            yield Violation("Agreement, tokens", where, f"{column} is never published", "Remove it")
        elif column not in given | HUB_COLUMNS.get(table, frozenset()):  # (4)
            yield Violation("UK GDPR Art 5(1)(c)", where, f"no feed gives the column {column}", "Remove it")


def _received(agreement: Agreement, recipient: Recipient, where: str) -> Iterator[Violation]:
    """Rules 5 and 6 of ``recipients``: one violation for each feed that may not go there."""
    where, fix = f"{where}.authorities", "Name the authority that it acts for, or give it nothing"
    for feed, terms in agreement.feeds.items():
        if terms.gateway is Gateway.SERIOUS_VIOLENCE_DUTY and not _SPECIFIED.intersection(recipient.authorities):  # (5)
            why = f"{feed} may go to specified authorities only"
            yield Violation("PCSC Act 2022 s.16(1)", where, why, fix)
        if terms.gateway in _OF_THE_1998_ACT and not RELEVANT.intersection(recipient.authorities):  # (6)
            why = f"{feed} may go to relevant authorities only"
            yield Violation("CDA 1998 s.115(1)", where, why, fix)


_SPECIFIED = frozenset(AUTHORITIES)
_OF_THE_1998_ACT = {Gateway.CRIME_AND_DISORDER, Gateway.DEPERSONALISED_EXCHANGE}
