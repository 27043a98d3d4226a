"""The agreement as a document: nothing of the text is missing, and a reader sees how it stands."""

from datetime import date
from itertools import pairwise

import pytest

from agreement.model import Agreement
from documents.isa import isa
from documents.sources import Sources
from documents.words import CLASSES, CONDITIONS, GATEWAYS, TREATMENTS, authority_name, day, days
from hub.settings import PROJECT
from tests.agreed import SIGNED_ON, signed
from tests.unit.documents.conftest import ON, changed, sources_of, with_keys
from tests.unit.documents.reading import Page, read

CANARY = "<script>alert('Zsofia')</script>"


@pytest.fixture(scope="module")
def page(shipped: Sources) -> Page:
    return read(isa(shipped))


def test_every_party_purpose_date_and_the_operator_are_there(page: Page, shipped: Sources) -> None:
    agreement, operator = shipped.agreement, shipped.agreement.operator
    said = [part for party in agreement.parties for part in (party.controller, party.contact)]
    said += [part for purpose in agreement.purposes for part in (purpose.id, purpose.text)]
    said += [operator.name, operator.contact, operator.data_protection_officer]
    said += [day(when) for when in (agreement.commences_on, agreement.review_on, agreement.expires_on)]
    assert [part for part in said if part not in page.text] == []


def test_every_feed_with_its_law_is_there(page: Page, shipped: Sources) -> None:
    for name, terms in shipped.agreement.feeds.items():
        stated = [name, terms.basis, terms.dpia, terms.policy_document, terms.further_use, *terms.subjects]
        said = [part for part in stated if part]
        said += [CONDITIONS[condition].clause for condition in terms.conditions]
        said += [] if terms.basis else [GATEWAYS[terms.gateway].clause]
        assert [part for part in said if part not in page.text] == [], name


def test_every_column_stands_in_its_feed_with_class_and_treatment(shipped: Sources) -> None:
    html = isa(shipped)
    for name, terms in shipped.agreement.feeds.items():
        title = shipped.feed_title(name)
        table = html.partition(f"<caption>Columns of {title}</caption>")[2].partition("</table>")[0]
        rows = [read(f"<table><tr>{row}</tr></table>").text for row in _rows(table)]
        for column, stated in terms.fields.items():
            own = [row for row in rows if row.startswith(f"{column} ")]
            assert len(own) == 1, (name, column)
            assert CLASSES[stated.classification] in own[0]
            assert TREATMENTS[stated.treat] in own[0]
            assert all(made in own[0] for made in stated.published(column))
            assert own[0].endswith(" nothing") == (not stated.published(column))
            assert str(shipped.contracts[name].schema.columns[column].description) in own[0]


def test_every_recipient_with_tables_and_columns_and_every_zone_is_there(page: Page, shipped: Sources) -> None:
    agreement = shipped.agreement
    for recipient in agreement.recipients.values():
        assert recipient.title in page.text
        for table, grant in recipient.tables.items():
            caption = f"Columns of {table} for {recipient.title}"
            shown = page.text.partition(caption)[2].partition("Columns of")[0]
            assert [column for column in grant.columns if f"{column} " not in shown] == []
    for zone, number in agreement.retention_days.items():
        assert f"{zone} " in page.text
        assert days(number) in page.text


def test_it_says_what_it_was_made_from_and_that_the_file_is_the_authority(page: Page, shipped: Sources) -> None:
    agreement = shipped.agreement
    for part in (agreement.id, agreement.version, agreement.hash, day(ON), shipped.commit):
        assert part in page.text
    assert "That file is the authority" in page.text


def test_limits_log_officers_and_late_feeds_are_there() -> None:
    def change(terms):
        terms["disclosure"] = {"smallest_count": 17, "round_to": 13, "smallest_group": 19}
        terms["log"] = {"cosignatures": 3, "within_hours": 71}
        terms["officers_appointed_by"] = ["fire", "yot"]
        terms["late_feed_wait_days"] = 23

    text = read(isa(changed(change))).text
    for said in ("below 17", "multiple of 13", "At least 19 persons", "least 3 parties", "71 hours", "23 days"):
        assert said in text
    assert "signature of: Fire and rescue and Youth offending team." in text


def test_a_new_column_recipient_and_row_filter_appear() -> None:
    def change(terms):
        terms["feeds"]["fire.fire_setter_referrals"]["fields"]["shoe_size"] = {"class": "attribute", "treat": "keep"}
        first = next(iter(terms["recipients"].values()))
        rows = {"feed": ["police.street_crime"], "event_type": ["street crime"]}
        tables = {"event": {"columns": ["event_id", "feed"], "rows": rows, "purposes": ["strategy"]}}
        terms["recipients"]["lamplighters"] = first | {"title": "Lamplighters", "tables": tables}

    text = read(isa(changed(change))).text
    assert "shoe_size No contract describes this column attribute May be published as it is" in text
    assert "Columns of event for Lamplighters" in text
    assert "For: strategy. Only rows of which feed is one of: police.street_crime; and event_type is one of" in text


