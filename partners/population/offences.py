"""The offences that happen, with real Home Office codes, and how each kind comes about.

Counts are a quarter's, for 5,000 people known to services; they are made up to be plausible beside
each other, not estimates.
"""

from dataclasses import dataclass
from enum import StrEnum


class Setting(StrEnum):
    """Where and when an offence happens."""

    HOME = "home"
    NIGHT = "night-time economy"
    STREET = "street"
    SCHOOL = "on the way from school"
    SHOP = "shop"


class Youth(StrEnum):
    """Whose age an offence is typical of."""

    ANY = "any age"
    YOUNG = "10 to 24"
    ADULT = "18 and over"


@dataclass(frozen=True)
class Offence:
    """One kind of offence.

    ``code`` is Home Office class and subclass; ``category`` that of data.police.uk; ``injury`` the
    chance that a victim goes to the emergency department; ``known`` the chance that a suspect is
    known; ``gravity`` the Youth Justice Board's score, 1 to 8.
    """

    code: str
    name: str
    category: str
    gravity: int
    injury: float = 0.0
    known: float = 0.6
    victim: float = 1.0
    knife: float = 0.0
    sexual: bool = False


_V, _O = "violent-crime", "other-crime"
GBH_INTENT = Offence("005/01", "wounding with intent", _V, 7, 0.92, 0.7, knife=0.45)
GBH = Offence("008/01", "grievous bodily harm", _V, 6, 0.85, 0.65, knife=0.25)
ABH = Offence("008/06", "actual bodily harm", _V, 4, 0.42, 0.65, knife=0.05)
COMMON_ASSAULT = Offence("105/01", "common assault", _V, 3, 0.09, 0.7)
STRANGULATION = Offence("008/77", "intentional strangulation", _V, 6, 0.35, 0.95)
THREATS_TO_KILL = Offence("003/01", "threats to kill", _V, 5, 0.0, 0.8, knife=0.2)
COERCION = Offence("008/67", "controlling or coercive behaviour", _V, 5, 0.0, 0.98)
HARASSMENT = Offence("195/94", "harassment", _V, 2, 0.0, 0.75)
STALKING = Offence("008/66", "stalking", _V, 4, 0.0, 0.9)
EMERGENCY_WORKER = Offence("008/73", "assault of an emergency worker", _V, 4, 0.04, 0.95, victim=0.5)
ATTEMPTED_MURDER = Offence("002/00", "attempted murder", _V, 8, 1.0, 0.85, knife=0.7)
RAPE = Offence("019/08", "rape of a woman", _V, 8, 0.2, 0.75, sexual=True)
RAPE_OF_CHILD = Offence("019/07", "rape of a girl under 16", _V, 8, 0.2, 0.75, sexual=True)
SEXUAL_ASSAULT = Offence("020/05", "sexual assault of a woman", _V, 5, 0.05, 0.5, sexual=True)
SEXUAL_ASSAULT_MALE = Offence("017/15", "sexual assault of a man", _V, 5, 0.05, 0.5, sexual=True)
ROBBERY = Offence("034/01", "robbery", "robbery", 6, 0.14, 0.4, knife=0.25)
AFFRAY = Offence("066/01", "affray", "public-order", 4, 0.1, 0.8)
FEAR_OF_VIOLENCE = Offence("125/11", "fear or provocation of violence", "public-order", 3, 0.0, 0.55)
DISTRESS = Offence("125/09", "causing intentional harassment, alarm or distress", "public-order", 2, 0.0, 0.5)
OFFENSIVE_WEAPON = Offence(
    "008/11", "possession of an offensive weapon", "possession-of-weapons", 4, 0.0, 1.0, 0.0, knife=0.6
)
DRUG_SUPPLY = Offence("092/30", "supplying a controlled drug", "drugs", 6, 0.0, 1.0, 0.0)
DAMAGE = Offence("058/00", "criminal damage", "criminal-damage-arson", 2, 0.0, 0.3, 0.75)
ARSON = Offence("056/02", "arson not endangering life", "criminal-damage-arson", 6, 0.0, 0.85, 0.5)
BURGLARY = Offence("028/03", "burglary in a dwelling", "burglary", 6, 0.0, 0.14)
THEFT_FROM_PERSON = Offence("039/00", "theft from the person", "theft-from-the-person", 3, 0.0, 0.08)
OTHER_THEFT = Offence("049/10", "other theft", "other-theft", 3, 0.0, 0.12, 0.8)
SHOPLIFTING = Offence("046/00", "shoplifting", "shoplifting", 2, 0.0, 0.4, 0.0)
CYCLE_THEFT = Offence("044/00", "theft of a pedal cycle", "bicycle-theft", 2, 0.0, 0.04, 0.5)
VEHICLE_THEFT = Offence("045/10", "theft from a motor vehicle", "vehicle-crime", 3, 0.0, 0.05, 0.7)
SLAVERY = Offence("099/25", "holding another person in slavery or servitude", _O, 8, 0.05, 0.9)


