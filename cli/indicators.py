"""``hub indicators``: the delivery plan's indicators, quarter by quarter, with control limits."""

from pathlib import Path
from typing import Annotated

import typer

from assessment.measuring import Told, tell_indicators
from assessment.safe import HIDDEN
from cli.home import existing_home
from cli.show import AsJson, as_json, table
from hub.clock import now
from hub.periods import Quarter
from publish.database import ANALYSTS

Of = Annotated[str | None, typer.Argument(help="The release of this quarter, such as 2026-Q3; else of the latest.")]
To = Annotated[str, typer.Option(help="The recipient whose release is used, for whom you ask.")]
Page = Annotated[Path | None, typer.Option(help="Write them as an HTML page, which prints and needs no network.")]
Csv = Annotated[Path | None, typer.Option(help="Write a row for each indicator and quarter into this file.")]


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    root.command("indicators")(indicators)


def indicators(
    quarter: Of = None, recipient: To = ANALYSTS, page: Page = None, csv: Csv = None, as_json_: AsJson = False
) -> None:
    """The delivery plan's indicators (config/indicators.yaml) by priority and quarter, with control limits.

    Every count passes disclosure control, and what is told is logged, with the purpose strategy.
    """
    for path, name in ((page, "--page"), (csv, "--csv")):
        if path is not None and not path.parent.is_dir():
            raise typer.BadParameter("it is no file in a folder that exists", param_hint=name)
    with existing_home() as settings:
        told = tell_indicators(settings, Quarter.parse(quarter) if quarter else None, now().date(), recipient)
    if page is not None:
        page.write_text(told.page(), encoding="utf-8")
    if csv is not None:
        csv.write_bytes(told.csv())
    if as_json_:
        as_json(told.document() | {"sha256": told.digest})
        return
    _show(told)


def _show(told: Told) -> None:
    rows = []
    for one in told.measured:
        newest = one.rows()[-1]
        count = HIDDEN if newest["count"] is None else newest["count"]
        rows.append([one.priority, one.name, f"{count}", "" if newest["value"] is None else f"{newest['value']:g}",
                     one.unit, one.says])  # fmt: skip
    table(f"{told.stated.plan}: {told.quarter}", ["priority", "indicator", "count", "value", "", "what it says"], rows)
