"""What a delivery is held against, in words; why a row does not pass, and how it is mended."""

from collections.abc import Iterator

import polars as pl

from documents.feed_pages.markdown import code, numbered, sentence, table
from documents.words import listed
from schemas.contract import Contract
from schemas.faults import ANY_IDENTIFIER
from schemas.mending import MENDING, REMARKED
from schemas.reasons import Reason, Remark


def rules(contract: Contract) -> str:
    """The rules beyond single columns, numbered."""
    return numbered(_rules(contract))


def _rules(contract: Contract) -> Iterator[str]:
    key = [code(contract.source_name(name)) for name in contract.row_key]
    yield f"No two rows of a delivery have the same {listed(key)}: the later one is taken."
    if contract.period_column:
        day = code(contract.source_name(contract.period_column))
        yield f"{day} lies within the quarter that is delivered. If most rows lie in one other, the whole is refused."
    if contract.telling:
        telling = ", ".join(code(contract.source_name(name)) for name in contract.telling)
        yield f"A row says whom it is about: at least one of {telling} has a value."
    for name, target in contract.refers_to.items():
        found = f"{code(contract.source_name(name))} is the {code(contract.source_name(target))}"
        yield f"{found} of some row of the same delivery."
    if contract.blocked_by:
        barred = code(contract.source_name(contract.blocked_by))
        yield f"A row whose {barred} is true is barred, and with it every row of the same record; no value is kept."
    if contract.place is not None and contract.place.must_be_near:
        yield f"A place that is given ({code(contract.source_name(contract.place.given))}) lies in or near the borough."
    for check in contract.schema.checks:
        column = code(contract.source_name(str(check.title)))
        yield f"{sentence(str(check.description))} ({column}: {code(str(check.name))})"
    ahead = [code(contract.source_name(name)) for name in sorted(contract.may_lie_ahead) if name in contract.readings]
    but = f", but that {listed(ahead)} may" if ahead else ""
    yield f"No date lies before 1900, nor more than a month after the quarter{but}."
    yield "No text holds a control character, and no reference a tab or an end of line."


def mending(contract: Contract) -> str:
    """Every reason for which a row of this feed may be quarantined, and how its provider mends it."""
    rows = [
        (code(reason), sentence(MENDING[reason].what), MENDING[reason].how, where)
        for reason, where in _reasons(contract).items()
    ]
    return table(("reason", "what is wrong", "how to mend it", "in"), rows)


def remarks(contract: Contract) -> str:
    """What is noticed in rows that are taken."""
    found: dict[Remark, list[str]] = {}
    for name, reading in contract.readings.items():
        if reading.lenient:
            found.setdefault(Remark.UNREADABLE, []).append(name)
        if reading.lenient and isinstance(reading.dtype, pl.String):
            found.setdefault(Remark.LOST_PRECISION, []).append(name)
        if reading.usual_form is not None:
            found.setdefault(Remark.UNUSUAL_FORM, []).append(name)
    if contract.place is not None and not contract.place.must_be_near:
        found[Remark.UNKNOWN_AREA] = [contract.place.given]
    rows = [
        (code(remark), sentence(REMARKED[remark].what), REMARKED[remark].how, _named(contract, names))
        for remark, names in found.items()
    ]
    return table(("remark", "what was noticed", "how to mend it", "in"), rows) if rows else ""


def _reasons(contract: Contract) -> dict[Reason, str]:
    """The reasons that can befall this feed's rows, in their order, each with the columns."""
    found: dict[Reason, list[str]] = {reason: [] for reason in Reason}
    for reason, name in _of_columns(contract):
        if name not in found[reason]:
            found[reason].append(name)
    return {reason: _named(contract, names) for reason, names in found.items() if names}


def _of_columns(contract: Contract) -> Iterator[tuple[Reason, str]]:
    for name, reading in contract.readings.items():
        column = contract.schema.columns[name]
        if not column.nullable and reading.blank is None:
            yield Reason.MISSING, name
        if reading.fallible and not reading.lenient:
            yield reading.reason, name
        if isinstance(reading.dtype, pl.Date | pl.Datetime) and not reading.lenient:
            yield Reason.OUT_OF_RANGE, name
        for check in column.checks:
            if check.name == "str_matches":
                yield Reason.WRONG_FORM, name
            elif check.name != "isin":
                yield Reason.OUT_OF_RANGE, name
        if name in contract.row_key and isinstance(reading.dtype, pl.String):
            yield Reason.WRONG_FORM, name
    for check in contract.schema.checks:
        yield Reason(check.name), str(check.title)
    yield from _of_deliveries(contract)


def _of_deliveries(contract: Contract) -> Iterator[tuple[Reason, str]]:
    yield from ((Reason.REPEATED, name) for name in contract.row_key)
    yield from ((Reason.UNKNOWN_REFERENCE, name) for name in contract.refers_to)
    if contract.period_column:
        yield Reason.OUTSIDE_PERIOD, contract.period_column
    if contract.telling:
        yield Reason.NO_IDENTIFIERS, ANY_IDENTIFIER
    if contract.place is not None and contract.place.must_be_near:
        yield Reason.OUTSIDE_AREA, contract.place.given
    if contract.blocked_by:
        yield Reason.LIMITED_ACCESS, contract.blocked_by


def _named(contract: Contract, names: list[str]) -> str:
    return ", ".join("any" if name == ANY_IDENTIFIER else code(contract.source_name(name)) for name in names)
