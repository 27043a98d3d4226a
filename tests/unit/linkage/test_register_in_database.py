"""The register in PostgreSQL: kept, unchanged by a rerun, with its evidence."""

import time

import polars as pl
import pytest
from sqlalchemy import Connection, text

from hub.database import transaction
from hub.periods import Quarter
from hub.settings import Settings
from linkage.errors import LinkageRefused
from linkage.registered.ahead import Ahead
from linkage.registered.register import read_history, read_register, update_register

FIRST, SECOND = Quarter(2026, 3), Quarter(2026, 4)
SCHEMA = {"record_id": pl.String, "cluster": pl.Int64}


def person(record: str) -> str:
    return record.upper()


def clusters(*groups: str) -> pl.DataFrame:
    rows = [(record, number) for number, group in enumerate(groups) for record in group]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def living(connection: Connection) -> int:
    return int(connection.execute(text("SELECT count(*) FROM hub.person WHERE ended_in IS NULL")).scalar_one())


def fail_after(settings: Settings, found: pl.DataFrame) -> None:
    with transaction(settings) as connection:
        update_register(connection, found, SECOND, person)
        raise LinkageRefused("It stops", where="a test", why="so that nothing is kept", fix="Nothing")


def test_records_keep_their_person_and_period_over_a_rerun(settings: Settings) -> None:
    with transaction(settings) as connection:
        update_register(connection, clusters("ab", "c"), FIRST, person)
    with transaction(settings) as connection:
        again = update_register(connection, clusters("ab", "c"), SECOND, person)
        register = read_register(connection)
        events = connection.execute(text("SELECT count(*) FROM hub.register_event")).scalar()
        persons = living(connection)
    assert register.rows() == [("a", "A", "2026-Q3"), ("b", "A", "2026-Q3"), ("c", "C", "2026-Q3")]
    assert (persons, sum(again.values()), events) == (2, 0, 3)


def test_an_update_that_fails_leaves_the_register_as_it_was(settings: Settings) -> None:
    with transaction(settings) as connection:
        update_register(connection, clusters("ab"), FIRST, person)
    with pytest.raises(LinkageRefused):
        fail_after(settings, clusters("a", "b"))
    with transaction(settings) as connection:
        assert read_register(connection)["person_id"].to_list() == ["A", "A"]


def test_a_merge_and_a_split_are_successions_with_their_evidence(settings: Settings) -> None:
    pairs = pl.DataFrame(
        {"record_id_l": ["a", "b"], "record_id_r": ["c", "c"], "match_weight": [9.5, 4.0], "levels": ["0-", "1-"]}
    )
    with transaction(settings) as connection:
        update_register(connection, clusters("ab", "c"), FIRST, person)
        update_register(connection, clusters("abc"), SECOND, person, pairs=lambda: pairs, model_version="f" * 64)
        merged = living(connection)
        update_register(connection, clusters("ab", "c"), SECOND, person, pairs=lambda: pairs, model_version="f" * 64)
        split = living(connection)
        history = read_history(connection)
        evidence = connection.execute(
            text(
                "SELECT kind, record_id, evidence_record_id, bits, levels, model_version = repeat('f', 64) "
                "FROM hub.register_event WHERE bits IS NOT NULL ORDER BY number"
            )
        ).all()
        ended = connection.execute(text("SELECT person_id FROM hub.person WHERE ended_in IS NOT NULL")).all()
    assert history.rows() == [("merged", "2026-Q4", "A", "C"), ("split", "2026-Q4", "A", "C")]
    strongest = ("c", "a", 9.5, "0-", True)
    assert evidence == [("merged", *strongest), ("moved", *strongest), ("split", *strongest)]
    assert (merged, split, ended) == (1, 2, [])


