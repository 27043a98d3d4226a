"""What came of many trials, as tables in Markdown."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from partners.faults.kinds import WAYS, Fault
from partners.faults.trial import Told

_COLUMNS: dict[str, Callable[[Sequence[Told]], str]] = {
    "trials": lambda found: f"{len(found):,}",
    "ingests": lambda found: f"{sum(told.attempts for told in found):,}",
    "killed": lambda found: f"{sum(told.kills for told in found):,}",
    "rows held": lambda found: f"{sum(told.rows_in for told in found):,}",
    "rows in": lambda found: f"{sum(told.rows_out for told in found):,}",
    "lost": lambda found: f"{sum(max(0, told.rows_in - told.rows_out) for told in found):,}",
    "doubled": lambda found: f"{sum(max(0, told.rows_out - told.rows_in) for told in found):,}",
    "most pages again": lambda found: str(max((told.fetched_again for told in found), default=0)),
    "broken": lambda found: str(sum(bool(told.wrong) for told in found)),
}


def summary(found: Sequence[Told]) -> Iterator[str]:
    """By way, by trouble and by what came after; then each promise that was broken."""
    yield from _table("way of delivering", {way.name: [t for t in found if t.way == way.name] for way in WAYS}, found)
    yield ""
    by_fault = {_words(fault): [t for t in found if fault.name.lower() in t.faults] for fault in Fault}
    yield from _table("trouble", by_fault | {"none": [t for t in found if not t.faults]}, found)
    yield ""
    errors = Counter(error for told in found for error in told.errors)
    yield "How ingests ended that were neither killed nor done: " + ", ".join(
        f"{name} {count}" for name, count in errors.most_common()
    )
    seconds = sum(told.cpu_s for told in found) / max(len(found), 1)
    yield f"Processor time of the hub's ingests: {seconds:.2f} s a trial"
    for told in found:
        if told.wrong:
            troubles = ", ".join(told.faults) or "no trouble"
            yield f"BROKEN: seed {told.seed}, {told.way}, {troubles}: {'; '.join(told.wrong)}"


def _table(title: str, groups: dict[str, list[Told]], whole: Sequence[Told]) -> Iterator[str]:
    yield f"| {title} | " + " | ".join(_COLUMNS) + " |"
    yield "| --- |" + " ---: |" * len(_COLUMNS)
    for name, found in [*groups.items(), ("all", whole)]:
        yield f"| {name} | " + " | ".join(say(found) for say in _COLUMNS.values()) + " |"


def _words(fault: Fault) -> str:
    return fault.value
