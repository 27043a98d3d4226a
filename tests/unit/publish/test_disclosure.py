"""What a recipient gets whose rows are brought to the agreed level, and what the manifest and the log say of it."""

import json
from collections import Counter

import polars as pl

from agreement.grants import portions
from agreement.model import Agreement
from agreement.policy import read_agreement
from hub.settings import PROJECT
from publish.disclosure import disclosed
from tests.unit.publish.small_hub import PARTS, Hub

ANALYSTS = "partnership_analysts"
CANARY = "Zyxwvutsria"


def agreed(**recipient: object) -> Agreement:
    text = read_agreement(PROJECT / "config" / "agreement.yaml").model_dump(mode="json", by_alias=True)
    text["recipients"][ANALYSTS] |= recipient
    return Agreement.model_validate(text)


def a_table(*groups: tuple[int, str, str, str]) -> dict[str, pl.DataFrame]:
    """Persons: so many of a sex, an ethnic group and an age band; each a victim or a suspect in turn."""
    rows = [(f"p{n}-{m}", *group[1:]) for n, group in enumerate(groups) for m in range(group[0])]
    person = pl.DataFrame(rows, schema=["person_id", "sex", "ethnic_group", "age_band"], orient="row")
    person = person.with_columns(pl.lit(2009, pl.Int64).alias("birth_year"), pl.lit(1).alias("events"))
    roles = pl.Series("role", [("victim", "suspect")[n % 2] for n in range(person.height)])
    involvement = person.select("person_id", "sex", "ethnic_group", "birth_year").with_columns(roles)
    return {"person": person, "involvement": involvement}


def of(tables: dict[str, pl.DataFrame], agreement: Agreement):
    return disclosed(tables, portions(agreement, ANALYSTS), agreement, ANALYSTS)


GROUPS = ((9, "female", "white", "18-24"), (3, "male", "black", "10-17"), (4, "male", "asian", "0-9"))


def test_rows_that_are_only_measured_stay_as_they_are() -> None:
    tables = a_table(*GROUPS)
    found = of(tables, agreed())
    assert found.tables == tables
    assert found.entry.treatment == "none"
    assert (found.entry.smallest_group, found.entry.persons_below_threshold) == (3, 7)


def test_too_few_alike_become_alike_and_others_stay() -> None:
    found = of(a_table(*GROUPS), agreed(persons_alike="reached"))
    alike = Counter(found.tables["person"].select("sex", "ethnic_group", "age_band").iter_rows())
    assert alike == {("female", "white", "18-24"): 9, ("male", "unknown", "0-17"): 7}
    assert found.entry.after is not None
    assert found.entry.after.smallest_group == 7
    assert dict(found.entry.after.widened) == {"age_band": 7, "ethnic_group": 0, "sex": 0}
    assert dict(found.entry.after.withheld) == {"age_band": 0, "ethnic_group": 7, "sex": 0}
    assert found.tables["person"]["birth_year"].null_count() == 16


def test_an_involvement_tells_no_more_than_the_person_does() -> None:
    parts = of(a_table(*GROUPS), agreed(persons_alike="reached")).tables["involvement"]
    assert set(parts["ethnic_group"]) == {"white", None}
    assert parts["birth_year"].null_count() == parts.height
    assert parts["sex"].null_count() == 0


def test_a_group_of_suspects_alone_is_too_much_alike() -> None:
    tables = a_table((8, "female", "white", "18-24"), (8, "male", "white", "18-24"))
    suspects = pl.when(pl.col("sex") == "male").then(pl.lit("suspect")).otherwise(pl.col("role"))
    tables["involvement"] = tables["involvement"].with_columns(suspects.alias("role"))
    found = of(tables, agreed(persons_alike="reached"))
    assert found.entry.smallest_diversity == 1
    assert found.entry.after is not None
    assert found.entry.after.smallest_diversity == 2


def test_unique_patterns_are_counted_and_name_nobody() -> None:
    entry = of(a_table(*GROUPS, (1, "male", CANARY, "65+")), agreed()).entry
    assert entry.unique_patterns == {"age_band": 1, "ethnic_group": 1}
    assert CANARY not in entry.model_dump_json()


def test_fewer_persons_than_the_level_tell_nothing_of_themselves() -> None:
    found = of(a_table((2, "male", "black", "10-17")), agreed(persons_alike="reached"))
    assert set(found.tables["person"].select("sex", "ethnic_group", "age_band").iter_rows()) == {("unknown",) * 3}
    assert found.entry.after is not None
    assert found.entry.after.persons_below_threshold == 2


def test_the_same_rows_are_changed_in_the_same_way() -> None:
    once, again = (of(a_table(*GROUPS), agreed(persons_alike="reached")) for _ in range(2))
    assert once.tables["person"].equals(again.tables["person"])


def test_the_log_says_of_a_candidate_how_many_values_were_changed_and_none_of_them(hub: Hub) -> None:
    hub.agree(lambda terms: terms["recipients"][ANALYSTS].update(persons_alike="reached"))
    hub.build()
    detail = hub.said(action="publish:candidate:combination")[-1]["detail"]
    assert (detail["treatment"], detail["below_smallest_group"], detail["values_changed"] > 0) == ("levelled", 3, True)
    assert {name for name, value in detail.items() if not isinstance(value, int)} == {"manifest", "treatment"}
    assert len(bytes.fromhex(detail["manifest"])) == 32
    persons = {*PARTS["sex"], *PARTS["ethnic_group"], *PARTS["record_id"], "10-17", "35-49", "2009", "1990"}
    assert not [value for value in persons if value in json.dumps(detail).replace(detail["manifest"], "")]
