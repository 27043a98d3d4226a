"""The agreement's rules drawn as tables: a case on the left, the verdict on the right.

A verdict is ``permitted``, or the clauses that stand against it. What a table does not say is sound. The first column
of a table of ``Rules`` names the numbered rule of the function that the row shows: test_agreement_rules_are_shown.py
holds that each has a row where it permits and one where it does not, under the clause that its docstring cites.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

from agreement.errors import AgreementRefusal
from agreement.model import Agreement
from agreement.violation import Violation
from hub.feeds import AUTHORITIES
from tests.agreed import keys_of, signed

Case = Mapping[str, str]
PERMITTED = "permitted"
ZONES = ("landing", "quarantine", "records", "events", "register", "candidates", "releases")


def sound_feed(**terms: object) -> dict[str, Any]:
    """A feed's terms that break no rule, but for what is given."""
    usual = {
        "gateway": "pcsc-2022-s16",
        "conditions": ["uk-gdpr-6-1-e", "uk-gdpr-9-2-g", "uk-gdpr-10", "dpa-2018-sch1-pt2"],
        "dpia": "DPIA-1",
        "policy_document": "APD-1",
        "purposes": ["strategy"],
        "earliest_period": "2024-Q1",
        "personal": True,
        "patient_information": False,
        "investigatory_powers": False,
        "pseudonymised_at": "hub",
        "authority_kind": "general",
        "subjects": ["victims"],
        "fields": {"offence_code": {"class": "criminal-offence", "treat": "keep"}},
    }
    return usual | terms


def granted(*columns: str) -> dict[str, Any]:
    """A grant of columns of the table of events."""
    return {"event": {"columns": columns}}


def sound_recipient(**terms: object) -> dict[str, Any]:
    """A recipient's terms that break no rule, but for what is given."""
    usual = {"title": "x", "authorities": ["council"], "purposes": ["strategy"], "tables": granted("offence_code")}
    return usual | terms


def a_party(name: str) -> dict[str, Any]:
    """A party with its keys."""
    return {"authority": name, "controller": name, "role": "controller", "contact": "a@b.example"} | keys_of(name)


def a_purpose(name: str, *serves: str) -> dict[str, Any]:
    """A purpose, and the laws that it serves."""
    return {"id": name, "text": f"For {name}", "serves": serves}


def sound_agreement(**terms: object) -> Agreement:
    """A signed agreement that breaks no rule, but for what is given."""
    usual = {
        "id": "example",
        "version": "1",
        "title": "An example",
        "operator": {"name": "x", "contact": "a@b.example", "data_protection_officer": "c@b.example"},
        "parties": [a_party(name) for name in AUTHORITIES],
        "commences_on": "2024-04-01",
        "review_on": "2026-03-31",
        "expires_on": "2027-03-31",
        "purposes": [a_purpose("strategy", "pcsc-2022-part2", "cda-1998")],
        "feeds": {"police.crime": sound_feed()},
        "linkage": {"feeds": ["police.crime"]},
        "recipients": {"analysts": sound_recipient()},
        "retention_days": dict.fromkeys(ZONES, 30),
        "disclosure": {"smallest_count": 8, "round_to": 5, "smallest_group": 5},
        "log": {"cosignatures": 4, "within_hours": 24},
        "officers_appointed_by": ["council"],
        "late_feed_wait_days": 45,
    }
    return signed(Agreement.model_validate(usual | terms))


def with_feed(**terms: object) -> Agreement:
    """A sound agreement whose one feed has these terms."""
    return sound_agreement(feeds={"police.crime": sound_feed(**terms)})


def yes(cell: str) -> bool:
    """What a cell says that is yes or no."""
    return {"yes": True, "no": False}[cell]


@dataclass(frozen=True)
class Rules:
    """A table that shows the numbered rules of one function."""

    function: Callable[..., object]
    table: str

    def hold(self, decide: Callable[[Case], str]) -> None:
        """Decide each row, as ``hold``."""
        hold(self.table, decide)

    @property
    def rows(self) -> list[tuple[str, str]]:
        """Of each row the rule that it shows, and the verdict."""
        _, *rows = _cells(self.table)
        return [(row[0], row[-1]) for row in rows]


def hold(table: str, decide: Callable[[Case], str]) -> None:
    """Decide each row of a drawn table; fails showing the table as it ought to have been drawn."""
    head, *rows = _cells(table)
    assert head[-1] == "verdict"
    found = [[*row[:-1], decide(dict(zip(head, row, strict=True)))] for row in rows]
    assert "\n".join(map(" | ".join, found)) == "\n".join(map(" | ".join, rows))


def _cells(table: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|")] for line in dedent(table).strip().splitlines()]


def clauses(violations: Iterable[Violation]) -> str:
    """The clauses of violations as a verdict."""
    return "; ".join(dict.fromkeys(violation.clause for violation in violations)) or PERMITTED


def verdict(act: Callable[[], object]) -> str:
    """The clause that an act is refused by, as a verdict."""
    try:
        act()
    except AgreementRefusal as refusal:
        return refusal.clause
    return PERMITTED
