"""The information sharing agreement as a document to read and to sign: one HTML file, without anything outside it."""

from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from agreement.model import Agreement, FeedTerms, FieldClass, Gateway, Grant, How, Recipient, Treat
from documents.columns import Item, items
from documents.diagram import svg
from documents.flow import flow, sentences
from documents.measures import MEASURES
from documents.rendering import render
from documents.sources import Sources, authority_of
from documents.standing import breaches, signatures
from documents.words import (
    CLASS_MEANINGS,
    CLASSES,
    CONDITIONS,
    ENACTMENTS,
    GATEWAYS,
    ZONES,
    Law,
    authority_name,
    conditions,
    gateway,
    listed,
    under_gdpr,
    under_part3,
)
from schemas.published import MODELS, meanings


@dataclass(frozen=True)
class FeedPart:
    """All that is said of one feed."""

    name: str
    title: str
    description: str
    giver: str
    controller: str
    gateway: str
    conditions: list[Law]
    terms: FeedTerms
    columns: list[Item]
    linked: bool
    looked_at: tuple[str, ...]


@dataclass(frozen=True)
class TablePart:
    """What one recipient has of one table."""

    name: str
    meaning: str
    columns: list[tuple[str, str]]
    rows: list[tuple[str, str]]
    purposes: str


@dataclass(frozen=True)
class RecipientPart:
    """What one recipient has."""

    name: str
    title: str
    belongs: str
    purposes: list[str]
    tables: list[TablePart]


def isa(sources: Sources) -> str:
    """The whole document."""
    agreement = sources.agreement
    return render(
        "isa.html.j2",
        agreement=agreement,
        stated=sources.stated,
        on=sources.on,
        breaches=breaches(sources),
        summary=_summary(agreement),
        parties=[(authority_name(party.authority), party) for party in agreement.parties],
        feeds=[_feed(sources, name) for name in agreement.feeds],
        laws=_laws(agreement),
        recipients=[_recipient(agreement, name, recipient) for name, recipient in agreement.recipients.items()],
        purposes=[(purpose, listed([ENACTMENTS[law] for law in purpose.serves])) for purpose in agreement.purposes],
        competent=listed([authority_name(name) for name in agreement.competent_authorities]),
        linked=[sources.feed_title(name) for name in agreement.linkage.feeds],
        zones=[(zone, ZONES[zone], number) for zone, number in agreement.retention_days.items()],
        officers=listed([authority_name(name) for name in agreement.officers_appointed_by]),
        signatures=signatures(sources),
        classes=[(CLASSES[kind], CLASS_MEANINGS[kind]) for kind in CLASSES],
        measures=MEASURES,
        law_enforcement=[sources.feed_title(name) for name, terms in agreement.feeds.items() if under_part3(terms)],
        general=[sources.feed_title(name) for name, terms in agreement.feeds.items() if under_gdpr(terms)],
        diagram=Markup(svg(sources)),  # noqa: S704  # its texts are escaped by its own template
        flows=sentences(flow(sources)),
    )


def _laws(agreement: Agreement) -> list[Law]:
    """Every clause that a feed relies on, once."""
    relied = {terms.gateway for terms in agreement.feeds.values()}
    stated = {condition for terms in agreement.feeds.values() for condition in terms.conditions}
    powers = [law for power, law in GATEWAYS.items() if power in relied and power is not Gateway.OTHER]
    return [*powers, *(law for condition, law in CONDITIONS.items() if condition in stated)]


def _summary(agreement: Agreement) -> dict[str, Any]:
    """The figures of the first page."""
    stated = [treatment for terms in agreement.feeds.values() for treatment in terms.fields.values()]
    identifiers = [treatment for treatment in stated if treatment.classification is FieldClass.DIRECT_IDENTIFIER]
    columns = {(t, c) for r in agreement.recipients.values() for t, grant in r.tables.items() for c in grant.columns}
    return {
        "feeds": len(agreement.feeds),
        "personal": sum(terms.personal for terms in agreement.feeds.values()),
        "columns": len(stated),
        "treated": {treat: sum(treatment.treat is treat for treatment in stated) for treat in Treat},
        "recipients": listed([recipient.title for recipient in agreement.recipients.values()]),
        "published": len(columns),
        "identifiers": any(t.treat is Treat.KEEP or How.AS_IS in t.generalise.values() for t in identifiers),
    }


def _feed(sources: Sources, name: str) -> FeedPart:
    terms = sources.agreement.feeds[name]
    authority = authority_of(name)
    return FeedPart(
        name=name,
        title=sources.feed_title(name),
        description=sources.feeds[name].description if name in sources.feeds else "",
        giver=authority_name(authority),
        controller=sources.controller(authority),
        gateway=gateway(terms),
        conditions=conditions(terms),
        terms=terms,
        columns=items(sources, name),
        linked=name in sources.agreement.linkage.feeds,
        looked_at=sources.agreement.linkage.looked_at.get(name, ()),
    )


def _recipient(agreement: Agreement, name: str, recipient: Recipient) -> RecipientPart:
    texts = {purpose.id: purpose.text for purpose in agreement.purposes}
    return RecipientPart(
        name=name,
        title=recipient.title,
        belongs=listed([authority_name(authority) for authority in recipient.authorities]),
        purposes=[f"{purpose}: {texts.get(purpose, 'not stated')}" for purpose in recipient.purposes],
        tables=[_table(recipient, table, grant) for table, grant in recipient.tables.items()],
    )


def _table(recipient: Recipient, table: str, grant: Grant) -> TablePart:
    said = meanings(table) if table in MODELS else {}
    return TablePart(
        name=table,
        meaning=str(MODELS[table].__doc__) if table in MODELS else "",
        columns=[(column, said.get(column, "No feed gives this column")) for column in grant.columns],
        rows=[(column, listed(list(values))) for column, values in grant.rows.items()],
        purposes=listed(list(recipient.purposes_of(table))),
    )
