"""Anybody tries linkage on labelled data of their own with the real command, where no hub was ever made."""

import json

import polars as pl
import pytest

from benchmarks.historical import historical

MAP = """
first_name: forename
surname: surname
dob: date_of_birth
birth_place: birth_place
postcode: postcode
occupation: categorical
"""
FIGURES = {
    "pairwise_f1", "cluster_precision", "cluster_recall", "cluster_f1", "b_cubed_f1", "largest_cluster", "seconds",
}  # fmt: skip
CANARY = "zyxcanary"


@pytest.fixture(scope="module")
def lives():
    """A hundred people recorded about ten times each, badly; every surname of one place is a canary."""
    made = historical(100, seed=3)
    return made.with_columns(
        surname=pl.when(pl.col("surname").str.starts_with("w")).then(pl.lit(CANARY)).otherwise("surname")
    )


@pytest.fixture
def files(lives, tmp_path):
    """The map and the file, by name; more files of the same rows on demand."""
    (tmp_path / "map.yaml").write_text(MAP)
    lives.write_csv(tmp_path / "lives.csv")
    instants = lives.with_columns(pl.col("dob").str.to_datetime("%Y-%m-%d"))  # as pandas writes a day
    instants.head(500).write_parquet(tmp_path / "first.parquet")
    lives.tail(-500).write_csv(tmp_path / "second.csv")
    return tmp_path


def evaluate(hub, files, *names, more=("--json",)):
    paths = [str(files / name) for name in names]
    return hub("link", "evaluate", *paths, "--map", str(files / "map.yaml"), "--truth", "person", *more)


def test_persons_are_found_and_the_figures_are_those_asked_for(hub, files):
    ran = evaluate(hub, files, "lives.csv")
    assert ran.returncode == 0, ran.stderr
    told = json.loads(ran.stdout)
    assert set(told) == FIGURES
    assert told["cluster_f1"] > 0.87
    assert told["b_cubed_f1"] > 0.88
    assert told["cluster_precision"] > told["cluster_recall"] > 0.8
    assert told["largest_cluster"] <= 30


def test_two_files_of_two_kinds_are_linked_as_one(hub, files):
    one, two = (
        json.loads(evaluate(hub, files, *names).stdout) for names in (["lives.csv"], ["first.parquet", "second.csv"])
    )
    assert one.pop("seconds") > 0
    assert two.pop("seconds") > 0
    assert one == two


def test_what_is_printed_says_what_went_wrong_and_names_nobody(hub, files):
    ran = evaluate(hub, files, "lives.csv", more=("--compare-clear",))
    assert ran.returncode == 0, ran.stderr
    for word in ("Splink on clear text", "largest cluster", "Pairs left apart wrongly, by pattern", "occupation same"):
        assert word in ran.stdout
    assert CANARY not in ran.stdout + ran.stderr
    assert "Q1" not in ran.stdout


def test_splink_is_asked_of_what_no_rule_of_its_own_finds(hub, files, lives):
    lives.head(300).with_columns(dob=pl.lit(None, pl.String), postcode=pl.lit(None, pl.String)).write_csv(
        files / "no.csv"
    )
    ran = evaluate(hub, files, "no.csv", more=("--json", "--compare-clear"))
    assert ran.returncode == 0, ran.stderr
    assert set(json.loads(ran.stdout)["clear_text"]) == FIGURES


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("first_name: forname", "Write forename"),
        ("first_name: forename\nsurname: forename", "both hold forename"),
        ("first_name: [forename]", "no field's name"),
        ("nobody: forename", "has no column nobody"),
        ("person: categorical", "the map names person, which is the truth"),
        ("- forename", "no mapping"),
        ("{", "cannot be read"),
    ],
)
def test_a_map_that_cannot_be_used_is_told_in_one_sentence(hub, files, said, why):
    (files / "map.yaml").write_text(said)
    ran = evaluate(hub, files, "lives.csv")
    assert ran.returncode == 1
    assert why in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert ran.stdout == ""


def test_a_file_that_cannot_be_used_is_told_in_one_sentence(hub, files):
    (files / "broken.parquet").write_text(f"no {CANARY}")
    (files / "unlabelled.csv").write_text(
        f"first_name,surname,dob,birth_place,postcode,occupation,person\n{CANARY},,,,,,\n"
    )
    rows = pl.read_csv(files / "lives.csv", infer_schema=False).head(50)
    rows.write_csv(files / "semicolons.csv", separator=";")
    rows.with_columns(dob=pl.lit(f"in {CANARY}")).write_csv(files / "days.csv")
    rows.with_columns(dob=pl.lit("03/04/1865")).write_csv(files / "either.csv")
    rows.with_columns(pl.concat_list("surname")).write_parquet(files / "lists.parquet")
    for name, why in {
        "broken.parquet": "neither a CSV",
        "unlabelled.csv": "have no person",
        "none.csv": "no such file",
        "semicolons.csv": "Separate its columns by commas",
        "days.csv": "Write dates as 1865-03-07",
        "either.csv": "which number is the day",
        "lists.parquet": "column surname holds List",
    }.items():
        ran = evaluate(hub, files, name)
        assert ran.returncode == 1
        assert why in ran.stderr
        assert ran.stderr.count("\n") == 1
        assert CANARY not in ran.stderr
