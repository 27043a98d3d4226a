"""Reports as the hub keeps them: one a link, the newest of which a release goes by."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from hub import clock
from linkage.assessed.report import Report
from linkage.errors import LinkageRefused
from linkage.learned.model import Model
from linkage.learned.trained import model_of
from linkage.models import LinkQuality


@dataclass(frozen=True)
class KeptReport:
    """A report, under its number."""

    number: int
    at: datetime
    report: Report


def keep_report(connection: Connection, report: Report) -> None:
    """Add a link's report to those that are kept."""
    row = {"period": report.period, "model_version": report.model, "at": clock.now()}
    connection.execute(insert(LinkQuality).values(row | {"report": report.model_dump_json()}))


def newest_report(connection: Connection) -> KeptReport | None:
    """The report of the newest link; none before the first."""
    row = connection.execute(select(LinkQuality.__table__).order_by(LinkQuality.number.desc()).limit(1)).first()
    return None if row is None else KeptReport(row.number, row.at, Report.model_validate_json(row.report))


def kept_report(connection: Connection, number: int | None) -> KeptReport:
    """The report of that number, else the newest; raises LinkageRefused if there is none."""
    row = select(LinkQuality.__table__).where(LinkQuality.number == number)
    if number is None:
        found = newest_report(connection)
    else:
        one = connection.execute(row).first()
        found = None if one is None else KeptReport(one.number, one.at, Report.model_validate_json(one.report))
    if found is None:
        raise LinkageRefused(
            "There is no such report",
            where="the reports of links",
            why="nothing was linked yet" if number is None else f"no link has the number {number}",
            fix="Link a quarter first: hub link run" if number is None else "See them all: hub link report --list",
        )
    return found


def all_reports(connection: Connection) -> list[KeptReport]:
    """Every report, oldest first."""
    rows = connection.execute(select(LinkQuality.__table__).order_by(LinkQuality.number))
    return [KeptReport(row.number, row.at, Report.model_validate_json(row.report)) for row in rows]


def before(connection: Connection) -> tuple[Report, Model | None] | None:
    """The newest report, and the model that it is of."""
    kept = newest_report(connection)
    if kept is None:
        return None
    return kept.report, model_of(connection, kept.report.model)


def told(report: Report) -> Mapping[str, str | float]:
    """What the log says of it, and after it the manifest of a release."""
    shares = {"precision": report.precision, "recall": report.recall}
    found: dict[str, str | float] = {f"estimated_{name}": round(it.value, 4) for name, it in shares.items()}
    found |= {f"{name}_low": round(it.low, 4) for name, it in shares.items()}
    found |= {f"{name}_high": round(it.high, 4) for name, it in shares.items()}
    if report.reviewed is not None:
        found |= {"reviewed_precision": round(report.reviewed.precision.value, 4)}
        found |= {"reviewed_recall": round(report.reviewed.recall.value, 4)}
    return found | {"subgroup_gap": round(report.gap, 4), "furthest_behind": report.behind or "none"}
