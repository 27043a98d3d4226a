"""Made-up lives of three centuries: dynasties of one name and place, famous forenames that everyone has."""

from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate
from random import Random

MEN = (
    "john william thomas george james charles henry robert edward joseph richard samuel alexander arthur david francis "
)
MEN += "frederick peter alfred walter edmund hugh andrew benjamin philip daniel ernest harold herbert "
MEN += "percy albert reginald "
MEN += (
    "augustus ralph roger stephen patrick matthew nathaniel isaac simon anthony archibald archer cuthbert jasper silas "
)
MEN += "horatio lionel leonard edwin frank sidney cecil bernard christopher nicholas lawrence gilbert "
MEN += "humphrey oliver ambrose"
_WOMEN = "mary elizabeth anne sarah jane margaret catherine charlotte emma frances harriet ellen alice "
_WOMEN += "caroline louisa maria "
_WOMEN += (
    "eleanor florence edith emily dorothy martha susanna georgiana lucy constance beatrice isabella agnes amelia julia"
)
_STEMS = "ash bar beck black brad brough burn carl chet clif cot crom dal den dray dun east eg fair farn "
_STEMS += "finch gar glen grim "
_STEMS += (
    "hal ham har hart haw hod hol hunt ing kel ken kirk lang lea lin lock long mal mar mel mer mil mor nor oak ock pen "
)
_STEMS += "pick pres rad rams red ridge rock row rush sal sand sel shel skel stan stock strat sut tan "
_STEMS += "thorn til tre twy wal war "
_STEMS += "wat wel west whit wick wil wing wood wor wy yar"
_ENDINGS = (
    "ton ford ham ley worth wood field bury by man son er ers well shaw stead low more dale combe cott ridge den hurst"
)
_COMMON = "smith jones williams brown taylor davies wilson evans thomas roberts johnson walker wright "
_COMMON += "robinson thompson white "
_COMMON += "hughes edwards green hall lewis harris clarke jackson turner hill scott cooper morris ward "
_COMMON += "moore king watson baker "
_COMMON += (
    "campbell stewart macdonald murray fraser grant howard russell cavendish cecil percy stanley villiers herbert"
)
TRADES = (
    "politician writer painter cricketer poet clergyman soldier engineer botanist actor composer lawyer footballer "
)
TRADES += (
    "physician architect journalist merchant judge explorer sculptor chemist printer astronomer singer banker surveyor"
)
_PLACES = 260


@dataclass(frozen=True)
class Life:
    """A person, or one record of a person. Empty is missing."""

    first_name: str
    surname: str
    born: date | None
    birth_place: str
    postcode: str
    occupation: str


class Gazetteer:
    """Places with their postcode districts; a person of a place lives in one of them."""

    def __init__(self, rng: Random) -> None:
        self.names = [f"{word(rng)}{rng.choice(('', ' upon ' + word(rng), ' parish', ''))}" for _ in range(_PLACES)]
        areas = [f"{rng.choice('ABCDEGHKLMNPRSTW')}{rng.choice('ABDEGHLNORST')}" for _ in range(90)]
        self.districts = [
            [f"{area}{number}" for number in rng.sample(range(1, 40), rng.choice((1, 1, 2, 3, 6)))]
            for area in rng.choices(areas, k=_PLACES)
        ]
        self.weights = list(accumulate(1 / (rank + 3) for rank in range(_PLACES)))

    def place(self, rng: Random) -> int:
        """One of them, the greater the likelier."""
        return rng.choices(range(_PLACES), cum_weights=self.weights)[0]

    def postcode(self, place: int, rng: Random, district: str | None = None) -> str:
        """A postcode of a place, of this district if one is given."""
        letters = "ABDEFGHJLNPQRSTUWXYZ"
        end = f"{rng.randint(1, 9)}{rng.choice(letters)}{rng.choice(letters)}"
        return f"{district or rng.choice(self.districts[place])} {end}"


@dataclass(frozen=True)
class Town:
    """One of a gazetteer's places."""

    places: Gazetteer
    number: int

    @property
    def name(self) -> str:
        """As it is written down."""
        return self.places.names[self.number]

    def postcode(self, rng: Random, district: str | None = None) -> str:
        """A postcode of it, of this district if one is given."""
        return self.places.postcode(self.number, rng, district)


def word(rng: Random) -> str:
    """A name of two syllables."""
    return rng.choice(_STEMS.split()) + rng.choice(_ENDINGS.split())


def lives(people: int, places: Gazetteer, rng: Random) -> list[tuple[Life, int]]:
    """So many people with their places, families one after the other."""
    surnames = _COMMON.split() * 6 + [word(rng) for _ in range(people // 2)]
    found: list[tuple[Life, int]] = []
    while len(found) < people:
        surname, place, born = (
            rng.choice(surnames),
            places.place(rng),
            date(1600, 1, 1) + timedelta(rng.randrange(109_000)),
        )
        own = [_forename(rng) for _ in range(2)]  # a house has its names
        for _ in range(rng.choice((1, 1, 1, 1, 1, 2, 2, 4))):
            forename = rng.choice(own) if rng.random() < 0.4 else _forename(rng)
            known = date(born.year, 1, 1) if rng.random() < 0.1 + 0.2 * (born.year < 1750) else born
            life = Life(forename, surname, known, places.names[place], places.postcode(place, rng), _trade(rng))
            found.append((life, place))
            born += timedelta(rng.randrange(300, 12_000))
            place = place if rng.random() < 0.8 else places.place(rng)
    return found[:people]


def _forename(rng: Random) -> str:
    names = MEN.split() if rng.random() < 0.8 else _WOMEN.split()
    first = rng.choices(names, weights=[1 / (rank + 2) for rank in range(len(names))])[0]
    return f"{first} {rng.choice(names)}" if rng.random() < 0.25 else first


def _trade(rng: Random) -> str:
    known = TRADES.split()
    return rng.choices(known, weights=[1 / (rank + 1.5) for rank in range(len(known))])[0]
