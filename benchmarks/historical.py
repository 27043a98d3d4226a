"""Made-up people of three centuries, each recorded about ten times and badly: what linkage was tuned and tried on.

Like lives gathered from reference books: dynasties of one name and place, famous forenames that everyone has, dates
known to the year only, other postcodes of the same town, names cut short, turned round, mistyped or misread. All
invented.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from random import Random

import polars as pl

from partners.population import misspelling
from partners.population.names import nicknames

_MEN = (
    "john william thomas george james charles henry robert edward joseph richard samuel alexander arthur david francis "
)
_MEN += "frederick peter alfred walter edmund hugh andrew benjamin philip daniel ernest harold herbert "
_MEN += "percy albert reginald "
_MEN += (
    "augustus ralph roger stephen patrick matthew nathaniel isaac simon anthony archibald archer cuthbert jasper silas "
)
_MEN += "horatio lionel leonard edwin frank sidney cecil bernard christopher nicholas lawrence gilbert "
_MEN += "humphrey oliver ambrose"
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
_TRADES = (
    "politician writer painter cricketer poet clergyman soldier engineer botanist actor composer lawyer footballer "
)
_TRADES += (
    "physician architect journalist merchant judge explorer sculptor chemist printer astronomer singer banker surveyor"
)
_PLACES = 260
_SHORT = {
    "william": "wm will bill billy", "thomas": "thos tom", "john": "jno jack johnny", "charles": "chas charlie",
    "james": "jas jim jimmy", "george": "geo", "robert": "robt bob rob bert", "edward": "edw ned ted eddie",
    "joseph": "jos joe", "richard": "richd dick", "samuel": "saml sam", "henry": "hy harry hal",
    "frederick": "fredk fred",
    "alexander": "alexr alec sandy", "benjamin": "benjn ben", "elizabeth": "eliz bess betty lizzie",
    "mary": "polly molly",
    "margaret": "margt peggy maggie", "catherine": "cath kate kitty", "francis": "fras frank", "alfred": "alf",
    "andrew": "andw", "daniel": "danl dan", "sarah": "sally", "anne": "ann nancy", "frances": "fanny", "arthur": "art",
}  # fmt: skip
_MISREAD = (
    ("rn", "m"),
    ("m", "rn"),
    ("cl", "d"),
    ("e", "c"),
    ("l", "i"),
    ("u", "n"),
    ("h", "b"),
    ("a", "o"),
    ("t", "f"),
)


@dataclass(frozen=True)
class Life:
    """A person, or one record of a person. Empty is missing."""

    first_name: str
    surname: str
    born: date | None
    birth_place: str
    postcode: str
    occupation: str


@dataclass(frozen=True)
class Trouble:
    """How often each thing goes wrong in a record; each is multiplied by how bad the record is."""

    missing: float = 0.10
    forename: float = 0.30
    surname: float = 0.26
    swapped: float = 0.02
    date: float = 0.20
    place: float = 0.20
    postcode: float = 0.45
    trade: float = 0.22


HEAVY = Trouble()
HARDER = Trouble(0.13, 0.34, 0.32, 0.03, 0.24, 0.25, 0.5, 0.28)
MILD = Trouble(0.06, 0.2, 0.15, 0.01, 0.12, 0.12, 0.35, 0.15)


class Gazetteer:
    """Places with their postcode districts; a person of a place lives in one of them."""

    def __init__(self, rng: Random) -> None:
        self.names = [f"{_word(rng)}{rng.choice(('', ' upon ' + _word(rng), ' parish', ''))}" for _ in range(_PLACES)]
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


def _word(rng: Random) -> str:
    return rng.choice(_STEMS.split()) + rng.choice(_ENDINGS.split())


def historical(people: int, seed: int, trouble: Trouble = HEAVY, mean: float = 10.0) -> pl.DataFrame:
    """Records in random order: ``person``, first_name, surname, dob (YYYY-MM-DD), birth_place, postcode, occupation."""
    rng, rows = Random(f"historical/{seed}"), []
    places = Gazetteer(rng)
    for number, (life, place) in enumerate(_lives(people, places, rng)):
        other = rng.choice(_TRADES.split())
        for _ in range(min(1 + int(rng.gammavariate(1.6, (mean - 1) / 1.6)), 29)):
            record = _written(life, place, other, places, trouble, rng)
            rows.append((f"Q{number}", *vars(record).values()))
    rng.shuffle(rows)
    columns = ["person", "first_name", "surname", "dob", "birth_place", "postcode", "occupation"]
    frame = pl.DataFrame(rows, schema=columns, orient="row", infer_schema_length=None)
    texts = [pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in columns if name != "dob"]
    return frame.with_columns(pl.col("dob").cast(pl.String), *texts)


def _lives(people: int, places: Gazetteer, rng: Random) -> list[tuple[Life, int]]:
    surnames = _COMMON.split() * 6 + [_word(rng) for _ in range(people // 2)]
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
    names = _MEN.split() if rng.random() < 0.8 else _WOMEN.split()
    first = rng.choices(names, weights=[1 / (rank + 2) for rank in range(len(names))])[0]
    return f"{first} {rng.choice(names)}" if rng.random() < 0.25 else first


def _trade(rng: Random) -> str:
    trades = _TRADES.split()
    return rng.choices(trades, weights=[1 / (rank + 1.5) for rank in range(len(trades))])[0]


def _written(life: Life, place: int, other: str, places: Gazetteer, trouble: Trouble, rng: Random) -> Life:
    bad = rng.choice((0.0, 0.4, 0.8, 1.0, 1.3, 1.6, 2.2))  # a record is bad as a whole
    happens = lambda share: rng.random() < share * bad  # noqa: E731
    record = life
    if happens(trouble.forename):
        record = replace(record, first_name=_other_forename(life.first_name, rng))
    if happens(trouble.surname):
        record = replace(record, surname=_other_surname(life.surname, rng))
    if happens(trouble.swapped):
        record = replace(record, first_name=record.surname, surname=record.first_name)
    if happens(trouble.date) and life.born:
        record = replace(record, born=_other_birth(life.born, rng))
    if happens(trouble.place):
        record = replace(
            record, birth_place=places.names[places.place(rng)] if rng.random() < 0.5 else _slip(life.birth_place, rng)
        )
    if happens(trouble.postcode):
        district = life.postcode.split()[0] if rng.random() < 0.55 else None
        record = replace(record, postcode=places.postcode(place, rng, district))
    if happens(trouble.trade):
        record = replace(record, occupation=other)
    blank = {
        name: None if name == "born" else ""
        for name in vars(life)
        if happens(trouble.missing * (2.2 if name == "occupation" else 1))
    }
    return replace(record, **blank)  # type: ignore[arg-type]


def _other_forename(name: str, rng: Random) -> str:
    first = name.split(maxsplit=1)[0]
    kind = rng.random()
    if kind < 0.3:
        short = _SHORT.get(first, "").split() or [found.lower() for found in nicknames().get(first.title(), ())]
        return rng.choice(short) if short else first[:4]
    if kind < 0.45:
        return first[0]
    if kind < 0.6:
        return f"{first} {rng.choice(_MEN.split())}" if first == name else rng.choice(name.split())
    return _slip(name, rng)


def _other_surname(name: str, rng: Random) -> str:
    kind = rng.random()
    if kind < 0.15:
        return _word(rng)  # a title, a maiden name
    return f"{name}-{_word(rng)}" if kind < 0.25 else _slip(name, rng)


def _slip(name: str, rng: Random) -> str:
    for _ in range(rng.choice((1, 1, 1, 2, 2, 3))):
        able = [pair for pair in _MISREAD if pair[0] in name]
        kind = rng.random()
        if kind < 0.3 and able:
            name = name.replace(*rng.choice(able), 1)
        elif kind < 0.5:
            name = misspelling.misheard(name, rng)
        else:
            name = misspelling.typo(name, rng)
    return name


def _other_birth(born: date, rng: Random) -> date:
    kind = rng.random()
    if kind < 0.25:
        return date(born.year, 1, 1)
    if kind < 0.35:
        return misspelling.swapped_day(born)
    if kind < 0.45:
        return date(born.year + rng.choice((-2, -1, 1, 2)), 1, 1)
    if kind < 0.6:
        return born + timedelta(rng.choice((-1, 1)) * rng.choice((1, 2, 7, 11, 12, 30)))
    return misspelling.other_date(born, rng)
