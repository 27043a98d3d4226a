"""``hub link review``: pairs that linkage is in doubt about, shown without names, and what people say of them."""

import secrets
from dataclasses import asdict
from typing import Annotated

import typer

from cli.audit.acting import acting
from cli.home import existing_home
from cli.link_waterfall import COLUMNS, waterfall
from cli.show import AsJson, as_json, console, table
from hub.database import transaction
from hub.settings import Settings
from keys.home import open_ring
from keys.services import Service
from linkage.assessed.drawing import draw_sample
from linkage.assessed.kept_reports import newest_report
from linkage.reviewed.review import DEATHS, NUMBERS, ONCE
from linkage.reviewed.reviewing import (
    Ground,
    Question,
    Verdict,
    Word,
    decide,
    decision,
    question,
    read_questions,
    undecided,
    word_on,
    words,
)

app = typer.Typer(
    invoke_without_command=True,
    help="Pairs that linkage is in doubt about, the most valuable first. A decision outranks the model from then on.",
)
Number = Annotated[int, typer.Argument(help="The pair's number in the queue.")]
GroundOption = Annotated[
    Ground, typer.Option(help="It rests on the pattern shown, on authorities that compared, or on the subject's word.")
]


@app.callback()
def queue(
    context: typer.Context,
    most: Annotated[int, typer.Option(min=1, help="How many to list.")] = 20,
    as_json_: AsJson = False,
) -> None:
    """List the queue. A pair is shown by number, never by name: the hub has none."""
    if context.invoked_subcommand:
        return
    with existing_home() as settings, transaction(settings) as connection:
        asked, linked = read_questions(connection), newest_report(connection) is not None
    if as_json_:
        as_json([asdict(each) for each in asked[:most]])
        return
    if not asked:
        console.print("Linkage is in doubt about no pair." if linked else "Nothing was linked yet: hub link run.")
        return
    columns = ("number", "feeds", "now", "bits", "value", "agreement")
    table("In doubt", columns, [_row(each) for each in asked[:most]])
    if len(asked) > most:
        console.print(f"{len(asked) - most} more are asked about: --most {len(asked)}.")


def _row(question: Question) -> tuple[object, ...]:
    said = ", ".join(f"{name} {level}" for name, level in question.levels.items() if level != "unknown")
    return (
        str(question.number),
        f"{question.feed_l}, {question.feed_r}",
        "one person" if question.joined else "two persons",
        f"{question.match_weight:+.1f}",
        f"{question.value:.2f}",
        said,
    )


@app.command()
def sample(
    pairs: Annotated[int, typer.Option(min=20, help="How many pairs, about.")] = 200,
    seed: Annotated[int | None, typer.Option(help="Draw the same pairs again.")] = None,
) -> None:
    """Draw pairs at random for people to judge, in the place of the sample before: precision and recall by people.

    They stand in the queue with all others. Once every stratum has a judged pair, the next link's report tells.
    """
    with existing_home() as settings:
        chosen = secrets.randbits(32) if seed is None else seed
        drawn = draw_sample(settings, open_ring(settings, Service.LINK), pairs, chosen)
    console.print(f"{drawn.pairs} of {drawn.of:,} pairs are drawn, from {drawn.strata} strata, by seed {chosen}.")


@app.command()
def show(number: Number) -> None:
    """Show how a pair of records agrees, and what each comparison adds to its weight (a waterfall)."""
    with existing_home() as settings, transaction(settings) as connection:
        found = question(connection, number)
        word = word_on(connection, found)
    console.print(f"Pair {number}: a record of {found.feed_l} and one of {found.feed_r}, linked in {found.period}.")
    console.print(f"Records {found.record_id_l} and {found.record_id_r}.", soft_wrap=True)
    table("What each comparison adds", COLUMNS, list(waterfall(found.bits, found.levels)))
    if found.held_by == ONCE:
        console.print(f"The feed holds one record per person ({ONCE}), so they are not joined.")
    elif found.held_by == NUMBERS:
        console.print("A person has one such number, and they have two: so they are not joined, whatever they weigh.")
    elif found.held_by == DEATHS:
        console.print("One of the two had died before the other was seen: so they are not joined, whatever they weigh.")
    elif found.held_by is not None:
        console.print(f"It may be two people all the same ({found.held_by}): held at {found.match_weight:+.1f} bits.")
    elif found.match_weight > 0 and not found.joined:
        console.print("By themselves they would be one person: other records of theirs speak against it.")
    console.print(f"They are {'one person' if found.joined else 'two persons'} now.")
    if word is not None:
        console.print(f"Decided: {word.verdict}, by {word.actor}, on {word.ground}. The next link obeys.")


@app.command()
def same(number: Number, ground: GroundOption) -> None:
    """Say that the two records are of one person."""
    _decide(number, Verdict.SAME, ground)


@app.command()
def apart(number: Number, ground: GroundOption) -> None:
    """Say that the two records are of two persons."""
    _decide(number, Verdict.APART, ground)


@app.command()
def decisions(as_json_: AsJson = False) -> None:
    """List what was decided and counts."""
    with existing_home() as settings, transaction(settings) as connection:
        known = words(connection)
    if as_json_:
        as_json([asdict(word) for word in known])
        return
    if not known:
        console.print("Nothing was decided.")
        return
    columns = ("decision", "records", "verdict", "ground", "by", "at")
    table("Decided", columns, [_told(word) for word in known])


def _told(word: Word) -> tuple[object, ...]:
    pair = f"{word.record_id_l} {word.record_id_r}"
    return str(word.number), pair, word.verdict, word.ground, word.actor, f"{word.at:%Y-%m-%d %H:%M}"


@app.command()
def reopen(
    number: Annotated[int, typer.Argument(help="The decision's number: hub link review decisions.")],
    ground: GroundOption,
) -> None:
    """Take a decision back: the model decides about the pair again."""
    with existing_home() as settings, transaction(settings) as connection:
        word = decision(connection, number)
        decide(_reviewer(settings), connection, (word.record_id_l, word.record_id_r), Verdict.OPEN, ground)
    console.print("It is taken back. The next link leaves the pair to the model.")


def _decide(number: int, verdict: Verdict, ground: Ground) -> None:
    with existing_home() as settings, transaction(settings) as connection:
        found = undecided(connection, number)
        decide(_reviewer(settings), connection, (found.record_id_l, found.record_id_r), verdict, ground)
    console.print(f"Pair {number} is decided: {verdict}. The next link obeys: hub link run {found.period}.")


def _reviewer(settings: Settings) -> Settings:
    """A decision is a person's, and the log names who."""
    return settings.model_copy(update={"actor": acting(settings)})
