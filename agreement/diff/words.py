"""The agreement's codes in plain words."""

from collections.abc import Mapping

from agreement.model import Condition, Enactment, FeedTerms, FieldClass, Gateway, How, Treat

GATEWAYS: Mapping[Gateway, str] = {
    Gateway.SERIOUS_VIOLENCE_DUTY: "the serious violence duty (PCSC Act 2022 s.16)",
    Gateway.CRIME_AND_DISORDER: "the Crime and Disorder Act 1998 s.115",
    Gateway.DEPERSONALISED_EXCHANGE: "the exchange of depersonalised information (CDA 1998 s.17A)",
    Gateway.OTHER: "another power",
}
LAWS: Mapping[Enactment, str] = {
    Enactment.SERIOUS_VIOLENCE_DUTY: "the serious violence duty",
    Enactment.CRIME_AND_DISORDER: "the Crime and Disorder Act 1998",
    Enactment.LAW_ENFORCEMENT: "law enforcement (DPA 2018 s.31)",
}
CONDITIONS: Mapping[Condition, str] = {
    Condition.PUBLIC_TASK: "a task in the public interest (UK GDPR Art 6(1)(e))",
    Condition.SUBSTANTIAL_PUBLIC_INTEREST: "a substantial public interest (UK GDPR Art 9(2)(g))",
    Condition.CRIMINAL_OFFENCE_DATA: "criminal offence data (UK GDPR Art 10)",
    Condition.SCHEDULE_1_PART_2: "a condition of DPA 2018 Schedule 1 Part 2",
    Condition.LAW_ENFORCEMENT: "law enforcement processing (DPA 2018 Part 3)",
    Condition.SCHEDULE_8: "a condition of DPA 2018 Schedule 8",
}
CLASSES: Mapping[FieldClass, str] = {
    FieldClass.DIRECT_IDENTIFIER: "a direct identifier",
    FieldClass.QUASI_IDENTIFIER: "a quasi-identifier",
    FieldClass.SPECIAL_CATEGORY: "special category data",
    FieldClass.CRIMINAL_OFFENCE: "criminal offence data",
    FieldClass.ATTRIBUTE: "any other fact",
}
TREATMENTS: Mapping[Treat, str] = {
    Treat.DROP: "left out",
    Treat.TOKENISE: "turned into keyed tokens, to link persons by",
    Treat.KEEP: "kept as it is, and may be published",
    Treat.REFERENCE: "turned into a keyed id",
}
FORMS: Mapping[How, str] = {
    How.YEAR: "the year alone",
    How.OUTWARD_POSTCODE: "the first half of the postcode alone",
    How.AS_IS: "the value as it is",
}
KINDS: Mapping[str, str] = {
    "general": "an authority of neither health nor social care",
    "health": "a health authority",
    "social_care": "a social care authority",
}


def gateway(terms: FeedTerms) -> str:
    """The power that a feed relies on."""
    named = f": {terms.basis}" if terms.gateway is Gateway.OTHER and terms.basis else ""
    return GATEWAYS[terms.gateway] + named
