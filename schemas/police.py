"""The police's feeds.

Recorded crime: the force's extract for partnerships, one row a person involved in a crime (layout *unverified*). What a
force may not give yet (age, weapon, relationship, kind of place, outcome) may be missing as a whole column; its free
text on how the crime was done ("MO") names people and places, so it is dropped unread.

Street crime: one record a crime and no persons, JSON of https://data.police.uk/docs/method/crime-street/. The same site
offers a CSV file a month and force (``Crime ID, Month, Reported by, Falls within, Longitude, Latitude, Location, LSOA
code, LSOA name, Crime type, Last outcome category, Context``). It is not taken: anti-social behaviour has no key there
(``Crime ID`` is blank).
"""

import polars as pl

from schemas import codes, persons
from schemas.areas import DEGREES, GRID
from schemas.columns import Instant, Rows, column, derived, rule
from schemas.contract import Contract
from schemas.offences import exists
from schemas.readings import code, day, flag, local_day, local_instant, number, second_reading, text
from schemas.reasons import Reason

_MINUTE = "%d/%m/%Y %H:%M"
_DAY = "%d/%m/%Y"


class RecordedCrime(Rows):
    """One person's part in one recorded crime."""

    crime_reference: str = column("Crime Reference", text(), "The force's reference of the crime")
    offence_code: str = column("HO Code", text(), "Home Office offence class and subclass, CCC/SS")
    committed_from: Instant = column(
        "Committed From", local_instant(_MINUTE), "When the crime was committed, or the earliest that it can have been"
    )
    committed_to: Instant = column(
        "Committed To", local_instant(_MINUTE), "The latest that the crime can have been committed", nullable=True
    )
    recorded_on: pl.Date = column("Recorded Date", day(_DAY), "When the force recorded the crime")
    domestic_abuse: bool = column("DA Flag", flag(), "Flagged as domestic abuse", nullable=True)
    knife: bool = column("Knife Flag", flag(), "Flagged as knife-enabled", nullable=True)
    gang: bool = column("Gang Flag", flag(), "Flagged as gang-related", nullable=True)
    hate: bool = column("Hate Flag", flag(), "Flagged as a hate crime", nullable=True)
    alcohol: bool = column("Alcohol Flag", flag(), "Flagged as alcohol-related", nullable=True)
    role: str = column(
        "Person Role", code({"VICTIM": "victim", "SUSPECT": "suspect"}), "The person's part in the crime", person=True
    )
    person_number: str = column("Person Number", text(), "The force's number of the person", person=True)
    forename: str = persons.forename("Forename")
    surname: str = persons.surname("Surname")
    date_of_birth: pl.Date = persons.date_of_birth("Date of Birth", _DAY)
    age: int = persons.age("Age", "when the crime was committed")
    sex: str = persons.sex("Sex", codes.SEX_LETTERS)
    ethnic_group: str = persons.ethnic_group("Ethnicity", codes.ETHNICITY_SELF_DEFINED)
    pnc_id: str = persons.pnc_id("PNC ID")
    address: str = column("Address", text(), "Home address as typed", person=True, private=True, nullable=True)
    postcode: str = persons.postcode("Postcode")
    uprn: str = persons.home_uprn("UPRN")
    easting: float = column(
        "Easting",
        number(),
        "Where the crime happened: easting, metres, British National Grid",
        private=True,
        nullable=True,
    )
    northing: float = column(
        "Northing",
        number(),
        "Where the crime happened: northing, metres, British National Grid",
        private=True,
        nullable=True,
    )
    place_type: str = column(
        "Location Type", code(codes.PLACE_TYPE), "Kind of place of the crime", nullable=True, may_be_missing=True
    )
    weapon: str = column("Weapon", code(codes.WEAPON), "Weapon used or shown", nullable=True, may_be_missing=True)
    relationship: str = column(
        "Relationship",
        code(codes.RELATIONSHIP),
        "What the suspect is to the victim; of a victim's row alone",
        person=True,
        nullable=True,
        may_be_missing=True,
    )
    crime_outcome: str = column(
        "Outcome Type",
        code(codes.OUTCOME_TYPE),
        "How the investigation ended; blank while it goes on",
        nullable=True,
        may_be_missing=True,
    )
    crime_outcome_on: pl.Date = column(
        "Outcome Date", day(_DAY), "When it ended", nullable=True, may_be_missing=True, may_lie_ahead=True
    )
    occurred_at: Instant = derived(pl.col("committed_from"), "When the crime was committed, in UTC")
    occurred_on: pl.Date = derived(local_day(pl.col("committed_from")), "The day on which it was committed")
    lsoa_code: str = derived(None, "Small area (LSOA 2021) of the crime; blank outside the borough")
    ward_code: str = derived(None, "Ward (2022) of the crime; blank outside the borough")

    @rule("committed_to")
    def _ends_after_it_starts() -> pl.Expr:
        """A crime does not end before it starts; a time that came twice that night is read as the later."""
        return second_reading(pl.col("committed_to")) >= pl.col("committed_from")

    @rule("recorded_on")
    def _recorded_after_it_started() -> pl.Expr:
        """A crime is not recorded before it is committed."""
        return pl.col("recorded_on") >= pl.col("occurred_on")

    @rule("offence_code", Reason.UNKNOWN_CODE)
    def _offence_exists() -> pl.Expr:
        """Offence class and subclass exist: the code, written CCC/SS, stands in the Home Office's list."""
        return exists("offence_code")

    @rule("age")
    def _age_agrees_with_the_birth() -> pl.Expr:
        """An age is that of the date of birth, at some time between the crime and its recording."""
        youngest = persons.years_between("date_of_birth", pl.col("occurred_on"))
        oldest = persons.years_between("date_of_birth", pl.col("recorded_on"))
        return pl.col("age").is_between(youngest, oldest)

    @rule("knife")
    def _a_knife_is_flagged() -> pl.Expr:
        """A crime whose weapon is a knife is not flagged as one without."""
        return pl.col("knife") | (pl.col("weapon") != "knife")

    @rule("crime_outcome_on")
    def _ends_after_it_is_recorded() -> pl.Expr:
        """An investigation does not end before the crime is recorded."""
        return pl.col("crime_outcome_on") >= pl.col("recorded_on")


