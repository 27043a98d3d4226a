"""Counts that are safe by themselves and tell of too few beside others: quarters, versions, overlapping questions."""

import io
from collections.abc import Iterator, Sequence
from itertools import count, product
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import Phase, given
from hypothesis import settings as tried
from hypothesis import strategies as st
from sqlalchemy import URL

from disclosure.answering import answer
from disclosure.errors import QuestionRefused
from disclosure.questions import Answer, Question, Terms
from disclosure.remembered import forget, remember
from hub.database import transaction
from hub.settings import Settings
from tests.cases import cases
from tests.conftest import copied_database

TERMS = Terms(smallest_count=8, round_to=5)
CANARY = "Zyxwvutsria"


def persons(**groups: tuple[int, str, str]) -> pl.DataFrame:
    """Rows of persons: of each group so many, their age and area."""
    rows = [(f"{name}{n}", age, area) for name, (number, age, area) in groups.items() for n in range(number)]
    return pl.DataFrame(rows, schema=["person_id", "age", "area"], orient="row")


@pytest.fixture(scope="module")
def database(postgres_url: URL) -> Iterator[Settings]:
    with copied_database(postgres_url, "template_hub") as url:
        yield Settings(database_url=url)


class Asking:
    """A recipient that nobody else is, and releases it may ask about."""

    numbers = count()

    def __init__(self, settings: Settings, **releases: pl.DataFrame) -> None:
        self.settings, self.releases = settings, releases
        self.recipient = f"analysts {next(self.numbers)}"

    def ask(self, *by: str, release: str = "q1", recipient: str = "", **where: tuple[str, ...]) -> Answer:
        with transaction(self.settings) as connection:
            return answer(
                connection,
                Question("person", by, where),
                recipient=recipient or self.recipient,
                release=release,
                terms=TERMS,
                read=lambda name, table, columns: self.rows(name, columns),
            )

    def rows(self, release: str, columns: Sequence[str]) -> pl.DataFrame:
        if release not in self.releases:
            raise QuestionRefused("It is not counted", where=release, why="its rows are gone", fix="None")
        return self.releases[release].select(c for c in columns if c in self.releases[release].columns)

    def told(self, *by: str, release: str, **where: tuple[str, ...]) -> dict[Any, int | None] | None:
        """The counts; none if they are refused."""
        try:
            return dict(self.ask(*by, release=release, **where).counts)
        except QuestionRefused:
            return None

    def withdraw(self, release: str) -> int:
        """Take a release's rows away, as ``publish.withdrawing`` does."""
        with transaction(self.settings) as connection:
            kept = remember(connection, self.recipient, release, lambda _, columns: self.rows(release, columns))
        del self.releases[release]
        return kept


def test_counts_are_rounded_and_small_ones_hidden_with_another_that_would_give_them_away(database: Settings) -> None:
    asking = Asking(database, q1=persons(a=(12, "10-17", "n"), b=(3, "18-24", "n"), c=(23, "25-34", "s")))
    assert asking.ask("age").counts == {("10-17",): None, ("18-24",): None, ("25-34",): 25}


def test_one_more_year_of_age_is_not_told_beside_what_was_asked_before(database: Settings) -> None:
    ages = persons(a=(40, "17", "n"), b=(2, "18", "n"), c=(60, "30", "s"))
    asking = Asking(database, q1=ages)
    assert asking.ask(age=("17",)).counts == {(): 40}
    with pytest.raises(QuestionRefused, match="beside what was answered before"):
        asking.ask(age=("17", "18"))
    assert asking.ask(age=("17", "18"), recipient="evaluators").counts == {(): 40}


def test_a_quarter_that_adds_few_is_not_told_where_they_are(database: Settings) -> None:
    old = persons(a=(40, "17", "n"), b=(50, "17", "s"), c=(60, "17", "w"), d=(90, "17", "e"))
    new = persons(a=(43, "17", "n"), b=(70, "17", "s"), c=(80, "17", "w"), d=(99, "17", "e"))
    asking = Asking(database, q1=old, q2=new)
    assert asking.ask("area").hidden == 0
    counts = asking.ask("area", release="q2").counts
    assert counts[("n",)] is None
    assert counts[("e",)] == 100


def test_the_total_less_what_is_shown_is_not_told(database: Settings) -> None:
    groups = persons(a=(40, "17", "n"), b=(3, "18", "n"), c=(60, "30", "s"))
    asking = Asking(database, q1=groups)
    assert asking.ask("age", area=("n",)).counts == {("17",): 40, ("18",): None}
    with pytest.raises(QuestionRefused):
        asking.ask(area=("n",))


def test_the_same_question_has_the_same_answer_in_any_wording(database: Settings) -> None:
    asking = Asking(database, q1=persons(a=(40, "17", "n"), b=(20, "18", "s")))
    first = asking.ask("age", "area")
    again = asking.ask("area", "age")
    assert again.asked_before
    assert (
        first.frame()
        .select(sorted(first.frame().columns))
        .sort("age")
        .equals(again.frame().select(sorted(again.frame().columns)).sort("age"))
    )


