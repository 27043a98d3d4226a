"""Whether the rules rest on what feeds have. Pure.

1. A feed has a contract, and its rows are about persons.
2. A role is one that the feed's rows can state.
3. A column is one of the feed's that may be published: identifiers and references never evidence anything.
4. A value is one that the column can hold.
5. A strength, a date and an outcome come from columns that hold such.
6. A provider is a specified authority, and an area's figure one of the table area.
"""

from collections.abc import Iterator, Mapping

import polars as pl

from agreement.model import Agreement, Treat
from factors.errors import FactorsRefused
from factors.model import Evidence, FactorRules, Offering, Stating
from hub.feeds import AUTHORITIES
from schemas.contract import Contract
from schemas.published_context import OUTCOMES, STRENGTHS, Area
from schemas.registry import CONTRACTS

_TRUTH = frozenset({"true", "false"})


def require_sound(rules: FactorRules, contracts: Mapping[str, Contract] = CONTRACTS) -> None:
    """Raise FactorsRefused if a rule rests on what there is not; all places are told."""
    found = list(faults(rules, contracts))
    if found:
        raise FactorsRefused(
            "The rules of factors and interventions do not hold",
            where="config/factors.yaml: " + "; ".join(dict.fromkeys(place for place, _ in found)),
            why="; ".join(f"{place}: {why}" for place, why in found),
            fix="Correct these, and run hub factors check",
        )


def faults(rules: FactorRules, contracts: Mapping[str, Contract] = CONTRACTS) -> Iterator[tuple[str, str]]:
    """Each place in the file that rests on what there is not, and what is wrong with it."""
    for place, evidence in rules.each():
        contract = contracts.get(evidence.feed)
        if contract is None or not contract.personal:  # (1)
            yield place, f"no feed {evidence.feed} has rows about persons"
            continue
        yield from ((place, why) for why in _wrong(evidence, contract))
    figures = {name for name, column in Area.to_schema().columns.items() if column.dtype.type == pl.Int64}
    for name, area in rules.area_factors.items():
        if area.column not in figures:  # (6)
            yield f"area_factors.{name}.column", f"the table area has no figure {area.column}"


def _wrong(evidence: Evidence, contract: Contract) -> Iterator[str]:
    parts = _roles(contract)
    for role in (role for role in evidence.roles if role not in parts):  # (2)
        yield f"{contract.feed} states no part {role}; it has {', '.join(sorted(parts))}"
    for column, values in evidence.where.items():  # (3) (4)
        yield from _not_held(contract, column, values)
    if isinstance(evidence, Stating) and evidence.strength:  # (5)
        yield from _not_a(contract, evidence.strength, STRENGTHS)
    if isinstance(evidence, Offering):
        yield from _not_told(evidence, contract)


def _not_told(evidence: Offering, contract: Contract) -> Iterator[str]:
    """Rules 5 and 6 of an intervention."""
    if evidence.provider not in (None, *AUTHORITIES):  # (6)
        yield f"the provider {evidence.provider} is none of {', '.join(AUTHORITIES)}"
    for column in filter(None, (evidence.started_on, evidence.ended_on)):
        if column not in contract.publishable:
            yield _no_column(contract, column)
        elif contract.schema.columns[column].dtype.type != pl.Date:
            yield f"{contract.feed}.{column} holds no dates"
    if evidence.kind and evidence.kind not in contract.publishable:
        yield _no_column(contract, evidence.kind)
    if evidence.outcome:
        yield from _not_a(contract, evidence.outcome, OUTCOMES)


def _not_a(contract: Contract, column: str, known: tuple[str, ...]) -> Iterator[str]:
    if column not in contract.publishable:
        yield _no_column(contract, column)
    elif not _words(contract, column).intersection(known):
        yield f"{contract.feed}.{column} says none of {', '.join(known)}"


def _not_held(contract: Contract, column: str, values: tuple[str, ...]) -> Iterator[str]:
    if column not in contract.publishable:  # (3)
        yield _no_column(contract, column)
        return
    held = _words(contract, column)
    for value in (value for value in values if value not in held):  # (4)
        known = ", ".join(sorted(held)) or "no words of a list"
        yield f"{contract.feed}.{column} never holds {value}; it holds {known}"


def _no_column(contract: Contract, column: str) -> str:
    return f"{contract.feed} has no column {column} that may be published"


def _words(contract: Contract, column: str) -> frozenset[str]:
    """What a column can hold, as the agreement writes it; nothing where no list says."""
    if contract.schema.columns[column].dtype.type == pl.Boolean:
        return _TRUTH
    reading = contract.readings.get(column)
    if reading is None or reading.codes is None:
        return frozenset()
    return frozenset(reading.codes.values()) | ({reading.blank} if reading.blank else frozenset())


def _roles(contract: Contract) -> frozenset[str]:
    return frozenset({contract.role}) if contract.role else _words(contract, "role")


def resting_on_nothing(rules: FactorRules, agreement: Agreement) -> Iterator[tuple[str, str]]:
    """Each place that gives less than it says: its feed is not linked, or the agreement does not keep its columns."""
    for place, evidence in rules.each():
        terms = agreement.feeds.get(evidence.feed)
        if terms is None or evidence.feed not in agreement.linkage.feeds:
            yield place, f"{evidence.feed} is not linked under the agreement"
            continue
        kept = {name for name, stated in terms.fields.items() if stated.treat is Treat.KEEP}
        lost = [column for column in dict.fromkeys(evidence.columns) if column not in kept]
        if lost:
            yield place, f"the agreement does not keep {', '.join(lost)} of {evidence.feed}"
