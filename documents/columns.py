"""Every column of a feed as a reader sees it: what it is, what is done with it, and what is published from it."""

from dataclasses import dataclass

from agreement.model import Treat, Treatment
from documents.sources import Sources
from documents.words import CLASSES, FORMS, TREATMENTS
from schemas.contract import Contract
from schemas.published import MODELS, published_schema

UNDESCRIBED = "No contract describes this column"


@dataclass(frozen=True)
class Published:
    """One published column that is made from a feed's: its form, the tables it stands in, and who receives it."""

    column: str
    form: str
    tables: tuple[str, ...]
    recipients: tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """One column of a feed. ``source`` is the authority's own name for it; none: the hub makes it from others."""

    column: str
    source: str | None
    meaning: str
    classification: str
    treatment: str
    published: tuple[Published, ...]


def items(sources: Sources, feed: str) -> list[Item]:
    """Every column that the agreement states for a feed, in its order."""
    return [_item(sources, feed, column, stated) for column, stated in sources.agreement.feeds[feed].fields.items()]


def treatment_words(stated: Treatment) -> str:
    """What is done with a column, in one sentence."""
    said = TREATMENTS[stated.treat]
    made = [f"{FORMS[how]} may be published as {name}" for name, how in stated.generalise.items()]
    return "; ".join([said, *made])


def _item(sources: Sources, feed: str, column: str, stated: Treatment) -> Item:
    contract = sources.contracts.get(feed)
    known = contract is not None and column in contract.columns
    names = {ours: theirs for theirs, ours in contract.source_names.items()} if contract else {}
    return Item(
        column=column,
        source=names.get(column),
        meaning=str(contract.schema.columns[column].description) if contract and known else UNDESCRIBED,
        classification=CLASSES[stated.classification],
        treatment=treatment_words(stated),
        published=tuple(_published(sources, contract, column, stated)),
    )


def _published(sources: Sources, contract: Contract | None, column: str, stated: Treatment) -> list[Published]:
    forms = {column: "as it is"} if stated.treat is Treat.KEEP else {}
    forms |= {name: FORMS[how] for name, how in stated.generalise.items()}
    return [_granted(sources, name, form, _tables(contract, column)) for name, form in forms.items()]


def _tables(contract: Contract | None, column: str) -> tuple[str, ...]:
    """The tables that a column may stand in: those of persons if it is about the person, else that of events."""
    if contract is None:
        return tuple(MODELS)
    return ("person", "involvement") if column in contract.person_columns else ("event",)


def _granted(sources: Sources, name: str, form: str, candidates: tuple[str, ...]) -> Published:
    """Where a published column stands, and who is granted it there."""
    tables = tuple(table for table in candidates if name in published_schema(table).columns)
    recipients = sources.agreement.recipients.values()
    having = tuple(r.title for r in recipients if any(name in r.tables[t].columns for t in tables if t in r.tables))
    return Published(name, form, tables, having)
