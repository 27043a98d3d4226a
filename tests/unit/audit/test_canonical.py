"""The bytes that are hashed are canonical JSON (RFC 8785) for any entry, whichever program writes them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.canonical import canonical, instant
from audit.errors import EntryRefused
from audit.events import MUST_SAY, Action, Entry, Verb
from tests.cases import cases

TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1, max_size=40)
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
NUMBERS = st.integers(-(2**53) + 1, 2**53 - 1) | st.floats(-1e15, 1e15, allow_nan=False) | st.booleans()
CODES = st.from_regex(r"[A-Za-z0-9_.:/+=@-]{0,30}", fullmatch=True).filter(lambda code: len(code) != 10)
INSTANTS = st.datetimes(datetime(1000, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001
OPTIONAL = ("feed", "delivery", "period", "release", "recipient", "table", "purpose", "clause", "justification")


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """Any entry that is let in."""
    said: dict[str, Any] = {name: draw(st.none() | TEXTS) for name in (*OPTIONAL, "agreement_hash")}
    action = draw(st.sampled_from(Action))
    said |= {names[0]: draw(TEXTS) for names in MUST_SAY[action.verb]}
    at = draw(INSTANTS)
    return Entry(
        action=action,
        actor=draw(TEXTS),
        code_commit=draw(TEXTS),
        rows=draw(st.none() | st.integers(0, 2**53 - 1)),
        columns=tuple(draw(st.lists(NAMES, max_size=3))),
        outcome=draw(st.sampled_from(["done", "refused"])),
        detail=draw(st.dictionaries(NAMES, NUMBERS | CODES, max_size=3)),
        at=draw(st.sampled_from([at, at.replace(microsecond=0), at.replace(tzinfo=timezone(timedelta(0)))])),
        **said,
    )


@settings(max_examples=cases(3_000, 30), deadline=None)
@given(entries())
def test_canonical_bytes_are_those_of_rfc8785(entry: Entry) -> None:
    assert entry.canonical() == rfc8785.dumps(entry.values())  # type: ignore[arg-type]
    assert entry.values()["at"] == instant(entry.at)


@settings(max_examples=cases(1_000, 40), deadline=None)
@given(st.lists(entries(), min_size=1, max_size=4))
def test_entries_that_are_written_together_are_written_as_each_alone(many: list[Entry]) -> None:
    expected = [rfc8785.dumps(entry.values()) for entry in many]  # type: ignore[arg-type]
    assert canonical([vars(entry) for entry in many]) == expected


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=8))
def test_any_text_is_written_alike_or_refused(text: str) -> None:
    try:
        entry = Entry(action=Action.CREATE_KEY, actor=text, code_commit="c0ffee", justification=text or None)
    except EntryRefused:
        return
    assert entry.canonical() == rfc8785.dumps(entry.values())  # type: ignore[arg-type]


def test_every_verb_has_its_rule() -> None:
    assert set(MUST_SAY) == set(Verb)
