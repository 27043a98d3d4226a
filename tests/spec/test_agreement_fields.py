"""A column is treated as what it is, and the agreement says the same of it as the contract."""

from dataclasses import dataclass, field

from agreement import contract_rules, feed_rules
from agreement.policy import permit_fields
from tests.spec.rule_tables import (
    PERMITTED,
    Case,
    Rules,
    clauses,
    sound_agreement,
    sound_feed,
    sound_recipient,
    verdict,
    with_feed,
    yes,
)

FIELDS = Rules(
    feed_rules.fields,
    """
    rule | gateway       | class             | treat     | makes                  | verdict
    1    | pcsc-2022-s16 | direct-identifier | tokenise  |                        | permitted
    1    | pcsc-2022-s16 | direct-identifier | drop      |                        | permitted
    1    | pcsc-2022-s16 | direct-identifier | reference |                        | permitted
    1    | pcsc-2022-s16 | direct-identifier | keep      |                        | UK GDPR Art 5(1)(c)
    1    | pcsc-2022-s16 | quasi-identifier  | keep      |                        | permitted
    2    | pcsc-2022-s16 | direct-identifier | tokenise  | birth_year: year       | permitted
    2    | pcsc-2022-s16 | direct-identifier | tokenise  | area: outward_postcode | permitted
    2    | pcsc-2022-s16 | direct-identifier | tokenise  | born_on: as_is         | UK GDPR Art 5(1)(c)
    2    | pcsc-2022-s16 | direct-identifier | drop      | name: as_is            | UK GDPR Art 5(1)(c)
    2    | pcsc-2022-s16 | quasi-identifier  | tokenise  | sex: as_is             | permitted
    3    | pcsc-2022-s16 | quasi-identifier  | tokenise  | year: year             | permitted
    3    | pcsc-2022-s16 | quasi-identifier  | keep      | year: year             | Agreement, fields
    3    | pcsc-2022-s16 | quasi-identifier  | reference | year: year             | Agreement, fields
    4    | pcsc-2022-s16 | quasi-identifier  | tokenise  | other: as_is           | permitted
    4    | pcsc-2022-s16 | quasi-identifier  | tokenise  | taken: as_is           | Agreement, fields
    5    | other         | attribute         | keep      |                        | permitted
    5    | other         | attribute         | reference |                        | permitted
    5    | other         | attribute         | tokenise  |                        | UK GDPR Art 4(1)
    5    | other         | direct-identifier | reference |                        | UK GDPR Art 4(1)
    5    | other         | direct-identifier | drop      |                        | permitted
    6    | cda-1998-s17a | direct-identifier | drop      | area: outward_postcode | permitted
    6    | cda-1998-s17a | direct-identifier | drop      |                        | permitted
    6    | cda-1998-s17a | direct-identifier | drop      | birth_year: year       | SI 2007/1831 reg.1(2)
    6    | cda-1998-s17a | direct-identifier | reference |                        | UK GDPR Art 4(1); SI 2007/1831 reg.1(2)
    """,  # noqa: E501
)
CONTRACTS = Rules(
    contract_rules.contracts,
    """
    rule | contract of   | columns          | about | agreement's fields        | verdict
    1    | police.crime  | code             | yes   | code: keep                | permitted
    1    | yes and other | code             | yes   | code: keep                | Agreement, feeds
    2    | police.crime  | code             | yes   | code: keep                | permitted
    2    | none          | code             | yes   | code: keep                | Agreement, feeds
    3    | police.crime  | code name        | yes   | code: keep name: tokenise | permitted
    3    | police.crime  | code name        | yes   | code: keep                | Agreement, fields
    4    | police.crime  | code             | yes   | code: keep                | permitted
    4    | police.crime  | code             | yes   | code: keep knife: keep    | Agreement, fields
    5    | police.crime  | code             | yes   | code: keep                | permitted
    5    | police.crime  | code             | no    | code: keep                | UK GDPR Art 4(1)
    6    | police.crime  | name             | yes   | name: tokenise            | permitted
    6    | police.crime  | name             | yes   | name: drop                | permitted
    6    | police.crime  | name             | yes   | name: keep                | UK GDPR Art 25
    6    | police.crime  | name             | yes   | name: reference           | UK GDPR Art 25
    7    | police.crime  | address          | yes   | address: drop             | permitted
    7    | police.crime  | address          | yes   | address: keep             | UK GDPR Art 25
    8    | police.crime  | number           | yes   | number: reference         | permitted
    8    | police.crime  | number           | yes   | number: drop              | Agreement, fields
    """,
)
PUBLISHED = Rules(
    contract_rules.published,
    """
    rule | table   | granted       | rows chosen by | field | verdict
    1    | event   | code          |                | code  | permitted
    1    | offence | code          |                | code  | Agreement, recipients
    2    | event   | event_id code |                | code  | permitted
    2    | event   | shoe_size     |                | code  | Agreement, recipients
    2    | person  | code          |                | code  | Agreement, recipients
    3    | event   | code          | event_type     | code  | permitted
    3    | event   | code          | age_band       | code  | Agreement, recipients
    4    | event   | code          |                | role  | permitted
    4    | event   | code          |                | shoe  | Agreement, fields
    """,
)