def test_a_refusal_and_what_is_kept_name_nobody(database: Settings) -> None:
    rows = persons(**{CANARY: (3, CANARY, "n"), "a": (40, "17", "n"), "b": (30, "17", "s")})
    asking = Asking(database, q1=rows)
    with pytest.raises(QuestionRefused) as refused:
        asking.ask(age=(CANARY,))
    assert CANARY not in str(refused.value)
    asking.ask("age", area=("n",), recipient="others")
    with transaction(database) as connection:
        kept = connection.exec_driver_sql("SELECT * FROM hub.answered_question").fetchall()
    assert kept
    assert CANARY not in str(kept)


def test_a_column_that_is_not_there_is_refused(database: Settings) -> None:
    with pytest.raises(QuestionRefused, match="no column shoe_size"):
        Asking(database, q1=persons(a=(9, "17", "n"))).ask("shoe_size")


QUESTIONS = [
    ((), {"age": ages} if ages else {}) for ages in ((), ("10", "11"), ("10", "11", "12"), ("12", "13"), ("10", "13"))
] + [
    (("age",), {}),
    (("area",), {}),
    (("age", "area"), {}),
    (("age",), {"area": ("n",)}),
    (("area",), {"age": ("10",)}),
]


@tried(max_examples=cases(200), deadline=None)
@given(st.lists(st.integers(0, 14), min_size=16, max_size=16), st.permutations(range(len(QUESTIONS))))
def test_no_small_group_is_solved_from_any_questions(sizes: list[int], order: list[int]) -> None:
    """Who solves all shown counts as equations over the smallest groups there are, solves no small one of them."""
    from disclosure.differencing import Told, to_hide

    kinds = list(product(("10", "11", "12", "13"), ("n", "s"), ("x", "y")))
    rows = [(f"{kind}{n}", *kind) for kind, size in zip(kinds, sizes, strict=True) for n in range(size)]
    frame = pl.DataFrame(rows, schema=["person_id", "age", "area", "other"], orient="row")
    told: list[Told] = []
    equations: list[list[bool]] = []
    cells = sorted({row[1:3] for row in rows})
    for by, where in (QUESTIONS[number] for number in order[:5]):
        counted = Question("person", by, where).counted(frame)
        hidden = to_hide(counted, "person_id", told, 8)
        names = sorted(by)
        seen = {tuple(row[:-1]) for row in counted.group_by(names).len().iter_rows()} if by else {()}
        shown = sorted(seen - hidden.keys()) if counted.height else []
        told.append(Told.of(counted, "person_id", shown))
        held = [c for c in cells if all(c[("age", "area").index(k)] in v for k, v in where.items())]
        for values in shown:
            places = [("age", "area").index(name) for name in names]
            equations.append([c in held and tuple(c[p] for p in places) == values for c in cells])
    matrix = np.array(equations, float).reshape(len(equations), len(cells))
    for place, cell in enumerate(cells):
        size = sum(row[1:3] == cell for row in rows)
        target = np.eye(len(cells))[place]
        best = np.linalg.lstsq(matrix.T, target, rcond=None)[0] if len(matrix) else np.zeros(0)
        solved = len(matrix) > 0 and np.allclose(matrix.T @ best, target)
        assert not (solved and size < 8), cell


# A release is withdrawn after counts of it were told ----------------------------------------------------------------


def test_a_later_release_is_counted_again_and_the_one_who_left_is_not_told_of(database: Settings) -> None:
    """Somebody was erased, so the release was withdrawn: who counts the next one does not learn of whom."""
    old = persons(a=(40, "17", "n"), b=(50, "18", "s"), c=(60, "30", "w"), gone=(1, "17", "n"))
    asking = Asking(database, q1=old, q2=old.filter(~pl.col("person_id").str.starts_with("gone")))
    assert asking.ask("age").counts == {("17",): 40, ("18",): 50, ("30",): 60}
    assert asking.withdraw("q1") == 1
    assert asking.ask("age", release="q2").counts == {("17",): None, ("18",): 50, ("30",): 60}
    assert asking.ask("age", release="q2", recipient=f"others than {asking.recipient}").hidden == 0


def test_what_is_kept_of_a_withdrawn_release_is_no_value_no_id_and_no_count(database: Settings) -> None:
    rows = persons(**{CANARY: (20, CANARY, "n"), "a": (41, "17", "n"), "b": (30, "17", "s")})
    asking = Asking(database, q1=rows, q2=rows)
    asking.ask("area")
    asking.withdraw("q1")
    with transaction(database) as connection:
        query = "SELECT units, cells FROM hub.remembered_release WHERE recipient = %s"
        kept = connection.exec_driver_sql(query, (asking.recipient,)).one()
        said = str(connection.exec_driver_sql("SELECT * FROM hub.remembered_release").fetchall())
    units, cells = (pl.read_parquet(io.BytesIO(content)) for content in kept)
    assert (units.columns, units["mark"].dtype, units.height) == (["group", "mark"], pl.UInt64, 91)
    assert cells.columns == ["question", "cell", "group"]
    assert CANARY not in said
    assert not set(units["mark"].cast(pl.String)) & set(rows["person_id"])


