"""Adding to the log: with the act or not at all, in one order, cheaply."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import Engine, select, update

from audit.checkpoint import Verifier
from audit.errors import EntryRefused, LogDamaged
from audit.events import Entry
from audit.log import append, checkpoint, size
from audit.merkle import Frontier, leaf_hash
from audit.models import BUNDLE, CHECKPOINT, HEAD
from audit.verify import verify
from keys.signing import RingSigner

Make = Callable[[int], Entry]


class RolledBackError(Exception):
    pass


def _append_and_fail(engine: Engine, entry: Entry) -> None:
    with engine.begin() as connection:
        append(connection, entry)
        raise RolledBackError


def test_entries_get_the_next_indices(engine: Engine, entry: Make) -> None:
    with engine.begin() as connection:
        assert append(connection) == range(0)
        assert append(connection, entry(0)) == range(1)
        assert append(connection, entry(1), entry(2)) == range(1, 3)
        assert size(connection) == 3


def test_an_entry_stays_only_if_its_act_does(engine: Engine, entry: Make) -> None:
    with pytest.raises(RolledBackError):
        _append_and_fail(engine, entry(0))
    with engine.begin() as connection:
        assert size(connection) == 0
        assert append(connection, entry(1)) == range(1)
        assert verify(connection).verified


def test_writers_at_once_wait_for_each_other(engine: Engine, entry: Make) -> None:
    def write(number: int) -> list[int]:
        with engine.begin() as connection:
            return list(append(connection, entry(number), entry(number + 1)))

    with ThreadPoolExecutor(4) as pool:
        indices = sorted(index for part in pool.map(write, range(12)) for index in part)
    assert indices == list(range(24))
    with engine.connect() as connection:
        assert verify(connection).problems == ()


def test_what_entries_are_found_by_is_what_they_say(engine: Engine, entry: Make) -> None:
    with engine.begin() as connection:
        append(connection, entry(1), entry(0), replace(entry(3), purpose="strategy, evaluation"))
        row = connection.execute(select(BUNDLE)).one()
    assert (row.first, row.size, row.earliest_at, row.latest_at) == (0, 3, entry(0).at, entry(3).at)
    assert row.terms == sorted(row.terms)
    assert {"feed=council.marac", "authority=police", "period=2026-Q3", "delivery=delivery-1"} < set(row.terms)
    assert {"purpose=strategy", "purpose=evaluation", "purpose=needs-assessment"} < set(row.terms)
    assert [term for term in row.terms if "worker-1" in term] == [
        "actor=service:worker-1",
        f"did={entry(1).action} service:worker-1",
    ]


def test_no_bundle_reaches_over_the_end_of_a_tile(engine: Engine, entry: Make) -> None:
    with engine.begin() as connection:
        for batch in (200, 600, 1, 300):
            append(connection, *(entry(number) for number in range(batch)))
        rows = connection.execute(select(BUNDLE.c.first, BUNDLE.c.size).order_by(BUNDLE.c.first)).all()
        assert verify(connection).problems == ()
    bundles = [(0, 200), (200, 56), (256, 256), (512, 256), (768, 32), (800, 1), (801, 223), (1024, 77)]
    assert [tuple(row) for row in rows] == bundles


def test_an_entry_that_is_too_long_for_a_reader_is_not_taken(engine: Engine, entry: Make) -> None:
    columns = tuple(f"column_{number}" for number in range(20_000))
    with engine.begin() as connection, pytest.raises(EntryRefused, match="the log entry's length"):
        append(connection, replace(entry(0), columns=columns))


def test_a_checkpoint_states_size_and_root(engine: Engine, entry: Make, signer: RingSigner) -> None:
    entries = [entry(number) for number in range(5)]
    with engine.begin() as connection:
        append(connection, *entries)
        made = checkpoint(connection, signer)
    assert (made.origin, made.size) == (signer.name, 5)
    assert made.root == Frontier().add(leaf_hash(one.canonical()) for one in entries).root
    assert Verifier.of(signer).signed(made.note)


def test_nothing_new_needs_no_new_checkpoint_but_a_new_key_does(
    engine: Engine, entry: Make, signer: RingSigner, other_signer: RingSigner
) -> None:
    with engine.begin() as connection:
        append(connection, entry(0))
        assert checkpoint(connection, signer) == checkpoint(connection, signer)
        checkpoint(connection, other_signer)
        assert connection.execute(select(CHECKPOINT.c.number)).scalars().all() == [1, 2]
        assert verify(connection, Verifier.of(signer), Verifier.of(other_signer)).verified


def test_nothing_is_added_to_a_damaged_head(engine: Engine, entry: Make) -> None:
    with engine.begin() as connection:
        append(connection, entry(0), entry(1), entry(2))
        connection.execute(update(HEAD).values(frontier=b""))
        with pytest.raises(LogDamaged):
            append(connection, entry(3))


def test_a_batch_is_written_fast(engine: Engine, entry: Make) -> None:
    entries = [entry(number) for number in range(5_000)]
    started = time.perf_counter()
    with engine.begin() as connection:
        append(connection, *entries)
    seconds = time.perf_counter() - started
    print(f"{len(entries) / seconds:,.0f} entries/s")
    assert seconds < 10
