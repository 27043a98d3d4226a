"""An entry's form: what is written, and what is refused so that no person ends up in the log."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from audit.errors import EntryRefused
from audit.events import Action, Entry, Verb

AT = datetime(2026, 10, 5, 9, 30, 0, 5, tzinfo=UTC)
USUAL = Entry(
    action=Action.DECIDE, actor="service:hub", justification="Sound", recipient="analysts", code_commit="c0ffee", at=AT
)


def test_the_hashed_bytes_are_canonical_json_without_what_is_not_said() -> None:
    entry = replace(
        USUAL, action=Action.DECIDE, feed="yot.cases", rows=3, columns=("sex", "gravity"), detail={"b": 1.0, "a": True}
    )
    assert entry.canonical() == (
        b'{"action":"publish:release:decision","actor":"service:hub","at":"2026-10-05T09:30:00.000005Z",'
        b'"code_commit":"c0ffee","columns":["sex","gravity"],"detail":{"a":true,"b":1},"feed":"yot.cases","format":1,'
        b'"justification":"Sound","outcome":"done","recipient":"analysts","rows":3}'
    )


def test_every_action_has_three_parts_and_a_verb_of_its_own_kind() -> None:
    assert all(action.value.count(":") == 2 and action.verb in Verb for action in Action)
    assert len({action.value for action in Action}) == len(Action.__members__)


@pytest.mark.parametrize("action", [action for action in Action if action.verb is Verb.REFUSAL])
def test_a_refusal_is_refused(action: Action) -> None:
    assert json.loads(replace(USUAL, action=action).canonical())["outcome"] == "refused"


@pytest.mark.parametrize(
    "detail",
    [
        {"who": "Jo Bloggs"},
        {"number": "9434765919"},
        {"token": "0123456789abcdef0123456789abcdef"},
        {"nested": {"a": 1}},
        {"many": [1]},
        {"nothing": None},
        {"long": "x" * 129},
        {"Bad Name": 1},
        {"huge": 2**53},
        {"no_number": float("nan")},
        {"endless": float("inf")},
    ],
)
def test_detail_holds_counts_and_codes_alone(detail: dict[str, object]) -> None:
    with pytest.raises(EntryRefused):
        replace(USUAL, detail=detail)


@pytest.mark.parametrize(
    "wrong",
    [
        {"actor": ""},
        {"feed": "two\nlines"},
        {"justification": "x" * 301},
        {"clause": "\ud800"},
        {"columns": ("Forename of person",)},
        {"rows": -1},
        {"outcome": "perhaps"},
        {"at": AT.replace(tzinfo=None)},
        {"at": AT.astimezone(timezone(timedelta(hours=1)))},
    ],
)
def test_other_fields_are_checked_too(wrong: dict[str, object]) -> None:
    with pytest.raises(EntryRefused):
        replace(USUAL, **wrong)


def test_the_refusal_does_not_repeat_the_value() -> None:
    with pytest.raises(EntryRefused) as refused:
        replace(USUAL, detail={"who": "Quillaborn Zzyzx"})
    assert "Quillaborn" not in str(refused.value)
    assert "detail.who" in str(refused.value)


def test_an_entry_does_not_change_with_what_it_was_made_from() -> None:
    detail: dict[str, str | int | float | bool] = {"pages": 1}
    entry = replace(USUAL, detail=detail)
    detail["pages"] = 2
    assert entry.detail == {"pages": 1}


SAID: dict[str, object] = {
    "feed": "yot.cases",
    "delivery": "d-1",
    "agreement_hash": "a" * 64,
    "purpose": "needs-assessment",
    "clause": "PCSC Act 2022 s.16",
    "recipient": "analysts",
    "justification": "Sound",
    "detail": {"pages": 1},
}


@pytest.mark.parametrize(
    ("action", "needed"),
    [
        (Action.COLLECT, [["feed"], ["delivery"], ["agreement_hash"], ["purpose"], ["clause"]]),
        (Action.ADMIT, [["feed"], ["delivery"], ["agreement_hash"], ["purpose"], ["clause"]]),
        (Action.LINK, [["purpose"], ["agreement_hash"]]),
        (Action.READ, [["purpose", "justification"]]),
        (Action.PUBLISH, [["recipient"], ["purpose", "justification"]]),
        (Action.DECIDE, [["justification", "detail"]]),
        (Action.REFUSE_READ, [["justification", "clause"]]),
        (Action.SHRED_SUBJECT, []),
        (Action.ENACT_AGREEMENT, []),
        (Action.CREATE_KEY, []),
    ],
    ids=str,
)
def test_each_verb_must_say_what_the_law_asks_of_it(action: Action, needed: list[list[str]]) -> None:
    said = {"action": action, "actor": "service:hub", "code_commit": "c0ffee", **SAID}
    assert Entry(**said)  # type: ignore[arg-type]
    for names in [["code_commit"], *needed]:
        with pytest.raises(EntryRefused, match=" or ".join(names)):
            Entry(**{name: value for name, value in said.items() if name not in names})  # type: ignore[arg-type]
    enough = {name: value for name, value in said.items() if name not in SAID}
    enough |= {names[-1]: SAID[names[-1]] for names in needed}
    assert Entry(**enough)  # type: ignore[arg-type]


def test_an_action_is_told_in_three_parts() -> None:
    assert (Action.READ.source, Action.READ.subject, Action.READ.verb) == ("publish", "table", Verb.CONSULTATION)
