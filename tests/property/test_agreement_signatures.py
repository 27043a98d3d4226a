"""A change of one byte voids all signatures."""

import base64
from datetime import date
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from agreement import rules
from agreement.model import Agreement
from agreement.parties import right
from hub.errors import ConfigurationError
from hub.feeds import AUTHORITIES
from tests.agreed import signed
from tests.cases import cases, takes_long
from tests.property.agreements import SHIPPED, agreements
from tests.property.test_agreement_diff import QUICK, at, leaves, otherwise, stated
from tests.spec.rule_tables import sound_agreement


@cache
def agreed() -> Agreement:
    return sound_agreement()


KEYS: dict[str, str | None] = {party.authority: party.signing_key for party in agreed().parties}
DAY = date(2026, 10, 5)


@settings(max_examples=cases(1000), deadline=None)
@given(st.data())
def test_any_byte_that_is_changed_voids_all_signatures(data: st.DataObject) -> None:
    text = bytearray(agreed().canonical)
    place = data.draw(st.integers(0, len(text) - 1))
    text[place] = data.draw(st.integers(0, 255).filter(lambda byte: byte != text[place]))
    assert right(bytes(text), KEYS, agreed().signatures) == {}


@settings(max_examples=cases(300), deadline=None)
@given(st.data())
def test_any_byte_that_is_added_or_taken_away_voids_all_signatures(data: st.DataObject) -> None:
    text = agreed().canonical
    place = data.draw(st.integers(0, len(text) - 1))
    longer = text[:place] + data.draw(st.binary(min_size=1, max_size=3)) + text[place:]
    shorter = text[:place] + text[place + data.draw(st.integers(1, 3)) :]
    assert right(longer, KEYS, agreed().signatures) == {}
    assert right(shorter, KEYS, agreed().signatures) == {}


@settings(max_examples=cases(300), deadline=None)
@given(st.sampled_from(AUTHORITIES), st.integers(0, 64 * 8 - 1))
def test_any_bit_of_a_signature_that_is_changed_voids_that_one_alone(authority: str, bit: int) -> None:

    given_ = {signature.authority: signature for signature in agreed().signatures}
    octets = bytearray(base64.b64decode(given_[authority].signature))
    octets[bit // 8] ^= 1 << bit % 8
    broken = given_[authority].model_copy(update={"signature": base64.b64encode(octets).decode()})
    left = right(agreed().canonical, KEYS, [*(s for s in agreed().signatures if s.authority != authority), broken])
    assert set(left) == set(AUTHORITIES) - {authority}


@takes_long
@settings(max_examples=100, **QUICK)
@given(st.data())
def test_any_value_that_is_changed_takes_the_agreement_out_of_force(data: st.DataObject) -> None:
    agreement = data.draw(agreements(feeds=("police.street_crime",)))
    text = stated(agreement)
    path = data.draw(st.sampled_from([path for path in leaves(text) if "signing_key" not in path]))
    at(text, path[:-1])[path[-1]] = otherwise(at(text, path), data.draw(st.integers(0, 10_000)))
    try:
        changed = Agreement.model_validate(text)
    except (ValueError, ConfigurationError):
        return
    if changed.canonical == agreement.canonical:
        return
    kept = changed.model_copy(update={"signatures": agreement.signatures})
    assert kept.signed_by == {}
    must_sign = {*AUTHORITIES, *(party.authority for party in kept.parties)}  # a party of another name, too
    assert {violation.where for violation in rules.unsigned(kept, DAY)} == {f"signatures.{name}" for name in must_sign}


def test_who_signed_and_when_is_signed_too() -> None:
    for change in ({"signed_by": "deputy"}, {"signed_on": date(2024, 3, 2)}, {"authority": "fire"}):
        police = next(s for s in agreed().signatures if s.authority == "police").model_copy(update=change)
        assert right(agreed().canonical, KEYS, [police]) == {}


def test_a_signature_by_another_key_than_the_texts_does_not_count() -> None:
    """An administrator who puts a key of his own into the text changes the text, and so voids the others."""
    terms = stated(agreed())
    terms["parties"][0]["signing_key"], terms["parties"][1]["signing_key"] = KEYS["fire"], KEYS["police"]
    swapped = Agreement.model_validate(terms).model_copy(update={"signatures": agreed().signatures})
    assert swapped.signed_by == {}
    assert len(signed(SHIPPED).signed_by) == 0
