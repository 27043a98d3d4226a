"""When people in England work: weekdays that are no bank holiday, from seven to seven."""

from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
BEGINS, ENDS = time(7), time(19)
SATURDAY = 5


def is_working_time(at: datetime) -> bool:
    """Whether an instant lies in working hours in London."""
    there = at.astimezone(LONDON)
    return is_working_day(there.date()) and BEGINS <= there.time() < ENDS


def is_working_day(day: date) -> bool:
    """Whether people work on a day. Holidays that are proclaimed for one year alone are not known here."""
    return day.weekday() < SATURDAY and day not in bank_holidays(day.year)


@cache
def bank_holidays(year: int) -> frozenset[date]:
    """The bank holidays of England and Wales as they fall every year (Banking and Financial Dealings Act 1971).

    1. New Year's Day, Christmas Day and Boxing Day, or the next weekday that is none of them.
    2. Good Friday and Easter Monday.
    3. The first Monday of May, the last of May, the last of August.
    """
    found: set[date] = set()
    for fixed in (date(year, 1, 1), date(year, 12, 25), date(year, 12, 26)):  # (1)
        found.add(_next_free(fixed, found))
    easter = easter_sunday(year)
    found |= {easter - timedelta(days=2), easter + timedelta(days=1)}  # (2)
    return frozenset(
        found | {_monday_from(date(year, 5, 1)), *(_monday_from(date(year, m, 25)) for m in (5, 8))}
    )  # (3)


def easter_sunday(year: int) -> date:
    """Easter Sunday of the Gregorian calendar (Book of Common Prayer, tables; computed as by Butcher, 1876)."""
    golden, (century, rest) = year % 19, divmod(year, 100)
    leap, skipped = divmod(century, 4)
    moon = (19 * golden + century - leap - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    weekday = (32 + 2 * skipped + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


def _next_free(day: date, taken: set[date]) -> date:
    while day.weekday() >= SATURDAY or day in taken:
        day += timedelta(days=1)
    return day


def _monday_from(day: date) -> date:
    return day + timedelta(days=-day.weekday() % 7)
