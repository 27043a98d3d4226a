"""What a recipient may be granted: for which purposes, of which columns, and being whom."""

from agreement import rules
from tests.spec.rule_tables import Case, Rules, a_purpose, clauses, sound_agreement, sound_feed, sound_recipient

RECIPIENTS = Rules(
    rules.recipients,
    """
    rule | gateway       | acts for | its purposes       | for this table | table       | columns               | verdict
    1    | pcsc-2022-s16 | council  | strategy           |                | event       | event_id              | permitted
    1    | pcsc-2022-s16 | council  | strategy insurance |                | event       | event_id              | UK GDPR Art 5(1)(b)
    2    | pcsc-2022-s16 | council  | strategy           | strategy       | event       | event_id              | permitted
    2    | pcsc-2022-s16 | council  | strategy           | insurance      | event       | event_id              | UK GDPR Art 5(1)(b)
    3    | pcsc-2022-s16 | council  | strategy           |                | involvement | event_id person_id    | permitted
    3    | pcsc-2022-s16 | council  | strategy           |                | involvement | token_surname         | Agreement, tokens
    3    | pcsc-2022-s16 | council  | strategy           |                | involvement | encoding_surname      | Agreement, tokens
    3    | pcsc-2022-s16 | council  | strategy           |                | involvement | reference_sealed      | Agreement, tokens
    3    | pcsc-2022-s16 | council  | strategy           |                | involvement | record_id             | Agreement, tokens
    4    | pcsc-2022-s16 | council  | strategy           |                | event       | event_id offence_code | permitted
    4    | pcsc-2022-s16 | council  | strategy           |                | person      | person_id age_band    | permitted
    4    | pcsc-2022-s16 | council  | strategy           |                | event       | event_id surname      | UK GDPR Art 5(1)(c)
    4    | pcsc-2022-s16 | council  | strategy           |                | event       | person_id             | UK GDPR Art 5(1)(c)
    5    | pcsc-2022-s16 | yot      | strategy           |                | event       | event_id              | permitted
    5    | pcsc-2022-s16 |          | strategy           |                | event       | event_id              | PCSC Act 2022 s.16(1)
    6    | cda-1998-s115 | council  | strategy           |                | event       | event_id              | permitted
    6    | cda-1998-s115 | yot fire | strategy           |                | event       | event_id              | permitted
    6    | cda-1998-s115 | yot      | strategy           |                | event       | event_id              | CDA 1998 s.115(1)
    6    | cda-1998-s115 |          | strategy           |                | event       | event_id              | CDA 1998 s.115(1)
    6    | cda-1998-s17a |          | strategy           |                | event       | event_id              | CDA 1998 s.115(1)
    6    | other         |          | strategy           |                | event       | event_id              | permitted
    """,  # noqa: E501
)


def test_a_grant_itself_is_bounded() -> None:
    def decide(case: Case) -> str:
        grant = {"columns": case["columns"].split(), "purposes": case["for this table"].split() or None}
        recipient = sound_recipient(
            authorities=case["acts for"].split(),
            purposes=case["its purposes"].split(),
            tables={case["table"]: grant},
        )
        agreement = sound_agreement(
            purposes=[a_purpose(name, "pcsc-2022-part2", "cda-1998") for name in ("strategy", "insurance")],
            feeds={"police.crime": sound_feed(gateway=case["gateway"], basis="an Act")},
            recipients={"analysts": recipient},
        )
        return clauses(rules.recipients(agreement))

    RECIPIENTS.hold(decide)
