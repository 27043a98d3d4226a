"""The gateway that a feed relies on bounds what may be disclosed, by whom, and what for."""

from agreement import feed_rules
from hub.feeds import AUTHORITIES
from tests.spec.rule_tables import Case, Rules, a_party, a_purpose, clauses, sound_agreement, sound_feed, with_feed, yes

WHOEVER = Rules(
    feed_rules.gateway,
    """
    rule | feed         | gateway       | other power | IPA 2016 | patient | pseudonymised at | verdict
    1    | police.crime | other         | an Act      | no       | no      | hub              | permitted
    1    | prison.crime | other         | an Act      | no       | no      | hub              | PCSC Act 2022 s.16(1)
    1    | prison.crime | pcsc-2022-s16 |             | no       | no      | hub              | PCSC Act 2022 s.16(1)
    2    | police.crime | pcsc-2022-s16 |             | no       | no      | hub              | permitted
    2    | police.crime | pcsc-2022-s16 |             | yes      | no      | hub              | PCSC Act 2022 s.16(4)(d)
    2    | police.crime | cda-1998-s115 |             | yes      | no      | hub              | Investigatory Powers Act 2016
    3    | police.crime | other         | an Act      | no       | no      | hub              | permitted
    3    | police.crime | other         |             | no       | no      | hub              | PCSC Act 2022 s.16(7)
    4    | health.care  | cda-1998-s115 |             | no       | yes     | source           | permitted
    4    | health.care  | cda-1998-s115 |             | no       | yes     | hub              | Common law duty of confidence
    4    | health.care  | other         | an Act      | no       | yes     | hub              | Common law duty of confidence
    """,  # noqa: E501
)
DUTY = Rules(
    feed_rules.serious_violence_duty,
    """
    rule | provider | purpose serves           | personal | patient | authority   | at     | council barred | dpia | verdict
    1    | police   | pcsc-2022-part2 cda-1998 | yes      | no      | general     | hub    | yes            | D-1  | permitted
    1    | police   | cda-1998                 | yes      | no      | general     | hub    | yes            | D-1  | PCSC Act 2022 s.16(1)
    1    | police   |                          | yes      | no      | general     | hub    | yes            | D-1  | PCSC Act 2022 s.16(1)
    2    | police   | pcsc-2022-part2          | no       | no      | health      | source | yes            | D-1  | permitted
    2    | police   | pcsc-2022-part2          | yes      | yes     | general     | hub    | yes            | D-1  | PCSC Act 2022 s.16(4)(a)
    2    | police   | pcsc-2022-part2          | yes      | yes     | health      | source | yes            | D-1  | PCSC Act 2022 s.16(4)(a)
    2    | police   | pcsc-2022-part2          | no       | yes     | general     | source | yes            | D-1  | PCSC Act 2022 s.16(4)(a)
    3    | police   | pcsc-2022-part2          | yes      | no      | health      | source | yes            | D-1  | permitted
    3    | police   | pcsc-2022-part2          | no       | no      | health      | hub    | yes            | D-1  | permitted
    3    | police   | pcsc-2022-part2          | yes      | no      | health      | hub    | yes            | D-1  | PCSC Act 2022 s.16(4)(b)
    3    | police   | pcsc-2022-part2          | yes      | no      | health      | hub    | no             | D-1  | PCSC Act 2022 s.16(4)(b)
    3    | police   | pcsc-2022-part2          | yes      | no      | social_care | hub    | yes            | D-1  | PCSC Act 2022 s.16(4)(b)
    3    | police   | pcsc-2022-part2          | yes      | no      | social_care | hub    | no             | D-1  | permitted
    3    | police   | pcsc-2022-part2          | yes      | no      | social_care | source | yes            | D-1  | permitted
    3    | police   | pcsc-2022-part2          | yes      | yes     | health      | hub    | yes            | D-1  | PCSC Act 2022 s.16(4)(a); PCSC Act 2022 s.16(4)(b)
    4    | police   | pcsc-2022-part2          | yes      | no      | general     | hub    | yes            | D-1  | permitted
    4    | police   | pcsc-2022-part2          | yes      | no      | general     | hub    | yes            |      | PCSC Act 2022 s.16(4)(c)
    5    | police   | pcsc-2022-part2          | yes      | no      | general     | hub    | yes            | D-1  | permitted
    5    | prison   | pcsc-2022-part2          | yes      | no      | general     | hub    | yes            | D-1  | PCSC Act 2022 s.16(1)
    """,  # noqa: E501
)
CRIME_AND_DISORDER = Rules(
    feed_rules.crime_and_disorder,
    """
    rule | purpose serves           | authority   | verdict
    1    | pcsc-2022-part2 cda-1998 | social_care | permitted
    1    | cda-1998                 | health      | permitted
    1    | pcsc-2022-part2          | social_care | CDA 1998 s.115(1)
    1    | dpa-2018-s31             | general     | CDA 1998 s.115(1)
    """,
)
DEPERSONALISED = Rules(
    feed_rules.depersonalised_exchange,
    """
    rule | feed          | personal | purpose serves  | verdict
    1    | police.crime  | no       | cda-1998        | permitted
    1    | police.crime  | yes      | cda-1998        | SI 2007/1831 reg.2
    2    | fire.fires    | no       | cda-1998        | permitted
    2    | yot.cases     | no       | cda-1998        | SI 2007/1831 Sch.
    2    | probation.all | no       | cda-1998        | SI 2007/1831 Sch.
    3    | council.asb   | no       | cda-1998        | permitted
    3    | council.asb   | no       | pcsc-2022-part2 | CDA 1998 s.17A(2)
    """,
)


