"""What a feed's rows must look like, and what each column is, apart from what may flow.

The contract says what a column *is*; the agreement says what may be *done* with it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

import pandera.polars as pa
import polars as pl

from schemas.areas import Place
from schemas.readings import Reading
from schemas.reasons import Reason


class Identifier(StrEnum):
    """The fields of token scheme 1: what an identifying column holds."""

    NHS_NUMBER = "nhs_number"
    PNC_ID = "pnc_id"
    CRN = "crn"
    UPN = "upn"
    FORENAME = "forename"
    SURNAME = "surname"
    DATE_OF_BIRTH = "date_of_birth"
    SEX = "sex"
    POSTCODE = "postcode"
    UPRN = "uprn"


# A sex, a postcode or an address alone does not say whom a row is about.
TELLING = frozenset(Identifier) - {Identifier.SEX, Identifier.POSTCODE, Identifier.UPRN}


@dataclass(frozen=True)
class Stated:
    """How a derived column is made; pandera copies what it is told of a column, which an expression does not allow."""

    value: pl.Expr | None

    def __deepcopy__(self, _memo: object) -> "Stated":
        return self


@dataclass(frozen=True)
class Rule:
    """What must not be false of a row, and the column (our name) and reason that are told where it is."""

    column: str
    reason: Reason
    condition: pl.Expr


@dataclass(frozen=True)
class Contract:
    """One feed's contract.

    ``model`` describes and checks every column (see ``schemas.columns``); all else here follows
    from it or is said once for the feed. ``event_key`` and ``record_key`` name the columns that
    are the source's own reference for an event and for a person's record; a feed without persons
    has no ``record_key``. ``rows_at`` is the JSON field or the XML element that holds the rows.
    """

    feed: str
    model: type[pa.DataFrameModel]
    event_type: str
    event_key: tuple[str, ...]
    record_key: tuple[str, ...] = ()
    role: str | None = None  # the constant role; None: the column ``role`` says it
    rows_at: str | None = None
    period_column: str | None = None  # the date by which a row belongs to a quarter; None: a snapshot
    place: Place | None = None  # how ``lsoa_code`` and ``ward_code`` are found
    refers_to: Mapping[str, str] = field(default_factory=dict)  # a column, and the one that has its value in some row
    blocked_by: str | None = None  # a true value bars the row (limited access)
    ignored: frozenset[str] = frozenset()  # the source's columns that are dropped unread
    several: frozenset[str] = frozenset()  # elements (XML) that a row may have several times: joined by spaces
    beside: frozenset[str] = frozenset()  # elements (XML) before the rows, in the same parent, that each row has too

    @property
    def personal(self) -> bool:
        """Whether the feed's rows are about persons."""
        return bool(self.record_key)

    @cached_property
    def schema(self) -> Any:
        """The pandera schema of the model."""
        return self.model.to_schema()

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Our names of all columns, in order."""
        return tuple(self.schema.columns)

    @cached_property
    def source_names(self) -> Mapping[str, str]:
        """The authority's name of each column it sends (nested: the path, joined by dots) to ours."""
        return {about["source"]: name for name, about in self._about.items() if "source" in about}

    @cached_property
    def readings(self) -> Mapping[str, Reading]:
        """How each column that the authority sends is read, by our name."""
        return {name: about["reading"] for name, about in self._about.items() if "reading" in about}

    @cached_property
    def optional(self) -> frozenset[str]:
        """The source's names of columns that a delivery may lack."""
        return frozenset(about["source"] for about in self._about.values() if about.get("may_be_missing"))

    @cached_property
    def formerly(self) -> Mapping[str, str]:
        """Names that the authority gave a column before, each with the source's name of today."""
        return {old: about["source"] for about in self._about.values() for old in about.get("formerly", ())}

    def source_name(self, name: str) -> str:
        """The authority's name of one of our columns; a name that is not one of them stays as it is."""
        return str(self._about.get(name, {}).get("source", name))

    @cached_property
    def derived(self) -> Mapping[str, pl.Expr]:
        """Columns made from others, in order, and how."""
        stated = {name: about["value"].value for name, about in self._about.items() if "value" in about}
        return {name: value for name, value in stated.items() if value is not None}

    @cached_property
    def may_lie_ahead(self) -> frozenset[str]:
        """Our names of dates that may lie in the future."""
        return frozenset(name for name, about in self._about.items() if about.get("may_lie_ahead"))

    @cached_property
    def publishable(self) -> tuple[str, ...]:
        """Our names of attributes: all columns but identifiers, references and what is private."""
        return tuple(
            name
            for name, about in self._about.items()
            if not (about.get("identifier") or about.get("private") or name in self.row_key)
        )

    @cached_property
    def telling(self) -> tuple[str, ...]:
        """Our names of the columns of which a row must have at least one."""
        return tuple(name for name, identifier in self.identifiers.items() if identifier in TELLING)

    @cached_property
    def identifiers(self) -> Mapping[str, Identifier]:
        """Our names of the identifying columns, and what each holds."""
        return {name: about["identifier"] for name, about in self._about.items() if about.get("identifier")}

    @cached_property
    def person_columns(self) -> tuple[str, ...]:
        """Columns about the person, in order."""
        return tuple(name for name, about in self._about.items() if about["person"])

    @cached_property
    def event_columns(self) -> tuple[str, ...]:
        """Columns about the event, in order."""
        return tuple(name for name, about in self._about.items() if not about["person"])

    @cached_property
    def row_key(self) -> tuple[str, ...]:
        """What makes a row one of its kind within a delivery."""
        return tuple(dict.fromkeys((*self.event_key, *self.record_key)))

    @cached_property
    def rules(self) -> tuple[Rule, ...]:
        """The rules across columns of one row, in order."""
        return tuple(
            Rule(check.title, Reason(check.name), check.statistics["condition"]()) for check in self.schema.checks
        )

    @cached_property
    def rules_by_column(self) -> Mapping[str | None, tuple[tuple[int, Rule], ...]]:
        """Each rule with its place among all: under the column that it asks of and tells of alone, else under None."""
        found: dict[str | None, tuple[tuple[int, Rule], ...]] = {None: ()}
        for place, rule in enumerate(self.rules):
            alone = set(rule.condition.meta.root_names()) == {rule.column} and rule.column in self.readings
            column = rule.column if alone else None
            found[column] = (*found.get(column, ()), (place, rule))
        return found

    @cached_property
    def _about(self) -> Mapping[str, Mapping[str, Any]]:
        return {name: column.metadata for name, column in self.schema.columns.items()}
