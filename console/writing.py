"""How values are written for a person: London time with UTC beside it, counts with separators, short hashes. Pure."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from markupsafe import Markup

LONDON = ZoneInfo("Europe/London")
SHORT = 12  # digits of a hash that tell two apart at a glance


def instant(at: datetime) -> Markup:
    """An instant in London's time; in UTC for who points at it, and for programs."""
    return Markup('<time datetime="{}" title="{}">{}</time>').format(_machine(at), _utc(at), _london(at))


def moment(at: datetime) -> Markup:
    """An instant where there is little room: day and minute in London; all of it for who points at it."""
    local = at.astimezone(LONDON)
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        _machine(at), f"{_london(at)} ({_utc(at)})", f"{local.day} {local:%b, %H:%M}"
    )


def both(at: datetime) -> Markup:
    """An instant in London's time and in UTC, both to be read."""
    utc = at.astimezone(UTC)
    return instant(at) + Markup(' <span class="quiet">({} UTC)</span>').format(f"{utc:%Y-%m-%d %H:%M:%S}")


def _machine(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _utc(at: datetime) -> str:
    utc = at.astimezone(UTC)
    return f"{utc.day} {utc:%b %Y, %H:%M:%S} UTC"


def _london(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{local.day} {local:%b %Y, %H:%M:%S}"


def today(at: datetime) -> date:
    """The day that an instant lies in, in London."""
    return at.astimezone(LONDON).date()


def day(on: date) -> Markup:
    """A day, such as 1 April 2026."""
    return Markup('<time datetime="{}">{}</time>').format(on.isoformat(), f"{on.day} {on:%B %Y}")


def count(number: int) -> str:
    """A count, with commas between thousands."""
    return f"{number:,}"


def counted(number: int, one: str, many: str = "") -> str:
    """A count and what is counted: 1 entry, 2 entries."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def brief(digest: str) -> Markup:
    """A hash, shortened; whole for who points at it."""
    return Markup('<code class="whole" title="{}">{}…</code>').format(digest, digest[:SHORT])


def plain(name: str) -> str:
    """A name from the code as words: ``rows_received`` becomes rows received."""
    return name.replace("_", " ")


def value(said: Any) -> str:
    """A single value as text: a list with commas, a flag as yes or no, a count with separators."""
    if isinstance(said, bool):
        return "yes" if said else "no"
    if isinstance(said, int):
        return count(said)
    if isinstance(said, list | tuple):
        return ", ".join(map(value, said))
    return str(said)


def authority(name: str) -> str:
    """Whose a witness or a feed is: ``police`` of police.witness and of police.recorded_crime."""
    return name.partition(".")[0]


def query(wanted: Mapping[str, Any]) -> str:
    """The part of an address after its question mark."""
    return "?" + urlencode(wanted) if wanted else ""


FILTERS: Mapping[str, Callable[..., Any]] = {
    "instant": instant,
    "moment": moment,
    "both": both,
    "day": day,
    "count": count,
    "counted": counted,
    "brief": brief,
    "plain": plain,
    "value": value,
    "authority": authority,
    "query": query,
}
