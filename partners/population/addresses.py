"""Homes: streets, postcodes, house numbers and UPRNs, the same for the same seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from itertools import count
from random import Random

from partners.population.areas import Area, Spot, load_areas, spot_in

STREETS_AN_AREA = 6
_FIRST = [
    "Acacia",
    "Alder",
    "Arundel",
    "Ashdown",
    "Avenue Elmers",
    "Beaufort",
    "Birch",
    "Blenheim",
    "Bond",
    "Bramble",
    "Brook",
    "Burlington",
    "Cambridge",
    "Cedar",
    "Chatsworth",
    "Chestnut",
    "Church",
    "Clarence",
    "Coombe",
    "Cranes",
    "Crescent",
    "Douglas",
    "Durlston",
    "Eden",
    "Elgar",
    "Elm",
    "Fairfield",
    "Farm",
    "Fassett",
    "Gloucester",
    "Grange",
    "Hampton",
    "Hawks",
    "Hazel",
    "Heath",
    "Hook",
    "Kings",
    "Knights",
    "Langley",
    "Lime",
    "Lovelace",
    "Malden",
    "Manor",
    "Maple",
    "Meadow",
    "Mill",
    "Minerva",
    "Oak",
    "Orchard",
    "Park",
    "Portsmouth",
    "Princes",
    "Queens",
    "Richmond",
    "Rose",
    "Somerset",
    "Springfield",
    "St Albans",
    "St James",
    "Station",
    "Surbiton",
    "Thorn",
    "Tolworth",
    "Vicarage",
    "Villiers",
    "Walton",
    "Warren",
    "Wellington",
    "Willow",
    "Windsor",
]
_LAST = [
    "Road",
    "Road",
    "Road",
    "Road",
    "Avenue",
    "Avenue",
    "Close",
    "Close",
    "Gardens",
    "Lane",
    "Crescent",
    "Way",
    "Drive",
    "Grove",
    "Hill",
    "Court",
]
_INWARD_LETTERS = "ABDEFGHJLNPQRSTUWXYZ"  # no postcode ends in C, I, K, M, O or V


@dataclass(frozen=True)
class Street:
    """A street within one small area, with a postcode of its own."""

    name: str
    postcode: str
    area: Area


@dataclass(frozen=True)
class Home:
    """One dwelling, and since when its people live there."""

    since: date
    line: str
    postcode: str
    uprn: str
    spot: Spot


class Housing:
    """All streets of the borough; hands out dwellings, no two with one UPRN."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._serial = count(rng.randrange(100_000, 200_000))
        postcodes = _postcodes(rng)
        self.streets = {area: [self._street(area, postcodes) for _ in range(STREETS_AN_AREA)] for area in load_areas()}
        self._areas = list(self.streets)

    def _street(self, area: Area, postcodes: dict[str, Iterator[str]]) -> Street:
        name = f"{self._rng.choice(_FIRST)} {self._rng.choice(_LAST)}"
        return Street(name, next(postcodes[area.district]), area)

    def find(self, since: date, area: Area | None = None) -> Home:
        """A new dwelling, in the given area or in any."""
        rng = self._rng
        street = rng.choice(self.streets[area or rng.choice(self._areas)])
        number = rng.randint(1, 140)
        line = (
            f"Flat {rng.randint(1, 24)}, {number} {street.name}" if rng.random() < 0.35 else f"{number} {street.name}"
        )
        uprn = f"100021{next(self._serial):06}"
        return Home(since, line, street.postcode, uprn, spot_in(street.area, rng))


def _postcodes(rng: Random) -> dict[str, Iterator[str]]:
    districts = sorted({area.district for area in load_areas()})
    return {district: _of_district(district, rng) for district in districts}


def _of_district(district: str, rng: Random) -> Iterator[str]:
    inward = [f"{digit}{a}{b}" for digit in range(1, 10) for a in _INWARD_LETTERS for b in _INWARD_LETTERS]
    rng.shuffle(inward)
    return iter([f"{district} {part}" for part in inward])
