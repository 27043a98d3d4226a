"""``python -m benchmarks.following [RECORDS] [NEW] [FOLDER]``: a delivery linked against a register.

1. Records of the partners' borough, tokenised, are linked; what that keeps, the model and the register in a PostgreSQL
   of its own lie in FOLDER, and serve the next run. Without a FOLDER all is made anew.
2. NEW more come as one delivery. Counted are the seconds from its records in memory to the register's rows written: it
   is compared with what it can touch, those persons are found anew, and the register is brought to them; then all is
   rolled back. Not counted are opening and sealing what is kept, which are told beside, and the pages of the report.
3. ``all RECORDS NEW``: then all are linked at once too, and the persons of both are compared, pair by pair.
4. ``whole RECORDS``: a full link and nothing else, so that the memory is its own: records read from a file, as the hub
   has them decrypted, trained on, linked, and made into the tables that are kept for the next link.
5. ``orders``: QUARTERS deliveries in ORDERS random orders. Whose records nothing touched must keep the id, and each
   order must end with the same persons.
"""

import hashlib
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from random import Random

import numpy as np
import polars as pl
from sqlalchemy import text

from benchmarks.borough import borough
from benchmarks.taking import Taking
from hub import postgres
from hub.database import engine, migrate, transaction
from hub.periods import Quarter
from hub.settings import PROJECT, Settings
from keys.key import Key
from linkage.assessed.traits import CODES
from linkage.clustered.deaths import DAYS, UNTOLD
from linkage.clustered.decided import NOTHING
from linkage.config import LinkageConfig, load_linkage
from linkage.kept.state import Kept, names_of
from linkage.kept.step import Arrived, Step, clusters, evidence, follow
from linkage.kept.tables import TABLES, part_of, put_together
from linkage.kept.whole import link_whole
from linkage.learned.model import Model, train
from linkage.registered.agreeing import agreement_of
from linkage.registered.ahead import Ahead
from linkage.registered.changes import Kind, changes
from linkage.registered.register import lock_register, newest_linked, update_register
from pseudonymise.linkage_columns import linkage_columns
from pseudonymise.scheme_keys import HubKeys, SourceKeys
from schemas.contract import Identifier

FIELDS = ("forename", "surname", "date_of_birth", "sex", "postcode", "uprn", "nhs_number", "pnc_id")
PER_PERSON = 1.5
BEFORE, NOW = Quarter(2026, 3), Quarter(2026, 4)
NO_ROWS = np.zeros(0, dtype=np.int64)


def records(count: int) -> pl.DataFrame:
    """About so many tokenised records in random order, with the person of each."""
    clear = borough(int(count / PER_PERSON), 31)
    fields = {name: Identifier(name) for name in FIELDS}
    keys = [Key(f"{name}/1", bytes([number]) * 32) for number, name in enumerate(("source", "hub", "event"))]
    own = clear.select(*FIELDS).with_columns(pl.col("date_of_birth").str.to_date())
    made = linkage_columns(own, fields, SourceKeys(keys[0]), HubKeys(*keys[1:]))
    ids = [f"{number * 2654435761 % 2**32:08x}{number:024x}" for number in range(clear.height)]
    return made.insert_column(0, pl.Series("record_id", ids))


def sourced(part: pl.DataFrame, source: int) -> pl.DataFrame:
    """A delivery's records as a link reads them."""
    traits = {name: pl.lit(0, pl.Int16) for name in CODES}
    days = {name: pl.lit(never, pl.Int32) for name, never in zip(DAYS, UNTOLD, strict=True)}
    return part.with_columns(source=pl.lit(source), feed=pl.lit(0), earlier=pl.lit(False), **traits, **days)


def register(kept: Kept) -> pl.DataFrame:
    """record_id and person_id of what lives."""
    rows = np.flatnonzero(kept.alive)
    person = pl.Series(kept.label[rows]).cast(pl.String)
    return pl.DataFrame({"record_id": names_of(kept.ids[rows]), "person_id": person})


