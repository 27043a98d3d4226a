"""What an authority writes down of an intervention: what it is, its days, and what came of it by the quarter's end."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random

from partners.extracts.rows import Row, Value
from partners.population.causes import KNIFE_AWARENESS, MENTORING, PRISON_VISIT
from partners.population.support import Support

_CODES: Mapping[str, str] = {MENTORING: "MENTOR", KNIFE_AWARENESS: "KNIFE", PRISON_VISIT: "PRISON"}


def offered(support: Support | None, columns: Sequence[str], on: date, nothing: Value = None) -> Row:
    """The four columns of an intervention: kind, start, end, outcome; each ``nothing`` where there is none."""
    if support is None:
        return dict.fromkeys(columns, nothing)
    days = [day.isoformat() if day else nothing for day in (support.starts_on, support.ends_on)]
    told = (_CODES.get(support.name, support.name), *days, support.outcome(on))
    return dict(zip(columns, told, strict=True))


def drawn(kinds: Mapping[str, float], share: float, on: date, rng: Random) -> Support | None:
    """An intervention without effect, for a share of people, from some days after a day on."""
    if rng.random() >= share:
        return None
    kind = rng.choices(list(kinds), weights=list(kinds.values()))[0]
    if rng.random() < 0.05:
        return Support(kind, None, None)
    starts_on = on + timedelta(days=rng.randint(5, 40))
    return Support(kind, starts_on, starts_on + timedelta(days=rng.choice((28, 56, 112, 180))))
