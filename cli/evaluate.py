"""``hub evaluate``: whether an intervention helped, harmed, or cannot be told to have done either."""

from pathlib import Path
from typing import Annotated

import typer

from assessment.evaluating import Told, evaluate_intervention
from assessment.safe import HIDDEN, Estimate
from assessment.shown_evaluation import LIMITS
from cli.home import existing_home
from cli.show import AsJson, as_json, console, table
from hub.clock import now
from hub.periods import Quarter
from publish.database import ANALYSTS

Name = Annotated[str, typer.Argument(help="An intervention of hub factors list, such as mentoring.")]
Of = Annotated[str | None, typer.Option("--quarter", help="The release of this quarter; else of the latest.")]
To = Annotated[str, typer.Option(help="The recipient whose release is used, for whom you ask.")]
Page = Annotated[Path | None, typer.Option(help="Write it as an HTML page too, which prints and needs no network.")]


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    root.command("evaluate")(evaluate)


def evaluate(
    intervention: Name, quarter: Of = None, recipient: To = ANALYSTS, page: Page = None, as_json_: AsJson = False
) -> None:
    """Did an intervention help? Those who had it beside people alike who had nothing, from a published release.

    Every figure passes disclosure control, and what is told is logged, with the purpose evaluation.
    """
    if page is not None and not page.parent.is_dir():
        raise typer.BadParameter("it is no file in a folder that exists", param_hint="--page")
    with existing_home() as settings:
        of = Quarter.parse(quarter) if quarter else None
        told = evaluate_intervention(settings, intervention, of, now().date(), recipient)
    if page is not None:
        page.write_text(told.page(), encoding="utf-8")
    if as_json_:
        as_json(told.document() | {"sha256": told.digest})
        return
    _show(told)
    if page is not None:
        console.print(str(page), soft_wrap=True)


def _show(told: Told) -> None:
    said = told.shown
    console.print(said.sentence)
    figures = {
        "crude ratio, of all": said.crude,
        "effect, of those alike": said.effect,
        "E-value of the effect": said.e_value,
        "E-value of the interval's near end": said.e_value_of_interval,
    }
    table("Effect", ["what", "estimate", "from", "to"], [[name, *_written(one)] for name, one in figures.items()])
    for counts in said.tables:
        rows = [[*row[:-1], HIDDEN if row[-1] is None else row[-1]] for row in counts.frame.iter_rows() if row[-1] != 0]
        table(counts.name.capitalize(), [*counts.by, "people"], rows)
    alike = [[one.about, _figure(one.before.value), _figure(one.after.value)] for one in said.balance]
    table("Differences in standard deviations", ["in what", "before matching", "after"], alike)
    for limit in LIMITS:
        console.print(limit)


def _written(one: Estimate) -> list[str]:
    return [_figure(one.value) or one.why, _figure(one.low), _figure(one.high)]


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:g}"
