"""The rows of the published tables that say what stands around events: factors, interventions, areas, the release."""

import polars as pl

from hub.feeds import AUTHORITIES
from schemas.columns import Rows, rule
from schemas.published_rows import FEED, ID, QUARTER, own

LEVELS = ("individual", "relationship", "community", "societal")
DIRECTIONS = ("risk", "protective")
STRENGTHS = ("low", "medium", "high", "very high")
PREVENTION = ("primary", "secondary", "tertiary")
OUTCOMES = ("completed", "not completed", "declined", "ongoing")
_LSOA = r"^E01\d{6}$"
_AREA = r"^E(?:01|05)\d{6}$"
_SHA256 = r"^[0-9a-f]{64}$"
_SHARE = {"min_value": 0, "max_value": 1}
_EVERY = "; the same in every row"


def _decile(of: str) -> int:
    checks = {"nullable": True, "in_range": {"min_value": 1, "max_value": 10}}
    made: int = own(f"Tenth of England's small areas by {of}: 1 is the most deprived; blank of a ward", **checks)
    return made


def _share(meaning: str) -> float:
    made: float = own(f"{meaning}, 0 to 1; blank where not measured{_EVERY}", nullable=True, in_range=_SHARE)
    return made


class Factor(Rows):
    """One row a risk or protective factor of a person that one feed states, or of a small area."""

    person_id: str = own("The person; blank where the factor is an area's", nullable=True, str_matches=ID)
    area_code: str = own("The small area; blank where the factor is a person's", nullable=True, str_matches=_LSOA)
    factor: str = own("The factor, by its name in config/factors.yaml, which says what evidences it and who says so")
    level: str = own("Level of the social ecological model (World Health Organization, 2002)", isin=LEVELS)
    direction: str = own("Whether it makes violence more likely (risk) or less (protective)", isin=DIRECTIONS)
    strength: str = own("How strong it is, as last stated; blank where it is not", nullable=True, isin=STRENGTHS)
    known_from: pl.Date = own("Day of the first event that states it; of an area, 1 January of the figures' year")
    last_stated_on: pl.Date = own("Day of the last event that states it; nothing says that it held until then")
    statements: int = own("How many events of the feed state it", ge=1)
    feed: str = own(
        "The feed that states it; blank of an area, whose source stands in the table area",
        nullable=True,
        str_matches=FEED,
    )
    event_id: str = own("The last event that states it; blank of an area", nullable=True, str_matches=ID)

    @rule("person_id")
    def _is_of_a_person_or_of_an_area() -> pl.Expr:
        """A factor is a person's, with an event as evidence, or an area's."""
        person, area = pl.col("person_id").is_not_null(), pl.col("area_code").is_not_null()
        event, feed = pl.col("event_id").is_not_null(), pl.col("feed").is_not_null()
        return (person != area) & (event == person) & (feed == person)


class Intervention(Rows):
    """One row an intervention that a person was offered."""

    intervention_id: str = own("The intervention, under the recipient's own key", str_matches=ID, unique=True)
    person_id: str = own("The person", str_matches=ID)
    intervention: str = own("What it is, by its name in config/factors.yaml")
    kind: str = own("What the feed calls it more closely, such as the order; blank where it does not", nullable=True)
    prevention: str = own(
        "Level of prevention: primary (for all), secondary (for those at risk), tertiary (after violence)",
        isin=PREVENTION,
    )
    provider: str = own("The authority that provides it or has it provided", isin=AUTHORITIES)
    offered_on: pl.Date = own("Day of the event that tells of it")
    started_on: pl.Date = own("Day on which it began; blank where it did not, or the feed does not say", nullable=True)
    ended_on: pl.Date = own("Day on which it ended or is to end; blank while open, or not said", nullable=True)
    outcome: str = own("What came of it, as the feed states; blank where it does not", nullable=True, isin=OUTCOMES)
    feed: str = own("The feed that tells of it", str_matches=FEED)
    event_id: str = own("The event that tells of it", str_matches=ID)


