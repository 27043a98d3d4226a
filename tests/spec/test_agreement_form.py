"""The agreement is whole, agrees with itself, keeps nothing too long, and is signed by six parties and no fewer."""

from collections.abc import Callable
from datetime import date

from agreement import form_rules, key_rules, rules
from agreement.grants import Portion
from agreement.model import Agreement
from agreement.policy import permit_collection, permit_linkage, permit_release
from agreement.signing import sign
from hub.feeds import AUTHORITIES
from hub.periods import Quarter
from tests.agreed import KEYS, WITNESS_KEYS, pem, public, signed
from tests.spec.rule_tables import (
    ZONES,
    Case,
    Rules,
    a_party,
    a_purpose,
    clauses,
    sound_agreement,
    sound_feed,
    sound_recipient,
    verdict,
    yes,
)

FORM = Rules(
    form_rules.form,
    """
    rule | parties      | review     | stated purposes   | used purpose | linked              | verdict
    1    | six          | 2026-03-31 | strategy          | strategy     | police.crime        | permitted
    1    | five         | 2026-03-31 | strategy          | strategy     | police.crime        | PCSC Act 2022 s.11
    1    | police twice | 2026-03-31 | strategy          | strategy     | police.crime        | PCSC Act 2022 s.11
    1    | and a prison | 2026-03-31 | strategy          | strategy     | police.crime        | permitted
    1    | a prison twice | 2026-03-31 | strategy        | strategy     | police.crime        | PCSC Act 2022 s.11
    2    | six          | 2027-03-31 | strategy          | strategy     | police.crime        | permitted
    2    | six          | 2027-04-01 | strategy          | strategy     | police.crime        | Agreement, term
    2    | six          | 2024-03-31 | strategy          | strategy     | police.crime        | Agreement, term
    3    | six          | 2026-03-31 | strategy other    | other        | police.crime        | permitted
    3    | six          | 2026-03-31 | strategy          | insurance    | police.crime        | UK GDPR Art 5(1)(b)
    3    | six          | 2026-03-31 | strategy strategy | strategy     | police.crime        | UK GDPR Art 5(1)(b)
    4    | six          | 2026-03-31 | strategy          | strategy     |                     | permitted
    4    | six          | 2026-03-31 | strategy          | strategy     | police.crime yot.x  | Agreement, linkage
    5    | six          | 2026-03-31 | strategy          | strategy     | police.crime        | permitted
    5    | six          | 2026-03-31 | strategy          | strategy     | police.street       | DPA 2018 s.171
    """,
)
LOOKED_AT = Rules(
    form_rules.form,
    """
    rule | linked       | looked at of | columns      | verdict
    6    | police.crime | police.crime | offence_code | permitted
    6    | police.crime | police.crime | birth_year   | permitted
    6    | police.crime | police.crime | weapon       | UK GDPR Art 5(1)(c)
    6    | police.crime | police.crime | born_on      | UK GDPR Art 5(1)(c)
    6    | police.crime | police.crime | forename     | UK GDPR Art 5(1)(c)
    6    | police.crime | yot.cases    | offence_code | UK GDPR Art 5(1)(c)
    6    |              | police.crime | offence_code | UK GDPR Art 5(1)(c)
    """,
)
LEVELS = Rules(
    form_rules.form,
    """
    rule | precision | recall | gap  | verdict
    7    | 0.98      | 0.9    | 0.05 | permitted
    7    | 0.5       | 0.9    | 0.05 | UK GDPR Art 5(1)(d)
    7    | 0.98      | 0      | 0.05 | UK GDPR Art 5(1)(d)
    7    | 0.98      | 0.9    | 0.5  | UK GDPR Art 5(1)(d)
    """,
)
RETENTION = Rules(
    form_rules.retention,
    """
    rule | landing | quarantine | records | events | register | candidates | releases | verdict
    1    | 30      | 90         | 1826    | 1826   | 1826     | 90         | 1826     | permitted
    1    |         | 90         | 1826    | 1826   | 1826     | 90         | 1826     | UK GDPR Art 5(1)(e)
    1    | 30      | 90         | 1826    | 1826   | 1826     | 90         |          | UK GDPR Art 5(1)(e)
    2    | 30      | 30         | 30      | 30     | 30       | 30         | 30       | permitted
    2    | 31      | 30         | 30      | 99     | 30       | 30         | 30       | UK GDPR Art 5(1)(e)
    2    | 31      | 30         | 99      | 30     | 30       | 30         | 30       | UK GDPR Art 5(1)(e)
    2    | 30      | 31         | 30      | 30     | 30       | 30         | 30       | UK GDPR Art 5(1)(e)
    2    | 30      | 30         | 30      | 30     | 31       | 30         | 30       | UK GDPR Art 5(1)(e)
    2    | 30      | 30         | 30      | 30     | 30       | 31         | 30       | UK GDPR Art 5(1)(e)
    2    | 30      | 30         | 30      | 30     | 30       | 30         | 9999     | permitted
    """,
)
SHARED_KEYS = Rules(
    key_rules.shared_keys,
    """
    rule | police sign with | its witness with | verdict
    1    | own key          | own witness key  | permitted
    1    | fire's key       | own witness key  | Agreement, keys
    1    | own key          | fire's key       | Agreement, keys
    1    | fire's witness's | own witness key  | Agreement, keys
    2    | own key          | none             | permitted
    2    | own key          | own key          | Agreement, keys
    """,
)
COUNTED_KEYS = Rules(
    key_rules.counted_keys,
    """
    rule | cosignatures | witnesses | appointed by | police has a key | verdict
    1    | 4            | 4         | council      | yes              | permitted
    1    | 4            | 3         | council      | yes              | Agreement, log
    2    | 4            | 6         | police       | yes              | permitted
    2    | 4            | 6         | police       | no               | Agreement, officers
    2    | 4            | 6         | council      | no               | permitted
    """,
)
IN_FORCE = Rules(
    rules.in_force,
    """
    rule | yot signed on | day        | shares a key | verdict
    1    | 2024-03-01    | 2024-04-01 | no           | permitted
    1    | never         | 2026-10-05 | no           | Agreement, signatures
    1    | 2026-10-06    | 2026-10-05 | no           | Agreement, signatures
    2    | 2024-03-01    | 2026-10-05 | no           | permitted
    2    | 2024-03-01    | 2026-10-05 | yes          | Agreement, keys
    3    | 2024-03-01    | 2024-04-01 | no           | permitted
    3    | 2024-03-01    | 2024-03-31 | no           | Agreement, commencement
    4    | 2024-03-01    | 2027-03-31 | no           | permitted
    4    | 2024-03-01    | 2027-04-01 | no           | Agreement, expiry
    4    | never         | 2027-04-01 | no           | Agreement, signatures; Agreement, expiry
    """,
)
ENDED = Rules(
    rules.ended,
    """
    rule | quarter | day        | verdict
    1    | 2026-Q3 | 2026-10-01 | permitted
    1    | 2026-Q3 | 2026-09-30 | Agreement, periods
    1    | 2026-Q4 | 2026-10-05 | Agreement, periods
    1    | 2062-Q3 | 2026-10-05 | Agreement, periods
    """,
)


