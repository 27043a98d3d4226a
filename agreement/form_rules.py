"""Whether the agreement is whole and agrees with itself. Pure: the agreement in, violations out."""

from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import get_args

from agreement.model import Agreement
from agreement.violation import Violation
from hub.feeds import AUTHORITIES
from hub.settings import Zone

_ZONES: tuple[Zone, ...] = get_args(Zone)
_NO_LONGER: tuple[tuple[Zone, Zone, str], ...] = (
    ("landing", "events", "what came in would outlive what was made from it"),
    ("landing", "records", "what came in would outlive what was made from it"),
    ("quarantine", "events", "rows that were not taken would outlive those that were"),
    ("register", "records", "the register would name records that are gone"),
    ("candidates", "releases", "what was not published would outlive what was"),
)
"""A zone, another that must be kept at least as long, and why."""

_HALF = 0.5


def form(agreement: Agreement) -> Iterator[Violation]:
    """Whether the agreement is whole in itself.

    1. The six authorities are its parties, each once; so is any other party (PCSC Act 2022 s.11 and Sch.1).
    2. Commencement, review and expiry follow each other (Agreement, term).
    3. Every purpose that is named is stated, once (UK GDPR Art 5(1)(b)).
    4. Every feed that may be linked has terms (Agreement, linkage).
    5. Every feed that may be linked is about persons: depersonalised data are never joined to one (DPA 2018 s.171).
    6. What linkage may look at beside tokens is of a feed that may be linked, and kept by its terms (UK GDPR Art
       5(1)(c)): what does not flow cannot be looked at.
    7. Levels of linkage that a release asks for are levels: precision and recall above a half, and a gap below it
       (UK GDPR Art 5(1)(d): data are accurate, also those of a subgroup).
    """
    named = Counter(party.authority for party in agreement.parties)
    if any(named[authority] != 1 for authority in (*AUTHORITIES, *named)):  # (1)
        why = "the six specified authorities, and other parties, are not each named once"
        yield Violation("PCSC Act 2022 s.11", "parties", why, "Name each once")
    days = (agreement.commences_on, agreement.review_on, agreement.expires_on)
    if any(later < earlier for earlier, later in pairwise(days)):  # (2)
        why = "commencement, review and expiry are out of order"
        yield Violation("Agreement, term", "review_on", why, "Correct the dates")
    yield from _unstated_purposes(agreement)  # (3)
    for feed in agreement.linkage.feeds:
        terms, where = agreement.feeds.get(feed), f"linkage.feeds {feed}"
        if terms is None:  # (4)
            yield Violation("Agreement, linkage", where, "this feed has no terms", "Add its terms")
        elif not terms.personal:  # (5)
            yield Violation("DPA 2018 s.171", where, "depersonalised data are never joined to a person", "Remove it")
    yield from _not_to_be_seen(agreement)  # (6)
    yield from _no_levels(agreement)  # (7)


def _not_to_be_seen(agreement: Agreement) -> Iterator[Violation]:
    clause, terms = "UK GDPR Art 5(1)(c)", agreement.feeds
    for feed, columns in agreement.linkage.looked_at.items():
        if feed not in agreement.linkage.feeds:
            yield Violation(clause, f"linkage.looked_at {feed}", "this feed is not linked", "Remove it")
            continue
        for column in columns:
            if feed not in terms or not terms[feed].publishes(column):
                where, why = f"linkage.looked_at {feed} {column}", "its terms do not keep this column"
                yield Violation(clause, where, why, "Remove it, or keep the column")


def _no_levels(agreement: Agreement) -> Iterator[Violation]:
    asked = agreement.linkage.quality
    if asked is not None and (min(asked.precision, asked.recall) <= _HALF or asked.subgroup_gap >= _HALF):
        why = "a level of a half or less, or a gap of a half or more, asks for nothing"
        yield Violation("UK GDPR Art 5(1)(d)", "linkage.quality", why, "State levels that a release can fail")


def _unstated_purposes(agreement: Agreement) -> Iterator[Violation]:
    stated = Counter(purpose.id for purpose in agreement.purposes)
    for purpose in sorted(purpose for purpose, times in stated.items() if times > 1):
        yield Violation("UK GDPR Art 5(1)(b)", "purposes", f"{purpose} is stated twice", "State it once")
    named = [(f"feeds.{name}.purposes", terms.purposes) for name, terms in agreement.feeds.items()]
    named += [(f"recipients.{name}.purposes", recipient.purposes) for name, recipient in agreement.recipients.items()]
    for where, purposes in named:
        for purpose in sorted(set(purposes) - set(stated)):
            why = f"the purpose {purpose} is not stated"
            yield Violation("UK GDPR Art 5(1)(b)", where, why, "State it or remove it")


def retention(agreement: Agreement) -> Iterator[Violation]:
    """Whether nothing is kept longer than it is needed for.

    1. Every zone has a retention period (UK GDPR Art 5(1)(e)).
    2. What is a step towards something else is not kept longer than that (UK GDPR Art 5(1)(e), DPA 2018 s.39).
    """
    days = agreement.retention_days
    for zone in _ZONES:
        if zone not in days:  # (1)
            why = "no retention period is stated"
            yield Violation("UK GDPR Art 5(1)(e)", f"retention_days.{zone}", why, "State the days")
    for step, outcome, why in _NO_LONGER:
        if step in days and outcome in days and days[step] > days[outcome]:  # (2)
            fix = f"Keep {step} no longer than {outcome}"
            yield Violation("UK GDPR Art 5(1)(e)", f"retention_days.{step}", why, fix)