@dataclass(frozen=True)
class AContract:
    """A contract in which a name identifies, a number is the source's key, and an address may not be published."""

    columns: tuple[str, ...]
    personal: bool
    row_key: tuple[str, ...] = ("number",)
    identifiers: tuple[str, ...] = ("name",)
    publishable: tuple[str, ...] = field(default=("code", "knife"))


def test_a_column_is_treated_as_what_it_is() -> None:
    def decide(case: Case) -> str:
        made = dict([case["makes"].split(": ")]) if case["makes"] else {}
        agreement = with_feed(
            gateway=case["gateway"],
            basis="an Act",
            personal=case["gateway"] == "pcsc-2022-s16",
            fields={
                "column": {"class": case["class"], "treat": case["treat"], "generalise": made},
                "taken": {"class": "attribute", "treat": "keep"},
            },
        )
        found = clauses(feed_rules.fields("police.crime", agreement.feeds["police.crime"]))
        assert verdict(lambda: permit_fields(agreement, "police.crime", ["column"])) == found.split("; ")[0]
        return found

    FIELDS.hold(decide)


def test_agreement_and_contract_say_the_same() -> None:
    def decide(case: Case) -> str:
        known = {"none": [], "yes and other": ["police.crime", "police.stops"]}.get(
            case["contract of"], [case["contract of"]]
        )
        words = case["agreement's fields"].replace(":", "").split()
        stated = {
            name: {"class": "attribute", "treat": treat} for name, treat in zip(words[::2], words[1::2], strict=True)
        }
        contract = AContract(tuple(case["columns"].split()), yes(case["about"]))
        return clauses(contract_rules.contracts(with_feed(fields=stated), dict.fromkeys(known, contract)))

    CONTRACTS.hold(decide)


def test_what_is_granted_and_made_has_a_place_in_the_published_tables() -> None:
    tables = {
        "person": ["person_id", "age_band"],
        "event": ["event_id", "event_type", "code"],
        "involvement": ["event_id", "role"],
    }

    def decide(case: Case) -> str:
        rows = {case["rows chosen by"]: ["x"]} if case["rows chosen by"] else {}
        grant = {"columns": case["granted"].split(), "rows": rows}
        agreement = sound_agreement(
            feeds={"police.crime": sound_feed(fields={case["field"]: {"class": "attribute", "treat": "keep"}})},
            recipients={"analysts": sound_recipient(tables={case["table"]: grant})},
        )
        return clauses(contract_rules.published(agreement, tables))

    PUBLISHED.hold(decide)


def test_a_form_that_is_made_needs_a_place_too() -> None:
    made = {"born_on": {"class": "direct-identifier", "treat": "tokenise", "generalise": {"birth_year": "year"}}}
    agreement = with_feed(fields=made)
    assert clauses(contract_rules.published(agreement, {"event": ["offence_code"]})) == "Agreement, fields"
    with_place = {"event": ["offence_code"], "involvement": ["birth_year"]}
    assert clauses(contract_rules.published(agreement, with_place)) == PERMITTED
