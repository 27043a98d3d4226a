"""The legal rules on one feed: its gateway, and what is done with its columns. Terms in, violations out."""

from collections import Counter
from collections.abc import Iterator

from agreement.condition_rules import conditions
from agreement.model import Agreement, Enactment, FeedTerms, FieldClass, Gateway, How, Treat, Treatment
from agreement.violation import Violation
from hub.feeds import AUTHORITIES, Authority

_S16 = "PCSC Act 2022 s.16"
_SI = "SI 2007/1831"
PRESCRIBED: frozenset[Authority] = frozenset({"police", "fire", "health", "council"})
"""Whose information SI 2007/1831 describes: its Schedule has nothing of probation or of a youth offending team."""


def provider(feed: str) -> str:
    """The authority that a feed comes from."""
    return feed.partition(".")[0]


def gateway(agreement: Agreement, feed: str) -> Iterator[Violation]:
    """Whether a feed may be disclosed at all, by whatever power, and by the one that it relies on.

    1. The feed's provider is a specified authority and a party (PCSC Act 2022 s.16(1)-(2), s.11).
    2. What the Investigatory Powers Act 2016 prohibits to disclose never passes: s.16 does not lift that
       (PCSC Act 2022 s.16(4)(d)), nor does any other power here (Investigatory Powers Act 2016).
    3. Another power than those of the two Acts is named (PCSC Act 2022 s.16(7)).
    4. Patient information under a power other than s.16 is pseudonymised at source (Common law duty of
       confidence: of these powers only s.16(3) lifts it, and that does not reach patient information).
    """
    terms, where = agreement.feeds[feed], f"feeds.{feed}"
    if agreement.party(provider(feed)) is None:  # (1)
        yield Violation(f"{_S16}(1)", where, "its provider is not a party", "Add the party or remove the feed")
    if terms.investigatory_powers:  # (2)
        duty = terms.gateway is Gateway.SERIOUS_VIOLENCE_DUTY
        clause = f"{_S16}(4)(d)" if duty else "Investigatory Powers Act 2016"
        yield Violation(clause, where, "it holds what that Act prohibits to disclose", "Leave that out at source")
    if terms.gateway is Gateway.OTHER and not terms.basis:  # (3)
        yield Violation(f"{_S16}(7)", f"{where}.basis", "the other power is not named", "Name it")
    in_clear = terms.patient_information and terms.pseudonymised_at != "source"
    if in_clear and terms.gateway is not Gateway.SERIOUS_VIOLENCE_DUTY:  # (4)
        why = "patient information would arrive in clear"
        yield Violation("Common law duty of confidence", where, why, "Pseudonymise at source")
    yield from _POWERS.get(terms.gateway, _no_more)(agreement, feed)


def _no_more(_: Agreement, __: str) -> Iterator[Violation]:
    return iter(())


def serious_violence_duty(agreement: Agreement, feed: str) -> Iterator[Violation]:
    """Whether a feed may pass under the Police, Crime, Sentencing and Courts Act 2022 s.16.

    1. It serves functions under the duty, and nothing else (PCSC Act 2022 s.16(1)).
    2. Patient information never passes, whoever holds it (PCSC Act 2022 s.16(4)(a)).
    3. Personal information of a health or social care authority never passes, unless it was pseudonymised at
       source (PCSC Act 2022 s.16(4)(b)). Whether the council's social care side counts is
       ``council_social_care_barred``.
    4. It may not contravene the data protection legislation (PCSC Act 2022 s.16(4)(c)).
    5. Who discloses is a specified authority (PCSC Act 2022 s.16(1)-(2), s.11). Whether a prison or a school may do so
       too is (unverified): the cautious answer is that it needs another gateway.
    """
    terms, where = agreement.feeds[feed], f"feeds.{feed}"
    if provider(feed) not in AUTHORITIES:  # (5)
        why = "its provider is not a specified authority"
        yield Violation(f"{_S16}(1)", where, why, "Use another gateway")
    if not agreement.serves(terms.purposes, Enactment.SERIOUS_VIOLENCE_DUTY):  # (1)
        why = "a purpose is no function under the serious violence duty"
        yield Violation(f"{_S16}(1)", f"{where}.purposes", why, "Remove that purpose or use another gateway")
    if terms.patient_information:  # (2)
        why = "patient information may not be disclosed under it"
        yield Violation(f"{_S16}(4)(a)", where, why, "Use another gateway")
    barred = terms.authority_kind == "health" or (
        terms.authority_kind == "social_care" and agreement.council_social_care_barred
    )
    if barred and terms.personal and terms.pseudonymised_at != "source":  # (3)
        why = "a health or social care authority may not disclose personal information under it"
        yield Violation(f"{_S16}(4)(b)", where, why, "Pseudonymise at source or use another gateway")
    if broken := next(conditions(agreement, feed), None):  # (4)
        why = f"it would contravene {broken.clause}: {broken.why}"
        yield Violation(f"{_S16}(4)(c)", where, why, broken.fix)


