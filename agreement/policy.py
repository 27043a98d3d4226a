"""What code asks before it acts: may this be collected, kept, linked, released? A refusal names the clause."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import chain
from pathlib import Path
from typing import cast

from agreement import feed_rules, grants, public_rules, reidentification_rules, rules
from agreement.condition_rules import conditions
from agreement.grants import Portion, Rows, portions
from agreement.model import Agreement, FeedTerms, Public, Treat, Treatment
from agreement.signing import read_signatures, signatures_path
from agreement.violation import Violation
from hub.errors import ConfigurationError
from hub.feeds import load_feeds
from hub.periods import Quarter
from hub.settings import Settings
from hub.yaml_files import load_yaml

LINKED_BY = ("token_", "encoding_")


_held: dict[Path, tuple[Sequence[tuple[Path, bytes]], Agreement]] = {}


def load_agreement(settings: Settings) -> Agreement:
    """The agreement that the hub obeys, with the signatures beside it: ``config/agreement.yaml`` or the setting.

    It is read at every call, since it may have changed; it is parsed anew only if a byte of it has, or of the feeds'
    files. Raises ConfigurationError if it cannot be read, or if a feed's own file says that it is pseudonymised
    elsewhere than the agreement says: a name could then arrive where none may.
    """
    path = settings.agreement_path
    before, (held, agreement) = _contents(settings), _held.get(path, ((), None))
    if agreement is None or held != before:
        agreement = _parsed(settings)
        if _contents(settings) == before:
            _held[path] = (before, agreement)
    return agreement


def _contents(settings: Settings) -> Sequence[tuple[Path, bytes]]:
    """Every byte that the agreement and what it is compared with are made from."""
    path = settings.agreement_path
    files = (path, signatures_path(path), *sorted((settings.config / "feeds").glob("*.yaml")))
    return [(file, file.read_bytes()) for file in files if file.is_file()]


def _parsed(settings: Settings) -> Agreement:
    path = settings.agreement_path
    agreement = read_agreement(path)
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


def read_agreement(path: Path) -> Agreement:
    """The agreement in a file, with the signatures beside it; raises ConfigurationError."""
    text = load_yaml(path, Agreement)
    if text.signatures:
        raise ConfigurationError(
            "The agreement cannot be read",
            where=str(path),
            why="it states signatures, which are no part of the text",
            fix="Take them out; hub agreement sign keeps them in a file beside it",
        )
    return text.model_copy(update={"signatures": read_signatures(path)})


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
    _refuse_first(what, chain(feed_rules.gateway(agreement, feed), conditions(agreement, feed)))  # (3)
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


def looked_at(agreement: Agreement, feed: str) -> frozenset[str]:
    """The columns of a feed that linkage may look at beside tokens: those named for it that its terms keep still."""
    terms = agreement.feeds.get(feed)
    if terms is None or feed not in agreement.linkage.feeds:
        return frozenset()
    return frozenset(name for name in agreement.linkage.looked_at.get(feed, ()) if terms.publishes(name))


def permit_reidentification(agreement: Agreement, feeds: Sequence[str], purpose: str, on: date) -> None:
    """Whether the authorities of these feeds may be told which of their own records are meant; raises AgreementRefusal.

    1. The agreement is in force (agreement, term and signatures).
    2. Of each feed the controller consents, for this purpose (``reidentification_rules.reidentified``; DPA 2018 s.171).
    3. Each feed's gateway still holds (PCSC Act 2022 s.16, CDA 1998 s.115).
    """
    what = "Re-identification is refused"
    _refuse_first(what, rules.in_force(agreement, on))  # (1)
    for feed in feeds:
        _refuse_first(what, reidentification_rules.reidentified(agreement, feed, purpose))  # (2)
        _refuse_first(what, feed_rules.gateway(agreement, feed))  # (3)


def permit_storage(
    agreement: Agreement, feed: str, quarter: Quarter, stored: Iterable[tuple[str, Sequence[str]]], on: date
) -> None:
    """Whether the columns of these very tables of a feed may be kept; raises AgreementRefusal.

    ``stored`` has every column but the hub's own, each with the columns of the feed that it can be made from.

    1. The feed may be collected for the quarter on the very day (``permit_collection``).
    2. A token or an encoding is made of columns that are all tokenised (agreement, fields).
    3. Any other column is one that the terms of one of those columns publish (agreement, fields).
    """
    what = f"Storing {feed} for {quarter} is refused"
    terms = permit_collection(agreement, feed, quarter, on)  # (1)
    for column, sources in stored:
        if column.startswith(LINKED_BY):  # (2)
            made = tokenised(terms, sources)
        else:  # (3)
            made = any(name in terms.fields and column in terms.fields[name].published(name) for name in sources)
        if not made:
            place, why = f"feeds.{feed}.fields", f"the terms make no column {column}"
            raise Violation("Agreement, fields", place, why, "Leave it out, or agree it").refusal(what)


def tokenised(terms: FeedTerms, sources: Sequence[str]) -> bool:
    """Whether a token or an encoding may be made of these columns: all of them are tokenised, and there is one."""
    return bool(sources) and all(
        name in terms.fields and terms.fields[name].treat is Treat.TOKENISE for name in sources
    )


def permit_release(agreement: Agreement, recipient: str, tables: Mapping[str, Portion], on: date) -> None:
    """Whether a recipient may be given these portions of tables; raises AgreementRefusal.

    1. The agreement is in force (agreement, term and signatures).
    2. The recipient is named (agreement, recipients).
    3. It is granted every table, column and purpose, and all rows that are left (``grants.beyond``).
    4. What is granted is lawful to publish (UK GDPR Art 5(1)(b)-(c), Art 25).
    """
    what = f"Release to {recipient} is refused"
    _refuse_first(what, rules.in_force(agreement, on))  # (1)
    _refuse_first(what, grants.named(agreement, recipient))  # (2)
    for table, asked in tables.items():  # (3)
        place = f"recipients.{recipient}.tables.{table}"
        _refuse_first(what, grants.beyond(agreement.recipients[recipient], place, table, asked))
    _refuse_first(what, chain(rules.recipients(agreement), grants.row_filters(agreement)))  # (4)


def permit_read(
    agreement: Agreement, recipient: str, purpose: str, table: str, columns: Sequence[str], on: date
) -> None:
    """Whether a recipient may read these columns of a table for a purpose; raises AgreementRefusal.

    Asked at each read, for what that read is about; the rules are those of ``permit_release``. Whether the rows of a
    release may all be seen still is another question: ``permit_rows``.
    """
    rows = portions(agreement, recipient).get(table, Portion((), ())).rows
    permit_release(agreement, recipient, {table: Portion(tuple(columns), (purpose,), rows)}, on)


def permit_rows(agreement: Agreement, recipient: str, narrowed_by: Mapping[str, Rows]) -> None:
    """Whether a release whose tables were narrowed by these may still be read; raises AgreementRefusal.

    1. No table was narrowed less than the recipient's grants say now (agreement, recipients). All tables count,
       whichever is read: an event that may not be seen any more is in the counts of persons too.
    """
    what = f"Reading a release to {recipient} is refused"
    for table, portion in portions(agreement, recipient).items():
        place = f"recipients.{recipient}.tables.{table}"
        _refuse_first(what, grants.wider(place, portion.rows, narrowed_by.get(table, {})))  # (1)


def permit_public(agreement: Agreement, tables: Sequence[str], on: date) -> Public:
    """The terms on which these kinds of tables may be put before the public; raises AgreementRefusal.

    1. The agreement is in force (agreement, term and signatures).
    2. It names these kinds of tables for the public (``public_rules.permitted``).
    3. Its terms for the public are no weaker than those for recipients (``public_rules.terms``).
    """
    what = "Giving figures to the public is refused"
    asked = (rules.in_force(agreement, on), public_rules.permitted(agreement, tables), public_rules.terms(agreement))
    _refuse_first(what, chain(*asked))  # (1) (2) (3)
    return cast(Public, agreement.public)


def _terms(agreement: Agreement, feed: str, what: str) -> FeedTerms:
    if feed not in agreement.feeds:
        raise Violation("Agreement, feeds", f"feeds.{feed}", "this feed has no terms", "Agree its terms first").refusal(
            what
        )
    return agreement.feeds[feed]


def _refuse_first(what: str, violations: Iterable[Violation]) -> None:
    for violation in violations:
        raise violation.refusal(what)
