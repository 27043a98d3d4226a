"""Whether a record's own authority may be told which of its records is meant: only where its controller consents."""

from agreement import reidentification_rules
from agreement.model import Agreement
from hub.feeds import AUTHORITIES
from tests.spec.rule_tables import Case, Rules, a_party, a_purpose, clauses, sound_agreement, sound_feed, yes

TERMS = {"requests_per_day": 3, "valid_days": 7}
CONSENTS = Rules(
    reidentification_rules.consents,
    """
    rule | consents for | about persons | terms stated | officers appointed by | verdict
    1    | strategy     | yes           | yes          | police council        | permitted
    1    | strategy     | no            | yes          | police council        | DPA 2018 s.171
    1    |              | no            | yes          | police council        | permitted
    2    | strategy     | yes           | yes          | police council        | permitted
    2    | insurance    | yes           | yes          | police council        | UK GDPR Art 5(1)(b)
    3    | strategy     | yes           | yes          | police council        | permitted
    3    | strategy     | yes           | no           | police council        | Agreement, reidentification
    3    |              | yes           | no           | police council        | permitted
    4    | strategy     | yes           | yes          | police council        | permitted
    4    | strategy     | yes           | yes          | council               | Agreement, officers
    4    |              | yes           | yes          | council               | permitted
    """,
)
REIDENTIFIED = Rules(
    reidentification_rules.reidentified,
    """
    rule | feed         | consents for | asked for | terms stated | key to seal to | verdict
    1    | police.crime | strategy     | strategy  | yes          | yes            | permitted
    1    | police.crime | strategy     | strategy  | no           | yes            | Agreement, reidentification
    2    | police.crime | strategy     | strategy  | yes          | yes            | permitted
    2    | police.calls | strategy     | strategy  | yes          | yes            | Agreement, feeds
    3    | police.crime | strategy     | strategy  | yes          | yes            | permitted
    3    | police.crime |              | strategy  | yes          | yes            | DPA 2018 s.171
    4    | police.crime | strategy     | strategy  | yes          | yes            | permitted
    4    | police.crime | strategy     | insurance | yes          | yes            | UK GDPR Art 5(1)(b)
    4    | police.crime | insurance    | insurance | yes          | yes            | UK GDPR Art 5(1)(b)
    5    | police.crime | strategy     | strategy  | yes          | yes            | permitted
    5    | police.crime | strategy     | strategy  | yes          | no             | Agreement, keys
    """,
)


def agreed(case: Case) -> Agreement:
    purposes = case["consents for"].split()
    consent = {"reidentification": {"consent": "CR-1", "purposes": purposes}} if purposes else {}
    about = yes(case.get("about persons", "yes"))
    silent = {} if yes(case.get("key to seal to", "yes")) else {"sealing_key": None}
    terms = {"reidentification": TERMS} if yes(case["terms stated"]) else {}
    return sound_agreement(
        purposes=[a_purpose(name, "pcsc-2022-part2", "cda-1998") for name in ("strategy", "insurance")],
        parties=[a_party(name) | (silent if name == "police" else {}) for name in AUTHORITIES],
        feeds={"police.crime": sound_feed(personal=about, **consent)},
        officers_appointed_by=case.get("officers appointed by", "police council").split(),
        **terms,
    )


def test_what_controllers_consent_to_agrees_with_the_rest() -> None:
    CONSENTS.hold(lambda case: clauses(reidentification_rules.consents(agreed(case))))


def test_only_the_authority_of_a_feed_whose_controller_consents_is_told() -> None:
    def decide(case: Case) -> str:
        return clauses(reidentification_rules.reidentified(agreed(case), case["feed"], case["asked for"]))

    REIDENTIFIED.hold(decide)
