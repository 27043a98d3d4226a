"""The partners' synthetic borough as one labelled file: people as authorities record them, errors and all."""

from datetime import date, timedelta
from random import Random

import polars as pl

from partners.population.households import make_population
from partners.population.people import Person
from partners.population.recording import Recorder

FEEDS = (
    "police.recorded_crime", "police.recorded_crime", "fire.fire_setter_referrals", "health.emergency_care",
    "probation.supervision", "yot.cases", "council.exclusions", "council.marac", "council.children_in_need",
)  # fmt: skip
_SEX = {"F": "female", "M": "male"}
_KNOWN = 0.6  # of all people, to any authority
_TIMES = (1, 1, 1, 2, 2, 3, 4, 6)
_TODAY = date(2026, 9, 30)
MAP = {
    "forename": "forename", "surname": "surname", "date_of_birth": "date_of_birth", "sex": "sex",
    "postcode": "postcode", "uprn": "uprn", "nhs_number": "nhs_number", "pnc_id": "pnc_id",
}  # fmt: skip


def borough(people: int, seed: int) -> pl.DataFrame:
    """Records in random order: ``person``, the columns of MAP, and true attributes.

    These are ``true_sex``, ``age_band``, ``ethnic_group`` and ``culture``, for recall by subgroup; and ``authority``,
    which recorded it, for recall between two of them.
    """
    rng = Random(f"borough/{seed}")
    recorders = {feed: Recorder(feed, seed) for feed in FEEDS}
    rows = []
    for person in make_population(people, seed).people:
        if rng.random() < _KNOWN:
            for number in range(rng.choice(_TIMES)):
                feed = rng.choice(FEEDS)
                on = _TODAY - timedelta(rng.randrange(1000))
                found = recorders[feed].record(person, on, f"{person.person_id}/{number}")
                rows.append({"authority": feed.partition(".")[0], **_row(person, found.__dict__)})
    rng.shuffle(rows)
    frame = pl.DataFrame(rows, infer_schema_length=None)
    texts = [pl.when(pl.col(name).cast(pl.String) != "").then(pl.col(name)).alias(name) for name in MAP]
    return frame.with_columns(texts)


def _row(person: Person, found: dict[str, object]) -> dict[str, object]:
    age = person.age_on(_TODAY)
    return {
        "person": person.person_id,
        **{name: found[name] for name in MAP if name not in {"sex", "date_of_birth"}},
        "date_of_birth": found["born_on"].isoformat() if found["born_on"] else None,  # type: ignore[attr-defined]
        "sex": _SEX.get(str(found["sex"])),
        "true_sex": person.sex,
        "age_band": "under 18" if age < 18 else "18 to 24" if age < 25 else "25 to 49" if age < 50 else "50 and over",
        "ethnic_group": person.ethnicity[:1],
        "culture": person.culture,
    }
