"""The legal rules on one feed: its gateway, its conditions, its fields. Pure: terms in, violations out."""

from collections import Counter
from collections.abc import Iterator

from agreement.model import Agreement, Condition, FeedTerms, FieldClass, Gateway, How, Treat, Treatment
from agreement.violation import Violation

_S16 = "PCSC Act 2022 s.16"
_S17A = "CDA 1998 s.17A"
_SPECIAL_CATEGORY = {Condition.SUBSTANTIAL_PUBLIC_INTEREST, Condition.SCHEDULE_1_PART_2}
_CRIMINAL_OFFENCE = {Condition.CRIMINAL_OFFENCE_DATA, Condition.SCHEDULE_1_PART_2}


def gateway(agreement: Agreement, feed: str) -> Iterator[Violation]:
    """Whether the power that a feed relies on lets it be disclosed at all.

    1. The feed's provider is a specified authority and a party (PCSC Act 2022 s.16(1), s.11).
    2. Patient information never passes under s.16, whoever holds it (PCSC Act 2022 s.16(4)(a)).
    3. Personal information of a health or social care authority never passes under s.16, unless it was
       pseudonymised at source (PCSC Act 2022 s.16(4)(b)). Whether the council's social care side counts is
       ``council_social_care_barred``.
    4. Only depersonalised information passes under s.17A (CDA 1998 s.17A(2), SI 2007/1831).
    5. Any other power is named (PCSC Act 2022 s.16(7)).
    6. Patient information under another power is pseudonymised at source (common law duty of confidence:
       only s.16(3) lifts it, and that does not reach patient information).
    """
    terms, where = agreement.feeds[feed], f"feeds.{feed}"
    if feed.partition(".")[0] not in {party.authority for party in agreement.parties}:  # (1)
        yield Violation(f"{_S16}(1)", where, "its provider is not a party", "Add the party or remove the feed")
    if terms.gateway is Gateway.SERIOUS_VIOLENCE_DUTY:
        yield from _serious_violence_duty(agreement, terms, where)  # (2) (3)
    elif terms.patient_information and terms.pseudonymised_at != "source":  # (6)
        yield Violation(
            "Common law duty of confidence",
            where,
            "patient information would arrive in clear",
            "Pseudonymise at source",
        )
    if terms.gateway is Gateway.DEPERSONALISED_EXCHANGE and terms.personal:  # (4)
        yield Violation(f"{_S17A}(2)", where, "it covers depersonalised information only", "Use another gateway")
    if terms.gateway is Gateway.OTHER and not terms.basis:  # (5)
        yield Violation(f"{_S16}(7)", f"{where}.basis", "the other power is not named", "Name it")


def _serious_violence_duty(agreement: Agreement, terms: FeedTerms, where: str) -> Iterator[Violation]:
    if terms.patient_information:  # (2)
        yield Violation(
            f"{_S16}(4)(a)", where, "patient information may not be disclosed under it", "Use another gateway"
        )
    barred = terms.authority_kind == "health" or (
        terms.authority_kind == "social_care" and agreement.council_social_care_barred
    )
    if barred and terms.personal and terms.pseudonymised_at != "source":  # (3)
        why = "a health or social care authority may not disclose personal information under it"
        yield Violation(f"{_S16}(4)(b)", where, why, "Pseudonymise at source or use another gateway")


