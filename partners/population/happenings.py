"""What happens to people, and what an authority comes to know of it. All true; errors come later, in recording."""

from dataclasses import dataclass, field
from datetime import date, datetime

from partners.population.areas import Spot
from partners.population.offences import Offence, Setting
from partners.population.people import Person


@dataclass(frozen=True, eq=False)
class Crime:
    """One offence against ``victims`` by ``suspects`` (those known). ``recorded_on`` is None if no one told the police.

    Times are local. ``hurt`` are the victims who went to the emergency department.
    """

    reference: str
    offence: Offence
    setting: Setting
    spot: Spot
    committed_from: datetime
    committed_to: datetime
    recorded_on: date | None
    victims: tuple[Person, ...]
    suspects: tuple[Person, ...]
    domestic: bool = False
    knife: bool = False
    gang: bool = False
    hate: bool = False
    alcohol: bool = False


@dataclass(frozen=True)
class Attendance:
    """An emergency attendance after an assault; times are local."""

    attendance_id: str
    person: Person
    crime: Crime
    arrived_at: datetime
    method: str


@dataclass(frozen=True)
class Exclusion:
    """A suspension or permanent exclusion of a pupil."""

    exclusion_id: str
    person: Person
    school_urn: int
    permanent: bool
    reason: str
    starts_on: date
    sessions: int
    sen_provision: str


@dataclass(frozen=True)
class FireReferral:
    """A child's referral for setting fires."""

    referral_id: str
    person: Person
    referred_on: date
    fire_on: date | None
    incident_number: str | None
    incident_group: str
    deliberate: bool
    agency: str
    risk: str


@dataclass(frozen=True)
class YouthCase:
    """A case of the youth offending team, open from the disposal until ``closes_on``."""

    case_id: str
    person: Person
    crime: Crime
    disposal: str
    disposed_on: date
    closes_on: date


@dataclass(frozen=True)
class Supervision:
    """A probation supervision. ``ends_on`` is None while no end is set."""

    person: Person
    event_number: int
    offence_code: str
    order_type: str
    starts_on: date
    ends_on: date
    limited_access: bool


@dataclass(frozen=True)
class MaracReferral:
    """A victim of high-risk domestic abuse, heard by the conference on ``meeting_on``."""

    referral_id: str
    person: Person
    meeting_on: date
    agency: str
    repeat: bool
    children: int


@dataclass
class LifeCourses:
    """All that happened, in order of its making."""

    crimes: list[Crime] = field(default_factory=list)
    attendances: list[Attendance] = field(default_factory=list)
    exclusions: list[Exclusion] = field(default_factory=list)
    fire_referrals: list[FireReferral] = field(default_factory=list)
    youth_cases: list[YouthCase] = field(default_factory=list)
    supervisions: list[Supervision] = field(default_factory=list)
    marac_referrals: list[MaracReferral] = field(default_factory=list)