def crime_and_disorder(agreement: Agreement, feed: str) -> Iterator[Violation]:
    """Whether a feed may pass under the Crime and Disorder Act 1998 s.115. To whom: ``rules.recipients``.

    1. It is necessary or expedient for a provision of that Act: each purpose is one of its functions
       (CDA 1998 s.115(1)).
    """
    if not agreement.serves(agreement.feeds[feed].purposes, Enactment.CRIME_AND_DISORDER):  # (1)
        why = "a purpose is no function under the Act"
        yield Violation("CDA 1998 s.115(1)", f"feeds.{feed}.purposes", why, "Remove it or use another gateway")


def depersonalised_exchange(agreement: Agreement, feed: str) -> Iterator[Violation]:
    """Whether a feed may pass under the Crime and Disorder Act 1998 s.17A. Its columns: ``fields``.

    1. Only depersonalised information is prescribed (SI 2007/1831 reg.2).
    2. Its provider is one whose information is prescribed (SI 2007/1831 Sch.).
    3. It serves to reduce crime and disorder: each purpose is a function under that Act (CDA 1998 s.17A(2)).
    """
    terms, where = agreement.feeds[feed], f"feeds.{feed}"
    if terms.personal:  # (1)
        yield Violation(f"{_SI} reg.2", where, "it covers depersonalised information only", "Use another gateway")
    if provider(feed) not in PRESCRIBED:  # (2)
        yield Violation(f"{_SI} Sch.", where, "nothing of its provider's is prescribed", "Use another gateway")
    if not agreement.serves(terms.purposes, Enactment.CRIME_AND_DISORDER):  # (3)
        why = "a purpose is no function under the Act"
        yield Violation("CDA 1998 s.17A(2)", f"{where}.purposes", why, "Remove it or use another gateway")


_POWERS = {
    Gateway.SERIOUS_VIOLENCE_DUTY: serious_violence_duty,
    Gateway.CRIME_AND_DISORDER: crime_and_disorder,
    Gateway.DEPERSONALISED_EXCHANGE: depersonalised_exchange,
}


def fields(feed: str, terms: FeedTerms) -> Iterator[Violation]:
    """Whether the columns of a feed are treated as what they are.

    1. A direct identifier is dropped, tokenised or a reference, never kept (UK GDPR Art 5(1)(c), Art 25).
    2. What is made from a direct identifier is coarser than it: never ``as_is`` (UK GDPR Art 5(1)(c)).
    3. A reference or a kept column has no second form (Agreement, fields).
    4. Two columns never make the same published column (Agreement, fields).
    5. A feed that is said to hold no personal data tokenises nothing, and drops a direct identifier that it has
       (UK GDPR Art 4(1)).
    6. Under s.17A nothing of an identifier passes but the outward part of a postcode (SI 2007/1831 reg.1(2)).
    """
    for column, treatment in terms.fields.items():
        where = f"feeds.{feed}.fields.{column}"
        yield from _direct_identifier(treatment, where)  # (1) (2)
        if treatment.generalise and treatment.treat in {Treat.KEEP, Treat.REFERENCE}:  # (3)
            why = f"it is {treatment.treat} and generalised at once"
            yield Violation("Agreement, fields", where, why, "Choose one of them")
        if not terms.personal and _about_somebody(treatment):  # (5)
            why = "the feed is said to hold no personal data"
            yield Violation("UK GDPR Art 4(1)", where, why, "Drop the column, or say that the feed is about persons")
        if terms.gateway is Gateway.DEPERSONALISED_EXCHANGE:
            yield from _depersonalised(treatment, where)  # (6)
    made = Counter(name for column, treatment in terms.fields.items() for name in treatment.published(column))
    for name in sorted(name for name, times in made.items() if times > 1):  # (4)
        why = f"two columns make the published column {name}"
        yield Violation("Agreement, fields", f"feeds.{feed}.fields", why, "Rename one of them")


def _direct_identifier(treatment: Treatment, where: str) -> Iterator[Violation]:
    if treatment.classification is not FieldClass.DIRECT_IDENTIFIER:
        return
    clause = "UK GDPR Art 5(1)(c)"
    if treatment.treat is Treat.KEEP:  # (1)
        yield Violation(clause, where, "a direct identifier would be kept", "Drop, tokenise or generalise it")
    if How.AS_IS in treatment.generalise.values():  # (2)
        yield Violation(clause, where, "a direct identifier would be published as it is", "Publish a coarser form")


def _about_somebody(treatment: Treatment) -> bool:
    """Rule 5 of ``fields``."""
    named = treatment.classification is FieldClass.DIRECT_IDENTIFIER
    return treatment.treat is Treat.TOKENISE or (named and treatment.treat is not Treat.DROP)


def _depersonalised(treatment: Treatment, where: str) -> Iterator[Violation]:
    """Rule 6 of ``fields``."""
    named = treatment.classification is FieldClass.DIRECT_IDENTIFIER
    coarse = set(treatment.generalise.values()) <= {How.OUTWARD_POSTCODE}
    if named and not (treatment.treat is Treat.DROP and coarse):  # (6)
        fix = "Drop it, or publish the outward postcode only"
        yield Violation(f"{_SI} reg.1(2)", where, "an identifier would pass", fix)
