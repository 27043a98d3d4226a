"""What the demo prints at its end: one screen, in order of what a newcomer asks."""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

from cli.runtime.quarter import QuarterRun
from hub.database import transaction
from hub.settings import Settings
from ingest.outcome import reason_counts
from linkage.evaluation import Quality
from publish.releases import find
from store.deliveries import admitted_delivery


def outcome(settings: Settings, run: QuarterRun, quality: Quality, found: Mapping[str, Any]) -> RenderableType:
    """Rows in and why some were quarantined, persons and how right they are, the release, the log."""
    return Group("", _feeds(settings, run, found), "", _facts(run, quality, found))


def _feeds(settings: Settings, run: QuarterRun, found: Mapping[str, Any]) -> Table:
    drawn = Table(box=None, pad_edge=False, header_style="bold")
    drawn.add_column("feed", min_width=max(map(len, found["feeds"])))
    for name in ("rows", "accepted", "quarantined"):
        drawn.add_column(name, justify="right", min_width=len(name))
    drawn.add_column("mostly because")
    for feed, counts in found["feeds"].items():
        numbers = (f"{counts[name]:,}" for name in ("received", "accepted", "quarantined"))
        drawn.add_row(feed, *numbers, _reasons(settings, run, feed))
    return drawn


def _reasons(settings: Settings, run: QuarterRun, feed: str) -> str:
    """The reason for which most rows were quarantined."""
    with transaction(settings) as connection:
        delivery = admitted_delivery(connection, feed, run.quarter)
        counts = reason_counts(connection, delivery.id) if delivery else ()
    total: Counter[str] = Counter()
    for count in counts:
        total[count.reason.value] += count.rows
    return "".join(f"{rows} {reason}" for reason, rows in total.most_common(1))


def _facts(run: QuarterRun, quality: Quality, found: Mapping[str, Any]) -> Table:
    log, word = found["log"], "published" if run.published else "published before, and the same again"
    drawn = _pairs()
    drawn.add_row("Persons", f"{found['persons']:,} in {quality.records:,} records; in truth {quality.persons_true:,}")
    drawn.add_row(
        "Linkage", f"precision {quality.precision:.4f}, recall {quality.recall:.4f} (pairs, against the truth)"
    )
    drawn.add_row("Release", f"{run.release}, {word}")
    drawn.add_row("Hash", run.manifest_hash)
    proved = "verified" if log["verified"] else "NOT VERIFIED"
    drawn.add_row(
        "Log", f"{log['size']:,} entries, {proved}, {log['witnessed']:,} cosigned by the authorities' witnesses"
    )
    return drawn


def times(seconds: Mapping[str, float]) -> RenderableType:
    """Seconds for each stage, and in all."""
    parts = ", ".join(f"{name} {took:.0f}" for name, took in seconds.items())
    drawn = _pairs()
    drawn.add_row("Seconds", f"{parts}; in all {sum(seconds.values()):.0f}")
    return drawn


def _pairs() -> Table:
    drawn = Table(box=None, pad_edge=False, show_header=False)
    drawn.add_column(style="bold", min_width=7)
    drawn.add_column(overflow="fold")
    return drawn


def next_steps(settings: Settings, run: QuarterRun) -> list[str]:
    """Where to look next, as lines to be copied whole: the release, a first question to it, the Airflow page."""
    with transaction(settings) as connection:
        place = Path(find(connection, run.release).uri)
    folder = place.relative_to(Path.cwd()) if place.is_relative_to(Path.cwd()) else place
    question = f"FROM '{folder}/event.parquet' SELECT event_type, count(*) GROUP BY ALL"
    return [
        f"Look at the release:  ls {folder}",
        f"Ask it something:     .venv/bin/python -c \"import duckdb; print(duckdb.sql('''{question}'''))\"",
        "See it in Airflow:    .venv/bin/hub up      (and .venv/bin/hub down ends it)",
    ]
