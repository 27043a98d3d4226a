"""The token step where ``engine`` says: in this process, or on the workers of Spark, with the same bytes.

1. Few rows stay here: the way to the workers takes longer than the work. A session starts with the first batch that is
   worth it, and ends with the block.
2. No key travels. Workers open their own, and make of a fixed text what this side's keys make of it, or they refuse:
   tokens under another home's keys would match nothing and look as good.
3. What fails on a worker is told by its kind alone: its log and ours would print what a library says of a value.
   So is what fails on the way there and back.
4. Rows that were encoded at source go to the workers for the hub's stage. Those of another form are refused before
   they go: that is the delivery's fault, not the workers'.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

import polars as pl
import pyarrow as pa

from hub.errors import HubError
from hub.settings import Settings
from hub.spark import require_spark, session
from pseudonymise.batches import LINKAGE_FIELDS, HomeKeys, HubHomeKeys, StepKeys, TokenPlan, rekey, tokenise
from pseudonymise.errors import TokensNotMade
from pseudonymise.fields import LINKAGE_COLUMNS
from pseudonymise.linkage_columns import Steps, check_forms, hub_stage_columns, linkage_columns
from pseudonymise.permutation import BYTES
from pseudonymise.scheme_keys import HubKeys, SourceKeys
from pseudonymise.tokens import TOKEN_HEX
from schemas.contract import Identifier

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

WORTH_THE_WAY = 20_000  # rows (1)
_ROWS_A_PART = 32_768
_ROW = "row"
Work = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]
Keys_co = TypeVar("Keys_co", bound=StepKeys | HubKeys, covariant=True)


@contextmanager
def token_step(settings: Settings, fewest: int = WORTH_THE_WAY) -> Iterator[Steps]:
    """What makes tokens and encodings within the block; raises EngineMissing if Spark is asked for and missing."""
    if settings.engine == "local":
        yield Steps(linkage_columns, hub_stage_columns)
        return
    require_spark()
    with ExitStack() as ending:
        workers = _Workers(settings, fewest, ending)
        yield Steps(workers.both, workers.hub)


class _Workers:
    """Makes the tokens of many rows on the workers of a session."""

    def __init__(self, settings: Settings, fewest: int, ending: ExitStack) -> None:
        self._settings, self._fewest, self._ending = settings, fewest, ending
        self._running: SparkSession | None = None

    def both(
        self, frame: pl.DataFrame, identifiers: Mapping[str, Identifier], source: SourceKeys, hub: HubKeys | None
    ) -> pl.DataFrame:
        """As ``linkage_columns``; raises TokensNotMade."""
        if frame.height < self._fewest or not identifiers:
            return linkage_columns(frame, identifiers, source, hub)  # (1)
        own = HomeKeys(self._settings.home, both_stages=hub is not None)
        plan = TokenPlan(identifiers, (_ROW,), TheSameKeys(own, proof(StepKeys(source, hub))))
        return self._made(frame.select(*identifiers), partial(tokenise, plan=plan))

    def hub(self, delivered: pl.DataFrame, hub: HubKeys) -> pl.DataFrame:
        """As ``hub_stage_columns``; raises EncodedFormRefused and TokensNotMade."""
        held = [pl.col(name).cast(dtype) for name, dtype in LINKAGE_COLUMNS.items() if name in delivered.columns]
        if delivered.height < self._fewest or not held:
            return hub_stage_columns(delivered, hub)  # (1)
        check_forms(delivered)  # (4)
        keys = TheSameKeys(HubHomeKeys(self._settings.home), proof(hub))
        return self._made(delivered.select(held), partial(rekey, kept=_ROW, open_keys=keys))

    def _made(self, frame: pl.DataFrame, work: Work) -> pl.DataFrame:
        rows = frame.select(pl.int_range(pl.len(), dtype=pl.Int64).alias(_ROW), *frame.columns)
        try:
            made = self._worked(rows.to_arrow(compat_level=pl.CompatLevel.oldest()), work)
            return pl.DataFrame(pl.from_arrow(made.sort_by(_ROW).drop_columns(_ROW))).cast(pl.Schema(LINKAGE_COLUMNS))
        except HubError:
            raise
        except Exception as error:  # noqa: BLE001  # (3)
            raise TokensNotMade(
                "Rows are not tokenised",
                where=f"Spark ({self._settings.spark_master})",
                why=f"it did not finish ({type(error).__name__})",
                fix="Read the workers' log, see that each finds the home with its rings, and run it again",
            ) from None

    def _worked(self, given: pa.Table, work: Work) -> pa.Table:
        if self._running is None:
            self._running = self._ending.enter_context(session(self._settings))
        as_spark = import_module("pyspark.sql.pandas.types").from_arrow_schema
        parts = max(-(-given.num_rows // _ROWS_A_PART), self._running.sparkContext.defaultParallelism)
        sent = self._running.createDataFrame(given).repartition(parts)
        made: pa.Table = sent.mapInArrow(partial(_on_a_worker, work=work), as_spark(_MADE)).toArrow()
        return made


_MADE = pa.schema([pa.field(_ROW, pa.int64()), *LINKAGE_FIELDS])


def proof(keys: StepKeys | HubKeys) -> tuple[str | bytes | None, ...]:
    """What keys make of a text that is nobody's, or of a token and an encoding that are."""
    name = str(Identifier.SURNAME)
    if isinstance(keys, StepKeys):
        made = linkage_columns(pl.DataFrame({name: ["Proof"]}), {name: Identifier.SURNAME}, keys.source, keys.hub)
    else:
        encoded = {f"token_{name}": ["0" * TOKEN_HEX], f"encoding_{name}": [b"\x01" + bytes(BYTES - 1)]}
        made = hub_stage_columns(pl.DataFrame(encoded), keys)
    return made.row(0)


class OfHome(Protocol[Keys_co]):
    """Opens the keys of a home."""

    @property
    def home(self) -> Path:
        """Where they lie."""

    def __call__(self) -> Keys_co:
        """Open them; raises KeyNotHeld."""


@dataclass(frozen=True)
class TheSameKeys(Generic[Keys_co]):
    """A home's keys, where they are those of whoever sent the work (2)."""

    own: OfHome[Keys_co]
    proof: tuple[str | bytes | None, ...]

    def __call__(self) -> Keys_co:
        """Open them; raises KeyNotHeld, and TokensNotMade if they make another thing of the same text."""
        keys = self.own()
        if proof(keys) != self.proof:
            raise TokensNotMade(
                "Rows are not tokenised",
                where=f"the home {self.own.home} of a worker",
                why="its keys are not those of the hub that asks",
                fix="Give each worker the hub's own rings, as they are now",
            )
        return keys


def _on_a_worker(batches: Iterable[pa.RecordBatch], work: Work) -> Iterator[pa.RecordBatch]:
    try:
        yield from work(batches)
    except HubError:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it is, it may quote a value
        raise TokensNotMade(  # (3)
            "Rows are not tokenised",
            where="a worker of Spark",
            why=f"it failed with {type(error).__name__}",
            fix="Run it again; if it stays so, tokenise here (engine: local)",
        ) from None
