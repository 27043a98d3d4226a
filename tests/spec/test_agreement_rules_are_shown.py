"""Every numbered rule of the agreement is shown by a table: where it permits, and where it does not."""

import inspect
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest

from tests.spec.rule_tables import PERMITTED, Rules

MODULES = (
    "feed_rules",
    "condition_rules",
    "rules",
    "form_rules",
    "key_rules",
    "contract_rules",
    "reidentification_rules",
)
TABLES = [
    table
    for path in sorted(Path(__file__).parent.glob("test_agreement_*.py"))
    if path.stem != Path(__file__).stem
    for table in vars(import_module(f"tests.spec.{path.stem}")).values()
    if isinstance(table, Rules)
]


def numbered() -> dict[str, tuple[Callable[..., object], dict[str, str]]]:
    """Every function with numbered rules, and each rule's words."""
    found = {}
    for module in (import_module(f"agreement.{name}") for name in MODULES):
        for function in vars(module).values():
            if inspect.isfunction(function) and function.__module__ == module.__name__:
                rules = dict(re.findall(r"^(\d+)\. (.+(?:\n {3,}.+)*)", inspect.getdoc(function) or "", re.MULTILINE))
                if rules:
                    found[f"{module.__name__}.{function.__name__}"] = function, rules
    return found


RULES = numbered()
EACH = [(name, number) for name, (_, rules) in RULES.items() for number in rules]


@pytest.mark.parametrize(("name", "number"), EACH, ids=[f"{name}-{number}" for name, number in EACH])
def test_a_rule_is_shown_permitting_and_refusing_under_its_clause(name: str, number: str) -> None:
    function, rules = RULES[name]
    words = " ".join(rules[number].split())
    verdicts = [
        verdict for table in TABLES if table.function is function for rule, verdict in table.rows if rule == number
    ]
    assert PERMITTED in verdicts
    refused = [verdict for verdict in verdicts if verdict != PERMITTED]
    assert refused
    assert [verdict for verdict in refused if not any(clause in words for clause in verdict.split("; "))] == []


def test_no_row_shows_a_rule_that_there_is_not() -> None:
    known = {function: set(rules) for function, rules in RULES.values()}
    assert [(t.function.__name__, rule) for t in TABLES for rule, _ in t.rows if rule not in known[t.function]] == []


def test_the_rules_are_many() -> None:
    assert len(EACH) > 50
