"""The rows of the published tables on people and what befell them. ``schemas.published`` tells of them all."""

from typing import Any

import pandera.polars as pa
import polars as pl

from schemas.codes import ETHNIC_GROUPS, SEXES
from schemas.columns import Instant, Rows
from schemas.offences import OFFENCE_CODE
from schemas.registry import CONTRACTS

ID = r"^[0-9a-f]{32}$"
QUARTER = r"^\d{4}-Q[1-4]$"
_BAND = r"^(?:\d+-\d+|\d+\+|unknown)$"
FEED = r"^[a-z]+\.[a-z][a-z0-9_]*$"
_FEEDS = r"^[a-z]+\.[a-z][a-z0-9_]*(?:, [a-z]+\.[a-z][a-z0-9_]*)*$"
_ROLES = (
    *(contract.role for contract in CONTRACTS.values() if contract.role),
    "victim",
    "suspect",
)


def own(meaning: str, **checks: Any) -> Any:
    """A column that a published table has of its own, and what it means."""
    return pa.Field(description=meaning, **checks)


class Person(Rows):
    """One row a person: everyone who takes part in an event of the release."""

    person_id: str = own("The person, under the recipient's own key", str_matches=ID, unique=True)
    sex: str = own("Sex that most records state; unknown where they disagree or are silent", isin=SEXES)
    ethnic_group: str = own("Broad ethnic group that most records state", isin=ETHNIC_GROUPS)
    birth_year: int = own("Year of birth that most records state", nullable=True, ge=1900)
    age_band: str = own("Band of the age reached in the release's year", str_matches=_BAND)
    authorities: int = own(
        "How many authorities have a record of the person", in_range={"min_value": 1, "max_value": 6}
    )
    events: int = own("How many events of the release the person takes part in", ge=1)
    first_seen_on: pl.Date = own("Day of the first of them")
    last_seen_on: pl.Date = own("Day of the last of them")


class Event(Rows):
    """One row an event, with the attributes that the agreement keeps."""

    event_id: str = own("The event, under the recipient's own key", str_matches=ID, unique=True)
    incident_id: str = own("The incident that it tells of, alone or with other events", str_matches=ID)
    feed: str = own("The feed that told of it", str_matches=FEED)
    event_type: str = own(
        "What kind of event it is", isin=sorted({contract.event_type for contract in CONTRACTS.values()})
    )
    occurred_on: pl.Date = own("The day of the event; for street crime the first of its month, as no day is published")
    occurred_at: Instant = own("The instant, in UTC, where its time is known", nullable=True)
    lsoa_code: str = own("Small area (LSOA 2021); blank where not known or outside the borough", nullable=True)
    ward_code: str = own("Ward (2022); blank where not known or outside the borough", nullable=True)
    offence_code: str = own("Home Office offence class and subclass, CCC/SS", nullable=True, str_matches=OFFENCE_CODE)
    persons: int = own("How many persons take part, as far as they are known", ge=0)
    violence_kind: str = own(
        "The kind of serious violence that it is by the partnership's definition (config/definition.yaml)",
        nullable=True,
    )
    definition_clauses: str = own(
        "The areas and circumstances of the definition that it meets, with commas between; blank where it meets none",
        nullable=True,
    )
    harm: float = own(
        "How much harm the offence is, by the weights that the partnership loaded, in the unit that the table release "
        "states; blank where its code has no weight. There is no such column where no weights are loaded",
        nullable=True,
        ge=0,
    )


class Involvement(Rows):
    """One row for each part that a person takes in an event."""

    event_id: str = own("The event", str_matches=ID)
    person_id: str = own("The person", str_matches=ID)
    feed: str = own("The feed that told of it", str_matches=FEED)
    authority: str = own("The authority whose feed it is")
    role: str = own("The part the person takes", isin=_ROLES)
    sex: str = own("Sex as this authority records it", isin=SEXES, nullable=True)
    ethnic_group: str = own("Broad ethnic group as this authority records it", isin=ETHNIC_GROUPS, nullable=True)
    birth_year: int = own("Year of birth as this authority records it", nullable=True, ge=1900)


class Incident(Rows):
    """One row an incident, of one event of the release or of several that tell of it."""

    incident_id: str = own("The incident, under the recipient's own key", str_matches=ID, unique=True)
    events: int = own("How many events of the release tell of it", ge=1)
    feeds: str = own("The feeds that tell of it, in order of their names, with commas between", str_matches=_FEEDS)
    authorities: int = own("How many authorities tell of it", in_range={"min_value": 1, "max_value": 6})
    persons: int = own("How many persons take part, as far as they are known", ge=0)
    score: float = own(
        "How likely the least likely of its events belongs to it, 0 to 1; blank where one event tells of it",
        nullable=True,
        in_range={"min_value": 0, "max_value": 1},
    )
    occurred_on: pl.Date = own("The day, as the police state it where they tell of it")
    first_at: Instant = own("The first instant that one of its events states, in UTC", nullable=True)
    last_at: Instant = own("The last instant that one of its events states, in UTC", nullable=True)
    lsoa_code: str = own("Small area (LSOA 2021), as the police state it where they do", nullable=True)
    ward_code: str = own("Ward (2022), as the police state it where they do", nullable=True)
    offence_code: str = own("Home Office offence class and subclass, CCC/SS", nullable=True, str_matches=OFFENCE_CODE)
    told_again: bool = own(
        "Whether another feed of the release tells of it too without being joined: street-level crime beside recorded "
        "crime, the hospital's return beside its attendances. Leave it out when incidents are counted"
    )


class PersonHistory(Rows):
    """One row for each person of an earlier release and whom the person became since: to follow a cohort by."""

    former_id: str = own("The person as an earlier release to the recipient has the id", str_matches=ID)
    person_id: str = own("A person of this release to whom records of that person went", str_matches=ID)
    change: str = own(
        "merged: the person was found to be this one. split: the person is there still, and part of the records were "
        "found to be of this one",
        isin=("merged", "split"),
    )
    changed_in: str = own("The quarter whose link found that, the last where it took several", str_matches=QUARTER)
