"""What data protection law asks for is stated, for what a feed holds and what it is used for."""

from agreement import condition_rules
from agreement.model import Agreement
from tests.spec.rule_tables import Case, Rules, a_purpose, clauses, sound_agreement, sound_feed, yes

WHOLE = Rules(
    condition_rules.conditions,
    """
    rule | personal | conditions                      | dpia | policy document | verdict
    1    | yes      | uk-gdpr-6-1-e                   | D-1  |                 | permitted
    1    | yes      | uk-gdpr-6-1-e                   |      |                 | UK GDPR Art 35
    1    | no       |                                 |      |                 | permitted
    2    | yes      | uk-gdpr-6-1-e dpa-2018-sch1-pt2 | D-1  | APD-1           | permitted
    2    | yes      | uk-gdpr-6-1-e dpa-2018-sch1-pt2 | D-1  |                 | DPA 2018 Sch.1 para 5
    """,
)
GENERAL = Rules(
    condition_rules.general,
    """
    rule | holds            | conditions                                    | verdict
    1    | attribute        | uk-gdpr-6-1-e                                 | permitted
    1    | attribute        |                                               | UK GDPR Art 6(1)
    2    | special-category | uk-gdpr-6-1-e uk-gdpr-9-2-g dpa-2018-sch1-pt2 | permitted
    2    | special-category | uk-gdpr-6-1-e                                 | UK GDPR Art 9(2)
    2    | special-category | uk-gdpr-6-1-e uk-gdpr-9-2-g                   | UK GDPR Art 9(2)
    2    | special-category | uk-gdpr-6-1-e dpa-2018-sch1-pt2               | UK GDPR Art 9(2)
    3    | criminal-offence | uk-gdpr-6-1-e uk-gdpr-10 dpa-2018-sch1-pt2    | permitted
    3    | criminal-offence | uk-gdpr-6-1-e uk-gdpr-9-2-g dpa-2018-sch1-pt2 | UK GDPR Art 10
    3    | criminal-offence | uk-gdpr-6-1-e uk-gdpr-10                      | UK GDPR Art 10
    """,
)
PART_3 = Rules(
    condition_rules.law_enforcement,
    """
    rule | feed         | competent        | purpose serves  | further use | holds            | with          | policy | verdict
    1    | police.crime | police           | dpa-2018-s31    |             | criminal-offence |               |        | permitted
    1    | yot.cases    | police probation | dpa-2018-s31    |             | criminal-offence |               |        | DPA 2018 s.30
    1    | yot.cases    | police yot       | dpa-2018-s31    |             | criminal-offence |               |        | permitted
    2    | police.crime | police           | pcsc-2022-part2 | an Act      | criminal-offence |               |        | permitted
    2    | police.crime | police           | pcsc-2022-part2 |             | criminal-offence |               |        | DPA 2018 s.36(4)
    2    | police.crime | police           |                 |             | criminal-offence |               |        | DPA 2018 s.36(4)
    3    | police.crime | police           | dpa-2018-s31    |             | special-category | dpa-2018-sch8 | APD-1  | permitted
    3    | police.crime | police           | dpa-2018-s31    |             | special-category |               | APD-1  | DPA 2018 s.35(5)
    4    | police.crime | police           | dpa-2018-s31    |             | special-category | dpa-2018-sch8 | APD-1  | permitted
    4    | police.crime | police           | dpa-2018-s31    |             | special-category | dpa-2018-sch8 |        | DPA 2018 s.42
    """,  # noqa: E501
)


def holding(kind: str) -> dict[str, object]:
    return {"column": {"class": kind, "treat": "drop"}}


def test_a_feed_of_personal_data_is_assessed_and_documented() -> None:
    def decide(case: Case) -> str:
        feed = sound_feed(
            personal=yes(case["personal"]),
            conditions=case["conditions"].split(),
            dpia=case["dpia"] or None,
            policy_document=case["policy document"] or None,
            fields=holding("attribute"),
        )
        return clauses(condition_rules.conditions(sound_agreement(feeds={"police.crime": feed}), "police.crime"))

    WHOLE.hold(decide)


def test_the_uk_gdpr_asks_for_a_basis_and_for_conditions() -> None:
    def decide(case: Case) -> str:
        feed = sound_feed(conditions=case["conditions"].split(), fields=holding(case["holds"]))
        agreement = sound_agreement(feeds={"police.crime": feed})
        found = clauses(condition_rules.general(agreement.feeds["police.crime"], "feeds.police.crime"))
        assert found == clauses(condition_rules.conditions(agreement, "police.crime"))
        return found

    GENERAL.hold(decide)


def under_part_3(case: Case) -> Agreement:
    feed = sound_feed(
        conditions=["dpa-2018-part3", *case["with"].split()],
        further_use=case["further use"] or None,
        policy_document=case["policy"] or None,
        fields=holding(case["holds"]),
    )
    return sound_agreement(
        feeds={case["feed"]: feed},
        purposes=[a_purpose("strategy", *case["purpose serves"].split())],
        competent_authorities=case["competent"].split(),
    )


def test_part_3_is_for_competent_authorities_and_their_purposes() -> None:
    PART_3.hold(lambda case: clauses(condition_rules.law_enforcement(under_part_3(case), case["feed"])))


def test_what_is_held_for_law_enforcement_needs_the_uk_gdpr_for_any_other_purpose() -> None:
    def decide(purpose_serves: str, conditions: list[str]) -> str:
        feed = sound_feed(conditions=["dpa-2018-part3", *conditions], further_use="an Act")
        agreement = sound_agreement(
            feeds={"police.crime": feed}, purposes=[a_purpose("strategy", *purpose_serves.split())]
        )
        return clauses(condition_rules.conditions(agreement, "police.crime"))

    assert decide("dpa-2018-s31", []) == "permitted"
    assert decide("pcsc-2022-part2", []) == "UK GDPR Art 6(1); UK GDPR Art 10"
    assert decide("pcsc-2022-part2", ["uk-gdpr-6-1-e", "uk-gdpr-10", "dpa-2018-sch1-pt2"]) == "permitted"


def test_only_the_police_are_competent_unless_the_agreement_says_otherwise() -> None:
    assert sound_agreement().competent_authorities == ("police",)
