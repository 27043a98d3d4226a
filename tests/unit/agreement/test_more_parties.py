"""Besides the six specified authorities others may be parties, and no slip of the pen makes anybody one."""

from datetime import date

import pytest
from pydantic import ValidationError

from agreement import feed_rules, rules
from hub.feeds import AUTHORITIES
from tests.agreed import signed
from tests.spec.rule_tables import a_party, sound_agreement, sound_feed, sound_recipient

SEVEN = [a_party(name) for name in (*AUTHORITIES, "prison")]
DAY = date(2026, 1, 1)


def test_nothing_flows_until_the_seventh_has_signed_too():
    text = sound_agreement(parties=SEVEN)
    assert [v.where for v in rules.in_force(signed(text, but=["prison"]), DAY)] == ["signatures.prison"]
    assert list(rules.in_force(signed(text), DAY)) == []


def test_it_may_give_a_feed_under_the_act_that_lets_anyone():
    feed = sound_feed(gateway="cda-1998-s115")
    assert (
        list(feed_rules.gateway(sound_agreement(parties=SEVEN, feeds={"prison.releases": feed}), "prison.releases"))
        == []
    )
    (wrong,) = feed_rules.gateway(sound_agreement(feeds={"prison.releases": feed}), "prison.releases")
    assert wrong.why == "its provider is not a party"


@pytest.mark.parametrize("place", ["recipients", "officers_appointed_by", "competent_authorities"])
def test_who_is_no_party_is_named_nowhere(place):
    named = {"recipients": {"analysts": sound_recipient(authorities=["polcie"])}}.get(place, ["polcie"])
    with pytest.raises(ValidationError, match="polcie is neither a specified authority nor a party"):
        sound_agreement(**{place: named})


def test_what_is_for_specified_authorities_does_not_go_to_another_party():
    feed = sound_feed(gateway="pcsc-2022-s16")
    text = sound_agreement(
        parties=SEVEN, feeds={"police.crime": feed}, recipients={"governor": sound_recipient(authorities=["prison"])}
    )
    assert "PCSC Act 2022 s.16(1)" in {violation.clause for violation in rules.recipients(text)}
