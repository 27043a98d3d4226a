"""The data dictionary as a page: each column with meaning, unit, source and gaps; each word with who says so."""

from documents.dictionary import Words, dictionary_html
from documents.gaps import GAPS
from documents.sources import Sources
from hub.settings import PROJECT
from schemas.published import MODELS
from tests.unit.documents.conftest import changed
from tests.unit.documents.reading import read

WORDS = Words.of(PROJECT / "config")


def test_every_granted_column_is_there_with_what_it_means_and_where_it_comes_from(shipped: Sources) -> None:
    page = read(dictionary_html(shipped, WORDS))
    named = {each["id"] for each in page.all("th") if each.get("id")}
    recipients = shipped.agreement.recipients.values()
    assert named == {f"{t}.{c}" for r in recipients for t, grant in r.tables.items() for c in grant.columns}
    assert not any(column.endswith(".birth_year") for column in named)  # nobody is granted it
    assert "date Day of the first event that states it" in page.text
    assert "whole number tenth, 1 to 10" in page.text
    assert "Exclusions from school May be blank." in page.text
    links = {link["href"] for link in page.all("a")}
    assert links == {f"#{table}" for table in MODELS} | {"#violence", "#factors", "#interventions"}
    assert links <= {f"#{each['id']}" for each in page.all("h2")}


def test_each_table_says_what_it_does_not_hold(shipped: Sources) -> None:
    text = read(dictionary_html(shipped, WORDS)).text
    assert set(GAPS) == set(MODELS)
    for gap in (gap for gaps in GAPS.values() for gap in gaps):
        assert gap in text
    for hidden in WORDS.factors.not_shown:
        assert hidden.title in text
        assert f"({hidden.level}): {hidden.why}." in text


def test_each_factor_and_intervention_names_who_says_that_it_is_one(shipped: Sources) -> None:
    text = read(dictionary_html(shipped, WORDS)).text
    for name, rule in {**WORDS.factors.all_factors, **WORDS.factors.interventions}.items():
        assert f"{name} {rule.title}" in text
    for publication in WORDS.factors.sources.values():
        assert publication in text
    assert "substance misuse Concern for misuse of drugs or alcohol, medium or high individual risk Youth" in text
    assert "mentoring Mentoring secondary Youth justice cases, Child exploitation referrals and Fire-setter" in text


def test_what_nobody_is_granted_is_not_in_it() -> None:
    less = changed(lambda terms: terms["recipients"]["partnership_analysts"]["tables"].pop("factor"))
    page = read(dictionary_html(less, None))
    assert not [each for each in page.all("th") if str(each.get("id", "")).startswith("factor.")]
    assert "#factors" not in {link["href"] for link in page.all("a")}
