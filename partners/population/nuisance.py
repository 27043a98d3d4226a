"""Anti-social behaviour that the council is told of: where people live, drink and meet; nobody's name comes with it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from random import Random

from hub.periods import Quarter
from partners.population.areas import TOWN_CENTRE_WARD, load_areas, spot_in
from partners.population.happenings import Nuisance
from partners.population.offences import Setting
from partners.population.timing import moment, round_about

_INCIDENTS_A_QUARTER = 280.0  # for 5,000 people
_NIGHT, _HOME, _STREET, _SHOP = Setting.NIGHT, Setting.HOME, Setting.STREET, Setting.SHOP


@dataclass(frozen=True)
class _Kind:
    category: str
    kind: str
    weight: int
    setting: Setting
    places: tuple[str, ...]
    young: float = 0.1
    alcohol: float = 0.05
    drugs: float = 0.05


_KINDS = (
    _Kind("PERSONAL", "HARASSMENT", 8, _STREET, ("STREET", "ESTATE"), 0.3),
    _Kind("PERSONAL", "THREATS", 9, _STREET, ("STREET", "ESTATE", "TRANSPORT"), 0.35, 0.2, 0.1),
    _Kind("PERSONAL", "HATE", 3, _STREET, ("STREET", "TRANSPORT"), 0.2, 0.1),
    _Kind("PERSONAL", "NEIGHBOUR", 9, _HOME, ("DWELLING", "ESTATE")),
    _Kind("NUISANCE", "NOISE", 26, _HOME, ("DWELLING", "LICENSED"), 0.1, 0.25),
    _Kind("NUISANCE", "ROWDY", 24, _NIGHT, ("TOWN_CENTRE", "RIVERSIDE", "PARK"), 0.6, 0.45, 0.1),
    _Kind("NUISANCE", "STREET_DRINKING", 12, _SHOP, ("TOWN_CENTRE", "PARK"), 0.05, 1.0, 0.1),
    _Kind("NUISANCE", "DRUGS", 16, _STREET, ("ESTATE", "PARK", "CAR_PARK"), 0.4, 0.05, 1.0),
    _Kind("NUISANCE", "VEHICLE", 9, _NIGHT, ("STREET", "CAR_PARK"), 0.5),
    _Kind("NUISANCE", "FIREWORKS", 2, _NIGHT, ("PARK", "STREET"), 0.7),
    _Kind("ENVIRONMENTAL", "FLY_TIPPING", 24, _STREET, ("STREET", "ESTATE")),
    _Kind("ENVIRONMENTAL", "GRAFFITI", 9, _STREET, ("TRANSPORT", "STREET"), 0.4),
    _Kind("ENVIRONMENTAL", "ABANDONED", 4, _STREET, ("STREET", "CAR_PARK")),
)
_CENTRE = ("TOWN_CENTRE", "RIVERSIDE", "TRANSPORT", "LICENSED")
_ACTIONS = {"NONE": 30, "ADVICE": 26, "WARNING": 14, "REFERRED": 14, "CPW": 5, "ABC": 3, "PSPO": 3, "FPN": 3, "CPN": 2}


@dataclass
class Neighbourhood:
    """Makes the incidents of each quarter."""

    scale: float
    rng: Random
    _serial: Iterator[int] = field(default_factory=lambda: count(20_001))

    def quarter(self, quarter: Quarter) -> list[Nuisance]:
        """All incidents of a quarter, in order of time."""
        wanted = round_about(_INCIDENTS_A_QUARTER * self.scale, self.rng)
        drawn = self.rng.choices(_KINDS, weights=[kind.weight for kind in _KINDS], k=wanted)
        made = [self._incident(kind, quarter) for kind in drawn]
        return sorted(
            (incident for incident in made if quarter.starts_on <= incident.at.date() <= quarter.ends_on),
            key=lambda incident: (incident.at, incident.reference),
        )

    def _incident(self, kind: _Kind, quarter: Quarter) -> Nuisance:
        rng = self.rng
        place, at = rng.choice(kind.places), moment(kind.setting, quarter, rng)
        centre = [area for area in load_areas() if place not in _CENTRE or area.ward_name == TOWN_CENTRE_WARD]
        later = timedelta(minutes=rng.randint(5, 90)) if rng.random() < 0.6 else timedelta(hours=rng.randint(3, 90))
        return Nuisance(
            reference=f"ASB/{next(self._serial):06}",
            category=kind.category,
            kind=kind.kind,
            place=place,
            at=at,
            reported_at=at + later,
            spot=spot_in(rng.choice(centre), rng),
            young=rng.random() < kind.young,
            alcohol=rng.random() < kind.alcohol,
            drugs=rng.random() < kind.drugs,
            weapon=kind.category == "PERSONAL" and rng.random() < 0.04,
            action=rng.choices(list(_ACTIONS), weights=list(_ACTIONS.values()))[0],
        )
