"""The entries of the log: a page at a time by filters, and one whole with its proof."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response
from pydantic import BaseModel, Field

from agreement.policy import load_agreement
from agreement.witnesses import quorum
from audit.errors import FilterRefused
from audit.log import size
from audit.query import Filter, Kept, entries, entry
from console.log_key import log_key
from console.offered import TYPED, offered
from console.reading import Hub, reading
from console.rendering import page
from console.standing import standing
from console.writing import LONDON

ROWS = 50
NARROW = ("authority", "actor", "verb", "release", "period")  # filters that stand open
FURTHER = ("feed", "delivery", "table", "source", "subject", "action", "purpose", "recipient", "outcome")
HIGHEST = 2**63 - 1
router = APIRouter()
Text = Annotated[str | None, Field(max_length=300, pattern=r"^[^\x00]*$")]


class Asked(BaseModel):
    """The filters as the form fills them in; a field that was left empty asks for nothing."""

    authority: Text = None
    actor: Text = None
    source: Text = None
    subject: Text = None
    action: Text = None
    verb: Text = None
    feed: Text = None
    delivery: Text = None
    table: Text = None
    release: Text = None
    period: Text = None
    purpose: Text = None
    outcome: Text = None
    recipient: Text = None
    since: Text = None
    until: Text = None
    before: Annotated[int | None, Field(ge=0, le=HIGHEST)] = None

    @property
    def said(self) -> dict[str, str]:
        """What was asked for, whichever page of it."""
        return {name: said for name, said in self.model_dump(exclude={"before"}).items() if said}


@router.get("/entries")
def list_entries(request: Request, hub: Hub, form: Annotated[Asked, Query()]) -> Response:
    """Entries, newest first, ``ROWS`` at a time."""
    asked, agreement = form.said, load_agreement(hub)
    with reading(hub) as connection:
        found = entries(connection, filter_of(asked), before=form.before, limit=ROWS + 1)
        choices, held = offered(connection, agreement), size(connection)
    return page(
        request,
        "entries.html",
        here="entries",
        asked=asked,
        narrow={name: choices[name] for name in NARROW},
        further={name: choices[name] for name in FURTHER},
        open_further=any(name in asked for name in (*FURTHER, "since", "until")),
        entries=found[:ROWS],
        older=_older(found, asked),
        newest=asked if form.before is not None else None,
        typed=TYPED,
        size=held,
    )


@router.get("/entries/{index}")
def show_entry(request: Request, hub: Hub, index: Annotated[int, Path(ge=0, le=HIGHEST)]) -> Response:
    """One entry, all that it says, and the proof that it is in the log, made and checked now."""
    key, needed = log_key(hub), quorum(load_agreement(hub))
    with reading(hub) as connection:
        found = entry(connection, index)
        proof = standing(connection, found, key, needed)
        held = size(connection)
    return page(request, "entry.html", here="entries", entry=found, proof=proof, size=held)


def filter_of(asked: Mapping[str, str]) -> Filter:
    """The filter that a filled-in form stands for; raises FilterRefused.

    ``since`` and ``until`` are days in London, both of them included.
    """
    texts = {name: said for name, said in asked.items() if name not in {"since", "until"}}
    since, until = (_midnight(asked.get(name), after) for name, after in (("since", 0), ("until", 1)))
    return Filter(**texts, since=since, until=until)


def _midnight(day: str | None, after: int) -> datetime | None:
    if day is None:
        return None
    try:
        first = date.fromisoformat(day) + timedelta(days=after)
    except (ValueError, OverflowError):
        raise FilterRefused(
            "The log cannot be filtered so",
            where="the filter of days",
            why="it is not a day",
            fix="Write it as 2026-07-31",
        ) from None
    return datetime.combine(first, time(), LONDON)


def _older(found: list[Kept], asked: Mapping[str, str]) -> dict[str, Any] | None:
    return {**asked, "before": found[ROWS - 1].index} if len(found) > ROWS else None
