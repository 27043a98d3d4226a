"""The person register, as tables in and tables out.

Records are a, b, c ...; a person founded on record a is called A, and A#2 if A lives already. ``before`` and
``after`` read ``person: its records``; ``clusters`` is what linkage says now.
"""

import textwrap

import polars as pl
import pytest

from linkage.registered.changes import Changes, changes


def name(record: str) -> str:
    """The person id of these examples."""
    return record.upper()


def register(drawn: str) -> pl.DataFrame:
    """``A: a b`` as rows of record_id and person_id."""
    lines = [line.split(":") for line in textwrap.dedent(drawn).strip().splitlines()]
    rows = [(record, person.strip()) for person, records in lines for record in records.split()]
    return pl.DataFrame(rows, schema={"record_id": pl.String, "person_id": pl.String}, orient="row")


def persons(before: pl.DataFrame, founded_in: dict[str, str], ended: str) -> pl.DataFrame:
    """All persons known, by default founded in 2026-Q1."""
    living = sorted(set(before["person_id"]))
    rows = [(person, founded_in.get(person, "2026-Q1"), None) for person in living]
    rows += [(person, "2026-Q1", "2026-Q2") for person in ended.split()]
    schema = {"person_id": pl.String, "founded_in": pl.String, "ended_in": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def clustered(drawn: str) -> pl.DataFrame:
    """``a b | c`` as rows of record_id and cluster."""
    rows = [(record, number) for number, cluster in enumerate(drawn.split("|")) for record in cluster.split()]
    return pl.DataFrame(rows, schema={"record_id": pl.String, "cluster": pl.Int64}, orient="row")


def drawn_events(found: Changes) -> list[str]:
    """One line an event: what happened, to whom, with whom, by which record."""
    return [" ".join(part for part in row if part) for row in found.events.iter_rows()]


def drawn_register(before: pl.DataFrame, found: Changes) -> list[str]:
    """The register afterwards as ``A: a b``."""
    withdrawn = found.events.filter(pl.col("kind") == "withdrawn")["record_id"]
    after = before.update(found.membership, on="record_id", how="full").filter(
        ~pl.col("record_id").is_in(withdrawn.implode())
    )
    grouped = after.sort("record_id").group_by("person_id", maintain_order=True).agg("record_id")
    return [f"{person}: {' '.join(records)}" for person, records in sorted(grouped.iter_rows())]


EXAMPLES = {
    "the first records found persons, each on its smallest record": (
        "",
        "b a | c",
        ["founded A a", "founded C c", "joined A b"],
        ["A: a b", "C: c"],
    ),
    "the same clusters again change nothing": ("A: a b\nC: c", "a b | c", [], ["A: a b", "C: c"]),
    "a new record joins the person it matches, who keeps the id": (
        "B: b c",
        "a b c",
        ["joined B a"],
        ["B: a b c"],
    ),
    "a merge keeps the id with most records": (
        "A: a\nB: b c",
        "a b c",
        ["merged B A", "moved B A a"],
        ["B: a b c"],
    ),
    "of two as large, a merge keeps the id founded earlier": (
        "A: a\nB: b",
        "a b",
        ["merged B A", "moved B A a"],
        ["B: a b"],
    ),
    "a split leaves the id with the largest part": (
        "A: a b c",
        "a | b c",
        ["founded A#2 a", "split A A#2", "moved A#2 A a"],
        ["A: b c", "A#2: a"],
    ),
    "of two parts as large, the one with the smallest record keeps the id": (
        "A: a b",
        "a | b",
        ["founded B b", "split A B", "moved B A b"],
        ["A: a", "B: b"],
    ),
    "a record can change from one living person to another": (
        "A: a b\nC: c d",
        "a | b c d",
        ["moved C A b"],
        ["A: a", "C: b c d"],
    ),
    "a person spread over two others is merged into both": (
        "A: a b\nC: c d\nE: e f",
        "a c d | b e f",
        ["merged C A", "merged E A", "moved C A a", "moved E A b"],
        ["C: a c d", "E: b e f"],
    ),
    "a withdrawn record leaves its person, who stays": (
        "A: a b",
        "b",
        ["withdrawn A a"],
        ["A: b"],
    ),
    "a person whose last record is withdrawn ends": (
        "A: a\nB: b",
        "b",
        ["ended A", "withdrawn A a"],
        ["B: b"],
    ),
    "a person whose records come back is restored": (
        "B: b",
        "a c | b",
        ["restored X a", "joined X c"],
        ["B: b", "X: a c"],
    ),
}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda text: text.replace(" ", "-"))
def test_register(example: str) -> None:
    drawn, now, events, after = EXAMPLES[example]
    before = register(drawn)
    founded_in = {"B": "2025-Q4"} if "founded earlier" in example else {}
    ended = "X" if "restored" in example else ""
    new_id = (lambda record: "X" if record == "a" else name(record)) if ended else name
    found = changes(before, persons(before, founded_in, ended), clustered(now), new_id)
    assert drawn_events(found) == events
    assert drawn_register(before, found) == after


def test_the_order_of_records_and_the_names_of_clusters_do_not_matter() -> None:
    before = register("A: a b c\nD: d e")
    known = persons(before, {}, "")
    one = changes(before, known, clustered("a d | b c | e f"), name)
    other = changes(before.reverse(), known.reverse(), clustered("f e | c b | d a"), name)
    assert one.events.equals(other.events)
    assert one.membership.equals(other.membership)