@dataclass(frozen=True)
class Pattern:
    """How often an offence happens in a setting, among whom. ``reported``: the chance that the police hear of it."""

    offence: Offence
    count: float
    setting: Setting
    youth: Youth = Youth.ANY
    reported: float = 1.0
    suspects: int = 1


_H, _N, _S, _C, _P = Setting.HOME, Setting.NIGHT, Setting.STREET, Setting.SCHOOL, Setting.SHOP
PATTERNS = (
    Pattern(ATTEMPTED_MURDER, 1, _S, Youth.YOUNG, suspects=3),
    Pattern(GBH_INTENT, 8, _N, Youth.YOUNG, 0.9, 2),
    Pattern(GBH_INTENT, 8, _S, Youth.YOUNG, 0.85, 3),
    Pattern(GBH, 16, _N, Youth.ANY, 0.8, 2),
    Pattern(GBH, 10, _S, Youth.YOUNG, 0.8, 2),
    Pattern(ABH, 55, _N, Youth.ANY, 0.62, 2),
    Pattern(ABH, 36, _S, Youth.YOUNG, 0.65, 2),
    Pattern(ABH, 22, _C, Youth.YOUNG, 0.6, 2),
    Pattern(ABH, 26, _S, Youth.ADULT, 0.65),
    Pattern(COMMON_ASSAULT, 60, _N, Youth.ANY, 0.5),
    Pattern(COMMON_ASSAULT, 60, _S, Youth.ANY, 0.6),
    Pattern(COMMON_ASSAULT, 30, _C, Youth.YOUNG, 0.5),
    Pattern(EMERGENCY_WORKER, 14, _N, Youth.ADULT),
    Pattern(RAPE, 7, _H, Youth.ADULT, 0.8),
    Pattern(RAPE_OF_CHILD, 3, _H, Youth.YOUNG, 0.8),
    Pattern(SEXUAL_ASSAULT, 14, _N, Youth.ADULT, 0.8),
    Pattern(SEXUAL_ASSAULT, 8, _S, Youth.ANY, 0.8),
    Pattern(SEXUAL_ASSAULT_MALE, 3, _N, Youth.ANY, 0.8),
    Pattern(THREATS_TO_KILL, 12, _S, Youth.ADULT),
    Pattern(HARASSMENT, 70, _S),
    Pattern(STALKING, 14, _S, Youth.ADULT),
    Pattern(ROBBERY, 34, _C, Youth.YOUNG, 0.85, 3),
    Pattern(ROBBERY, 26, _S, Youth.YOUNG, 0.9, 2),
    Pattern(ROBBERY, 14, _N, Youth.YOUNG, 0.9, 2),
    Pattern(AFFRAY, 14, _N, Youth.ANY, suspects=3),
    Pattern(FEAR_OF_VIOLENCE, 40, _N),
    Pattern(DISTRESS, 60, _S),
    Pattern(OFFENSIVE_WEAPON, 24, _S, Youth.YOUNG),
    Pattern(OFFENSIVE_WEAPON, 14, _N, Youth.ADULT),
    Pattern(DRUG_SUPPLY, 22, _S, Youth.YOUNG, suspects=2),
    Pattern(DRUG_SUPPLY, 18, _S, Youth.ADULT),
    Pattern(SLAVERY, 1.5, _H, Youth.ADULT),
    Pattern(DAMAGE, 90, _S),
    Pattern(ARSON, 11, _S, Youth.YOUNG),
    Pattern(BURGLARY, 60, _H),
    Pattern(THEFT_FROM_PERSON, 50, _N),
    Pattern(OTHER_THEFT, 90, _S),
    Pattern(SHOPLIFTING, 130, _P),
    Pattern(CYCLE_THEFT, 40, _S),
    Pattern(VEHICLE_THEFT, 90, _S),
)

# What happens between partners, and how often beside each other.
DOMESTIC = (
    (COMMON_ASSAULT, 34),
    (ABH, 24),
    (HARASSMENT, 14),
    (COERCION, 8),
    (STRANGULATION, 6),
    (THREATS_TO_KILL, 5),
    (DAMAGE, 8),
    (GBH, 3),
    (GBH_INTENT, 1),
    (RAPE, 3),
    (STALKING, 4),
)
HIGH_RISK = frozenset(offence.code for offence in (STRANGULATION, THREATS_TO_KILL, GBH, GBH_INTENT, RAPE, STALKING))
