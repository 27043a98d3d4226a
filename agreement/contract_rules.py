"""Whether the agreement, the feeds' contracts and the published tables name the same things."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Protocol

from agreement.model import Agreement, FeedTerms, Treat
from agreement.violation import Violation


class FeedContract(Protocol):
    """What the agreement needs to know of a feed's contract (``schemas.contract.Contract`` is one)."""

    @property
    def columns(self) -> Sequence[str]:
        """All columns, by the hub's names."""

    @property
    def personal(self) -> bool:
        """Whether the rows are about persons."""

    @property
    def row_key(self) -> Sequence[str]:
        """The source's own references."""

    @property
    def identifiers(self) -> Collection[str]:
        """The columns that identify."""

    @property
    def publishable(self) -> Sequence[str]:
        """The columns that may be published as they are."""


def contracts(agreement: Agreement, known: Mapping[str, FeedContract]) -> Iterator[Violation]:
    """Whether the agreement and the feeds' contracts name the same feeds and columns, as the same things.

    1. Every feed that has a contract has terms (Agreement, feeds).
    2. Every feed that has terms has a contract (Agreement, feeds).
    3. Every column of a contract has a treatment (Agreement, fields).
    4. No treatment is stated for a column that does not exist (Agreement, fields).
    5. A feed is about persons in both or in neither (UK GDPR Art 4(1)).
    6. What identifies is tokenised or dropped (UK GDPR Art 25).
    7. Only what may be published is kept (UK GDPR Art 25).
    8. The source's own keys are treated as references (Agreement, fields).
    """
    for feed in sorted(known.keys() - agreement.feeds.keys()):  # (1)
        yield Violation("Agreement, feeds", f"feeds.{feed}", "this feed has no terms", "Add its terms")
    for feed, terms in agreement.feeds.items():
        if feed not in known:  # (2)
            yield Violation("Agreement, feeds", f"feeds.{feed}", "this feed has no contract", "Remove its terms")
            continue
        yield from _same_columns(feed, terms, known[feed])  # (3) (4)
        if terms.personal != known[feed].personal:  # (5)
            why = f"its contract says that it is {'' if known[feed].personal else 'not '}about persons"
            yield Violation("UK GDPR Art 4(1)", f"feeds.{feed}.personal", why, "Say the same")
        yield from _as_they_are(feed, terms, known[feed])  # (6) (7) (8)


def _same_columns(feed: str, terms: FeedTerms, contract: FeedContract) -> Iterator[Violation]:
    stated, named = set(terms.fields), set(contract.columns)
    for column in sorted(named - stated):  # (3)
        where = f"feeds.{feed}.fields.{column}"
        yield Violation("Agreement, fields", where, "the column is not declared", "Say how it is treated")
    for column in sorted(stated - named):  # (4)
        where = f"feeds.{feed}.fields.{column}"
        yield Violation("Agreement, fields", where, "the contract has no such column", "Remove it")


def _as_they_are(feed: str, terms: FeedTerms, contract: FeedContract) -> Iterator[Violation]:
    for column in contract.columns:
        if column not in terms.fields:
            continue
        treat, where = terms.fields[column].treat, f"feeds.{feed}.fields.{column}"
        if column in contract.identifiers and treat not in {Treat.TOKENISE, Treat.DROP}:  # (6)
            yield Violation("UK GDPR Art 25", where, "it identifies a person", "Tokenise or drop it")
        elif treat is Treat.KEEP and column not in contract.publishable:  # (7)
            yield Violation("UK GDPR Art 25", where, "it may tell who somebody is", "Drop it")
        if column in contract.row_key and treat is not Treat.REFERENCE:  # (8)
            yield Violation("Agreement, fields", where, "it is the source's own key", "Treat it as a reference")


def published(agreement: Agreement, tables: Mapping[str, Collection[str]]) -> Iterator[Violation]:
    """Whether what is granted and what is made has a place in the published tables.

    1. Every table that is granted is a published one (Agreement, recipients).
    2. Every column that is granted is one of its table's (Agreement, recipients).
    3. Rows are chosen by columns of the same table (Agreement, recipients).
    4. Every column that the fields make is one of the tables' of events or of involvements (Agreement, fields).
    """
    for name, recipient in agreement.recipients.items():
        for table, grant in recipient.tables.items():
            where, has = f"recipients.{name}.tables.{table}", tables.get(table)
            if has is None:  # (1)
                yield Violation("Agreement, recipients", where, "there is no such published table", "Remove it")
                continue
            for column in (column for column in grant.columns if column not in has):  # (2)
                why = f"the table has no column {column}"
                yield Violation("Agreement, recipients", where, why, "Remove it")
            for column in (column for column in grant.rows if column not in has):  # (3)
                why = f"rows cannot be chosen by {column}, which the table has not"
                yield Violation("Agreement, recipients", f"{where}.rows", why, "Choose by another column")
    about_events = set().union(*(tables.get(table, ()) for table in ("event", "involvement")))
    for feed, terms in agreement.feeds.items():
        for column, treatment in terms.fields.items():
            for made in (made for made in treatment.published(column) if made not in about_events):  # (4)
                why, where = f"no published table has a column {made}", f"feeds.{feed}.fields.{column}"
                yield Violation("Agreement, fields", where, why, "Drop it, or add it to the published tables")
