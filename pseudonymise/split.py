"""Split valid rows into what happened, who took part, and what records are linked by; identifiers end here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from agreement.model import How, Treat, Treatment
from pseudonymise.errors import ColumnNotCovered
from pseudonymise.fields import RECORD_COLUMNS
from pseudonymise.linkage_columns import TokenStep, linkage_columns
from pseudonymise.normalise import date_of_birth, postcode
from pseudonymise.ordered import last_by
from pseudonymise.references import both_stages, references, seal
from pseudonymise.scheme_keys import SchemeKeys
from schemas.contract import Contract, Identifier
from schemas.crossing import LAST_OF_EVENT, LAST_OF_RECORD

Treatments = Mapping[str, Treatment]
LAST = (LAST_OF_EVENT, LAST_OF_RECORD)


@dataclass(frozen=True)
class Split:
    """Three tables, each without doubles and in order of its ids.

    events: event_id, feed, event_type, published event columns. involvements: event_id, record_id, feed, role,
    published person columns. records: record_id, feed, authority, tokens, encodings, reference_sealed.
    A feed without persons has no rows in the last two.
    """

    events: pl.DataFrame
    involvements: pl.DataFrame
    records: pl.DataFrame


def split(
    frame: pl.DataFrame,
    contract: Contract,
    treatments: Treatments,
    keys: SchemeKeys,
    tokens: TokenStep = linkage_columns,
) -> Split:
    """Split a valid typed frame of a feed that is pseudonymised here, by both stages of scheme 1.

    ``tokens`` makes tokens and encodings, here or elsewhere (``pseudonymise.on_spark``).

    A frame that is one part of a delivery says of each row whether it is the last of its event and of its record
    (``schemas.crossing``): the others tell nothing of them, so that no part has what another has.
    Only kept and generalised columns come out. Raises ColumnNotCovered (see ``check_covered``) and ReferenceMissing.
    """
    check_covered(frame.drop(LAST, strict=False), contract, treatments, frozenset(contract.identifiers))
    event_ids = both_stages(references(frame, contract.event_key, contract.feed), contract.feed, "event", keys)
    with_ids = frame.with_columns(event_ids.alias("event_id"))
    if not contract.personal:
        return assemble(with_ids, contract, treatments, no_records())
    found = references(frame, contract.record_key, contract.feed)
    with_ids = with_ids.with_columns(
        both_stages(found, contract.feed, "record", keys).alias("record_id"), found.alias("_reference")
    )
    tokenised = {
        name: kind
        for name, kind in contract.identifiers.items()
        if name in frame.columns and treatments[name].treat is Treat.TOKENISE
    }
    marks = [LAST_OF_RECORD] if LAST_OF_RECORD in frame.columns else []
    latest = last_records(with_ids.select("record_id", "_reference", *tokenised, *marks))
    records = record_table(
        latest["record_id"],
        contract,
        tokens(latest, tokenised, keys.source, keys.hub),
        seal(latest["_reference"], contract.feed, keys.seal(contract.feed)),
    )
    return assemble(with_ids, contract, treatments, records)


def check_covered(frame: pl.DataFrame, contract: Contract, treatments: Treatments, tokenised: frozenset[str]) -> None:
    """Refuse treatments that leave a column open or an identifier readable; raises ColumnNotCovered.

    1. Every column has a treatment.
    2. What is or stands for an identifier is tokenised or dropped; only sex may be published as it is.
    3. Nothing else is tokenised.
    4. The columns of the source's references are treated as references.
    5. Only the contract's attributes are kept: no reference, and nothing that may tell who somebody is.
    """
    for name in frame.columns:
        if name not in treatments:  # (1)
            raise _not_covered(contract, name, "the agreement says nothing of it")
        treatment = treatments[name]
        if name in tokenised:  # (2)
            readable = How.AS_IS in treatment.generalise.values() and contract.identifiers.get(name) != Identifier.SEX
            if treatment.treat not in (Treat.TOKENISE, Treat.DROP) or readable:
                raise _not_covered(contract, name, "it identifies a person and would stay readable")
        elif treatment.treat is Treat.TOKENISE:  # (3)
            raise _not_covered(contract, name, "it is to be tokenised, but scheme 1 has no such field")
        if name in contract.row_key and treatment.treat is not Treat.REFERENCE:  # (4)
            raise _not_covered(contract, name, "it is the source's reference but not treated as one")
        if treatment.treat is Treat.KEEP and name not in contract.publishable:  # (5)
            raise _not_covered(contract, name, "it may tell who somebody is, so it may not be kept")


def _not_covered(contract: Contract, column: str, why: str) -> ColumnNotCovered:
    return ColumnNotCovered(
        "The rows are not split",
        where=f"feed {contract.feed}, column {column}",
        why=why,
        fix="Correct the agreement's fields",
    )


def assemble(with_ids: pl.DataFrame, contract: Contract, treatments: Treatments, records: pl.DataFrame) -> Split:
    """The three tables, from rows that have ``event_id`` and, for persons, ``record_id``."""
    feed = pl.lit(contract.feed).alias("feed")
    about_event = [name for name in contract.event_columns if name in with_ids.columns]
    last_rows = with_ids.filter(pl.col(LAST_OF_EVENT)) if LAST_OF_EVENT in with_ids.columns else with_ids
    kind = pl.lit(contract.event_type).alias("event_type")
    events = last_by(
        last_rows.select("event_id", feed, kind, *_published(about_event, contract, treatments)), "event_id"
    )
    if not contract.personal:
        return Split(events, _no_involvements(), records)
    about_person = [name for name in contract.person_columns if name in with_ids.columns and name != "role"]
    role = pl.col("role") if contract.role is None else pl.lit(contract.role).alias("role")
    published = _published(about_person, contract, treatments)
    part = with_ids.select("event_id", "record_id", feed, role, *published)
    involvements = last_by(part, "event_id", "record_id", "role")
    return Split(events, involvements, records)


def _published(names: list[str], contract: Contract, treatments: Treatments) -> list[pl.Expr]:
    made = [pl.col(name) for name in names if treatments[name].treat is Treat.KEEP]
    for name in names:
        forms = _GENERALISED_IDENTIFIER if name in contract.identifiers else _GENERALISED
        made += [forms[how](pl.col(name)).alias(new) for new, how in treatments[name].generalise.items()]
    return made


def _outward(column: pl.Expr) -> pl.Expr:
    canonical = column.map_batches(postcode, return_dtype=pl.String)
    return canonical.str.head(-4)


def _birth_year(column: pl.Expr) -> pl.Expr:
    canonical = column.map_batches(date_of_birth, return_dtype=pl.String)
    return canonical.str.slice(0, 4).cast(pl.Int64)


_Form = Callable[[pl.Expr], pl.Expr]
_GENERALISED: Mapping[How, _Form] = {
    How.YEAR: lambda column: column.dt.year().cast(pl.Int64),
    How.OUTWARD_POSTCODE: _outward,
    How.AS_IS: lambda column: column,
}
_GENERALISED_IDENTIFIER: Mapping[How, _Form] = {**_GENERALISED, How.YEAR: _birth_year}


def record_table(record_ids: pl.Series, contract: Contract, linkage: pl.DataFrame, sealed: pl.Series) -> pl.DataFrame:
    """The records table, from its parts in the same order."""
    authority = contract.feed.partition(".")[0]
    constants = [pl.lit(contract.feed).alias("feed"), pl.lit(authority).alias("authority")]
    table = (
        record_ids.alias("record_id").to_frame().with_columns(*constants, *linkage, sealed.alias("reference_sealed"))
    )
    return table.select(list(RECORD_COLUMNS))


def last_records(with_ids: pl.DataFrame) -> pl.DataFrame:
    """The last row of each record, in order of ``record_id``."""
    last_rows = with_ids.filter(pl.col(LAST_OF_RECORD)) if LAST_OF_RECORD in with_ids.columns else with_ids
    return last_by(last_rows, "record_id")


def no_records() -> pl.DataFrame:
    """A records table without rows."""
    return pl.DataFrame(schema=RECORD_COLUMNS)


def _no_involvements() -> pl.DataFrame:
    return pl.DataFrame(schema=dict.fromkeys(("event_id", "record_id", "feed", "role"), pl.String()))
