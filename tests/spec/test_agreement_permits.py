"""What code may ask, and what it is answered: may this be collected, kept, linked, given?"""

from datetime import date

from agreement.errors import AgreementRefusal
from agreement.grants import Portion
from agreement.policy import permit_collection, permit_fields, permit_linkage, permit_release
from hub.periods import Quarter
from tests.spec.rule_tables import Case, granted, hold, sound_agreement, sound_feed, sound_recipient, verdict

TODAY = date(2026, 10, 5)


def asked(columns: str) -> Portion:
    """These columns, every row, for the recipient's purpose."""
    return Portion(tuple(columns.split()), ("strategy",))


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
    agreement = sound_agreement(recipients={"analysts": sound_recipient(tables=granted("event_id", "offence_code"))})
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
            lambda: permit_release(agreement, case["recipient"], {case["table"]: asked(case["columns"])}, TODAY)
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
