"""Which rows are at fault, told to whom must mend them: by reason and column, in the provider's own row numbers."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl

from schemas.formats import ROW_NUMBER
from schemas.quarantine import COLUMNS, REASONS
from schemas.reasons import Reason
from schemas.validation import PAGE

_ONE_DOCUMENT = 1


@dataclass(frozen=True)
class Span:
    """Rows that follow each other in one document of a delivery (numbered from 1), both ends included."""

    document: int
    first: int
    last: int

    def __str__(self) -> str:
        rows = f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"
        return rows if self.document == _ONE_DOCUMENT else f"{rows} of document {self.document}"


@dataclass(frozen=True)
class Finding:
    """One fault in one column (the source's name for it), and the rows that have it. Holds no value of any row."""

    reason: Reason
    column: str
    rows: int
    spans: tuple[Span, ...]


@dataclass
class Findings:
    """Quarantined rows, batch by batch, of which only numbers and reasons are kept: a few bytes for each run of rows.

    1. A row with two faults is found under both; one fault counts once a row.
    2. Rows that follow each other are one span, also where a batch ends between them.
    """

    _runs: list[pl.DataFrame] = field(default_factory=list)
    rows: int = 0

    def add(self, quarantined: pl.DataFrame) -> None:
        """See quarantined rows as ``schemas.quarantine`` gives them: reasons and columns, row_number, maybe page."""
        self.rows += quarantined.height
        page = pl.col(PAGE) if PAGE in quarantined.columns else pl.lit(_ONE_DOCUMENT)
        faults = quarantined.select(
            pl.col(REASONS).alias("reason"),
            pl.col(COLUMNS).alias("column"),
            page.cast(pl.Int64).alias("document"),
            pl.col(ROW_NUMBER).cast(pl.Int64).alias("first"),
        ).explode("reason", "column", empty_as_null=False)
        self._runs.append(_joined(faults.unique().with_columns(pl.col("first").alias("last"))))  # (1)

    def found(self) -> tuple[Finding, ...]:
        """What was found, most rows first; spans in order."""
        if not self._runs:
            return ()
        runs = _joined(pl.concat(self._runs))  # (2)
        kinds = runs.group_by("reason", "column", maintain_order=True).agg("document", "first", "last")
        found = [_finding(*kind) for kind in kinds.iter_rows()]
        return tuple(sorted(found, key=lambda one: (-one.rows, one.reason, one.column)))


def spans_of(rows: pl.Series) -> tuple[Span, ...]:
    """The numbers of rows of one document as spans, in order."""
    one = {"reason": pl.lit(""), "column": pl.lit(""), "document": pl.lit(_ONE_DOCUMENT)}
    runs = _joined(pl.DataFrame({"first": rows.unique()}).with_columns(pl.col("first").alias("last"), **one))
    return tuple(Span(_ONE_DOCUMENT, first, last) for first, last in runs.select("first", "last").iter_rows())


def _joined(runs: pl.DataFrame) -> pl.DataFrame:
    """Runs in order, those that touch each other made one: reason, column, document, first, last."""
    kind = ["reason", "column", "document"]
    begins = (pl.col("first") > pl.col("last").shift(1).over(kind) + 1).fill_null(value=True)
    ordered = runs.sort(*kind, "first").with_columns(begins.cum_sum().alias("run"))
    joined = ordered.group_by(*kind, "run", maintain_order=True).agg(pl.col("first").min(), pl.col("last").max())
    return joined.drop("run")


def _finding(
    reason: str, column: str, documents: Iterable[int], firsts: Iterable[int], lasts: Iterable[int]
) -> Finding:
    spans = tuple(Span(*run) for run in zip(documents, firsts, lasts, strict=True))
    return Finding(Reason(reason), column, sum(span.last - span.first + 1 for span in spans), spans)
