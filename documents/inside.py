"""The inside of the hub in the diagram: its boxes in four columns, and the arrows between them."""

from collections.abc import Sequence
from dataclasses import dataclass

from documents.drawing import SIZE, Arrow, Box, Text, box
from documents.flow import Flow, Form

PAD = 16.0
_COLUMNS = ((0.0, 104.0), (130.0, 140.0), (300.0, 150.0), (484.0, 124.0))  # left edge and width, from the hub's pad
WIDTH = 2 * PAD + 608.0
_ROOM = 26.0

Row = tuple[Box, Box, Box]


@dataclass(frozen=True)
class Inside:
    """Boxes, arrows between them, and the least height that they need. Feeds reach ``landing``."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    landing: Box
    release: Box


def least_height(flow: Flow) -> float:
    """How high the hub must be, so that its three rows fit with some room between them."""
    rows = _rows(flow, 0.0)
    return 2 * PAD + _heading(flow, 0.0).h + _log(flow, 0.0).h + sum(map(_height, rows)) + _ROOM * (len(rows) + 1)


def inside(flow: Flow, left: float, top: float, height: float) -> Inside:
    """The inside of a hub whose corner is at ``left`` and ``top``."""
    x, bottom = left + PAD, top + height - PAD
    landing = _landing(flow, x).at(top + PAD, height - 2 * PAD)
    heading = _heading(flow, x).at(top + PAD)
    log = _log(flow, x)
    log = log.at(bottom - log.h)
    rows = _placed(_rows(flow, x), heading.bottom, log.y)
    release = rows[0][2]
    steps = (each for row in rows for each in row)
    return Inside((landing, heading, log, *steps), _arrows(flow, landing, rows), landing, release)


def _placed(rows: Sequence[Row], top: float, bottom: float) -> list[Row]:
    """Rows one below the other with even room around them, the boxes of each on one middle line."""
    room = (bottom - top - sum(map(_height, rows))) / (len(rows) + 1)
    placed, y = [], top + room
    for row in rows:
        middle = y + _height(row) / 2
        first, second, third = (each.at(middle - each.h / 2) for each in row)
        placed.append((first, second, third))
        y += _height(row) + room
    return placed


def _height(row: Row) -> float:
    return max(each.h for each in row)


def _column(number: int, x: float, title: str, said: str, kept: str | None = None) -> Box:
    left, w = _COLUMNS[number]
    texts = [Text(title, SIZE, bold=True), Text(said)]
    return box(x + left, w, [*texts, Text(f"Kept {kept}", quiet=True)] if kept else texts, "step")


def _landing(flow: Flow, x: float) -> Box:
    said = "Each delivery is sealed as it came, under a key of its own."
    return _column(0, x, "1 Landing", said, flow.kept.get("landing"))


def _heading(flow: Flow, x: float) -> Box:
    w = _COLUMNS[3][0] + _COLUMNS[3][1] - _COLUMNS[1][0]
    return box(x + _COLUMNS[1][0], w, [Text(f"Run by {flow.operator}", SIZE, bold=True)], "label")


def _log(flow: Flow, x: float) -> Box:
    w = _COLUMNS[3][0] + _COLUMNS[3][1] - _COLUMNS[1][0]
    texts = [Text("The log", SIZE, bold=True), Text(f"Every step is an entry; {flow.log}.")]
    return box(x + _COLUMNS[1][0], w, texts, "log")


def _rows(flow: Flow, x: float) -> list[Row]:
    """What is set aside, joined and published above; what is read in the middle; what is split and built below."""
    back = "Sealed rows that broke their contract, until the provider mends them."
    linked = f"Records of {flow.linked} feeds become persons, by their tokens: the register."
    split = "Names and numbers become keyed tokens; what is left out stops here."
    return [
        (
            _column(1, x, "Quarantine", back, flow.kept.get("quarantine")),
            _column(2, x, "4 Linkage", linked, flow.kept.get("register")),
            _column(3, x, "7 Release", "Tables under ids of the recipient's own.", flow.kept.get("releases")),
        ),
        (
            _column(1, x, "2 Check", "Each row against the feed's contract."),
            _column(2, x, "Records", "Tokens and encodings, encrypted.", flow.kept.get("records")),
            _column(3, x, "6 Decision", f"Signed by an officer whom {flow.officers} appoint."),
        ),
        (
            _column(1, x, "3 Split", split),
            _column(2, x, "Events", "What happened: attributes without names, encrypted.", flow.kept.get("events")),
            _column(3, x, "5 Candidate", "Built and sealed.", flow.kept.get("candidates")),
        ),
    ]


def _arrows(flow: Flow, landing: Box, rows: Sequence[Row]) -> tuple[Arrow, ...]:
    (quarantine, register, release), (check, records, decision), (split, events, candidate) = rows
    first, second = (split.right + records.x) / 2, (events.right + candidate.x) / 2
    raw, inner = flow.arriving, Form.PSEUDONYMISED
    return (
        Arrow(((landing.right, check.middle), (check.x, check.middle)), raw),
        _up(check, quarantine, raw),
        Arrow(((check.centre, check.bottom), (check.centre, split.y)), raw),
        elbow(split, records, first, inner),
        elbow(split, events, first, inner),
        _up(records, register, inner),
        elbow(register, candidate, second, inner),
        elbow(events, candidate, second, inner),
        _up(candidate, decision, inner),
        _up(decision, release, inner),
    )


def _up(start: Box, end: Box, form: Form) -> Arrow:
    return Arrow(((start.centre, start.y), (start.centre, end.bottom)), form)


def elbow(start: Box, end: Box, trunk: float, form: Form, down: float = 0.0) -> Arrow:
    """From the right of one box, ``down`` below its middle, to the left of another, by an upright at ``trunk``."""
    y = start.middle + down
    return Arrow(((start.right, y), (trunk, y), (trunk, end.middle), (end.x, end.middle)), form)
