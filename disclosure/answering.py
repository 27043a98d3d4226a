"""Answering a question for counts, held against all that the same recipient was told before."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import polars as pl
from sqlalchemy import Connection, insert, select

from disclosure.differencing import Told, Values, to_hide
from disclosure.errors import QuestionRefused
from disclosure.questions import Answer, Question, Terms
from disclosure.remembered import ANSWERED, Remembered, one_at_a_time, recalled, told_of, whole
from hub.clock import now

Read = Callable[[str, str, Sequence[str]], pl.DataFrame]
"""From a release's name, a table and columns of it: its rows as the recipient was given them."""


def answer(
    connection: Connection, question: Question, *, recipient: str, release: str, terms: Terms, read: Read
) -> Answer:
    """The counts that may be told, rounded; kept in the caller's transaction, after whose commit alone they may leave.

    1. Answers to one recipient wait for one another: two that are made at once would not know of each other.
    2. A question that was answered before has the same answer again.
    3. A count is hidden that is small, or that isolates too few beside any that was shown before, of whatever release
       (``differencing.to_hide``), and beside the size of the whole table in each of these releases, which manifests
       state. Shown counts are looked at as if they were exact, though they are rounded.
    4. What was told of a release that is withdrawn since is remembered (``disclosure.remembered``).

    Raises QuestionRefused if nothing can be told, and if a release that was told of before can neither be read any
    more nor is remembered.
    """
    one_at_a_time(connection, recipient)  # (1)
    past = recalled(connection, recipient)  # (4)
    rows = past.marks.of(read(release, question.table, question.columns), question.unit)
    counted = question.counted(rows)
    known = [row for row in _before(connection, recipient) if json.loads(row.question)["unit"] == question.unit]
    same = next((row for row in known if (row.release, row.digest) == (release, question.digest)), None)
    if same:  # (2)
        shown = {tuple(values) for values in json.loads(same.shown)}
        return _told(question, counted, shown, terms, asked_before=True)
    told = [whole(rows, question.unit), *_told_before(known, read, past)]
    hidden = to_hide(counted, question.unit, told, terms.smallest_count)  # (3)
    cells = set(_sizes(counted, question))
    _require_something(question, cells - hidden.keys(), len(hidden), terms)
    found = _told(question, counted, cells - hidden.keys(), terms, asked_before=False)
    connection.execute(insert(ANSWERED).values(_kept(question, recipient, release, found)))
    return found


def _before(connection: Connection, recipient: str) -> list[Any]:
    columns = (ANSWERED.c.number, ANSWERED.c.release, ANSWERED.c.digest, ANSWERED.c.question, ANSWERED.c.shown)
    mine = select(*columns).where(ANSWERED.c.recipient == recipient).order_by(ANSWERED.c.number)
    return list(connection.execute(mine))


def _told_before(known: Sequence[Any], read: Read, past: Remembered) -> Iterator[Told]:
    """What each question before was told, and the whole of each table of each release that they were about."""
    wholes = set()
    for row in known:
        question, shown = told_of(row)
        if row.release in past.releases:  # (4)
            yield from past.told(row.number)
            continue
        rows = past.marks.of(read(row.release, question.table, question.columns), question.unit)
        if (row.release, question.table) not in wholes:
            wholes.add((row.release, question.table))
            yield whole(rows, question.unit)
        yield Told.of(question.counted(rows), question.unit, shown)


def _sizes(counted: pl.DataFrame, question: Question) -> dict[Values, int]:
    names = sorted(question.by)
    if not names:
        return {(): counted.height}
    sizes = counted.group_by(names).len("size").sort(names, nulls_last=True)
    return {tuple(row[:-1]): row[-1] for row in sizes.iter_rows()}


def _told(question: Question, counted: pl.DataFrame, shown: set[Values], terms: Terms, *, asked_before: bool) -> Answer:
    base = terms.round_to
    counts = {
        values: (2 * size + base) // (2 * base) * base if values in shown else None
        for values, size in _sizes(counted, question).items()
    }
    return Answer(question, counts, asked_before)


def _require_something(question: Question, shown: set[Values], hidden: int, terms: Terms) -> None:
    if hidden and not shown:
        raise QuestionRefused(
            "The count is not given",
            where=f"the table {question.table}",
            why=f"it would tell of fewer than {terms.smallest_count}, by itself or beside what was answered before",
            fix="Ask for a larger group",
        )


def _kept(question: Question, recipient: str, release: str, found: Answer) -> dict[str, object]:
    shown = [list(values) for values, count in found.counts.items() if count is not None]
    return {
        "recipient": recipient,
        "release": release,
        "digest": question.digest,
        "question": question.canonical,
        "shown": json.dumps(shown),
        "answered_at": now(),
    }