@dataclass(frozen=True)
class Ground:
    """What a delivery comes to: a folder with the linked records, the model, the delivery and the register."""

    folder: Path
    config: LinkageConfig

    def lay(self, count: int, new: int) -> None:
        """Rule 1, unless it is there."""
        if (self.folder / "model.json").exists():
            return
        all_ = records(count)
        base = all_[:-new]
        with Taking("training"):
            model = train(base, self.config)
        with Taking("linking what was there"):
            kept = link_whole(sourced(base, 0), NOTHING, model, self.config).kept
        self.folder.mkdir(parents=True, exist_ok=True)
        for name, frame in part_of(kept, None, NO_ROWS).items():
            frame.write_parquet(self.folder / f"{name}.parquet")
        all_[-new:].write_parquet(self.folder / "last.parquet")
        (self.folder / "model.json").write_text(model.document, encoding="utf-8")

    @property
    def model(self) -> Model:
        """The model that what is kept was made by."""
        return Model((self.folder / "model.json").read_text(encoding="utf-8"))

    @property
    def last(self) -> pl.DataFrame:
        """The delivery."""
        return pl.read_parquet(self.folder / "last.parquet")

    def kept(self) -> Kept:
        """What the link before kept."""
        part = {name: pl.read_parquet(self.folder / f"{name}.parquet") for name in TABLES}
        return put_together([part], self.config.frequencies)

    @contextmanager
    def database(self, kept: Kept) -> Iterator[Settings]:
        """A PostgreSQL that has the register of what is kept."""
        settings = Settings(home=self.folder / "home", commit="0" * 40)
        try:
            migrate(settings)
            with transaction(settings) as connection:
                if newest_linked(connection) is None:
                    update_register(connection, register(kept).rename({"person_id": "cluster"}), BEFORE, _named)
            _tidy(settings)
            yield settings
        finally:
            postgres.stop(settings.home)


def _tidy(settings: Settings) -> None:
    """What the server does by itself once it has time: rows that a run before left and took back would slow this one.

    Then all is on disk, as it is when a quarter's delivery comes, and the first change of a page logs the whole of it.
    """
    with engine(settings).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM (ANALYZE) hub.membership, hub.person, hub.register_event"))
        connection.execute(text("CHECKPOINT"))


def _named(record: str) -> str:
    return hashlib.sha256(record.encode()).hexdigest()[:32]


class _Back(Exception):  # no error: the transaction is to be rolled back
    """So that the next run finds all as it was."""


def one_delivery(ground: Ground) -> Step:
    """Rule 2."""
    with Taking("opening what is kept"):
        kept = ground.kept()
    arrived = Arrived(sourced(ground.last, 1), np.array([0, 1]), NO_ROWS)
    print(f"{int(kept.alive.sum()):,} records, and {arrived.records.height:,} more", flush=True)
    model = ground.model
    with ground.database(kept) as settings, suppress(_Back), transaction(settings) as connection:
        lock_register(connection)
        with Taking("the delivery, register and all"):
            with Taking("  what it touches"), Ahead(connection) as ahead:
                step = follow(kept, arrived, model, ground.config, ahead.ask)
            with Taking("  the register's rows"):
                told = {"model_version": model.version, "withdrawn": [], "ahead": ahead}
                pairs = partial(evidence, step, ground.config)
                changed = update_register(connection, clusters(step), NOW, _named, pairs=pairs, **told)
        raise _Back
    print(f"  {step.compared:,} pairs compared, {len(step.touched):,} records touched, {changed}")
    with Taking("what changed, to be sealed"):
        part_of(step.kept, kept, step.lost)
    return step


def beside_all(ground: Ground, count: int, step: Step) -> None:
    """Rule 3."""
    all_, frequent = records(count), ground.kept().frequent
    with Taking("all at once"):
        again = link_whole(sourced(all_, 0), NOTHING, ground.model, ground.config, frequent).kept
    found = agreement_of(register(step.kept), register(again))
    differ = len(found.differing)
    print(f"agreement with all at once: {found.share:.6f} of {found.pairs:,} pairs; {differ} persons differ")