def test_a_withdrawn_record_leaves_and_its_person_ends(settings: Settings) -> None:
    with transaction(settings) as connection:
        update_register(connection, clusters("ab", "c"), FIRST, person)
        change = update_register(connection, clusters("ab"), SECOND, person)
        ended = connection.execute(text("SELECT person_id, ended_in FROM hub.person WHERE ended_in IS NOT NULL")).all()
        persons = living(connection)
        assert read_register(connection)["record_id"].to_list() == ["a", "b"]
    assert ended == [("C", "2026-Q4")]
    assert (persons, change["withdrawn"], change["ended"]) == (1, 1, 1)


@pytest.mark.parametrize("withdrawn", [None, []], ids=["all records", "touched records"])
def test_a_record_that_leaves_twice_is_known_by_a_name_that_nobody_has(
    settings: Settings, withdrawn: list[str] | None
) -> None:
    told = []
    with transaction(settings) as connection:
        for groups in (("abc", "de"), ("a", "bc", "de"), ("ade", "bc"), ("a", "bc", "de")):
            found = update_register(connection, clusters(*groups), FIRST, person, withdrawn=withdrawn)
            told.append({kind: count for kind, count in found.items() if count})
        register = dict(read_register(connection).select("record_id", "person_id").iter_rows())
    assert register == {"a": "A#2", "b": "A", "c": "A", "d": "D", "e": "D"}
    founded, split, merged = {"founded": 2, "joined": 3}, {"split": 1, "moved": 1}, {"merged": 1, "moved": 1}
    assert told == [founded, {"founded": 1} | split, merged, {"restored": 1} | split]


def test_a_person_is_not_brought_up_to_date_by_some_of_its_records(settings: Settings) -> None:
    with transaction(settings) as connection:
        update_register(connection, clusters("abc", "d"), FIRST, person)
    with pytest.raises(LinkageRefused, match="records of these persons"), transaction(settings) as connection:
        update_register(connection, clusters("abd"), SECOND, person, withdrawn=[])
    with transaction(settings) as connection:
        update_register(connection, clusters("ab"), SECOND, person, withdrawn=["c"])
        assert read_register(connection)["record_id"].to_list() == ["a", "b", "d"]


def early(connection: Connection, asked: str) -> Ahead:
    """Asked of these records, each a letter."""
    with Ahead(connection) as ahead:
        ahead.ask(pl.Series(list(asked), dtype=pl.String))
    return ahead


@pytest.mark.parametrize("asked", ["", "abc", "abcdex", "xdaf", "z"])
def test_what_was_looked_up_early_is_what_would_be_found_now(settings: Settings, asked: str) -> None:
    told = []
    with transaction(settings) as connection:
        update_register(connection, clusters("abc", "de", "f"), FIRST, person)
        for ahead in (None, early(connection, asked)):
            with connection.begin_nested() as here:
                found = update_register(connection, clusters("abx", "cde"), SECOND, person, withdrawn=[], ahead=ahead)
                told.append((found, read_register(connection).rows(), read_history(connection).rows()))
                here.rollback()
    assert told[0] == told[1]
    assert told[0][0]["joined"] == 1


def test_what_was_looked_up_early_does_not_hide_records_that_nobody_looked_at(settings: Settings) -> None:
    with transaction(settings) as connection:
        update_register(connection, clusters("abc", "d"), FIRST, person)
    for asked in ("abd", "d", "abcd"):
        with pytest.raises(LinkageRefused, match="records of these persons"), transaction(settings) as connection:
            update_register(connection, clusters("abd"), SECOND, person, withdrawn=[], ahead=early(connection, asked))


def test_twenty_thousand_records_are_registered_within_seconds(settings: Settings) -> None:
    records = pl.DataFrame({"record_id": [f"{number:032x}" for number in range(20_000)]})
    grouped = records.with_columns(cluster=pl.int_range(pl.len()) // 3)
    began = time.perf_counter()
    with transaction(settings) as connection:
        update_register(connection, grouped, FIRST, lambda record: f"p{record[1:]}")
    assert time.perf_counter() - began < 5  # about 0.5 s on two idle cores