class StreetCrime(Rows):
    """One record of street-level crime, as anybody can download it."""

    crime_id: str = column("id", text(), "The API's number of the record")
    persistent_id: str = column(
        "persistent_id", text(), "The force's own digest; blank for anti-social behaviour", nullable=True
    )
    crime_category: str = column("category", code(codes.STREET_CRIME), "Category of street-level crime")
    month: pl.Date = column("month", day("%Y-%m"), "The month, by its first day; no day is published")
    location_type: str = column(
        "location_type",
        code({"Force": "territorial force", "BTP": "transport police"}),
        "Whose record: a territorial force's or the British Transport Police's",
    )
    location_subtype: str = column(
        "location_subtype", text(), "The kind of place, for the transport police", nullable=True
    )
    latitude: float = column("location.latitude", number(), "Latitude of the map point, degrees", nullable=True)
    longitude: float = column("location.longitude", number(), "Longitude of the map point, degrees", nullable=True)
    street_id: str = column("location.street.id", text(), "The API's number of the street", nullable=True)
    street_name: str = column("location.street.name", text(), "On or near which street", nullable=True)
    context: str = column("context", text(), "A remark by the force", nullable=True)
    outcome: str = column(
        "outcome_status.category", text(), "The last outcome; none for anti-social behaviour", nullable=True
    )
    outcome_month: pl.Date = column(
        "outcome_status.date", day("%Y-%m"), "The month of that outcome", nullable=True, may_lie_ahead=True
    )
    occurred_on: pl.Date = derived(pl.col("month"), "The first day of the month, since no day is published")
    lsoa_code: str = derived(None, "Small area (LSOA 2021) of the map point; blank outside the borough")
    ward_code: str = derived(None, "Ward (2022) of the map point; blank outside the borough")


RECORDED_CRIME = Contract(
    feed="police.recorded_crime",
    model=RecordedCrime,
    event_type="crime",
    event_key=("crime_reference",),
    record_key=("crime_reference", "person_number"),
    period_column="recorded_on",
    place=GRID,
    ignored=frozenset({"MO"}),
)
# ``_ward_code`` says which ward was asked for. A ward's answer holds the edges of its neighbours too.
STREET_CRIME = Contract(
    feed="police.street_crime",
    model=StreetCrime,
    event_type="street crime",
    event_key=("crime_id",),
    period_column="month",
    place=DEGREES,
    ignored=frozenset({"_ward_code"}),
)
CONTRACTS = (RECORDED_CRIME, STREET_CRIME)
