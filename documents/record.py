"""The record of processing activities: as a page to read, and as a table with one row an activity and controller."""

import csv
import io
from collections.abc import Mapping

from audit.readable import FORMULA
from documents.activities import Activity, controllers, not_recorded, processor
from documents.rendering import render
from documents.sources import Sources

POINTS: Mapping[str, str] = {
    "record": "Record under",
    "activity": "Processing activity",
    "controller": "Controller (Art 30(1)(a), s.61(2)(a))",
    "contact": "Contact of the controller (Art 30(1)(a), s.61(2)(a))",
    "joint_controllers": "Joint controllers (Art 30(1)(a), s.61(2)(b))",
    "protection_officer": "Data protection officer (Art 30(1)(a), s.61(2)(c))",
    "processor": "Processor (Art 30(2)(a), s.61(4)(a))",
    "purposes": "Purposes (Art 30(1)(b), s.61(2)(d))",
    "subjects": "Categories of data subjects (Art 30(1)(c), s.61(2)(f)(i))",
    "data": "Categories of personal data (Art 30(1)(c), s.61(2)(f)(ii))",
    "recipients": "Categories of recipients (Art 30(1)(d), s.61(2)(e))",
    "transfers": "Transfers abroad (Art 30(1)(e), Art 30(2)(c), s.61(2)(h))",
    "erasure": "Time limits for erasure (Art 30(1)(f), s.61(2)(j))",
    "measures": "Security measures (Art 30(1)(g), Art 30(2)(d), s.61(2)(k))",
    "operations": "Categories of processing (Art 30(2)(b), s.61(4)(d))",
    "legal_basis": "Legal basis (s.61(2)(i), Sch.1 para 41)",
    "profiling": "Profiling (s.61(2)(g))",
    "impact_assessment": "Impact assessment (Art 35, s.64)",
    "policy_document": "Appropriate policy document (s.42, Sch.1 para 39)",
}
"""What each part of an activity is, with the point of the law that asks for it."""


def record_html(sources: Sources) -> str:
    """The record as a page."""
    return render(
        "record.html.j2",
        agreement=sources.agreement,
        stated=sources.stated,
        on=sources.on,
        controllers=[(activity, _points(activity)) for activity in controllers(sources)],
        processor=[(activity, _points(activity)) for activity in processor(sources)],
        operator=sources.agreement.operator,
        not_recorded=not_recorded(sources),
    )


def record_csv(sources: Sources) -> str:
    """The record as CSV, every cell quoted; a text that a spreadsheet would compute is preceded by an apostrophe."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerow([*POINTS.values(), *sources.stated])
    for activity in [*controllers(sources), *processor(sources)]:
        cells = [*_points(activity).values(), *sources.stated.values()]
        writer.writerow([f"'{cell}" if cell.startswith(FORMULA) else cell for cell in cells])
    return file.getvalue()


def _points(activity: Activity) -> dict[str, str]:
    """The parts of an activity under their headings."""
    return {heading: str(getattr(activity, name)) for name, heading in POINTS.items()}
