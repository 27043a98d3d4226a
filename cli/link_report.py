"""``hub link report``: how right a link is, as a page, on the screen, or as JSON."""

from pathlib import Path
from typing import Annotated

import typer

from agreement.policy import load_agreement
from cli.home import existing_home
from cli.show import AsJson, as_json, console, table
from documents.linkage_report import linkage_page
from hub.database import transaction
from linkage.assessed.kept_reports import all_reports, kept_report
from linkage.assessed.report import Report, Share


def report(
    run: Annotated[int | None, typer.Option(help="The link's number; else the newest.")] = None,
    list_: Annotated[bool, typer.Option("--list", help="List every link's report.")] = False,
    page: Annotated[Path | None, typer.Option(help="Write it as an HTML page, which needs no network.")] = None,
    as_json_: AsJson = False,
) -> None:
    """Tell how right a link is: precision and recall with intervals, by group, and what changed since the last one."""
    with existing_home() as settings, transaction(settings) as connection:
        found = kept_report(connection, run)
        every = all_reports(connection) if list_ else []
        asked = load_agreement(settings).linkage.quality
    if as_json_:
        as_json([_line(it.report) | {"number": it.number} for it in every] if list_ else found.report.model_dump())
        return
    if list_:
        columns = ("number", "quarter", "records", "persons", "precision", "recall", "furthest behind")
        table("Reports", columns, [(str(it.number), *_line(it.report).values()) for it in every])
        return
    if page is not None:
        levels = asked.model_dump() if asked else None
        page.write_text(linkage_page(found.report, found.number, found.at, levels), encoding="utf-8")
        console.print(str(page), soft_wrap=True)
        return
    _show(found.report)


def _line(report_: Report) -> dict[str, object]:
    return {
        "quarter": report_.period,
        "records": report_.records,
        "persons": report_.persons,
        "precision": round(report_.precision.value, 4),
        "recall": round(report_.recall.value, 4),
        "furthest_behind": f"{report_.behind} {report_.gap:.4f}" if report_.gap else "",
    }


def _show(found: Report) -> None:
    console.print(f"{found.period}: {found.records:,} records, {found.persons:,} persons, model {found.model[:12]}.")
    whole = {"precision": found.precision, "recall": found.recall, "recall of those compared": found.within}
    whole |= {"compared, of all": found.reach}
    if found.reviewed:
        people = {"precision, by people": found.reviewed.precision, "recall, by people": found.reviewed.recall}
        whole |= people
    table("In the whole", ("what", "estimate", "from", "to"), [(name, *_told(it)) for name, it in whole.items()])
    shown = [it for it in found.groups if it.precision is not None and it.recall is not None]
    rows = [(it.kind, it.name, f"{it.pairs:,}", *_both(it.precision, it.recall)) for it in shown]
    table("By group", ("by", "group", "pairs", "precision", "recall"), rows)
    if found.gap:
        console.print(f"Furthest behind the whole: {found.behind}, by {found.gap:.4f}.")
    _show_changes(found)


def _show_changes(found: Report) -> None:
    """What moved since the link before: blocking's reach, match weights, and what records lack."""
    if found.shift is None or found.reach_before is None:
        return
    reach = f"compared, of all {found.reach_before:.4f} to {found.reach.value:.4f}"
    console.print(f"Since the link before: {reach}; match weights moved by {found.shift:.4f} (0.25 is much).")
    for drift in found.drift:
        console.print(f"{drift.comparison} {drift.level} weighs {drift.before:+.1f} to {drift.now:+.1f} bits.")
    for it in found.lacking:
        console.print(f"{it.feed} lacks {it.field} in {it.before:.0%} to {it.share:.0%} of records.")


def _told(share: Share) -> tuple[str, str, str]:
    return f"{share.value:.4f}", f"{share.low:.4f}", f"{share.high:.4f}"


def _both(precision: Share | None, recall: Share | None) -> tuple[str, str]:
    return tuple(f"{it.value:.4f}" if it else "" for it in (precision, recall))  # type: ignore[return-value]
