"""Data protection law's conditions on what a feed holds. Pure: terms in, violations out."""

from collections.abc import Collection, Iterator

from agreement.model import Agreement, Condition, Enactment, FeedTerms, FieldClass
from agreement.violation import Violation

_SPECIAL_CATEGORY = {Condition.SUBSTANTIAL_PUBLIC_INTEREST, Condition.SCHEDULE_1_PART_2}
_CRIMINAL_OFFENCE = {Condition.CRIMINAL_OFFENCE_DATA, Condition.SCHEDULE_1_PART_2}


def conditions(agreement: Agreement, feed: str) -> Iterator[Violation]:
    """Whether a feed of personal data states what UK GDPR and the Data Protection Act 2018 ask for.

    1. An impact assessment is named (UK GDPR Art 35(3)(b), DPA 2018 s.64).
    2. A condition of Schedule 1 Part 2 is met only with a policy document (DPA 2018 Sch.1 para 5).

    The rest depends on the regime: ``law_enforcement``, and ``general`` for any other purpose.
    """
    terms, where = agreement.feeds[feed], f"feeds.{feed}"
    if not terms.personal:
        return
    if not terms.dpia:  # (1)
        yield Violation("UK GDPR Art 35", f"{where}.dpia", "no impact assessment is named", "Name its reference")
    if Condition.SCHEDULE_1_PART_2 in terms.conditions and not terms.policy_document:  # (2)
        yield _no_policy("DPA 2018 Sch.1 para 5", where)
    if Condition.LAW_ENFORCEMENT in terms.conditions:
        yield from law_enforcement(agreement, feed)
        if agreement.serves(terms.purposes, Enactment.LAW_ENFORCEMENT):
            return
    yield from general(terms, where)


def general(terms: FeedTerms, where: str) -> Iterator[Violation]:
    """Whether a feed may be processed for a purpose that is not law enforcement: the UK GDPR governs that.

    1. Personal data need a lawful basis (UK GDPR Art 6(1)(e), DPA 2018 s.8).
    2. Special category data need Art 9(2)(g) with Schedule 1 Part 2 (UK GDPR Art 9(2), DPA 2018 s.10(3)).
    3. Criminal offence data need Art 10 with Schedule 1 Part 2 (UK GDPR Art 10, DPA 2018 s.10(5)).
    """
    stated, where, held = set(terms.conditions), f"{where}.conditions", _classes(terms)
    if Condition.PUBLIC_TASK not in stated:  # (1)
        why = "no lawful basis is stated"
        fix = "State uk-gdpr-6-1-e, or dpa-2018-part3 for law enforcement alone"
        yield Violation("UK GDPR Art 6(1)", where, why, fix)
    if FieldClass.SPECIAL_CATEGORY in held and not stated >= _SPECIAL_CATEGORY:  # (2)
        why, fix = "special category data lack a condition", "State uk-gdpr-9-2-g and dpa-2018-sch1-pt2"
        yield Violation("UK GDPR Art 9(2)", where, why, fix)
    if FieldClass.CRIMINAL_OFFENCE in held and not stated >= _CRIMINAL_OFFENCE:  # (3)
        why, fix = "criminal offence data lack a condition", "State uk-gdpr-10 and dpa-2018-sch1-pt2"
        yield Violation("UK GDPR Art 10", where, why, fix)


def law_enforcement(agreement: Agreement, feed: str) -> Iterator[Violation]:
    """Whether a feed may be processed under Part 3 of the Data Protection Act 2018.

    1. It comes from a competent authority (DPA 2018 s.30). Which parties are one is ``competent_authorities``.
    2. For a purpose that is not law enforcement it is used only where the law authorises that (DPA 2018 s.36(4)).
    3. Sensitive processing meets a condition of Schedule 8 (DPA 2018 s.35(5)).
    4. Sensitive processing has a policy document (DPA 2018 s.42).
    """
    terms, where = agreement.feeds[feed], f"feeds.{feed}"
    if feed.partition(".")[0] not in agreement.competent_authorities:  # (1)
        why = "its provider is not named as a competent authority"
        yield Violation("DPA 2018 s.30", f"{where}.conditions", why, "State conditions of the UK GDPR")
    if not (agreement.serves(terms.purposes, Enactment.LAW_ENFORCEMENT) or terms.further_use):  # (2)
        why = "it is held for law enforcement, and no law is named that lets it serve another purpose"
        yield Violation("DPA 2018 s.36(4)", f"{where}.further_use", why, "Name that law or remove the purpose")
    if FieldClass.SPECIAL_CATEGORY not in _classes(terms):
        return
    if Condition.SCHEDULE_8 not in terms.conditions:  # (3)
        why = "sensitive processing lacks a condition"
        yield Violation("DPA 2018 s.35(5)", f"{where}.conditions", why, "State dpa-2018-sch8")
    if not terms.policy_document:  # (4)
        yield _no_policy("DPA 2018 s.42", where)


def _classes(terms: FeedTerms) -> Collection[FieldClass]:
    return {treatment.classification for treatment in terms.fields.values()}


def _no_policy(clause: str, where: str) -> Violation:
    return Violation(clause, f"{where}.policy_document", "no appropriate policy document is named", "Name it")
