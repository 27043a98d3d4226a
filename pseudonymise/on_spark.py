"""The token step where ``engine`` says: in this process, or on the workers of Spark, with the same bytes.

1. Few rows stay here: the way to the workers takes longer than the work. A session starts with the first batch that is
   worth it, and ends with the block.
2. No key travels. Workers open their own, and make of a fixed text what this side's keys make of it, or they refuse:
   tokens under another home's keys would match nothing and look as good.
3. What fails on a worker is told by its kind alone: its log and ours would print what a library says of a value.
   So is what fails on the way there and back.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from hub.errors import HubError
from hub.settings import Settings
from hub.spark import require_spark, session
from pseudonymise.batches import HomeKeys, StepKeys, TokenPlan, tokenise
from pseudonymise.errors import TokensNotMade
from pseudonymise.fields import LINKAGE_COLUMNS
from pseudonymise.linkage_columns import TokenStep, linkage_columns
from pseudonymise.scheme_keys import HubKeys, SourceKeys
from schemas.contract import Identifier

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

WORTH_THE_WAY = 20_000  # rows (1)
_ROWS_A_PART = 32_768


@contextmanager
def token_step(settings: Settings, fewest: int = WORTH_THE_WAY) -> Iterator[TokenStep]:
    """What makes tokens and encodings within the block; raises EngineMissing if Spark is asked for and missing."""
    if settings.engine == "local":
        yield linkage_columns
        return
    require_spark()
    with ExitStack() as ending:
        yield _Workers(settings, fewest, ending)


class _Workers:
    """Makes the tokens of many rows on the workers of a session."""

    def __init__(self, settings: Settings, fewest: int, ending: ExitStack) -> None:
        self._settings, self._fewest, self._ending = settings, fewest, ending
        self._running: SparkSession | None = None

    def __call__(
        self, frame: pl.DataFrame, identifiers: Mapping[str, Identifier], source: SourceKeys, hub: HubKeys | None
    ) -> pl.DataFrame:
        """As ``linkage_columns``; raises TokensNotMade."""
        if frame.height < self._fewest or not identifiers:
            return linkage_columns(frame, identifiers, source, hub)  # (1)
        keys = TheSameKeys(self._settings.home, proof(StepKeys(source, hub)), both_stages=hub is not None)
        plan = TokenPlan(identifiers, ("row",), keys)
        rows = frame.select(pl.int_range(pl.len(), dtype=pl.Int64).alias("row"), *identifiers)
        given = rows.to_arrow(compat_level=pl.CompatLevel.oldest())
        try:
            made = self._made(given, plan).sort_by("row").drop_columns("row")
            return pl.DataFrame(pl.from_arrow(made)).cast(pl.Schema(LINKAGE_COLUMNS))
        except HubError:
            raise
        except Exception as error:  # noqa: BLE001  # (3)
            raise TokensNotMade(
                "Rows are not tokenised",
                where=f"Spark ({self._settings.spark_master})",
                why=f"it did not finish ({type(error).__name__})",
                fix="Read the workers' log, see that each finds the home with its rings, and run it again",
            ) from None

    def _made(self, given: pa.Table, plan: TokenPlan) -> pa.Table:
        if self._running is None:
            self._running = self._ending.enter_context(session(self._settings))
        as_spark = import_module("pyspark.sql.pandas.types").from_arrow_schema
        parts = max(-(-given.num_rows // _ROWS_A_PART), self._running.sparkContext.defaultParallelism)
        sent = self._running.createDataFrame(given).repartition(parts)
        made: pa.Table = sent.mapInArrow(
            partial(_on_a_worker, plan=plan), as_spark(plan.schema(given.schema))
        ).toArrow()
        return made


def proof(keys: StepKeys) -> tuple[str | bytes | None, ...]:
    """What keys make of a text that is nobody's."""
    name = str(Identifier.SURNAME)
    made = linkage_columns(pl.DataFrame({name: ["Proof"]}), {name: Identifier.SURNAME}, keys.source, keys.hub)
    return made.row(0)


@dataclass(frozen=True)
class TheSameKeys:
    """A home's keys, where they are those of whoever sent the plan (2)."""

    home: Path
    proof: tuple[str | bytes | None, ...]
    both_stages: bool = True

    def __call__(self) -> StepKeys:
        """Open them; raises KeyNotHeld, and TokensNotMade if they make another thing of the same text."""
        keys = HomeKeys(self.home, self.both_stages)()
        if proof(keys) != self.proof:
            raise TokensNotMade(
                "Rows are not tokenised",
                where=f"the home {self.home} of a worker",
                why="its keys are not those of the hub that asks",
                fix="Give each worker the hub's own rings, as they are now",
            )
        return keys


def _on_a_worker(batches: Iterable[pa.RecordBatch], plan: TokenPlan) -> Iterator[pa.RecordBatch]:
    try:
        yield from tokenise(batches, plan)
    except HubError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, it may quote a value
        raise TokensNotMade(  # (3)
            "Rows are not tokenised",
            where="a worker of Spark",
            why=f"it failed with {type(error).__name__}",
            fix="Run it again; if it stays so, tokenise here (engine: local)",
        ) from None