def test_marks_of_two_recipients_are_not_alike(database: Settings) -> None:
    rows = persons(a=(40, "17", "n"), b=(30, "17", "s"))
    found = []
    for _ in range(2):
        asking = Asking(database, q1=rows)
        asking.ask("area")
        asking.withdraw("q1")
        with transaction(database) as connection:
            query = "SELECT units FROM hub.remembered_release WHERE recipient = %s"
            content = connection.exec_driver_sql(query, (asking.recipient,)).scalar_one()
        found.append(set(pl.read_parquet(io.BytesIO(content))["mark"]))
    assert not found[0] & found[1]


def test_once_its_time_is_over_nothing_is_held_against_it_and_without_what_is_remembered_nothing_is_told(
    database: Settings,
) -> None:
    old = persons(a=(40, "17", "n"), b=(50, "18", "s"), gone=(1, "17", "n"))
    new = old.filter(~pl.col("person_id").str.starts_with("gone"))
    asking = Asking(database, old1=old, old2=new)
    asking.ask("age", release="old1")
    asking.releases["lost"] = asking.releases.pop("old1")
    with pytest.raises(QuestionRefused):  # its rows are gone, and who took them away remembered nothing
        asking.ask("age", release="old2")
    with transaction(database) as connection:
        assert forget(connection, "old1") == 1
    assert asking.ask("age", release="old2").counts == {("17",): 40, ("18",): 50}


ASKED = [*QUESTIONS, ((), {"area": ("n",)}), ((), {"area": ("s",)})]
KINDS = list(product(("10", "11", "12", "13"), ("n", "s")))


@tried(max_examples=cases(60), deadline=None, phases=[Phase.generate])
@given(
    st.lists(st.integers(0, 25), min_size=8, max_size=8),
    st.lists(st.integers(0, 3), min_size=8, max_size=8),
    st.lists(st.integers(0, 3), min_size=8, max_size=8),
    st.permutations(range(len(ASKED))),
)
def test_after_a_withdrawal_all_is_as_if_the_rows_were_there_and_an_attacker_solves_no_small_group(
    database: Settings, sizes: list[int], left: list[int], came: list[int], order: list[int]
) -> None:
    """The second release lacks some of each kind and has others; the first one is asked about, and withdrawn."""
    first, second = (
        pl.DataFrame(
            [(f"{kind}{n}", *kind) for kind, size, a, b in zip(KINDS, sizes, starts, more, strict=True)
             for n in range(a, size + b)],
            schema=["person_id", "age", "area"], orient="row",
        )
        for starts, more in (([0] * 8, [0] * 8), (left, came))
    )  # fmt: skip
    there, gone = (Asking(database, q1=first, q2=second) for _ in range(2))
    seen: list[Seen] = [(frame.select("person_id"), {(): frame.height}) for frame in (first, second) if frame.height]
    wholes = len(seen)
    for number, place in enumerate(order[:8]):
        release = "q1" if number < 4 else "q2"
        if number == 4:
            gone.withdraw("q1")
        by, where = ASKED[place]
        told = gone.told(*by, release=release, **where)
        assert told == there.told(*by, release=release, **where)
        frame = {"q1": first, "q2": second}[release]
        seen.append((Question("person", by, where).counted(frame), told or {}))
    assert solved(seen, seen[: wholes + 4]) == []


Seen = tuple[pl.DataFrame, dict[Any, int | None]]


def solved(seen: Sequence[Seen], before: Sequence[Seen]) -> list[int]:
    """The sizes of small groups of persons, alike in all that was shown, that the shown counts determine exactly.

    Not of those that are determined by what was shown before the later release was asked about: its size is stated.
    """
    behind = [cell for one in seen for cell in shown(*one)]
    first = sum(len(shown(*one)) for one in before)
    patterns = [tuple(one in cell for cell in behind) for one in frozenset().union(*behind)]
    groups = sorted(set(patterns))
    matrix = np.array(groups, float).T
    return [
        patterns.count(group)
        for place, group in enumerate(groups)
        if patterns.count(group) < 8 and determined(matrix, place) and not determined(matrix[:first], place)
    ]


def shown(counted: pl.DataFrame, told: dict[Any, int | None]) -> list[frozenset[str]]:
    """Who is behind each count that was shown."""
    return [
        frozenset(row[-1] for row in counted.iter_rows() if row[:-1] == values)
        for values, count in told.items()
        if count is not None
    ]


def determined(matrix: np.ndarray, place: int) -> bool:
    target = np.eye(matrix.shape[1])[place]
    return bool(np.allclose(matrix.T @ np.linalg.lstsq(matrix.T, target, rcond=None)[0], target))
