"""The council's record of anti-social behaviour: what, when and where, and nobody's name.

The layout of the table is *unverified*; categories are the three of the former National Standard for Incident
Recording. Who complained and of whom is left in the council's own system: what is sent is depersonalised information,
which the authorities exchange for each quarter (Crime and Disorder Act 1998 s.17A, SI 2007/1831).
"""

import polars as pl

from schemas.areas import Areas, Place, from_grid
from schemas.codes import council as lists
from schemas.columns import Instant, Rows, column, derived, rule
from schemas.contract import Contract
from schemas.readings import code, local_day, local_instant, number, second_reading, text, truth
from schemas.wards import from_ward

# Wards of 2002 to 2022 (E05000400 to 415), and those since: old codes stand in old rows and in systems not updated.
WARD_OF_EITHER_VINTAGE = r"^E05(?:0004(?:0\d|1[0-5])|0139(?:2[89]|3\d|4[0-6]))$"


def _located(frame: pl.DataFrame, areas: Areas) -> pl.DataFrame:
    """By its coordinates; where there are none, in the ward that is given, if a ward of 2022 holds nearly all of it."""
    given = from_ward(frame.select(ward_code="ward_given"), areas)["ward_code"]
    ward = pl.when(pl.col("easting").is_null()).then(given).otherwise("ward_code")
    return from_grid(frame, areas).with_columns(ward.alias("ward_code"))


class AntisocialBehaviour(Rows):
    """One incident of anti-social behaviour that the council was told of."""

    incident_id: str = column("incident_reference", text(), "The council's reference of the incident")
    occurred_at: Instant = column("incident_at", local_instant("%Y-%m-%dT%H:%M:%S"), "When it happened, in UTC")
    reported_at: Instant = column(
        "reported_at", local_instant("%Y-%m-%dT%H:%M:%S"), "When the council was told, in UTC", nullable=True
    )
    asb_category: str = column("category", code(lists.ASB_CATEGORY), "Category: personal, nuisance or environmental")
    asb_type: str = column("incident_type", code(lists.ASB_TYPE), "Type of anti-social behaviour", nullable=True)
    asb_place: str = column("location_type", code(lists.ASB_PLACE), "Kind of place", nullable=True)
    asb_action: str = column("action_taken", code(lists.ASB_ACTION), "What was done about it", nullable=True)
    young_people: bool = column("young_people", truth(), "Whether a group of young people took part", nullable=True)
    alcohol: bool = column("alcohol", truth(), "Whether alcohol played a part", nullable=True)
    drugs: bool = column("drugs", truth(), "Whether drugs played a part", nullable=True)
    weapon_seen: bool = column("weapon_seen", truth(), "Whether somebody saw a weapon", nullable=True)
    easting: float = column(
        "easting", number(), "Where: easting, metres, British National Grid", private=True, nullable=True
    )
    northing: float = column(
        "northing", number(), "Where: northing, metres, British National Grid", private=True, nullable=True
    )
    ward_given: str = column(
        "ward_code",
        text(),
        "Ward as the council's system has it, of the wards of 2002 or of those since 2022",
        nullable=True,
        str_matches=WARD_OF_EITHER_VINTAGE,
    )
    period: str = column("period", text(), "The quarter that the row was reported for", nullable=True)
    occurred_on: pl.Date = derived(local_day(pl.col("occurred_at")), "The day on which it happened")
    lsoa_code: str = derived(None, "Small area (LSOA 2021); blank outside the borough")
    ward_code: str = derived(None, "Ward (2022), by the coordinates or else as given; blank outside the borough")

    @rule("reported_at")
    def _reported_after_it_happened() -> pl.Expr:
        """An incident is not reported before it happens; a time that came twice that night is read as the later."""
        return second_reading(pl.col("reported_at")) >= pl.col("occurred_at")

    @rule("asb_type")
    def _type_belongs_to_category() -> pl.Expr:
        """A type that belongs to one category alone, such as fly-tipping, stands under that category."""
        only = pl.col("asb_type").replace_strict(lists.ASB_CATEGORY_OF_TYPE, default=None, return_dtype=pl.String)
        return only == pl.col("asb_category")

    @rule("northing")
    def _both_coordinates() -> pl.Expr:
        """Easting and northing come together or not at all."""
        return pl.col("easting").is_null() == pl.col("northing").is_null()


ANTISOCIAL_BEHAVIOUR = Contract(
    feed="council.antisocial_behaviour",
    model=AntisocialBehaviour,
    event_type="anti-social behaviour",
    event_key=("incident_id",),
    period_column="occurred_at",
    place=Place("easting", _located),
)
CONTRACTS = (ANTISOCIAL_BEHAVIOUR,)
