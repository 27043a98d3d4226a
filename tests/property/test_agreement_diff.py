"""Whatever differs between two versions is told; what does not is not."""

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from agreement.diff import Change, Effect, differences
from agreement.model import Agreement, Condition, Enactment, FieldClass, Gateway, How, Treat
from hub.errors import ConfigurationError
from hub.feeds import AUTHORITIES
from tests.agreed import KEYS, public
from tests.cases import cases
from tests.property.agreements import PURPOSES, texts
from tests.spec.test_agreement_diff import BASE

Path = tuple[str | int, ...]
ENUMS: tuple[type[StrEnum], ...] = (Condition, Enactment, FieldClass, Gateway, How, Treat)
WORDS = [
    *(member.value for enum in ENUMS for member in enum),
    *AUTHORITIES,
    *PURPOSES,
    *("2025-01-01", "2025-Q1", "source", "hub", "health", "general", "controller", "joint-controller"),
    public(KEYS["police"]),
    public(KEYS["fire"]),
    "something else",
]
QUICK = {
    "deadline": None,
    "print_blob": True,
    "suppress_health_check": [HealthCheck.too_slow, HealthCheck.filter_too_much],
}


def stated(agreement: Agreement) -> dict[str, Any]:
    said: dict[str, Any] = agreement.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"signatures"})
    return said


def meaning(agreement: Agreement) -> dict[str, Any]:
    """All that the text says, whether it is stated or left to a default."""
    said = agreement.model_dump(mode="json", exclude={"signatures"})
    for name, recipient in said["recipients"].items():
        for table, grant in recipient["tables"].items():
            grant["purposes"] = list(agreement.recipients[name].purposes_of(table))
    named: dict[str, Any] = as_sets(said)
    return named


def as_sets(value: Any) -> Any:
    """A list of names says the same in any order, and said twice."""
    if isinstance(value, dict):
        return {key: as_sets(part) for key, part in value.items()}
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return sorted(set(value))
    return [as_sets(part) for part in value] if isinstance(value, list) else value


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """The places of all values, and of all lists and mappings."""
    if path:
        yield path
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in inside:
        yield from leaves(part, (*path, key))


def at(text: Any, path: Path) -> Any:
    for key in path:
        text = text[key]
    return text


def otherwise(value: Any, choice: int) -> Any:
    """Another value of the same kind."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1 + choice % 3 if choice % 2 else max(1, value - 1)
    if isinstance(value, float):
        return value / 2
    if value is None or isinstance(value, str):  # a part that is not there has no word in its place
        return value + "x" if value and choice % 4 == 0 else WORDS[choice % len(WORDS)]
    if isinstance(value, list):
        return value[1:] if choice % 2 else [*value, WORDS[choice % len(WORDS)]]
    kept = dict(value)
    kept.pop(next(iter(kept), None), None)
    return kept


def each_otherwise(value: Any) -> list[int]:
    """Choices that give each other value once."""
    given = {json.dumps(otherwise(value, choice)): choice for choice in range(len(WORDS) * 2)}
    return list(given.values())


def only_rewritten(found: list[Change]) -> bool:
    return [change.where for change in found] == ["the text"]


@settings(max_examples=cases(400, 20), **QUICK)
@given(texts(), texts())
def test_two_different_agreements_give_sentences_and_equal_ones_none(one: Agreement, other: Agreement) -> None:
    assert differences(one, one) == []
    assert bool(differences(one, other)) == (one.hash != other.hash)


def told(agreement: Agreement, path: Path, choice: int) -> bool:
    """Change one value; whether there is such an agreement. Fails if the change is not told where it is."""
    text = stated(agreement)
    value = at(text, path)
    at(text, path[:-1])[path[-1]] = otherwise(value, choice)
    try:
        changed = Agreement.model_validate(text)
    except (ValidationError, ConfigurationError):
        return False
    if changed.hash == agreement.hash:
        return False
    found = differences(agreement, changed)
    assert found
    same = meaning(agreement) == meaning(changed)
    assert only_rewritten(found) == same, f"{path} is said otherwise: {[change.sentence for change in found]}"
    assert same or any(str(path[0]) in change.where for change in found)
    return True


@settings(max_examples=cases(500, 20), **QUICK)
@given(texts(feeds=("police.recorded_crime", "health.emergency_care")), st.data())
def test_any_one_value_that_is_changed_is_told_where_it_is(agreement: Agreement, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(list(leaves(stated(agreement)))))
    told(agreement, path, data.draw(st.integers(0, 10_000)))


def test_every_value_of_a_small_agreement_is_told() -> None:
    """Each place in turn, with each kind of other value: no term of the model is left out."""
    text = stated(BASE)
    places = list(leaves(text))
    tried = {path for path in places for choice in each_otherwise(at(text, path)) if told(BASE, path, choice)}
    assert [path for path in places if path not in tried and not isinstance(at(text, path), dict)] == []


@settings(max_examples=cases(200, 20), **QUICK)
@given(texts(), texts())
def test_what_widens_one_way_narrows_the_other(one: Agreement, other: Agreement) -> None:
    """Feeds, columns and rows: whoever would receive more by a change receives less when it is undone."""

    def places(old: Agreement, new: Agreement, effect: Effect) -> set[str]:
        found = [change for change in differences(old, new) if change.effect is effect]
        return {change.where for change in found if change.where.split(".")[0] in {"linkage", "disclosure", "log"}}

    assert places(one, other, Effect.MORE) == places(other, one, Effect.LESS)