def test_markup_in_the_agreement_is_shown_and_never_obeyed() -> None:
    def change(terms):
        terms["title"] = terms["operator"]["name"] = terms["purposes"][0]["text"] = CANARY
        terms["feeds"]["police.street_crime"]["basis"] = CANARY
        terms["feeds"]["yot.cases"] |= {"dpia": CANARY, "subjects": [CANARY]}
        terms["parties"][0] |= {"controller": CANARY, "contact": CANARY}
        recipient = next(iter(terms["recipients"].values()))
        recipient["title"] = CANARY
        recipient["tables"]["event"]["rows"] = {"event_type": [CANARY]}

    html = isa(changed(change))
    assert "<script" not in html
    assert "&lt;script&gt;" in html
    assert read(html).all("script") == []


def test_a_draft_says_that_nothing_flows_and_why(page: Page) -> None:
    assert "Nothing flows under this version on 1 October 2026" in page.text
    assert page.text.count("Not signed") == 6


def test_a_signed_agreement_is_in_force_and_each_signature_verifies(agreed: Sources) -> None:
    text = read(isa(agreed)).text
    assert "In force on 1 October 2026" in text
    assert text.count(f"head {day(SIGNED_ON)} Verifies") == 6


def test_a_signature_of_another_text_or_of_a_later_day_is_told_from_one_that_counts() -> None:
    text = signed(changed(with_keys).agreement)
    other = Agreement.model_validate(text.model_dump(by_alias=True, exclude_unset=True) | {"version": "9.9"})
    assert read(isa(sources_of(other))).text.count("Does not verify") == 6
    before = read(isa(sources_of(text, date(2024, 2, 1)))).text
    assert before.count("Verifies, and counts from its date on") == 6
    assert "Nothing flows" in before


def test_it_promises_no_unpublished_name_where_one_is_kept() -> None:
    promise = "No name, address or identifying number is published"
    assert promise in read(isa(changed(lambda terms: None))).text
    kept = {"class": "direct-identifier", "treat": "keep"}
    spoilt = changed(lambda terms: terms["feeds"]["yot.cases"]["fields"].update({"forename": kept}))
    assert promise not in read(isa(spoilt)).text


def test_it_can_be_read_aloud(page: Page) -> None:
    assert page.all("html")[0]["lang"] == "en-GB"
    levels = [int(tag[1]) for tag, _ in page.tags if tag in {"h1", "h2", "h3", "h4"}]
    assert levels.count(1) == 1
    assert all(after <= before + 1 for before, after in pairwise(levels))
    assert {cell.get("scope") for cell in page.all("th")} <= {"row", "col"}
    assert all(table for table in page.all("svg") if table["role"] == "img")


def test_it_needs_nothing_outside_itself(page: Page) -> None:
    links = [link["href"] for link in page.all("a")]
    assert all(link.startswith("#") for link in links)
    ids = {attributes["id"] for _, attributes in page.tags if "id" in attributes}
    assert {link[1:] for link in links} <= ids
    assert page.all("link") == page.all("img") == page.all("script") == []


def test_a_feed_without_file_or_contract_is_shown_by_its_name() -> None:
    def change(terms):
        terms["feeds"]["fire.smoke_alarms"] = terms["feeds"]["fire.fire_setter_referrals"]

    text = read(isa(changed(change))).text
    assert "Columns of fire.smoke_alarms" in text


def test_it_says_of_each_linked_feed_what_is_looked_at_beside_tokens_or_that_nothing_is(page: Page) -> None:
    def change(terms):
        del terms["linkage"]["looked_at"]["yot.cases"]

    beside = "to tell two people apart it is also looked at: occurred_on, role and offence_code"
    assert page.text.count(beside) == 1
    fewer = read(isa(changed(change)))
    both = (it.text.count("yes, by tokens; to tell two people apart") for it in (page, fewer))
    assert [*both] == [11, 10]
    assert "to tell two people" not in read(isa(changed(lambda terms: terms["linkage"].pop("looked_at")))).text


def _rows(table: str) -> list[str]:
    return [row.partition("</tr>")[0] for row in table.partition("<tbody>")[2].split("<tr>")[1:]]


def test_every_party_has_a_name_in_words() -> None:
    assert authority_name("yot") == "Youth offending team"
    assert (PROJECT / "documents" / "templates" / "isa.html.j2").is_file()
