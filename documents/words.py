"""The agreement's codes in plain words, with the clause of the law that each stands for."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from agreement.model import Condition, Enactment, FeedTerms, FieldClass, Gateway, How, Treat
from hub.feeds import Authority
from hub.settings import Zone

_YEAR_DAYS = 365.25


@dataclass(frozen=True)
class Law:
    """A clause: in full, in short, and what it says in one sentence."""

    clause: str
    short: str
    words: str


GATEWAYS: Mapping[Gateway, Law] = {
    Gateway.SERIOUS_VIOLENCE_DUTY: Law(
        "Police, Crime, Sentencing and Courts Act 2022, section 16",
        "PCSC Act 2022 s.16",
        "A specified authority may disclose information for the serious violence duty; never patient information, "
        "and no personal information from a health or social care authority.",
    ),
    Gateway.CRIME_AND_DISORDER: Law(
        "Crime and Disorder Act 1998, section 115",
        "CDA 1998 s.115",
        "Anyone may disclose information to a relevant authority where that is necessary or expedient for the Act.",
    ),
    Gateway.DEPERSONALISED_EXCHANGE: Law(
        "Crime and Disorder Act 1998, section 17A, with SI 2007/1831",
        "CDA 1998 s.17A",
        "Relevant authorities exchange depersonalised information for each quarter.",
    ),
    Gateway.OTHER: Law("Another power", "Another power", "The power is named by the agreement."),
}
CONDITIONS: Mapping[Condition, Law] = {
    Condition.PUBLIC_TASK: Law(
        "UK GDPR Article 6(1)(e)", "UK GDPR Art 6(1)(e)", "needed for a task in the public interest"
    ),
    Condition.SUBSTANTIAL_PUBLIC_INTEREST: Law(
        "UK GDPR Article 9(2)(g)", "UK GDPR Art 9(2)(g)", "special category data, for a substantial public interest"
    ),
    Condition.CRIMINAL_OFFENCE_DATA: Law(
        "UK GDPR Article 10",
        "UK GDPR Art 10",
        "criminal offence data, under official authority or as domestic law authorises",
    ),
    Condition.SCHEDULE_1_PART_2: Law(
        "Data Protection Act 2018, Schedule 1, Part 2",
        "DPA 2018 Sch.1 Pt 2",
        "a condition of substantial public interest, which asks for an appropriate policy document",
    ),
    Condition.LAW_ENFORCEMENT: Law(
        "Data Protection Act 2018, Part 3", "DPA 2018 Pt 3", "law enforcement processing by a competent authority"
    ),
    Condition.SCHEDULE_8: Law(
        "Data Protection Act 2018, Schedule 8",
        "DPA 2018 Sch.8",
        "sensitive processing that is strictly necessary for law enforcement, on one of that schedule's conditions",
    ),
}
ENACTMENTS: Mapping[Enactment, str] = {
    Enactment.SERIOUS_VIOLENCE_DUTY: "the serious violence duty (PCSC Act 2022, Part 2)",
    Enactment.CRIME_AND_DISORDER: "the Crime and Disorder Act 1998",
    Enactment.LAW_ENFORCEMENT: "law enforcement (Data Protection Act 2018, section 31)",
}
CLASSES: Mapping[FieldClass, str] = {
    FieldClass.DIRECT_IDENTIFIER: "direct identifier",
    FieldClass.QUASI_IDENTIFIER: "quasi-identifier",
    FieldClass.SPECIAL_CATEGORY: "special category",
    FieldClass.CRIMINAL_OFFENCE: "criminal offence",
    FieldClass.ATTRIBUTE: "attribute",
}
CLASS_MEANINGS: Mapping[FieldClass, str] = {
    FieldClass.DIRECT_IDENTIFIER: "says by itself who somebody is, or stands for what does",
    FieldClass.QUASI_IDENTIFIER: "may point to somebody together with other facts",
    FieldClass.SPECIAL_CATEGORY: "data of the kinds that UK GDPR Article 9 protects, such as health or ethnic origin",
    FieldClass.CRIMINAL_OFFENCE: "data about offences, suspicions or sentences (UK GDPR Article 10)",
    FieldClass.ATTRIBUTE: "any other fact",
}
TREATMENTS: Mapping[Treat, str] = {
    Treat.DROP: "Left out: it goes no further than the sealed delivery",
    Treat.TOKENISE: "Replaced by keyed tokens, only used to link",
    Treat.KEEP: "May be published as it is",
    Treat.REFERENCE: "Replaced by a keyed id; the original is kept sealed",
}
FORMS: Mapping[How, str] = {
    How.YEAR: "the year alone",
    How.OUTWARD_POSTCODE: "the first half of the postcode alone",
    How.AS_IS: "as it is",
}
ZONES: Mapping[Zone, str] = {
    "landing": "Sealed deliveries, as they came",
    "quarantine": "Sealed rows that broke their contract, until the provider mends them",
    "records": "Tokens and encodings, by which records are linked",
    "events": "What happened: attributes, without names",
    "register": "Which records belong to which person",
    "candidates": "Releases that are built and not decided on",
    "releases": "Published tables",
}
AUTHORITIES: Mapping[Authority, str] = {
    "police": "Police",
    "fire": "Fire and rescue",
    "health": "Health",
    "probation": "Probation",
    "yot": "Youth offending team",
    "council": "Council",
}


def day(when: date) -> str:
    """A date as people write it: 1 April 2024."""
    return f"{when.day} {when:%B %Y}"


def days(number: int) -> str:
    """A number of days, with years where it is more than one: ``1,826 days (about 5 years)``."""
    plain = f"{number:,} {'day' if number == 1 else 'days'}"
    years = round(number / _YEAR_DAYS, 1)
    return plain if years < 1 else f"{plain} (about {years:g} {'year' if years == 1 else 'years'})"


def percent(share: float) -> str:
    """A share as people write it: ``97.5 %``."""
    return f"{share * 100:.4g} %"


def listed(parts: Sequence[str]) -> str:
    """Parts as a list within a sentence: ``a, b and c``."""
    *first, last = parts or ("none",)
    return f"{', '.join(first)} and {last}" if first else last


def gateway(terms: FeedTerms) -> str:
    """The power that a feed relies on, with its clause."""
    named = terms.basis if terms.gateway is Gateway.OTHER else None
    return f"Another power: {named}" if named else GATEWAYS[terms.gateway].clause


def conditions(terms: FeedTerms) -> list[Law]:
    """The conditions for processing that a feed relies on."""
    return [CONDITIONS[stated] for stated in terms.conditions]


def under_part3(terms: FeedTerms) -> bool:
    """Whether a feed is processed for law enforcement (DPA 2018 Part 3)."""
    return terms.personal and Condition.LAW_ENFORCEMENT in terms.conditions


def under_gdpr(terms: FeedTerms) -> bool:
    """Whether a feed is processed under UK GDPR, alone or besides Part 3."""
    return terms.personal and (Condition.PUBLIC_TASK in terms.conditions or not under_part3(terms))


def authority_name(authority: str) -> str:
    """What people call an authority; one that is not specified by law is called by its short name."""
    return AUTHORITIES.get(authority, authority.capitalize())
