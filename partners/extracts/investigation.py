"""What the police found out about a crime: kind of place, weapon, relationship, outcome."""

from datetime import date, timedelta
from random import Random

from partners.extracts.rows import Row
from partners.population.happenings import Crime
from partners.population.offences import Setting

_PLACES = {
    Setting.HOME: ("Dwelling",),
    Setting.NIGHT: ("Licensed Premises", "Licensed Premises", "Street", "Transport"),
    Setting.STREET: ("Street", "Street", "Open Space", "Transport"),
    Setting.SCHOOL: ("Street", "Education", "Transport"),
    Setting.SHOP: ("Shop",),
}
_WEAPONS = ("None", "Other", "Blunt", "Other Sharp", "Unknown")
_WEAPON_WEIGHTS = (80, 5, 5, 3, 7)
_AT_HOME = ("Partner", "Ex-partner", "Family")
_ELSEWHERE = ("Acquaintance", "Stranger", "Unknown")
_SOLVED = ("1", "1", "3", "8", "15", "16", "22")
_UNSOLVED = ("14", "18", "18", "18")
_OPEN = 0.3
_BLANK = 0.05
_MEANS = (
    "approached victim and struck",
    "verbal altercation then assault",
    "entered by rear door",
    "took item and left",
)


def investigation(crime: Crime, recorded_on: date, rng: Random) -> Row:
    """What is said of the crime as a whole; where nothing was recorded, a blank."""
    ended = rng.random() >= _OPEN
    outcome = rng.choice(_SOLVED if crime.suspects else _UNSOLVED)
    found: Row = {
        "Location Type": rng.choice(_PLACES[crime.setting]),
        "Weapon": "Knife" if crime.knife else rng.choices(_WEAPONS, weights=_WEAPON_WEIGHTS)[0],
    }
    told = {name: value if rng.random() >= _BLANK else "" for name, value in found.items()}
    return told | {
        "Outcome Type": outcome if ended else "",
        "Outcome Date": f"{recorded_on + timedelta(days=rng.randint(0, 25)):%d/%m/%Y}" if ended else "",
        "MO": rng.choice(_MEANS),
    }


def relationship(crime: Crime, role: str, rng: Random) -> str:
    """What the suspect is to a victim; nothing of a suspect's own row."""
    if role != "VICTIM":
        return ""
    return rng.choice(_AT_HOME if crime.domestic else _ELSEWHERE)
