"""The same labelled file linked by Splink on clear text, for ``--compare-clear``: its documented model, not ours.

As in Splink's tutorial for historical persons: its comparisons made for forenames with surnames, dates of birth and
postcodes, exact matches with term frequencies for the rest; the prior from deterministic rules at a recall of 0.6; u
from random pairs; expectation maximisation blocked on the names and on the date of birth; connected components at a
probability of 0.95. Fields that a file lacks are left out of comparisons and rules.
"""

import logging
import time

import duckdb
import numpy as np
import polars as pl
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.internals.blocking_rule_creator import BlockingRuleCreator
from splink.internals.comparison_creator import ComparisonCreator
from splink.internals.exceptions import EMTrainingException

from linkage.labelled.columns import ColumnMap
from linkage.labelled.files import Labelled
from linkage.labelled.measured import Measured, measure

PROBABILITY, RECALL, SAMPLED = 0.95, 0.6, 5_000_000
_AT_ONCE = 125_000  # records on one side of the pairs that are predicted at once
_PREDICT = (
    ("substr(forename,1,3)", "substr(surname,1,4)"), ("surname", "date_of_birth"), ("forename", "date_of_birth"),
    ("postcode", "forename"), ("postcode", "surname"), ("date_of_birth", "birth_place"),
    ("substr(postcode,1,3)", "date_of_birth"), ("substr(postcode,1,3)", "forename"),
    ("substr(postcode,1,3)", "surname"), ("substr(forename,1,2)", "substr(surname,1,2)", "substr(date_of_birth,1,4)"),
)  # fmt: skip
_CERTAIN = (("forename", "surname", "date_of_birth"), ("substr(forename,1,2)", "surname", "substr(postcode,1,2)"),
            ("date_of_birth", "postcode"))  # fmt: skip
_TRAIN = (("forename", "surname"), ("date_of_birth",))


def link_clear(labelled: Labelled, columns: ColumnMap, log_level: int = logging.ERROR) -> Measured:
    """Link and measure; the seconds are Splink's own, and so is what is logged.

    The pairs of many records are predicted in parts, as Splink offers it: the table of all of them would not fit.
    """
    began = time.perf_counter()
    logging.getLogger("splink").setLevel(log_level)
    frame = _clear(labelled, columns)
    with duckdb.connect(":memory:") as database:
        api = DuckDBAPI(database)
        linker = Linker(api.register(frame.to_arrow()), _settings(frame.columns), log_level=None)
        _learn(linker, frame)
        parts = -(-frame.height // _AT_ONCE)
        pairs = linker.inference.predict(threshold_match_probability=0.5, num_chunks_right=parts, warning_mode="never")
        found = linker.clustering.cluster_pairwise_predictions_at_threshold(
            pairs, threshold_match_probability=PROBABILITY
        )
        matches = database.sql(f"select row_l, row_r from {pairs.physical_name}").pl()  # noqa: S608  # Splink's name
        label = database.sql(f"select row, cluster_id from {found.physical_name} order by row").pl()  # noqa: S608
    seconds = round(time.perf_counter() - began, 2)
    left, right = (matches[name].to_numpy().astype(np.int64) for name in ("row_l", "row_r"))
    return measure(labelled.truth, label["cluster_id"].to_numpy().astype(np.int64), left, right, seconds)


def _clear(labelled: Labelled, columns: ColumnMap) -> pl.DataFrame:
    held = {field: labelled.rows[column] for field, column in columns.fields.items()}
    held |= {name.removeprefix("plain_"): labelled.rows[column] for name, column in columns.categorical.items()}
    frame = pl.DataFrame([pl.Series("row", range(len(labelled.truth))), *(it.alias(name) for name, it in held.items())])
    both = {"forename", "surname"} <= set(frame.columns)
    return frame.with_columns(both_names=pl.concat_str("forename", "surname", separator=" ")) if both else frame


def _settings(fields: list[str]) -> SettingsCreator:
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="row",
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in _usable(_PREDICT, fields)],
        comparisons=list(_comparisons(fields)),
    )


def _comparisons(fields: list[str]) -> list[ComparisonCreator]:
    made: list[ComparisonCreator] = []
    if "both_names" in fields:
        concat = "both_names"
        made.append(cl.ForenameSurnameComparison("forename", "surname", forename_surname_concat_col_name=concat))
    for field in fields:
        if field in {"row", "both_names"} or (field in {"forename", "surname"} and "both_names" in fields):
            continue
        if field == "date_of_birth":
            made.append(cl.DateOfBirthComparison(field, input_is_string=True))
        elif field == "postcode":
            made.append(cl.PostcodeComparison(field))
        elif field in {"forename", "surname", "full_name"}:
            made.append(cl.NameComparison(field))
        else:
            made.append(cl.ExactMatch(field).configure(term_frequency_adjustments=True))
    return made


def _learn(linker: Linker, frame: pl.DataFrame) -> None:
    certain: list[str | BlockingRuleCreator] = [
        block_on(*rule) for rule in _usable(_CERTAIN, frame.columns) if _finds(frame, rule)
    ]
    if certain:  # of no pair Splink makes a prior of 0, which it cannot use; so its own default stands
        linker.training.estimate_probability_two_random_records_match(certain, recall=RECALL)
    linker.training.estimate_u_using_random_sampling(SAMPLED, seed=1)
    for rule in _usable(_TRAIN, frame.columns):
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(block_on(*rule))
        except (EMTrainingException, ValueError):
            continue  # no pair agrees by this rule, or all are matches: Splink then takes the logarithm of nothing


def _finds(frame: pl.DataFrame, rule: tuple[str, ...]) -> bool:
    """Whether any two rows agree by a rule."""
    parts = [part.removeprefix("substr(").removesuffix(")").split(",") for part in rule]
    said = [frame[field].str.head(int(more[-1])) if more else frame[field] for field, *more in parts]
    return bool(
        pl.DataFrame([it.alias(f"{number}") for number, it in enumerate(said)]).drop_nulls().is_duplicated().any()
    )


def _usable(rules: tuple[tuple[str, ...], ...], fields: list[str]) -> list[tuple[str, ...]]:
    """The rules of which the file has every field; all else would be unknown."""
    return [rule for rule in rules if all(part.removeprefix("substr(").split(",")[0] in fields for part in rule)]
