"""``hub link``: records to persons, and how right that is."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from cli import link_changes, link_evaluate, link_report, link_review
from cli.home import existing_home
from cli.show import AsJson, Period, as_json, console
from documents.model_page import link_drawn, save_model_pages, save_tables
from hub.periods import Quarter
from keys.home import open_ring
from keys.services import Service
from linkage.learned.training import train_model
from linkage.truth import evaluate_against

app = typer.Typer(no_args_is_help=True, help="Records to persons, from tokens alone.")


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    root.add_typer(app, name="link")


app.command()(link_evaluate.evaluate)
app.command()(link_report.report)
app.command()(link_changes.events)
app.command()(link_changes.undo)
app.add_typer(link_review.app, name="review")


@app.command()
def run(
    period: Period,
    full: Annotated[bool, typer.Option(help="Look at all records, not only at what is new.")] = False,
    as_json_: AsJson = False,
) -> None:
    """Link all records of deliveries up to a quarter. Run again, it changes nothing.

    What came or went since the last link is compared with what it can touch. A full link gives the same persons, and
    says so: the share of pairs on which both agree, and the persons who differ.
    """
    with existing_home() as settings:
        done, pages = link_drawn(settings, open_ring(settings, Service.LINK), Quarter.parse(period), full=full)
    if as_json_:
        told = {name: getattr(done, name) for name in _TOLD} | {"report": done.report.model_dump()}
        as_json(told | {"agreement": asdict(done.agreement) if done.agreement else None})
        return
    word = "trained now" if done.trained else "as trained before"
    console.print(f"{done.records:,} records, {done.persons:,} persons, by model {done.model_version[:12]} ({word}).")
    for page in pages:
        console.print(str(page), soft_wrap=True)
    console.print(f"{done.pairs:,} pairs were compared, of {'all records' if done.full else 'what the link touches'}.")
    if done.agreement is not None:
        share, pairs = done.agreement.share, done.agreement.pairs
        console.print(f"It agrees with the register before in {share:.6f} of {pairs:,} pairs of records.")
        for person in done.agreement.differing:
            console.print(f"Other records than before: {person}", soft_wrap=True)


_TOLD = ("records", "persons", "pairs", "model_version", "trained", "full", "changes")


@app.command()
def train(
    period: Period,
    charts: Annotated[Path | None, typer.Option(help="Where the model's pages go; else into the home.")] = None,
) -> None:
    """Learn a model anew, without labels, from all records up to a quarter. The next link goes by it."""
    with existing_home() as settings:
        done = train_model(settings, open_ring(settings, Service.LINK), Quarter.parse(period), charts)
        tables = save_tables(settings, charts)
    word = "another than before" if done.is_new else "the same as before"
    console.print(f"Model {done.version[:12]}, learned from {done.records:,} records: {word}.")
    for page in (tables, *done.pages):
        console.print(str(page), soft_wrap=True)


@app.command()
def charts(
    folder: Annotated[Path | None, typer.Argument(help="Where the pages go; else into the home.")] = None,
) -> None:
    """Draw the model that decides now, as pages that need no network: tables of m and u, match weights, waterfalls."""
    with existing_home() as settings:
        for page in save_model_pages(settings, open_ring(settings, Service.LINK), folder):
            console.print(str(page), soft_wrap=True)


@app.command()
def truth(
    file: Annotated[Path, typer.Argument(help="CSV: feed, source_reference, true_person_id.", exists=True)],
    as_json_: AsJson = False,
) -> None:
    """For a synthetic borough: compare the register with who is who."""
    with existing_home() as settings:
        found = evaluate_against(settings, file)
    if as_json_:
        as_json(asdict(found))
        return
    console.print(
        f"{found.records:,} records of {found.persons_true:,} persons; {found.persons_found:,} persons found."
    )
    console.print(
        f"Precision {found.precision:.4f}, recall {found.recall:.4f}, F1 {found.f1:.4f} over pairs of records."
    )