def whole_link(count: int, config: LinkageConfig) -> None:
    """Rule 4; the records are made by a process of their own."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "records.parquet"
        made = get_context("spawn").Process(target=_write, args=(count, file))
        made.start()
        made.join()
        all_ = pl.read_parquet(file)
    print(f"{all_.height:,} records, {all_.estimated_size('mb'):,.0f} MB of them", flush=True)
    with Taking("training"):
        model = train(all_, config)
    with Taking("all at once"):
        whole = link_whole(all_, NOTHING, model, config)
    with Taking("what is kept, as tables"):
        part_of(whole.kept, None, NO_ROWS)
    print(f"  {whole.compared:,} pairs compared, {len(whole.kept.pairs.left):,} kept")


def _write(count: int, file: Path) -> None:
    sourced(records(count), 0).write_parquet(file)


def orders(count: int, quarters: int, tries: int, config: LinkageConfig) -> None:
    """Rule 5."""
    all_ = records(count)
    model = train(all_, config)
    whole = link_whole(sourced(all_, 0), NOTHING, model, config).kept
    parts = all_.with_columns(part=pl.int_range(pl.len()) % quarters).partition_by("part", include_key=False)
    print(f"{all_.height:,} records in {quarters} deliveries, {tries} orders", flush=True)
    for number in range(tries):
        Random(number).shuffle(parts)
        kept, same, other = link_whole(sourced(parts[0], 0), NOTHING, model, config, whole.frequent).kept, 0, 0
        book = Book.empty().brought_to(kept)
        for at, part in enumerate(parts[1:], 1):
            kept = follow(kept, Arrived(sourced(part, at), np.arange(at + 1), NO_ROWS), model, config).kept
            after = book.brought_to(kept)
            counts = untouched(book.members, after.members)
            book, same, other = after, same + counts[0], other + counts[1]
        found = agreement_of(register(kept), register(whole))
        print(
            f"order {number}: an untouched person kept the id {same:,} times, and {other} times not; "
            f"agreement with all at once {found.share:.6f}",
            flush=True,
        )


@dataclass(frozen=True)
class Book:
    """A register: ``members`` record_id, person_id; ``persons`` person_id, founded_in, ended_in."""

    members: pl.DataFrame
    persons: pl.DataFrame

    @classmethod
    def empty(cls) -> "Book":
        """Before the first link."""
        members = pl.DataFrame(schema=dict.fromkeys(("record_id", "person_id"), pl.String))
        return cls(members, pl.DataFrame(schema=dict.fromkeys(("person_id", "founded_in", "ended_in"), pl.String)))

    def brought_to(self, kept: Kept) -> "Book":
        """After a link, by the rules of linkage.registered.changes."""
        clusters = register(kept).rename({"person_id": "cluster"})
        done = changes(self.members, self.persons, clusters, lambda seed: f"p{seed}")
        founded = done.of(Kind.FOUNDED).select(
            "person_id", founded_in=pl.lit("2026-Q3"), ended_in=pl.lit(None, pl.String)
        )
        gone = pl.concat([done.of(Kind.ENDED)["person_id"], done.of(Kind.MERGED)["other_id"]]).implode()
        ended = pl.when(pl.col("person_id").is_in(gone)).then(pl.lit("2026-Q3")).otherwise("ended_in")
        persons = pl.concat([self.persons, founded]).with_columns(ended_in=ended)
        return Book(self.members.update(done.membership, on="record_id", how="full"), persons)


def untouched(before: pl.DataFrame, after: pl.DataFrame) -> tuple[int, int]:
    """Of persons whose records are the very same before and after, how many kept the id, and how many did not."""
    sizes = [it.with_columns(size=pl.len().over("person_id")) for it in (before, after)]
    both = sizes[0].join(sizes[1], on="record_id", suffix="_now")
    cells = both.group_by("person_id", "person_id_now", "size", "size_now").len("cell")
    same = cells.filter((pl.col("cell") == pl.col("size")) & (pl.col("cell") == pl.col("size_now")))
    kept = same.filter(pl.col("person_id") == pl.col("person_id_now")).height
    return kept, same.height - kept


def main() -> None:
    """One delivery, ``all``, ``whole``, or ``orders``."""
    config = load_linkage(PROJECT / "config")
    if sys.argv[1:2] == ["whole"]:
        whole_link(int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000, config)
        return
    if sys.argv[1:2] == ["orders"]:
        count, quarters, tries = (int(word) for word in (*sys.argv[2:], *("20000", "20", "10")[len(sys.argv) - 2 :]))
        orders(count, quarters, tries, config)
        return
    beside = sys.argv[1:2] == ["all"]
    words = sys.argv[2 if beside else 1 :]
    count, new = (int(word) for word in (*words[:2], *("1000000", "10000")[len(words[:2]) :]))
    with tempfile.TemporaryDirectory() as folder:
        ground = Ground(Path(words[2] if len(words) > 2 else folder), config)
        ground.lay(count, new)
        step = one_delivery(ground)
        if beside:
            beside_all(ground, count, step)


if __name__ == "__main__":
    main()