class Area(Rows):
    """One row a small area or a ward of the borough."""

    area_code: str = own("The area's code, as lsoa_code or ward_code of other tables", str_matches=_AREA, unique=True)
    kind: str = own(
        "What it is: a small area (Lower layer Super Output Area, 2021) or a ward (2022)", isin=("lsoa", "ward")
    )
    name: str = own("Its name")
    ward_code: str = own("The ward that it lies in; of a ward, itself", str_matches=_AREA)
    population: int = own("Residents of all ages; blank where no figures are loaded", nullable=True, ge=0)
    population_10_24: int = own("Residents aged 10 to 24; blank likewise", nullable=True, ge=0)
    population_year: int = own("Year in whose midst they were counted or estimated", nullable=True, ge=1990)
    population_source: str = own("Where the figures come from", nullable=True)
    deprivation_decile: int = _decile("the Index of Multiple Deprivation")
    income_decile: int = _decile("income")
    employment_decile: int = _decile("employment")
    education_decile: int = _decile("education, skills and training")
    health_decile: int = _decile("health and disability")
    crime_decile: int = _decile("crime")
    housing_decile: int = _decile("barriers to housing and services")
    environment_decile: int = _decile("living environment")
    child_poverty_decile: int = _decile("income deprivation affecting children")
    deprivation_year: int = own("Year of the index", nullable=True, ge=2000)
    deprivation_source: str = own("Where the deciles come from", nullable=True)
    synthetic: bool = own("Whether a figure of the row is made up for a demonstration, and says nothing of the place")


class ReleasedFeed(Rows):
    """One row a feed: how complete it is in this release. What is said of the whole release stands in every row."""

    quarter: str = own(f"The quarter of the release{_EVERY}", str_matches=QUARTER)
    feed: str = own("The feed", str_matches=FEED, unique=True)
    authority: str = own("The authority whose feed it is", isin=AUTHORITIES)
    state: str = own("How its delivery for this quarter stands: admitted is in the release; missing never came")
    deliveries: int = own("Deliveries of it in the release, of this and earlier quarters", ge=0)
    rows_received: int = own("Rows that these held", ge=0)
    rows_accepted: int = own("Rows of these that kept the feed's contract", ge=0)
    rows_quarantined: int = own("Rows of these that did not, and are not in the release", ge=0)
    accepted_share: float = own(
        "Share of rows that were accepted, 0 to 1; blank of no rows", nullable=True, in_range=_SHARE
    )
    quarter_rows: int = own("Rows accepted of the delivery for this very quarter", ge=0)
    partnership: str = own(f"Who publishes{_EVERY}")
    recipient: str = own(f"Whom the release was made for{_EVERY}")
    agreement_id: str = own(f"The agreement under which it was made{_EVERY}")
    agreement_version: str = own(f"The agreement's version{_EVERY}")
    agreement_hash: str = own(f"SHA-256 of the agreement's text{_EVERY}", str_matches=_SHA256)
    code_commit: str = own(f"The hub's code that made it{_EVERY}")
    records: int = own(f"Records of persons that were linked{_EVERY}", ge=0)
    persons: int = own(f"Persons that they were found to be{_EVERY}", ge=0)
    linkage_precision: float = _share("Estimated share of joined pairs of records that are of one person")
    linkage_precision_low: float = _share("The least that this is, with 95 % certainty")
    linkage_precision_high: float = _share("The most that this is, with 95 % certainty")
    linkage_recall: float = _share("Estimated share of pairs of records of one person that are joined")
    linkage_recall_low: float = _share("The least that this is, with 95 % certainty")
    linkage_recall_high: float = _share("The most that this is, with 95 % certainty")
    definition_hash: str = own(f"SHA-256 of the definition of serious violence{_EVERY}", str_matches=_SHA256)
    incident_rules_hash: str = own(f"SHA-256 of the rules by which incidents were found{_EVERY}", str_matches=_SHA256)
    factors_hash: str = own(f"SHA-256 of the rules of factors and interventions{_EVERY}", str_matches=_SHA256)
    harm_unit: str = own(f"Unit of event.harm; blank where no weights are loaded{_EVERY}", nullable=True)
    harm_source: str = own(f"Where the weights of harm come from; blank likewise{_EVERY}", nullable=True)
