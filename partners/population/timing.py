"""When things happen: time of day, day of the week, school terms."""

from datetime import date, datetime, time, timedelta
from itertools import accumulate
from random import Random

from hub.periods import Quarter
from partners.population.offences import Setting

# Weights by day, Monday first.
_DAYS = {
    Setting.NIGHT: (3, 3, 4, 8, 26, 38, 18),
    Setting.HOME: (12, 11, 11, 12, 15, 20, 19),
    Setting.STREET: (13, 14, 14, 14, 16, 16, 13),
    Setting.SCHOOL: (20, 20, 20, 19, 21, 0, 0),
    Setting.SHOP: (14, 14, 14, 15, 16, 17, 10),
}
# Weights by hour, as (first hour, last hour, weight of each). Hours of 24 and more are the next day's small hours.
_HOURS = {
    Setting.NIGHT: ((19, 20, 2), (21, 22, 6), (23, 25, 10), (26, 27, 8), (28, 28, 2)),
    Setting.HOME: ((0, 6, 2), (7, 16, 3), (17, 23, 8)),
    Setting.STREET: ((0, 6, 1), (7, 11, 3), (12, 20, 8), (21, 23, 5)),
    Setting.SCHOOL: ((8, 8, 3), (15, 15, 8), (16, 16, 10), (17, 17, 5), (18, 18, 2)),
    Setting.SHOP: ((8, 11, 4), (12, 17, 9), (18, 20, 5)),
}


def _by_hour(spans: tuple[tuple[int, int, int], ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    pairs = [(hour, weight) for first, last, weight in spans for hour in range(first, last + 1)]
    return tuple(hour for hour, _ in pairs), tuple(accumulate(weight for _, weight in pairs))


_CURVES = {setting: _by_hour(spans) for setting, spans in _HOURS.items()}


def moment(setting: Setting, quarter: Quarter, rng: Random) -> datetime:
    """When in the quarter something of this setting happens: local time, mostly on a whole five minutes."""
    day = _day(setting, quarter, rng)
    hours, cumulative = _CURVES[setting]
    hour = rng.choices(hours, cum_weights=cumulative)[0]
    minute = rng.randrange(0, 60, 5) if rng.random() < 0.7 else rng.randrange(60)
    return _clear_of_clock_change(datetime.combine(day, time()) + timedelta(hours=hour, minutes=minute))


def _day(setting: Setting, quarter: Quarter, rng: Random) -> date:
    days = (quarter.ends_on - quarter.starts_on).days + 1
    weights = _DAYS[setting]
    while True:
        day = quarter.starts_on + timedelta(days=rng.randrange(days))
        if rng.random() * max(weights) < weights[day.weekday()] and (setting is not Setting.SCHOOL or is_term(day)):
            return day


def _clear_of_clock_change(moment: datetime) -> datetime:
    """The hour that the clocks skip on the last Sunday of March does not exist; an hour later does."""
    last_sunday = moment.month == 3 and moment.weekday() == 6 and moment.day > 24
    return moment + timedelta(hours=1) if last_sunday and moment.hour == 1 else moment


def is_term(day: date) -> bool:
    """Whether schools are open, nearly: weekdays outside the summer, Christmas and Easter holidays."""
    holidays = (((7, 23), (9, 2)), ((12, 20), (12, 31)), ((1, 1), (1, 4)), ((4, 1), (4, 14)))
    shut = any(first <= (day.month, day.day) <= last for first, last in holidays)
    return day.weekday() < 5 and not shut


def school_day(quarter: Quarter, rng: Random) -> date:
    """A day of the quarter on which schools are open."""
    return _day(Setting.SCHOOL, quarter, rng)


def round_about(expected: float, rng: Random) -> int:
    """A whole number around what is expected; as spread out as counts of events are."""
    if expected > 25:
        return max(0, round(rng.gauss(expected, expected**0.5)))
    count, chance, floor = 0, rng.random(), 2.718281828459045**-expected
    while chance > floor:
        count, chance = count + 1, chance * rng.random()
    return count