def test_the_agreement_is_whole() -> None:
    who = {"six": AUTHORITIES, "five": AUTHORITIES[:5], "police twice": ("police", *AUTHORITIES[:5])}
    who |= {"and a prison": (*AUTHORITIES, "prison"), "a prison twice": (*AUTHORITIES, "prison", "prison")}

    def decide(case: Case) -> str:
        used = [case["used purpose"]]
        agreement = sound_agreement(
            parties=[a_party(name) for name in who[case["parties"]]],
            review_on=case["review"],
            purposes=[a_purpose(name) for name in case["stated purposes"].split()],
            feeds={"police.crime": sound_feed(purposes=used), "police.street": sound_feed(personal=False)},
            recipients={"analysts": sound_recipient(purposes=used)},
            linkage={"feeds": case["linked"].split()},
        )
        return clauses(form_rules.form(agreement))

    FORM.hold(decide)


def test_linkage_looks_at_what_is_kept_of_feeds_that_are_linked() -> None:
    fields = {
        "offence_code": {"class": "criminal-offence", "treat": "keep"},
        "weapon": {"class": "criminal-offence", "treat": "drop"},
        "born_on": {"class": "direct-identifier", "treat": "tokenise", "generalise": {"birth_year": "year"}},
    }

    def decide(case: Case) -> str:
        linkage = {"feeds": case["linked"].split(), "looked_at": {case["looked at of"]: [case["columns"]]}}
        return clauses(
            form_rules.form(sound_agreement(feeds={"police.crime": sound_feed(fields=fields)}, linkage=linkage))
        )

    LOOKED_AT.hold(decide)


