"""``hub quarantine``: rows that broke their contract, without their values; and the way back in for mended ones."""

from pathlib import Path
from typing import Annotated, Any

import typer

from agreement.policy import load_agreement
from cli.audit.acting import acting
from cli.home import existing_home
from cli.show import AsJson, as_json, console, table
from documents.quarantine_report import QuarantineReport, put, require_free
from hub.clock import now
from hub.feeds import load_feed
from hub.settings import Settings
from ingest.case import Case
from ingest.mended import take_mended
from ingest.quarantine import Waiting, disclose_report, find_waiting, findings, waiting
from keys.home import open_ring, tell
from keys.services import Service
from schemas.registry import contract_for

app = typer.Typer(
    no_args_is_help=True, help="Rows that broke their contract: see them, report them, take them in mended."
)

FeedName = Annotated[str | None, typer.Argument(help="Only this feed's.")]
Past = Annotated[bool, typer.Option("--past", help="Also deliveries in whose place another has come since.")]
DeliveryId = Annotated[str, typer.Argument(help="A delivery such as police.recorded_crime_2026-Q3_001.")]
Folder = Annotated[Path, typer.Argument(help="A folder that is not there yet.")]
File = Annotated[
    Path, typer.Argument(help="The mended rows alone, in the feed's own format.", exists=True, dir_okay=False)
]


def add_to(root: typer.Typer) -> None:
    """Hang this noun into the root command."""
    root.add_typer(app, name="quarantine")


@app.command("list")
def list_waiting(feed: FeedName = None, past: Past = False, as_json_: AsJson = False) -> None:
    """Deliveries with rows in quarantine, and those that were refused whole: how many rows, why, and until when."""
    with existing_home() as settings:
        if feed is not None:
            load_feed(settings.config, feed)
        found = waiting(settings, feed, past=past)
    if as_json_:
        as_json([_told(waits) for waits in found])
        return
    if not found:
        console.print("No row waits in quarantine.")
        return
    for waits in found:
        _show(waits)


@app.command()
def export(delivery: DeliveryId, folder: Folder) -> None:
    """Write the report to the provider: what is wrong, in which of its rows, how to mend it. Holds no value.

    The agreement is asked first, and the log says that the authority was told.
    """
    require_free(folder)
    with existing_home() as settings:
        case, report = _report(settings.model_copy(update={"actor": acting(settings)}), delivery)
        files = report.files()
        disclose_report(case, report.waits.delivery, report.rows)
        put(folder, files)
    console.print(f"The report on {delivery} is in {folder}: {', '.join(files)}. It holds no value of any row.")
    console.print(f"It is for {report.feed.owner}; the log says that it was handed over.", soft_wrap=True)


@app.command()
def release(delivery: DeliveryId, file: File) -> None:
    """Take in mended rows of a delivery, by the same way as every other row: checked, logged, under the agreement.

    FILE holds nothing but the mended rows, each under the reference of the row that it mends.
    """
    with existing_home() as settings:
        done = take_mended(settings.model_copy(update={"actor": acting(settings)}), delivery, file)
    console.print(
        f"{done.delivery}: {done.state}; received {done.received:,}, accepted {done.accepted:,}, "
        f"quarantined {done.quarantined:,}.",
        soft_wrap=True,
    )


def _report(settings: Settings, delivery_id: str) -> tuple[Case, QuarantineReport]:
    waits = find_waiting(settings, delivery_id)
    delivery = waits.delivery
    feed, contract, agreement = (
        load_feed(settings.config, delivery.feed),
        contract_for(delivery.feed),
        load_agreement(settings),
    )
    case = Case(settings, agreement, feed, delivery.period, open_ring(settings, Service.ENGINEER))
    found = findings(case, contract, waits)
    tell(settings, case.ring)
    return case, QuarantineReport(waits, found, feed, contract, agreement, now().date())


def _show(waits: Waiting) -> None:
    """One delivery: what became of it, and its faults by reason and column."""
    delivery, left = waits.delivery, _days_left(waits)
    erased = "" if left is None else f" Sealed rows are erased in {left:,} days."
    if waits.refused:
        became = f"refused whole: {(waits.why or 'the log says why').rstrip('.')}."
    else:
        became = f"{delivery.rows_quarantined:,} of {delivery.rows_received:,} rows wait."
    console.print(f"{delivery.id} ({delivery.state}): {became}{erased}", soft_wrap=True)
    if waits.counts:
        table("", ["rows", "column", "reason"], [[c.rows, c.column, c.reason.value] for c in waits.counts])


def _days_left(waits: Waiting) -> int | None:
    return None if waits.erased_on is None else max(0, (waits.erased_on - now().date()).days)


def _told(waits: Waiting) -> dict[str, Any]:
    delivery = waits.delivery
    return {
        "delivery": delivery.id,
        "feed": delivery.feed,
        "period": str(delivery.period),
        "state": str(delivery.state),
        "refused": waits.why,
        "rows_received": delivery.rows_received,
        "rows_quarantined": delivery.rows_quarantined,
        "reasons": [{"reason": c.reason.value, "column": c.column, "rows": c.rows} for c in waits.counts],
        "erased_on": waits.erased_on and waits.erased_on.isoformat(),
        "days_left": _days_left(waits),
    }
