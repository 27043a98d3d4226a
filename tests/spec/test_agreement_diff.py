"""What a new version would change, said to those who are asked to sign it: a change on the left, the sentence on the right.

``+`` stands for more that would flow or less that would protect it, ``-`` for the opposite, ``.`` for neither.
"""

# ruff: noqa: E501 - a sentence is easier to read whole
from typing import Any

import pytest

from agreement.diff import Effect, differences
from agreement.model import Agreement
from tests.spec.rule_tables import granted, sound_agreement, sound_feed, sound_recipient

MARKS = {Effect.MORE: "+", Effect.LESS: "-", Effect.OTHER: "."}
FIELDS = {
    "offence_code": {"class": "criminal-offence", "treat": "keep"},
    "knife": {"class": "criminal-offence", "treat": "drop"},
    "born_on": {"class": "direct-identifier", "treat": "tokenise", "generalise": {"birth_year": "year"}},
}
GRANT = {"columns": ["event_id", "offence_code"], "rows": {"feed": ["police.crime"]}}
BASE = sound_agreement(
    feeds={"police.crime": sound_feed(fields=FIELDS)},
    recipients={"analysts": sound_recipient(title="The analysts", tables={"event": GRANT})},
)


def changed(place: str, value: Any) -> Agreement:
    """The agreement with one value replaced, or taken out (None)."""
    text = BASE.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"signatures"})
    inner = text
    *path, last = place.split("/")
    for part in path:
        inner = inner[int(part)] if isinstance(inner, list) else inner[part]
    if value is None:
        del inner[last]
    else:
        inner[last] = value
    return Agreement.model_validate(text)


def said(before: Agreement, after: Agreement) -> list[str]:
    return [f"{MARKS[change.effect]} {change.sentence}" for change in differences(before, after)]


