"""What happens to people, and what an authority comes to know of it. All true; errors come later, in recording."""

from dataclasses import dataclass, field
from datetime import date, datetime

from partners.population.areas import Spot
from partners.population.offences import Offence, Setting
from partners.population.people import Person
from partners.population.support import Support


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
    """A case of the youth offending team, open from the disposal until ``closes_on``.

    ``rating``: how likely the child is found to offend again; ``support``: what the child was given.
    """

    case_id: str
    person: Person
    crime: Crime
    disposal: str
    disposed_on: date
    closes_on: date
    rating: str
    support: Support | None


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


@dataclass(frozen=True)
class ChildReferral:
    """A child's referral to social care. ``factors`` are the census's codes; ``plan_on``: a protection plan began."""

    child_id: str
    number: int
    person: Person
    referred_on: date
    source: str
    need: str
    factors: tuple[str, ...]
    closed_on: date | None
    closure: str
    plan_on: date | None
    abuse: str


@dataclass(frozen=True)
class CareEpisode:
    """An episode of a looked-after child, in the codes of the SSDA903 return."""

    child_id: str
    number: int
    person: Person
    began_on: date
    reason: str
    legal_status: str
    need: str
    place: str
    ended_on: date | None
    outcome: str


@dataclass(frozen=True)
class ExploitationReferral:
    """A child's referral as exploited; ``panel_on`` is None while no panel has heard it."""

    referral_id: str
    person: Person
    referred_on: date
    agency: str
    kind: str
    county_lines: bool
    gang: bool
    missing: int
    risk: str
    panel_on: date | None
    outcome: str
    support: Support | None


@dataclass(frozen=True)
class NrmReferral:
    """A potential victim of modern slavery, referred by the council; decisions are pending until they have a day."""

    referral_id: str
    person: Person
    referred_on: date
    responder: str
    kind: str
    as_child: bool
    county_lines: bool
    reasonable: str
    reasonable_on: date | None
    conclusive: str
    conclusive_on: date | None


@dataclass(frozen=True)
class Nuisance:
    """An incident of anti-social behaviour that the council was told of; times are local."""

    reference: str
    category: str
    kind: str
    place: str
    at: datetime
    reported_at: datetime
    spot: Spot
    young: bool
    alcohol: bool
    drugs: bool
    weapon: bool
    action: str


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
    child_referrals: list[ChildReferral] = field(default_factory=list)
    care_episodes: list[CareEpisode] = field(default_factory=list)
    exploitation_referrals: list[ExploitationReferral] = field(default_factory=list)
    nrm_referrals: list[NrmReferral] = field(default_factory=list)
    nuisances: list[Nuisance] = field(default_factory=list)
