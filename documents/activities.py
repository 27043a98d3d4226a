"""The processing activities under the agreement, one for each controller that answers for it. Pure.

An activity is recorded as the law asks: UK GDPR Art 30(1)(a)-(g) and DPA 2018 s.61(2) for controllers,
UK GDPR Art 30(2)(a)-(d) and DPA 2018 s.61(4) for the operator as their processor.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agreement.model import FeedTerms, Recipient, Treat
from agreement.parties import Party
from documents.measures import MEASURES
from documents.sources import Sources, authority_of
from documents.words import CLASSES, conditions, days, gateway, listed, under_gdpr, under_part3
from hub.settings import Zone

NO_TRANSFER = "None: the agreement states no transfer to a third country or an international organisation"
NO_PROFILING = "None by the hub: it joins records and predicts nothing about a person"
_COLLECTED: tuple[Zone, ...] = ("landing", "quarantine", "records", "events")
_LINKED: tuple[Zone, ...] = ("records", "register")
_RELEASED: tuple[Zone, ...] = ("candidates", "releases")


@dataclass(frozen=True)
class Activity:
    """One row of the record, every part filled. ``operations`` are the categories of processing (Art 30(2)(b))."""

    record: str
    activity: str
    controller: str
    contact: str
    joint_controllers: str
    protection_officer: str
    processor: str
    purposes: str
    subjects: str
    data: str
    recipients: str
    transfers: str
    erasure: str
    measures: str
    operations: str
    legal_basis: str
    profiling: str
    impact_assessment: str
    policy_document: str


@dataclass(frozen=True)
class _Part:
    """What sets one activity apart from the others of the same controller."""

    activity: str
    feeds: Mapping[str, FeedTerms]
    purposes: Sequence[str]
    data: str
    recipients: str
    zones: Sequence[Zone]
    operations: str


def controllers(sources: Sources) -> list[Activity]:
    """What each controller answers for: each of its feeds, the linkage of them, and each release that they are in."""
    return [_activity(sources, party, part) for party in sources.agreement.parties for part in _parts(sources, party)]


def processor(sources: Sources) -> list[Activity]:
    """What the operator does for each controller whose personal data it holds (UK GDPR Art 30(2))."""
    agreement, found = sources.agreement, []
    for party in agreement.parties:
        feeds = _feeds(sources, party)
        if feeds:
            to = [recipient.title for recipient in agreement.recipients.values()]
            purposes = _named(purpose for terms in feeds.values() for purpose in terms.purposes)
            part = _Part(
                f"Running the hub for {party.controller}",
                feeds,
                purposes,
                _data(feeds.values()),
                listed(to),
                tuple(agreement.retention_days),
                "collection, checking, pseudonymisation, storage, combination, disclosure to recipients, erasure",
            )
            found.append(_activity(sources, party, part, "processor"))
    return found


def not_recorded(sources: Sources) -> list[str]:
    """The feeds that hold no personal data, for which the law asks no record."""
    return [sources.feed_title(name) for name, terms in sources.agreement.feeds.items() if not terms.personal]


def _parts(sources: Sources, party: Party) -> Iterator[_Part]:
    agreement = sources.agreement
    feeds = _feeds(sources, party)
    for name, terms in feeds.items():
        what = f"Sharing {sources.feed_title(name)} ({name})"
        operations = "collection, checking, pseudonymisation, storage, erasure"
        hub = f"the hub ({agreement.operator.name}, as processor)"
        yield _Part(what, {name: terms}, terms.purposes, _data([terms]), hub, _COLLECTED, operations)
    linked = {name: terms for name, terms in feeds.items() if name in agreement.linkage.feeds}
    if linked:
        purposes = _named(purpose for terms in linked.values() for purpose in terms.purposes)
        hub = f"none outside the hub ({agreement.operator.name}, as processor)"
        yield _Part("Linking records to persons", linked, purposes, _tokens(linked), hub, _LINKED, "combination")
    if feeds:
        yield from (_release(sources, feeds, recipient) for recipient in agreement.recipients.values())


def _release(sources: Sources, feeds: Mapping[str, FeedTerms], recipient: Recipient) -> _Part:
    columns = [f"{table}: {', '.join(grant.columns)}" for table, grant in recipient.tables.items()]
    what = f"Releasing linked tables to {recipient.title}"
    title = recipient.title
    return _Part(what, feeds, recipient.purposes, "; ".join(columns), title, _RELEASED, "combination, disclosure")


def _activity(sources: Sources, party: Party, part: _Part, role: str = "controller") -> Activity:
    agreement, operator = sources.agreement, sources.agreement.operator
    texts = {purpose.id: purpose.text for purpose in agreement.purposes}
    joint = [
        other for other in agreement.parties if {other.role, party.role} == {"joint-controller"} and other != party
    ]
    return Activity(
        record=_law(part.feeds.values(), role),
        activity=part.activity,
        controller=party.controller,
        contact=party.contact,
        joint_controllers="; ".join(f"{other.controller} ({other.contact})" for other in joint) or "None",
        protection_officer=f"The controller's: not stated, ask {party.contact}. "
        f"The operator's: {operator.data_protection_officer}",
        processor=f"{operator.name} ({operator.contact})",
        purposes=" ".join(f"{name}: {texts.get(name, 'not stated.')}" for name in part.purposes),
        subjects=listed(_named(who for terms in part.feeds.values() for who in terms.subjects) or ["not stated"]),
        data=part.data,
        recipients=part.recipients,
        transfers=NO_TRANSFER,
        erasure=_erasure(agreement.retention_days, part.zones),
        measures=" ".join(MEASURES),
        operations=part.operations,
        legal_basis=_basis(part.feeds),
        profiling=NO_PROFILING,
        impact_assessment=_stated(terms.dpia for terms in part.feeds.values()),
        policy_document=_stated(terms.policy_document for terms in part.feeds.values()),
    )


def _feeds(sources: Sources, party: Party) -> dict[str, FeedTerms]:
    """The feeds of a party that hold personal data."""
    feeds = sources.agreement.feeds.items()
    return {name: terms for name, terms in feeds if authority_of(name) == party.authority and terms.personal}


def _law(feeds: Iterable[FeedTerms], role: str) -> str:
    """Which records the law asks for: by UK GDPR, for law enforcement by DPA 2018 Part 3, or both."""
    stated = tuple(feeds)
    general, enforcement = (
        ("UK GDPR Art 30(2)", "DPA 2018 s.61(4)") if role == "processor" else ("UK GDPR Art 30(1)", "DPA 2018 s.61(2)")
    )
    asked = {general: any(map(under_gdpr, stated)), enforcement: any(map(under_part3, stated))}
    return listed([clause for clause, needed in asked.items() if needed])


def _data(feeds: Iterable[FeedTerms]) -> str:
    """The columns of feeds by class."""
    stated = [(treatment.classification, column) for terms in feeds for column, treatment in terms.fields.items()]
    by_class = {kind: _named(column for found, column in stated if found is kind) for kind in CLASSES}
    return "; ".join(f"{CLASSES[kind]}: {', '.join(columns)}" for kind, columns in by_class.items() if columns)


def _tokens(feeds: Mapping[str, FeedTerms]) -> str:
    """What linkage reads."""
    fields = (item for terms in feeds.values() for item in terms.fields.items())
    return "keyed tokens of " + ", ".join(_named(name for name, stated in fields if stated.treat is Treat.TOKENISE))


def _basis(feeds: Mapping[str, FeedTerms]) -> str:
    """Power and conditions, said once for feeds that share them."""
    said: dict[str, list[str]] = {}
    for name, terms in feeds.items():
        clauses = [law.clause for law in conditions(terms)]
        further = [f"further use under {terms.further_use}"] if terms.further_use else []
        said.setdefault("; ".join([gateway(terms), *clauses, *further]), []).append(name)
    return ". ".join(f"{', '.join(names)}: {basis}" for basis, names in said.items())


def _erasure(retention: Mapping[Zone, int], zones: Sequence[Zone]) -> str:
    return "; ".join(f"{zone} {days(retention[zone]) if zone in retention else 'not stated'}" for zone in zones)


def _stated(references: Iterable[str | None]) -> str:
    return listed(_named(reference for reference in references if reference) or ["none stated"])


def _named(names: Iterable[str]) -> list[str]:
    """Each name once, in the order of its first mention."""
    return list(dict.fromkeys(names))