def conditions(feed: str, terms: FeedTerms) -> Iterator[Violation]:
    """Whether data protection law's conditions are stated for what the feed holds.

    1. Personal data need a lawful basis: Art 6(1)(e) or DPA Part 3 (UK GDPR Art 6(1), DPA 2018 s.35).
    2. Special category data need Art 9(2)(g) with DPA Sch.1 Pt 2, or DPA Part 3 (UK GDPR Art 9, DPA 2018 s.10, s.35).
    3. Criminal offence data about persons need Art 10 with DPA Sch.1 Pt 2, or DPA Part 3 (UK GDPR Art 10, DPA s.10).
    4. Personal data need an impact assessment (UK GDPR Art 35(3)(b), DPA 2018 s.64).
    """
    if not terms.personal:
        return
    stated, where = set(terms.conditions), f"feeds.{feed}.conditions"
    law_enforcement = Condition.LAW_ENFORCEMENT in stated
    classes = {treatment.classification for treatment in terms.fields.values()}
    if not law_enforcement and Condition.PUBLIC_TASK not in stated:  # (1)
        yield Violation("UK GDPR Art 6(1)", where, "no lawful basis is stated", "State uk-gdpr-6-1-e or dpa-2018-part3")
    if FieldClass.SPECIAL_CATEGORY in classes and not law_enforcement and not stated >= _SPECIAL_CATEGORY:  # (2)
        fix = "State uk-gdpr-9-2-g and dpa-2018-sch1-pt2, or dpa-2018-part3"
        yield Violation("UK GDPR Art 9(2)", where, "special category data lack a condition", fix)
    if FieldClass.CRIMINAL_OFFENCE in classes and not law_enforcement and not stated >= _CRIMINAL_OFFENCE:  # (3)
        fix = "State uk-gdpr-10 and dpa-2018-sch1-pt2, or dpa-2018-part3"
        yield Violation("UK GDPR Art 10", where, "criminal offence data lack a condition", fix)
    if not terms.dpia:  # (4)
        yield Violation("UK GDPR Art 35", f"feeds.{feed}.dpia", "no impact assessment is named", "Name its reference")


def fields(feed: str, terms: FeedTerms) -> Iterator[Violation]:
    """Whether the columns of a feed are treated as what they are.

    1. A direct identifier is dropped, tokenised or a reference, never kept (UK GDPR Art 5(1)(c), Art 25).
    2. What is made from a direct identifier is coarser than it: never ``as_is`` (UK GDPR Art 5(1)(c)).
    3. A reference or a kept column has no second form (agreement, fields).
    4. Two columns never make the same published column (agreement, fields).
    5. A feed without personal data has nothing to tokenise (CDA 1998 s.17A(2)).
    6. Under s.17A an address is at most its outward postcode (SI 2007/1831).
    """
    for column, treatment in terms.fields.items():
        where = f"feeds.{feed}.fields.{column}"
        yield from _direct_identifier(treatment, where)  # (1) (2)
        if treatment.generalise and treatment.treat in {Treat.KEEP, Treat.REFERENCE}:  # (3)
            yield Violation(
                "Agreement, fields", where, f"it is {treatment.treat} and generalised at once", "Choose one of them"
            )
        if treatment.treat is Treat.TOKENISE and not terms.personal:  # (5)
            yield Violation(f"{_S17A}(2)", where, "the feed is not about persons", "Keep or drop the column")
        if terms.gateway is Gateway.DEPERSONALISED_EXCHANGE:
            yield from _depersonalised(treatment, where)  # (6)
    made = Counter(name for column, treatment in terms.fields.items() for name in treatment.published(column))
    for name in sorted(name for name, times in made.items() if times > 1):  # (4)
        why = f"two columns make the published column {name}"
        yield Violation("Agreement, fields", f"feeds.{feed}.fields", why, "Rename one of them")


def _direct_identifier(treatment: Treatment, where: str) -> Iterator[Violation]:
    if treatment.classification is not FieldClass.DIRECT_IDENTIFIER:
        return
    if treatment.treat is Treat.KEEP:  # (1)
        yield Violation(
            "UK GDPR Art 5(1)(c)", where, "a direct identifier would be kept", "Drop, tokenise or generalise it"
        )
    if How.AS_IS in treatment.generalise.values():  # (2)
        yield Violation(
            "UK GDPR Art 5(1)(c)", where, "a direct identifier would be published as it is", "Publish a coarser form"
        )


def _depersonalised(treatment: Treatment, where: str) -> Iterator[Violation]:
    """Rule 6 of ``fields``."""
    named = treatment.classification is FieldClass.DIRECT_IDENTIFIER
    coarse = set(treatment.generalise.values()) <= {How.OUTWARD_POSTCODE}
    if named and not (treatment.treat is Treat.DROP and coarse):  # (6)
        yield Violation(
            "SI 2007/1831", where, "an identifier would pass", "Drop it, or publish the outward postcode only"
        )