def test_a_feed_comes_from_a_party_by_a_power_that_is_named() -> None:
    def decide(case: Case) -> str:
        feed = sound_feed(
            gateway=case["gateway"],
            basis=case["other power"] or None,
            investigatory_powers=yes(case["IPA 2016"]),
            patient_information=yes(case["patient"]),
            pseudonymised_at=case["pseudonymised at"],
        )
        return clauses(feed_rules.gateway(sound_agreement(feeds={case["feed"]: feed}), case["feed"]))

    WHOEVER.hold(decide)


def test_the_serious_violence_duty_carries_what_section_16_lets_it() -> None:
    def decide(case: Case) -> str:
        feed = sound_feed(
            personal=yes(case["personal"]),
            patient_information=yes(case["patient"]),
            authority_kind=case["authority"],
            pseudonymised_at=case["at"],
            dpia=case["dpia"] or None,
        )
        name = f"{case['provider']}.crime"
        agreement = sound_agreement(
            parties=[a_party(each) for each in (*AUTHORITIES, "prison")],
            feeds={name: feed},
            purposes=[a_purpose("strategy", *case["purpose serves"].split())],
            council_social_care_barred=yes(case["council barred"]),
        )
        found = clauses(feed_rules.serious_violence_duty(agreement, name))
        assert found == clauses(feed_rules.gateway(agreement, name))
        return found

    DUTY.hold(decide)


def test_the_crime_and_disorder_act_carries_what_is_for_that_act() -> None:
    def decide(case: Case) -> str:
        agreement = sound_agreement(
            feeds={"police.crime": sound_feed(gateway="cda-1998-s115", authority_kind=case["authority"])},
            purposes=[a_purpose("strategy", *case["purpose serves"].split())],
        )
        found = clauses(feed_rules.crime_and_disorder(agreement, "police.crime"))
        assert found == clauses(feed_rules.gateway(agreement, "police.crime"))
        return found

    CRIME_AND_DISORDER.hold(decide)


def test_the_exchange_of_depersonalised_information_carries_what_is_prescribed() -> None:
    def decide(case: Case) -> str:
        name = case["feed"]
        agreement = sound_agreement(
            feeds={name: sound_feed(gateway="cda-1998-s17a", personal=yes(case["personal"]))},
            purposes=[a_purpose("strategy", *case["purpose serves"].split())],
        )
        found = clauses(feed_rules.depersonalised_exchange(agreement, name))
        assert found == clauses(feed_rules.gateway(agreement, name))
        return found

    DEPERSONALISED.hold(decide)


def test_social_care_is_barred_unless_the_agreement_says_otherwise() -> None:
    agreement = with_feed(authority_kind="social_care")
    assert "council_social_care_barred" not in agreement.model_fields_set
    assert clauses(feed_rules.gateway(agreement, "police.crime")) == "PCSC Act 2022 s.16(4)(b)"
