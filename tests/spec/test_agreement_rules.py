"""What the agreement and the law behind it permit, rule by rule: a case on the left, the verdict on the right.

A verdict is ``permitted``, or the clauses that stand against it. What a table does not say is sound.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from textwrap import dedent
from typing import Any

from agreement import feed_rules, rules
from agreement.errors import AgreementRefusal
from agreement.model import Agreement
from agreement.policy import check_agreement, permit_collection, permit_fields, permit_linkage, permit_release
from agreement.violation import Violation
from hub.periods import Quarter

Case = Mapping[str, str]
AUTHORITIES = ("police", "fire", "health", "probation", "yot", "council")
TODAY = date(2026, 10, 5)


def sound_feed(**terms: object) -> dict[str, Any]:
    usual = {
        "gateway": "pcsc-2022-s16",
        "conditions": ["dpa-2018-part3"],
        "dpia": "DPIA-1",
        "purposes": ["strategy"],
        "earliest_period": "2024-Q1",
        "personal": True,
        "fields": {"offence_code": {"class": "criminal-offence", "treat": "keep"}},
    }
    return usual | terms


def sound_agreement(**terms: object) -> Agreement:
    usual = {
        "id": "example",
        "version": "1",
        "title": "An example",
        "parties": [{"authority": name, "controller": name, "contact": "a@b.example"} for name in AUTHORITIES],
        "signatures": {name: {"signed_by": "head", "signed_on": "2024-03-01"} for name in AUTHORITIES},
        "commences_on": "2024-04-01",
        "review_on": "2026-03-31",
        "expires_on": "2027-03-31",
        "purposes": [{"id": "strategy", "text": "To prevent serious violence"}],
        "feeds": {"police.crime": sound_feed()},
        "linkage": {"feeds": ["police.crime"]},
        "recipients": {"analysts": {"title": "x", "purposes": ["strategy"], "tables": {"event": ["offence_code"]}}},
        "retention_days": dict.fromkeys(
            ("landing", "quarantine", "records", "events", "register", "candidates", "releases"), 30
        ),
        "disclosure": {"smallest_count": 8, "round_to": 5, "smallest_group": 5},
        "late_feed_wait_days": 45,
    }
    return Agreement.model_validate(usual | terms)


def hold(table: str, decide: Callable[[Case], str]) -> None:
    """Decide each row of a drawn table; fails showing the table as it ought to have been drawn."""
    head, *rows = [[cell.strip() for cell in line.split("|")] for line in dedent(table).strip().splitlines()]
    assert head[-1] == "verdict"
    found = [[*row[:-1], decide(dict(zip(head, row, strict=True)))] for row in rows]
    assert "\n".join(map(" | ".join, found)) == "\n".join(map(" | ".join, rows))


def clauses(violations: Iterable[Violation]) -> str:
    return "; ".join(dict.fromkeys(violation.clause for violation in violations)) or "permitted"


def verdict(act: Callable[[], object]) -> str:
    try:
        act()
    except AgreementRefusal as refusal:
        return refusal.clause
    return "permitted"


def test_nothing_flows_unless_the_agreement_is_in_force() -> None:
    def decide(case: Case) -> str:
        signatures = {name: {"signed_by": "head", "signed_on": "2024-03-01"} for name in AUTHORITIES}
        if case["yot signed on"] == "never":
            del signatures["yot"]
        else:
            signatures["yot"]["signed_on"] = case["yot signed on"]
        agreement = sound_agreement(signatures=signatures)
        day = date.fromisoformat(case["day"])
        said = clauses(rules.in_force(agreement, day))
        acts: list[Callable[[], object]] = [
            lambda: permit_collection(agreement, "police.crime", Quarter(2024, 1), day),
            lambda: permit_linkage(agreement, ["police.crime"], Quarter(2024, 1), day),
            lambda: permit_release(agreement, "analysts", {"event": ["offence_code"]}, day),
        ]
        assert {verdict(act) for act in acts} == {said.split("; ")[0]}
        return said

    hold(
        """
        yot signed on | day        | verdict
        2024-03-01    | 2024-04-01 | permitted
        2024-03-01    | 2027-03-31 | permitted
        2024-03-01    | 2024-03-31 | Agreement, commencement
        2024-03-01    | 2027-04-01 | Agreement, expiry
        never         | 2026-10-05 | Agreement, signatures
        2026-10-06    | 2026-10-05 | Agreement, signatures
        never         | 2027-04-01 | Agreement, signatures; Agreement, expiry
        """,
        decide,
    )


def test_the_gateway_bounds_what_may_be_disclosed() -> None:
    def decide(case: Case) -> str:
        feed = sound_feed(
            gateway=case["gateway"],
            personal=case["personal"] == "yes",
            patient_information=case["patient"] == "yes",
            authority_kind=case["authority"],
            pseudonymised_at=case["pseudonymised at"],
        )
        agreement = sound_agreement(feeds={"police.crime": feed})
        return clauses(feed_rules.gateway(agreement, "police.crime"))

    hold(
        """
        gateway       | personal | patient | authority   | pseudonymised at | verdict
        pcsc-2022-s16 | yes      | no      | general     | hub              | permitted
        pcsc-2022-s16 | yes      | yes     | general     | hub              | PCSC Act 2022 s.16(4)(a)
        pcsc-2022-s16 | yes      | yes     | health      | source           | PCSC Act 2022 s.16(4)(a)
        pcsc-2022-s16 | no       | yes     | general     | source           | PCSC Act 2022 s.16(4)(a)
        pcsc-2022-s16 | yes      | no      | health      | hub              | PCSC Act 2022 s.16(4)(b)
        pcsc-2022-s16 | yes      | no      | health      | source           | permitted
        pcsc-2022-s16 | no       | no      | health      | hub              | permitted
        pcsc-2022-s16 | yes      | no      | social_care | hub              | PCSC Act 2022 s.16(4)(b)
        pcsc-2022-s16 | yes      | no      | social_care | source           | permitted
        pcsc-2022-s16 | yes      | yes     | health      | hub              | PCSC Act 2022 s.16(4)(a); PCSC Act 2022 s.16(4)(b)
        cda-1998-s115 | yes      | no      | social_care | hub              | permitted
        cda-1998-s115 | yes      | no      | health      | hub              | permitted
        cda-1998-s115 | yes      | yes     | health      | source           | permitted
        cda-1998-s115 | yes      | yes     | health      | hub              | Common law duty of confidence
        cda-1998-s17a | no       | no      | general     | hub              | permitted
        cda-1998-s17a | yes      | no      | general     | hub              | CDA 1998 s.17A(2)
        cda-1998-s17a | yes      | no      | general     | source           | CDA 1998 s.17A(2)
        other         | no       | no      | general     | hub              | PCSC Act 2022 s.16(7)
        """,  # noqa: E501
        decide,
    )


def test_whether_council_social_care_is_barred_is_a_setting() -> None:
    def decide(case: Case) -> str:
        feed = sound_feed(authority_kind="social_care")
        agreement = sound_agreement(
            feeds={"police.crime": feed}, council_social_care_barred=case["council social care barred"] == "yes"
        )
        return clauses(feed_rules.gateway(agreement, "police.crime"))

    hold(
        """
        council social care barred | verdict
        yes                        | PCSC Act 2022 s.16(4)(b)
        no                         | permitted
        """,
        decide,
    )


def test_another_power_has_a_name_and_a_provider_is_a_party() -> None:
    def decide(case: Case) -> str:
        feed = sound_feed(gateway="other", basis=case["basis"] or None, personal=False)
        agreement = sound_agreement(feeds={case["feed"]: feed})
        return clauses(feed_rules.gateway(agreement, case["feed"]))

    hold(
        """
        feed         | basis                       | verdict
        police.crime | Open Government Licence 3.0 | permitted
        police.crime |                             | PCSC Act 2022 s.16(7)
        prison.crime | Open Government Licence 3.0 | PCSC Act 2022 s.16(1)
        """,
        decide,
    )


def test_conditions_fit_what_a_feed_holds() -> None:
    def decide(case: Case) -> str:
        terms = sound_feed(
            personal=case["personal"] == "yes",
            conditions=case["conditions"].split(),
            dpia=case["dpia"] or None,
            fields={"column": {"class": case["holds"], "treat": "drop"}},
        )
        agreement = sound_agreement(feeds={"police.crime": terms})
        return clauses(feed_rules.conditions("police.crime", agreement.feeds["police.crime"]))

    hold(
        """
        personal | holds            | conditions                                      | dpia | verdict
        yes      | attribute        | uk-gdpr-6-1-e                                   | D-1  | permitted
        yes      | attribute        |                                                 | D-1  | UK GDPR Art 6(1)
        yes      | attribute        | dpa-2018-part3                                  | D-1  | permitted
        yes      | attribute        | uk-gdpr-6-1-e                                   |      | UK GDPR Art 35
        yes      | special-category | uk-gdpr-6-1-e                                   | D-1  | UK GDPR Art 9(2)
        yes      | special-category | uk-gdpr-6-1-e uk-gdpr-9-2-g                     | D-1  | UK GDPR Art 9(2)
        yes      | special-category | uk-gdpr-6-1-e uk-gdpr-9-2-g dpa-2018-sch1-pt2   | D-1  | permitted
        yes      | special-category | dpa-2018-part3                                  | D-1  | permitted
        yes      | criminal-offence | uk-gdpr-6-1-e uk-gdpr-9-2-g dpa-2018-sch1-pt2   | D-1  | UK GDPR Art 10
        yes      | criminal-offence | uk-gdpr-6-1-e uk-gdpr-10 dpa-2018-sch1-pt2      | D-1  | permitted
        no       | special-category |                                                 |      | permitted
        """,
        decide,
    )


def test_a_column_is_treated_as_what_it_is() -> None:
    def decide(case: Case) -> str:
        made = dict([case["makes"].split(": ")]) if case["makes"] else {}
        terms = sound_feed(
            gateway=case["gateway"],
            personal=case["gateway"] != "cda-1998-s17a",
            fields={"column": {"class": case["class"], "treat": case["treat"], "generalise": made}},
        )
        agreement = sound_agreement(feeds={"police.crime": terms})
        return verdict(lambda: permit_fields(agreement, "police.crime", ["column"]))

    hold(
        """
        gateway       | class             | treat     | makes                     | verdict
        pcsc-2022-s16 | direct-identifier | tokenise  |                           | permitted
        pcsc-2022-s16 | direct-identifier | drop      |                           | permitted
        pcsc-2022-s16 | direct-identifier | reference |                           | permitted
        pcsc-2022-s16 | direct-identifier | keep      |                           | UK GDPR Art 5(1)(c)
        pcsc-2022-s16 | direct-identifier | tokenise  | birth_year: year          | permitted
        pcsc-2022-s16 | direct-identifier | tokenise  | area: outward_postcode    | permitted
        pcsc-2022-s16 | direct-identifier | tokenise  | born_on: as_is            | UK GDPR Art 5(1)(c)
        pcsc-2022-s16 | direct-identifier | drop      | name: as_is               | UK GDPR Art 5(1)(c)
        pcsc-2022-s16 | quasi-identifier  | tokenise  | sex: as_is                | permitted
        pcsc-2022-s16 | quasi-identifier  | keep      |                           | permitted
        pcsc-2022-s16 | quasi-identifier  | keep      | year: year                | Agreement, fields
        pcsc-2022-s16 | quasi-identifier  | reference | year: year                | Agreement, fields
        cda-1998-s17a | attribute         | keep      |                           | permitted
        cda-1998-s17a | attribute         | tokenise  |                           | CDA 1998 s.17A(2)
        cda-1998-s17a | direct-identifier | reference |                           | SI 2007/1831
        cda-1998-s17a | direct-identifier | drop      | area: outward_postcode    | permitted
        cda-1998-s17a | direct-identifier | drop      | birth_year: year          | SI 2007/1831
        """,
        decide,
    )


def test_two_columns_never_make_the_same_one() -> None:
    def decide(case: Case) -> str:
        fields = {
            name: {"class": "quasi-identifier", "treat": "tokenise", "generalise": {case[name]: "as_is"}}
            for name in ("first", "second")
        }
        agreement = sound_agreement(feeds={"police.crime": sound_feed(fields=fields)})
        return verdict(lambda: permit_fields(agreement, "police.crime", ["first"]))

    hold(
        """
        first | second | verdict
        sex   | gender | permitted
        sex   | sex    | Agreement, fields
        """,
        decide,
    )


def test_only_what_is_declared_is_collected_and_kept() -> None:
    agreement = sound_agreement()

    def decide(case: Case) -> str:
        def act() -> None:
            permit_collection(agreement, case["feed"], Quarter.parse(case["quarter"]), TODAY)
            permit_fields(agreement, case["feed"], case["columns"].split())

        return verdict(act)

    hold(
        """
        feed         | quarter | columns               | verdict
        police.crime | 2026-Q3 | offence_code          | permitted
        police.crime | 2024-Q1 | offence_code          | permitted
        police.crime | 2023-Q4 | offence_code          | Agreement, feeds
        police.crime | 2026-Q3 | offence_code forename | Agreement, fields
        police.other | 2026-Q3 | offence_code          | Agreement, feeds
        """,
        decide,
    )


def test_a_quarter_is_collected_and_linked_once_it_has_ended() -> None:
    agreement = sound_agreement()

    def decide(case: Case) -> str:
        quarter, day = Quarter.parse(case["quarter"]), date.fromisoformat(case["day"])
        collected = verdict(lambda: permit_collection(agreement, "police.crime", quarter, day))
        assert verdict(lambda: permit_linkage(agreement, ["police.crime"], quarter, day)) == collected
        return collected

    hold(
        """
        quarter | day        | verdict
        2026-Q3 | 2026-10-01 | permitted
        2026-Q3 | 2026-09-30 | Agreement, periods
        2026-Q4 | 2026-10-05 | Agreement, periods
        2062-Q3 | 2026-10-05 | Agreement, periods
        """,
        decide,
    )


def test_only_named_feeds_about_persons_are_linked() -> None:
    barred = sound_feed(authority_kind="health")
    agreement = sound_agreement(
        feeds={
            "police.crime": sound_feed(),
            "police.street": sound_feed(gateway="cda-1998-s17a", personal=False),
            "health.clear": barred,
            "yot.cases": sound_feed(),
        },
        linkage={"feeds": ["police.crime", "police.street", "health.clear"]},
    )
    hold(
        """
        feeds                      | verdict
        police.crime               | permitted
        police.crime yot.cases     | Agreement, linkage
        police.crime police.street | DPA 2018 s.171
        police.crime health.clear  | PCSC Act 2022 s.16(4)(b)
        police.crime fire.unknown  | Agreement, feeds
        """,
        lambda case: verdict(lambda: permit_linkage(agreement, case["feeds"].split(), Quarter(2026, 3), TODAY)),
    )


def test_a_recipient_gets_what_it_is_granted() -> None:
    agreement = sound_agreement(
        recipients={
            "analysts": {"title": "x", "purposes": ["strategy"], "tables": {"event": ["event_id", "offence_code"]}}
        }
    )
    hold(
        """
        recipient | table  | columns               | verdict
        analysts  | event  | event_id offence_code | permitted
        analysts  | event  | event_id              | permitted
        analysts  | event  | event_id lsoa_code    | Agreement, recipients
        analysts  | person |                       | Agreement, recipients
        analysts  | person | person_id             | Agreement, recipients
        press     | event  | event_id              | Agreement, recipients
        """,
        lambda case: verdict(
            lambda: permit_release(agreement, case["recipient"], {case["table"]: case["columns"].split()}, TODAY)
        ),
    )


def test_a_grant_itself_is_bounded() -> None:
    def decide(case: Case) -> str:
        agreement = sound_agreement(
            purposes=[{"id": name, "text": name} for name in ("strategy", "insurance")],
            recipients={
                "analysts": {
                    "title": "x",
                    "purposes": case["purposes"].split(),
                    "tables": {case["table"]: case["columns"].split()},
                }
            },
        )
        columns = {case["table"]: case["columns"].split()}
        assert verdict(lambda: permit_release(agreement, "analysts", columns, TODAY)) == clauses(
            rules.recipients(agreement)
        )
        return clauses(rules.recipients(agreement))

    hold(
        """
        purposes           | table       | columns                  | verdict
        strategy           | event       | event_id offence_code    | permitted
        strategy           | person      | person_id age_band       | permitted
        strategy insurance | event       | event_id                 | UK GDPR Art 5(1)(b)
        strategy           | event       | event_id surname         | UK GDPR Art 5(1)(c)
        strategy           | event       | person_id                | UK GDPR Art 5(1)(c)
        strategy           | involvement | token_surname            | Agreement, tokens
        strategy           | involvement | encoding_surname         | Agreement, tokens
        strategy           | involvement | reference_sealed         | Agreement, tokens
        strategy           | involvement | record_id                | Agreement, tokens
        """,
        decide,
    )


def test_the_agreement_is_whole() -> None:
    whole: dict[str, Any] = {
        "nothing": {},
        "a party": {"parties": [{"authority": "police", "controller": "x", "contact": "x"}]},
        "the order of dates": {"review_on": "2028-01-01"},
        "a feed's purpose": {"feeds": {"police.crime": sound_feed(purposes=["strategy", "insurance"])}},
        "a linked feed": {"linkage": {"feeds": ["police.crime", "yot.cases"]}},
        "a retention period": {"retention_days": {"landing": 30}},
    }
    hold(
        """
        amiss              | verdict
        nothing            | permitted
        a party            | PCSC Act 2022 s.11
        the order of dates | Agreement, term
        a feed's purpose   | UK GDPR Art 5(1)(b)
        a linked feed      | Agreement, linkage
        a retention period | UK GDPR Art 5(1)(e)
        """,
        lambda case: clauses(rules.form(sound_agreement(**whole[case["amiss"]]))),
    )


def test_agreement_and_contracts_name_the_same_columns() -> None:
    hold(
        """
        feed         | columns of the contract | verdict
        police.crime | offence_code            | permitted
        police.crime | offence_code forename   | Agreement, fields
        police.crime |                         | Agreement, fields
        yot.cases    | gravity                 | Agreement, feeds
        """,
        lambda case: clauses(
            check_agreement(sound_agreement(), {case["feed"]: case["columns of the contract"].split()})
        ),
    )


def test_a_refusal_says_what_where_why_and_what_to_do() -> None:
    agreement = sound_agreement(feeds={"health.clear": sound_feed(authority_kind="health")})
    try:
        permit_collection(agreement, "health.clear", Quarter(2026, 3), TODAY)
        said = ""
    except AgreementRefusal as refusal:
        said = str(refusal)
    assert said == (
        "Collecting health.clear for 2026-Q3 is refused in feeds.health.clear: PCSC Act 2022 s.16(4)(b): "
        "a health or social care authority may not disclose personal information under it. "
        "Pseudonymise at source or use another gateway."
    )
