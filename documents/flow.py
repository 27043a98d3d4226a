"""What flows from whom to whom, and in which form: the facts that the diagram draws and its words say. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from agreement.model import Agreement, FeedTerms, Recipient, Treat
from documents.sources import Sources, authority_of
from documents.words import AUTHORITIES, GATEWAYS, authority_name, days, listed


class Form(StrEnum):
    """The form that data flow in, from the most to the least telling."""

    IDENTIFIABLE = "identifiable"
    PSEUDONYMISED = "pseudonymised"
    DEPERSONALISED = "depersonalised"


FORM_WORDS = {
    Form.IDENTIFIABLE: "identifiable",
    Form.PSEUDONYMISED: "pseudonymised",
    Form.DEPERSONALISED: "depersonalised, or not about persons",
}


@dataclass(frozen=True)
class FeedFlow:
    """One feed on its way into the hub."""

    title: str
    power: str
    form: Form
    said: str


@dataclass(frozen=True)
class Giver:
    """One authority and the feeds that it gives."""

    name: str
    controller: str
    feeds: tuple[FeedFlow, ...]


@dataclass(frozen=True)
class RecipientFlow:
    """What leaves the hub for one recipient."""

    title: str
    tables: str
    limits: str
    form: Form


@dataclass(frozen=True)
class Flow:
    """The whole of it."""

    title: str
    operator: str
    givers: tuple[Giver, ...]
    recipients: tuple[RecipientFlow, ...]
    linked: int
    kept: dict[str, str]
    officers: str
    log: str
    source: str

    @property
    def arriving(self) -> Form:
        """The most telling form that any feed arrives in."""
        forms = [feed.form for giver in self.givers for feed in giver.feeds]
        return next((form for form in Form if form in forms), Form.DEPERSONALISED)


def flow(sources: Sources) -> Flow:
    """What an agreement lets flow."""
    agreement = sources.agreement
    log = agreement.log
    return Flow(
        title=agreement.title,
        operator=agreement.operator.name,
        givers=tuple(_givers(sources)),
        recipients=tuple(_recipient(agreement, recipient) for recipient in agreement.recipients.values()),
        linked=len(agreement.linkage.feeds),
        kept={zone: days(number) for zone, number in agreement.retention_days.items()},
        officers=listed([authority_name(name) for name in agreement.officers_appointed_by]),
        log=f"witnesses of at least {log.cosignatures} parties cosign it within {log.within_hours} hours",
        source=sources.sentence,
    )


def sentences(flow: Flow) -> list[str]:
    """The diagram in words, for who cannot see it."""
    given = [
        f"{giver.name} ({giver.controller}) gives "
        f"{listed([f'{feed.title} ({feed.power}; {feed.said})' for feed in giver.feeds])}."
        for giver in flow.givers
        if giver.feeds
    ]
    taken = [
        f"{recipient.title} receives the tables {recipient.tables}, {FORM_WORDS[recipient.form]}; {recipient.limits}."
        for recipient in flow.recipients
    ]
    return [*given, *_inside(flow), *taken]


def _inside(flow: Flow) -> list[str]:
    kept = {zone: f", kept for {text}" for zone, text in flow.kept.items()}
    return [
        f"The hub, which {flow.operator} runs, seals each delivery as it came{kept.get('landing', '')}.",
        f"Rows that break their contract lie sealed in quarantine{kept.get('quarantine', '')}.",
        f"Every other row is split: into records, which are keyed tokens{kept.get('records', '')}, "
        f"and events, which are attributes without names{kept.get('events', '')}.",
        f"Records of {flow.linked} feeds are linked to persons by their tokens; the register says which "
        f"records belong to which person{kept.get('register', '')}.",
        f"A candidate release is built from events and register{kept.get('candidates', '')}.",
        f"An officer, whom {flow.officers} appoint, signs the decision on it; then it is "
        f"published{kept.get('releases', '')}.",
        f"Every step is an entry in the log; {flow.log}.",
    ]


def _givers(sources: Sources) -> Iterable[Giver]:
    feeds = sources.agreement.feeds
    parties = {party.authority for party in sources.agreement.parties}
    known = [name for name in AUTHORITIES if name in parties]
    known += sorted(parties - {*known})
    others = [authority_of(feed) for feed in feeds if authority_of(feed) not in known]
    for authority in dict.fromkeys([*known, *others]):
        own = (name for name in feeds if authority_of(name) == authority)
        flows = tuple(_feed(sources, name, feeds[name]) for name in own)
        yield Giver(authority_name(authority), sources.controller(authority), flows)


def _feed(sources: Sources, name: str, terms: FeedTerms) -> FeedFlow:
    if not terms.personal:
        form, said = Form.DEPERSONALISED, "not about persons"
    elif terms.pseudonymised_at == "source":
        form, said = Form.PSEUDONYMISED, "pseudonymised at source"
    else:
        telling = any(treatment.treat is Treat.TOKENISE for treatment in terms.fields.values())
        form, said = Form.IDENTIFIABLE, "identifiable until split" if telling else "identifiable"
    return FeedFlow(sources.feed_title(name), GATEWAYS[terms.gateway].short, form, said)


def _recipient(agreement: Agreement, recipient: Recipient) -> RecipientFlow:
    tables = [f"{table} ({len(grant.columns)} columns)" for table, grant in recipient.tables.items()]
    narrowed = [table for table, grant in recipient.tables.items() if grant.rows]
    limits = f"some rows only of {listed(narrowed)}" if narrowed else "all rows"
    return RecipientFlow(recipient.title, listed(tables), limits, _form(agreement, recipient))


def _form(agreement: Agreement, recipient: Recipient) -> Form:
    """Releases are pseudonymised, unless a recipient has rows of feeds alone that are not about persons."""
    impersonal = {name for name, terms in agreement.feeds.items() if not terms.personal}
    for grant in recipient.tables.values():
        feeds = set(grant.rows.get("feed", ()))
        if "person_id" in grant.columns or not feeds or not feeds <= impersonal:
            return Form.PSEUDONYMISED
    return Form.DEPERSONALISED