def test_levels_of_linkage_are_levels() -> None:
    def decide(case: Case) -> str:
        asked = {"precision": case["precision"], "recall": case["recall"], "subgroup_gap": case["gap"]}
        return clauses(form_rules.form(sound_agreement(linkage={"feeds": ["police.crime"], "quality": asked})))

    LEVELS.hold(decide)


def test_nothing_is_kept_longer_than_what_it_is_for() -> None:
    def decide(case: Case) -> str:
        return clauses(
            form_rules.retention(
                sound_agreement(retention_days={zone: int(case[zone]) for zone in ZONES if case[zone]})
            )
        )

    RETENTION.hold(decide)


def parties(**changed: dict[str, str | None]) -> list[dict[str, object]]:
    return [a_party(name) | changed.get(name, {}) for name in AUTHORITIES]


def test_every_key_speaks_for_one_party_in_one_thing() -> None:
    keys = {
        "own key": public(KEYS["police"]),
        "own witness key": public(WITNESS_KEYS["police"]),
        "fire's key": public(KEYS["fire"]),
        "fire's witness's": public(WITNESS_KEYS["fire"]),
        "none": None,
    }

    def decide(case: Case) -> str:
        stated = {"signing_key": keys[case["police sign with"]], "witness_key": keys[case["its witness with"]]}
        text = sound_agreement().model_dump(mode="json", by_alias=True, exclude={"signatures"})
        return clauses(key_rules.shared_keys(Agreement.model_validate(text | {"parties": parties(police=stated)})))

    SHARED_KEYS.hold(decide)


def test_who_is_counted_has_a_key() -> None:
    def decide(case: Case) -> str:
        silent: dict[str, str | None] = {"witness_key": None}
        changed = dict.fromkeys(AUTHORITIES[int(case["witnesses"]) :], silent)
        if not yes(case["police has a key"]):
            changed["police"] = {"signing_key": None}
        agreement = sound_agreement(
            parties=parties(**changed),
            log={"cosignatures": int(case["cosignatures"]), "within_hours": 24},
            officers_appointed_by=[case["appointed by"]],
        )
        return clauses(key_rules.counted_keys(agreement))

    COUNTED_KEYS.hold(decide)


def test_nothing_flows_unless_the_agreement_is_in_force() -> None:
    def decide(case: Case) -> str:
        shared = {"witness_key": public(WITNESS_KEYS["fire"])} if yes(case["shares a key"]) else {}
        agreement = signed(sound_agreement(parties=parties(police=shared)), but=["yot"])
        if case["yot signed on"] != "never":
            given = sign(agreement, "yot", pem("yot"), "head", date.fromisoformat(case["yot signed on"]))
            agreement = agreement.model_copy(update={"signatures": (*agreement.signatures, given)})
        day = date.fromisoformat(case["day"])
        said = clauses(rules.in_force(agreement, day))
        acts: list[Callable[[], object]] = [
            lambda: permit_collection(agreement, "police.crime", Quarter(2024, 1), day),
            lambda: permit_linkage(agreement, ["police.crime"], Quarter(2024, 1), day),
            lambda: permit_release(agreement, "analysts", {"event": Portion(("offence_code",), ("strategy",))}, day),
        ]
        assert {verdict(act) for act in acts} == {said.split("; ")[0]}
        return said

    IN_FORCE.hold(decide)


def test_a_quarter_is_collected_and_linked_once_it_has_ended() -> None:
    agreement = sound_agreement()

    def decide(case: Case) -> str:
        quarter, day = Quarter.parse(case["quarter"]), date.fromisoformat(case["day"])
        found = clauses(rules.ended(quarter, day))
        assert verdict(lambda: permit_collection(agreement, "police.crime", quarter, day)) == found
        assert verdict(lambda: permit_linkage(agreement, ["police.crime"], quarter, day)) == found
        return found

    ENDED.hold(decide)
