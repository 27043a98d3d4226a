"""The options by which entries are chosen, the same for every command that takes them."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import wraps
from inspect import Parameter, Signature, signature
from typing import Annotated, Any, get_type_hints

import typer

from audit.errors import FilterRefused
from audit.query import Filter
from audit.working_time import LONDON

OPTIONS = {
    "authority": "Whose feeds: police, fire, health, probation, yot or council.",
    "actor": "Who acted, such as service:hub or an officer's name.",
    "source": "The part of the hub that acted, such as publish.",
    "subject": "What was acted on, such as release.",
    "action": "The whole act, such as publish:release:disclosure.",
    "verb": "The kind of act, such as disclosure (DPA 2018 s.62).",
    "feed": "One feed, such as police.recorded_crime.",
    "delivery": "One delivery, such as police.recorded_crime_2026-Q3_001.",
    "table": "One table that was handed over or read, such as event.",
    "release": "One release, such as 2026-Q3-v1.",
    "period": "One quarter, such as 2026-Q3.",
    "purpose": "One of the purposes that the entry names.",
    "outcome": "How it ended: done or refused.",
    "recipient": "Who received it.",
    "since": "From this day or instant on; a day is one in London.",
    "until": "Up to and with this day, or before this instant.",
}
ONE_DAY = timedelta(days=1)


def filtered(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command these options. It takes them all as one ``wanted``, a Filter."""

    @wraps(command)
    def run(**given: Any) -> None:
        asked = {name: value for name in OPTIONS if (value := given.pop(name)) is not None}
        command(wanted=wanted(**asked), **given)

    own = [part for part in signature(command).parameters.values() if part.name != "wanted"]
    types = {name: hint for name, hint in get_type_hints(command, include_extras=True).items() if name != "wanted"}
    types |= {name: Annotated[str | None, typer.Option(help=line)] for name, line in OPTIONS.items()}
    options = [Parameter(name, Parameter.KEYWORD_ONLY, default=None) for name in OPTIONS]
    parts = [part.replace(annotation=types[part.name], kind=Parameter.KEYWORD_ONLY) for part in (*own, *options)]
    run.__signature__ = Signature(parts)  # type: ignore[attr-defined]  # what Typer reads the options from
    run.__annotations__ = types
    return run


def wanted(since: str | None = None, until: str | None = None, **asked: str) -> Filter:
    """What the options ask for; raises FilterRefused."""
    return Filter(**asked, since=_instant("since", since), until=_instant("until", until, whole_day=ONE_DAY))


def _instant(name: str, text: str | None, whole_day: timedelta = timedelta()) -> datetime | None:
    """A day's midnight in London, or an instant; one without a time zone is London's."""
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return _moment(name, text)
    return datetime.combine(day + whole_day, time(), LONDON)


def _moment(name: str, text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise FilterRefused(
            "The log cannot be filtered so",
            where=f"the filter {name}",
            why="it is neither a day nor an instant",
            fix="Write it as 2026-10-05 or 2026-10-05T09:30",
        ) from None
    return found if found.tzinfo else found.replace(tzinfo=LONDON)