FEED, FIELD = "feeds/police.crime", "feeds/police.crime/fields"
ANALYSTS, EVENT = "recipients/analysts", "recipients/analysts/tables/event"
CASES = [
    ("feeds/fire.fires", sound_feed(gateway="cda-1998-s115"),
     "+ fire.fires would newly flow to the hub, under the Crime and Disorder Act 1998 s.115, for strategy, from 2024-Q1 "
     "on. Of its 1 column these could be published: offence_code. It would reach: The analysts."),
    (f"{FEED}/gateway", "cda-1998-s115",
     "+ police.crime would flow under the Crime and Disorder Act 1998 s.115 instead of the serious violence duty "
     "(PCSC Act 2022 s.16)."),
    (f"{FEED}/basis", "an Act", ". The other power that police.crime flows under would be stated: an Act."),
    (f"{FEED}/dpia", None, ". The impact assessment of police.crime would no longer be stated (now: DPIA-1)."),
    (f"{FEED}/policy_document", "APD-2", ". The policy document of police.crime would be APD-2 instead of APD-1."),
    (f"{FEED}/further_use", "an Act", "+ police.crime could be used beyond law enforcement under: an Act."),
    (f"{FEED}/conditions", ["uk-gdpr-6-1-e", "uk-gdpr-9-2-g", "uk-gdpr-10"],
     ". police.crime would no longer rely on a condition of DPA 2018 Schedule 1 Part 2."),
    (f"{FEED}/purposes", ["strategy", "insurance"], "+ police.crime could newly be used for insurance."),
    (f"{FEED}/earliest_period", "2023-Q4", "+ police.crime would flow from 2023-Q4 on, now from 2024-Q1."),
    (f"{FEED}/earliest_period", "2024-Q2", "- police.crime would flow from 2024-Q2 on, now from 2024-Q1."),
    (f"{FEED}/personal", False, "+ police.crime would be said to hold nobody's data, so fewer rules apply."),
    (f"{FEED}/patient_information", True, "+ police.crime would newly hold patient information."),
    (f"{FEED}/investigatory_powers", True,
     "+ police.crime would newly hold what the Investigatory Powers Act prohibits to disclose."),
    (f"{FEED}/pseudonymised_at", "source",
     "- police.crime would be pseudonymised by the authority before it is sent."),
    (f"{FEED}/authority_kind", "health",
     "+ police.crime would count as given by a health authority, now by an authority of neither health nor social care: "
     "other bars would apply."),
    (f"{FEED}/subjects", ["victims", "witnesses"], "+ police.crime would newly be about witnesses."),
    (f"{FIELD}/weapon", {"class": "attribute", "treat": "drop"},
     "+ weapon of police.crime would newly be delivered; it would be left out."),
    (f"{FIELD}/knife", None, "- knife of police.crime would no longer be delivered."),
    (f"{FIELD}/knife/treat", "keep",
     "+ knife of police.crime would be kept as it is, and may be published; now it is left out. "
     "No recipient is granted it."),
    (f"{FIELD}/offence_code/treat", "drop",
     "- offence_code of police.crime would be left out; now it is kept as it is, and may be published."),
    (f"{FIELD}/offence_code/class", "attribute",
     "+ offence_code of police.crime would be classed as any other fact instead of criminal offence data."),
    (f"{FIELD}/born_on/generalise/birth_year", "as_is",
     "+ birth_year of police.crime would be finer: the value as it is instead of the year alone."),
    (f"{FIELD}/born_on/generalise", {}, "- birth_year would no longer be made from born_on of police.crime."),
    (f"{FIELD}/knife/generalise", {"armed": "as_is"},
     "+ armed would newly be made from knife of police.crime: the value as it is. No recipient is granted it."),
    ("linkage/feeds", [], "- The persons of police.crime would no longer be linked with those of other feeds."),
    ("linkage/looked_at", {"police.crime": ["knife"]}, "+ Linkage would newly look at knife of police.crime."),
    ("linkage/quality", {"precision": 0.985, "recall": 0.9, "subgroup_gap": 0.05},
     "- A release would newly ask that 98.5 % of joined records are rightly joined, that 90 % of a person's records "
     "are joined, and that no subgroup is more than 5 % behind."),
    ("recipients/press", sound_recipient(title="The press", tables=granted("event_id")),
     "+ The press (press) would newly receive releases, for strategy: of the table event event_id."),
    (ANALYSTS, None, "- The analysts (analysts) would no longer receive anything."),
    (f"{ANALYSTS}/title", "Analysts", ". The analysts would be called Analysts."),
    (f"{ANALYSTS}/authorities", ["council", "fire"], "+ The analysts would newly act for fire."),
    (f"{ANALYSTS}/purposes", ["strategy", "insurance"],
     "+ The analysts could newly use what it receives for insurance."),
    (f"{ANALYSTS}/tables/person", {"columns": ["person_id"]},
     "+ The analysts would newly receive of the table person person_id."),
    (f"{EVENT}/columns", ["event_id", "offence_code", "knife"],
     "+ The analysts would newly receive knife in the table event."),
    (f"{EVENT}/columns", ["event_id"], "- The analysts would no longer receive offence_code in the table event."),
    (f"{EVENT}/rows/feed", ["police.crime", "yot.cases"],
     "+ The analysts would receive rows of the table event whose feed is yot.cases too."),
    (f"{EVENT}/rows", {}, "+ The analysts would receive rows of the table event whatever their feed; now only where it "
     "is police.crime."),
    (f"{EVENT}/rows/knife", ["true"],
     "- The analysts would receive only those rows of the table event whose knife is true."),
    (f"{EVENT}/purposes", ["strategy", "insurance"], "+ The analysts could newly use the table event for insurance."),
    ("retention_days/landing", 31, "+ The zone landing would be kept longer: 31 days instead of 30."),
    ("retention_days/landing", 1, "- The zone landing would be kept shorter: 1 day instead of 30."),
    ("retention_days/landing", None, "+ How long the zone landing is kept would no longer be stated."),
    ("disclosure/smallest_count", 7,
     "+ The smallest count of persons that a recipient may show would be lowered from 8 to 7."),
    ("disclosure/round_to", 6,
     "- The number to whose multiples a recipient rounds every count would be raised from 5 to 6."),
    ("disclosure/smallest_group", 3,
     "+ The smallest group of persons alike that raises no remark would be lowered from 5 to 3."),
    ("log/cosignatures", 3, "+ The number of witnesses that must vouch for the log would be lowered from 4 to 3, of "
     "police, fire, health, probation, yot, council."),
    ("log/within_hours", 48, "+ 4 witnesses, of police, fire, health, probation, yot, council, would have 48 hours to "
     "vouch for the log instead of 24."),
    ("officers_appointed_by", ["council", "fire"],
     "+ fire could newly appoint who decides on releases and on requests for re-identification."),
    (f"{FEED}/reidentification", {"consent": "CR-1", "purposes": ["strategy"]},
     "+ Records of police.crime could newly be re-identified, by their own authority, for strategy."),
    ("reidentification", {"requests_per_day": 3, "valid_days": 7},
     "+ Re-identification could newly be asked for, 3 times a day by each officer; a request would stand for 7 days."),
    ("competent_authorities", ["police", "yot"],
     "+ yot would newly count as a competent authority (DPA 2018 Part 3)."),
    ("council_social_care_barred", False,
     "+ The council's social care side would no longer be barred from disclosing personal information under "
     "PCSC Act 2022 s.16."),
    ("late_feed_wait_days", 46, ". The partnership would wait 46 days for a late feed instead of 45."),
    ("commences_on", "2024-03-01", "+ It would commence on 2024-03-01 instead of 2024-04-01."),
    ("review_on", "2026-04-01", ". The day of its review would be 2026-04-01 instead of 2026-03-31."),
    ("expires_on", "2028-03-31", "+ It would expire on 2028-03-31 instead of 2027-03-31."),
    ("purposes/0/text", "To sell it", '+ The purpose strategy would read "To sell it"; now it reads "For strategy".'),
    ("purposes/0/serves", ["pcsc-2022-part2"],
     "- The purpose strategy would no longer count as a function under the Crime and Disorder Act 1998."),
    ("parties/0/controller", "Somebody", ". The controller that police stands for would be Somebody instead of police."),
    ("parties/0/signing_key", None, "+ No key would be stated any more to sign for police."),
    ("parties/0/sealing_key", None, "+ No key would be stated any more to open what is sealed to police."),
    ("parties/0/witness_url", "https://w.example", ". The address of police's witness would be stated: https://w.example."),
    ("operator/name", "Somebody", "+ The hub would be run by Somebody instead of x."),
    ("operator/contact", "d@b.example", ". Whom to ask about the hub would be d@b.example instead of a@b.example."),
    ("id", "other", ". The agreement's id would be other instead of example."),
    ("version", "2", ". The version would be 2 instead of 1."),
    ("title", "Another", ". The title would be Another instead of An example."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("place", "value", "sentence"), CASES, ids=[f"{sentence[0]} {place}" for place, _, sentence in CASES]
)
def test_a_change_is_one_sentence(place: str, value: Any, sentence: str) -> None:
    assert said(BASE, changed(place, value)) == [sentence]


def test_another_key_is_told_with_the_advice_to_ask() -> None:
    other = BASE.parties[1].signing_key
    (sentence,) = said(BASE, changed("parties/0/signing_key", other))
    assert sentence == f"+ Another key would sign for police. Ask police whether it is theirs: {other}"


def test_what_widens_comes_first() -> None:
    text = BASE.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"signatures"})
    text |= {"version": "2", "expires_on": "2026-12-31", "officers_appointed_by": ["council", "fire"]}
    assert [sentence[0] for sentence in said(BASE, Agreement.model_validate(text))] == ["+", "-", "."]


def test_another_order_is_told_to_move_nothing() -> None:
    text = BASE.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"signatures"})
    text["parties"].reverse()
    (sentence,) = said(BASE, Agreement.model_validate(text))
    assert "It moves nothing, but all must sign again." in sentence
