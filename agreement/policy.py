"""What code asks before it acts: may this be collected, kept, linked, released? A refusal names the clause."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import chain

from agreement import feed_rules, rules
from agreement.model import Agreement, FeedTerms, Treatment
from agreement.violation import Violation
from hub.errors import ConfigurationError
from hub.feeds import load_feeds
from hub.periods import Quarter
from hub.settings import Settings
from hub.yaml_files import load_yaml


def load_agreement(settings: Settings) -> Agreement:
    """The agreement in ``config/agreement.yaml``.

    Raises ConfigurationError if it cannot be read, or if a feed's own file says that it is pseudonymised
    elsewhere than the agreement says: a name could then arrive where none may.
    """
    path = settings.config / "agreement.yaml"
    agreement = load_yaml(path, Agreement)
    for name, feed in load_feeds(settings.config).items():
        terms = agreement.feeds.get(name)
        if terms is not None and terms.pseudonymised_at != feed.pseudonymised_at:
            raise ConfigurationError(
                f"The feed {name} and the agreement differ",
                where=str(path),
                why=f"one has it pseudonymised at {terms.pseudonymised_at}, the other at {feed.pseudonymised_at}",
                fix="Correct the feed's file, or agree the change",
            )
    return agreement


def permit_collection(agreement: Agreement, feed: str, quarter: Quarter, on: date) -> FeedTerms:
    """The terms on which a feed may be collected for a quarter; raises AgreementRefusal.

    1. The agreement is in force (agreement, term and signatures).
    2. The feed has terms (agreement, feeds).
    3. Its gateway and conditions hold (PCSC Act 2022 s.16, CDA 1998 s.115 and s.17A, UK GDPR).
    4. The quarter is not before the feed's earliest (agreement, feeds).
    5. The quarter has ended (agreement, periods).
    """
    what = f"Collecting {feed} for {quarter} is refused"
    _refuse_first(what, rules.in_force(agreement, on))  # (1)
    terms = _terms(agreement, feed, what)  # (2)
    _refuse_first(what, chain(feed_rules.gateway(agreement, feed), feed_rules.conditions(feed, terms)))  # (3)
    if quarter < Quarter.parse(terms.earliest_period):  # (4)
        why = f"it is shared from {terms.earliest_period} on"
        place = f"feeds.{feed}.earliest_period"
        raise Violation("Agreement, feeds", place, why, "Ask for a later quarter, or agree this one").refusal(what)
    _refuse_first(what, rules.ended(quarter, on))  # (5)
    return terms


def permit_fields(agreement: Agreement, feed: str, columns: Iterable[str]) -> dict[str, Treatment]:
    """How each column of a feed is to be treated; raises AgreementRefusal.

    1. The feed has terms (agreement, feeds).
    2. Every column is declared: what is not permitted does not flow (agreement, fields).
    3. The columns are treated as what they are (UK GDPR Art 5(1)(c), Art 25).
    """
    what = f"Keeping columns of {feed} is refused"
    terms = _terms(agreement, feed, what)  # (1)
    treatments: dict[str, Treatment] = {}
    for column in columns:
        if column not in terms.fields:  # (2)
            place = f"feeds.{feed}.fields.{column}"
            raise Violation("Agreement, fields", place, "the column is not declared", "Say how it is treated").refusal(
                what
            )
        treatments[column] = terms.fields[column]
    _refuse_first(what, feed_rules.fields(feed, terms))  # (3)
    return treatments


def permit_linkage(agreement: Agreement, feeds: Sequence[str], quarter: Quarter, on: date) -> None:
    """Whether the persons of these feeds may be combined up to a quarter; raises AgreementRefusal.

    1. The agreement is in force (agreement, term and signatures).
    2. Each feed is named for linkage (agreement, linkage).
    3. Each is about persons: depersonalised data are never joined to one (DPA 2018 s.171).
    4. Each feed's gateway still holds (PCSC Act 2022 s.16, CDA 1998 s.115).
    5. The quarter has ended (agreement, periods).
    """
    what = "Linking persons is refused"
    _refuse_first(what, rules.in_force(agreement, on))  # (1)
    _refuse_first(what, rules.ended(quarter, on))  # (5)
    for feed in feeds:
        terms = _terms(agreement, feed, what)
        if feed not in agreement.linkage.feeds:  # (2)
            why = f"{feed} is not named for linkage"
            raise Violation("Agreement, linkage", "linkage.feeds", why, "Leave it out, or agree its linkage").refusal(
                what
            )
        if not terms.personal:  # (3)
            why = "depersonalised data are never joined to a person"
            raise Violation("DPA 2018 s.171", f"feeds.{feed}", why, "Leave the feed out").refusal(what)
        _refuse_first(what, feed_rules.gateway(agreement, feed))  # (4)


def permit_release(agreement: Agreement, recipient: str, tables: Mapping[str, Sequence[str]], on: date) -> None:
    """Whether a recipient may be given these columns of these tables; raises AgreementRefusal.

    1. The agreement is in force (agreement, term and signatures).
    2. The recipient is named (agreement, recipients).
    3. Every table and every column is granted to it (agreement, recipients; UK GDPR Art 5(1)(c)).
    4. What is granted is lawful to publish (UK GDPR Art 5(1)(b)-(c), Art 25).
    """
    what = f"Release to {recipient} is refused"
    _refuse_first(what, rules.in_force(agreement, on))  # (1)
    if recipient not in agreement.recipients:  # (2)
        why = "this recipient is not named"
        raise Violation(
            "Agreement, recipients", f"recipients.{recipient}", why, "Name it, or release to another"
        ).refusal(what)
    granted = agreement.recipients[recipient].tables
    for table, columns in tables.items():
        for why in _not_granted(granted.get(table), columns):  # (3)
            place = f"recipients.{recipient}.tables.{table}"
            raise Violation("Agreement, recipients", place, why, "Leave it out, or agree it").refusal(what)
    _refuse_first(what, rules.recipients(agreement))  # (4)


def _not_granted(granted: Sequence[str] | None, columns: Sequence[str]) -> Iterator[str]:
    if granted is None:
        yield "the table is not granted"
        return
    yield from (f"the column {column} is not granted" for column in columns if column not in granted)


def check_agreement(agreement: Agreement, contracts: Mapping[str, Sequence[str]]) -> tuple[Violation, ...]:
    """Every violation in an agreement, checked against the columns of every feed's contract.

    Whether it is in force on a day is another question: ``rules.in_force``.
    """
    return tuple(
        chain(
            rules.form(agreement),
            _feed_rules(agreement),
            rules.recipients(agreement),
            rules.contracts(agreement, contracts),
        )
    )


def _feed_rules(agreement: Agreement) -> Iterator[Violation]:
    for feed, terms in agreement.feeds.items():
        yield from feed_rules.gateway(agreement, feed)
        yield from feed_rules.conditions(feed, terms)
        yield from feed_rules.fields(feed, terms)


def _terms(agreement: Agreement, feed: str, what: str) -> FeedTerms:
    if feed not in agreement.feeds:
        raise Violation("Agreement, feeds", f"feeds.{feed}", "this feed has no terms", "Agree its terms first").refusal(
            what
        )
    return agreement.feeds[feed]


def _refuse_first(what: str, violations: Iterable[Violation]) -> None:
    for violation in violations:
        raise violation.refusal(what)
