"""Linking from what the store holds to the register and the log."""

import hashlib
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import text
from typer.testing import CliRunner

from agreement.errors import AgreementRefusal
from cli.link import app
from hub.database import transaction
from hub.feeds import load_feed
from hub.periods import Quarter
from hub.settings import Settings
from ingest.barred import remember_barred
from keys.home import create_ring
from keys.ring import KeyRing
from linkage.assessed.model_drawn import draw_model
from linkage.errors import LinkageRefused
from linkage.learned.model import Model
from linkage.learned.trained import keep_model, newest_model
from linkage.learned.training import train_model
from linkage.linking import LinkSummary, link
from linkage.registered.register import newest_linked, read_register
from linkage.reviewed.reviewing import read_questions
from store.datakeys import open_data_key
from store.deliveries import State, advance, open_delivery
from store.tables import write_table
from tests.agreed import agree
from tests.stored_log import all_contents, said

FIRST, SECOND = Quarter(2026, 2), Quarter(2026, 3)
POLICE, COUNCIL, PROBATION = "police.recorded_crime", "council.marac", "probation.supervision"


@pytest.fixture
def ring(settings: Settings) -> KeyRing:
    return create_ring(settings)


def admit(
    settings: Settings,
    ring: KeyRing,
    feed: str,
    quarter: Quarter,
    records: pl.DataFrame,
    barred: Sequence[str] = (),
    told_by: str | None = None,
) -> None:
    """A delivery as ingest leaves it; its records say that another feed told of them, if one is named."""
    with transaction(settings) as connection:
        delivery = open_delivery(connection, ring, load_feed(settings.config, feed), quarter)
        key = open_data_key(connection, ring, delivery.data_key_id)
        told = records.with_columns(feed=pl.lit(told_by or feed))
        write_table(settings, "records", f"{feed}/{delivery.id}.parquet", key, told)
        advance(connection, delivery.id, State.CLOSED)
        advance(connection, delivery.id, State.ADMITTED)
        remember_barred(connection, delivery, list(barred))


def register(settings: Settings) -> pl.DataFrame:
    with transaction(settings) as connection:
        return read_register(connection)


def logged(settings: Settings, action: str) -> int:
    with transaction(settings) as connection:
        return len(said(connection, action=action))


@pytest.fixture
def delivered(settings: Settings, ring: KeyRing, records: pl.DataFrame) -> None:
    """Most of the records come in the first quarter."""
    admit(settings, ring, POLICE, FIRST, records.head(2000))
    admit(settings, ring, COUNCIL, FIRST, records.slice(2000, 1000))


@pytest.fixture
def linked(settings: Settings, ring: KeyRing, delivered: None, model: Model) -> LinkSummary:
    """The first quarter, linked by a model that was trained before."""
    with transaction(settings) as connection:
        keep_model(connection, model, FIRST)
    return link(settings, ring, FIRST)


def test_a_first_link_trains_keeps_its_model_and_draws_it(
    settings: Settings, ring: KeyRing, delivered: None, records: pl.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("home", "database_url", "agreement", "commit"):
        monkeypatch.setenv(f"HUB_{name.upper()}", str(getattr(settings, name)))
    done = CliRunner().invoke(app, ["run", str(FIRST)])
    assert "trained now" in done.output
    with transaction(settings) as connection:
        kept = newest_model(connection)
    assert kept is not None
    pages = {page.name: page for page in (settings.home / "linkage-charts" / kept.version[:12]).iterdir()}
    assert set(pages) == {"model.html", "match_weights.html", "m_and_u.html", "waterfalls.html"}
    assert all(str(page) in done.output for page in pages.values())
    tables = pages["model.html"].read_text(encoding="utf-8")
    same = kept.content["parameters"]["surname"]["household"]
    assert all(it in tables for it in (kept.version, "dice(encoding_forename) &gt;= 0.75", f"{same['m']:.4f}"))
    assert "http" not in tables
    assert not any(one in tables for one in records["token_surname"].drop_nulls().head(400))
    assert "as trained before" in CliRunner().invoke(app, ["run", str(FIRST)]).output


def test_the_model_that_decides_is_drawn(
    settings: Settings, ring: KeyRing, linked: LinkSummary, records: pl.DataFrame, tmp_path: Path
) -> None:
    drawn = {page.name: page.read_text(encoding="utf-8") for page in draw_model(settings, ring, tmp_path)}
    assert set(drawn) == {"match_weights.html", "m_and_u.html", "waterfalls.html"}
    assert all("forename" in page for page in drawn.values())
    assert not any(record in drawn["waterfalls.html"] for record in records["record_id"].head(3000))


def test_a_model_is_trained_without_linking_and_drawn(
    settings: Settings, ring: KeyRing, linked: LinkSummary, tmp_path: Path
) -> None:
    before = register(settings)
    done = train_model(settings, ring, FIRST, tmp_path)
    assert (done.records, done.is_new) == (3000, True)  # the one before was trained on other records
    assert all("forename" in page.read_text(encoding="utf-8") for page in done.pages)
    assert register(settings).equals(before)
    assert logged(settings, "linkage:model:combination") == 1
    later = link(settings, ring, FIRST)
    assert (later.model_version, later.trained) == (done.version, False)
    assert not train_model(settings, ring, FIRST, tmp_path).is_new


def test_a_model_is_trained_of_no_record_that_the_agreement_does_not_let_be_linked(
    settings: Settings, ring: KeyRing, delivered: None, tmp_path: Path
) -> None:
    unsigned = settings.model_copy(update={"agreement": tmp_path / "agreement.yaml"})
    shutil.copy(settings.agreement, unsigned.agreement)
    agree(unsigned.agreement, but=["police"])
    with pytest.raises(AgreementRefusal):
        train_model(unsigned, ring, FIRST, tmp_path)
    with transaction(settings) as connection:
        assert newest_model(connection) is None
    assert logged(settings, "agreement:act:refusal") == 1


def test_there_is_nothing_to_draw_before_a_link(settings: Settings, ring: KeyRing, tmp_path: Path) -> None:
    with pytest.raises(LinkageRefused, match="no model to draw"):
        draw_model(settings, ring, tmp_path)


def test_a_link_founds_persons(settings: Settings, linked: LinkSummary, model: Model) -> None:
    assert (linked.trained, linked.model_version) == (False, model.version)
    assert linked.records == 3000
    assert linked.persons == linked.changes["founded"] == register(settings)["person_id"].n_unique()
    assert linked.report.precision.value > 0.98
    assert logged(settings, "linkage:records:combination") == 1


def test_linking_again_changes_nothing(settings: Settings, ring: KeyRing, linked: LinkSummary) -> None:
    before = register(settings)
    again = link(settings, ring, FIRST)
    assert not again.trained
    assert again.model_version == linked.model_version
    assert sum(again.changes.values()) == 0
    assert register(settings).equals(before)


def test_a_later_quarter_joins_and_leaves_the_others_their_ids(
    settings: Settings, ring: KeyRing, linked: LinkSummary, records: pl.DataFrame
) -> None:
    before = register(settings)
    admit(settings, ring, POLICE, SECOND, records.slice(3000, 500))
    later = link(settings, ring, SECOND)
    both = before.join(register(settings), on="record_id", suffix="_after")
    assert not later.trained
    assert later.records == register(settings).height == 3500
    assert later.persons == register(settings)["person_id"].n_unique()
    assert later.changes["joined"] > 0
    assert both.height == 3000
    moved = later.changes["moved"]
    assert both.filter(pl.col("person_id") != pl.col("person_id_after")).height == moved < 20


@pytest.mark.parametrize(("feed", "persons"), [(PROBATION, 2), (COUNCIL, 1)])
def test_probation_holds_nobody_twice_and_the_council_may(
    settings: Settings, ring: KeyRing, linked: LinkSummary, records: pl.DataFrame, feed: str, persons: int
) -> None:
    """Two records that are the same but for their ids, of whom the police know too; the reviewer is asked."""
    numberless = pl.col("token_nhs_number").is_null() & pl.col("token_pnc_id").is_null()
    known = records.head(2000).filter(numberless & pl.col("token_date_of_birth").is_not_null()).head(1)
    twice = ["e" * 32, "f" * 32]
    admit(settings, ring, feed, SECOND, pl.concat([known.with_columns(record_id=pl.lit(it)) for it in twice]))
    later = link(settings, ring, SECOND)
    held = dict(register(settings).select("record_id", "person_id").iter_rows())
    assert not later.full
    assert len({held[it] for it in twice}) == persons
    assert held[known["record_id"].item()] in {held[it] for it in twice}
    with transaction(settings) as connection:
        asked = [{it.record_id_l, it.record_id_r} for it in read_questions(connection) if not it.joined]
    assert any(it & set(twice) for it in asked) is (persons == 2)
    full = link(settings, ring, SECOND, full=True).agreement
    assert full is not None
    assert full.share == 1


def test_linking_an_earlier_quarter_again_withdraws_nothing_of_the_later(
    settings: Settings, ring: KeyRing, linked: LinkSummary, records: pl.DataFrame
) -> None:
    admit(settings, ring, POLICE, SECOND, records.slice(3000, 500))
    link(settings, ring, SECOND)
    before = register(settings)
    assert sum(link(settings, ring, FIRST).changes.values()) == 0
    assert register(settings).equals(before)


def test_records_that_a_corrected_delivery_leaves_out_are_withdrawn(
    settings: Settings, ring: KeyRing, linked: LinkSummary, records: pl.DataFrame
) -> None:
    admit(settings, ring, COUNCIL, FIRST, records.slice(2000, 990))
    corrected = link(settings, ring, FIRST)
    assert corrected.changes["withdrawn"] == 10
    assert register(settings).height == corrected.records == 2990


def test_records_that_a_delivery_bars_are_withdrawn_from_every_quarter(
    settings: Settings, ring: KeyRing, linked: LinkSummary, records: pl.DataFrame
) -> None:
    barred = records["record_id"].head(3).to_list()
    admit(settings, ring, POLICE, SECOND, records.slice(3000, 100), barred)
    later = link(settings, ring, SECOND)
    assert (later.records, later.changes["withdrawn"]) == (3097, 3)
    assert not set(barred) & set(register(settings)["record_id"])

    admit(settings, ring, POLICE, SECOND, records.slice(3000, 100))
    assert link(settings, ring, SECOND).records == 3100
    assert set(barred) < set(register(settings)["record_id"])


def test_a_bar_of_a_later_quarter_holds_when_an_earlier_one_is_linked(
    settings: Settings, ring: KeyRing, linked: LinkSummary, records: pl.DataFrame
) -> None:
    admit(settings, ring, POLICE, SECOND, records.slice(3000, 100), records["record_id"].head(3).to_list())
    assert link(settings, ring, FIRST).changes["withdrawn"] == 3


def test_a_quarter_that_has_not_ended_is_not_linked(
    settings: Settings, ring: KeyRing, linked: LinkSummary, records: pl.DataFrame
) -> None:
    with pytest.raises(AgreementRefusal, match="after it has ended"):
        link(settings, ring, Quarter(2062, 3))
    assert logged(settings, "agreement:act:refusal") == 1
    admit(settings, ring, POLICE, SECOND, records.slice(3000, 100))
    assert link(settings, ring, SECOND).changes["joined"] > 0
    with transaction(settings) as connection:
        assert newest_linked(connection) == SECOND


def test_the_log_says_how_right_a_link_thinks_it_is_and_of_which_deliveries(
    settings: Settings, linked: LinkSummary
) -> None:
    with transaction(settings) as connection:
        ids = connection.execute(text("SELECT id FROM hub.delivery")).scalars().all()
        (entry,) = said(connection, action="linkage:records:combination")
    told = entry["detail"]
    assert told["estimated_precision"] == round(linked.report.precision.value, 4) > 0.98
    assert told["estimated_recall"] == round(linked.report.recall.value, 4) > 0.5
    assert told["deliveries"] == hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()


def test_the_same_record_in_two_quarters_counts_once(
    settings: Settings, ring: KeyRing, linked: LinkSummary, records: pl.DataFrame
) -> None:
    admit(settings, ring, POLICE, SECOND, records.head(100))
    assert link(settings, ring, SECOND).records == 3000


def test_a_feed_that_is_not_named_for_linkage_is_left_out(settings: Settings, ring: KeyRing) -> None:
    with pytest.raises(LinkageRefused, match="nothing to link"):
        link(settings, ring, FIRST)


def test_without_a_signature_linking_is_refused_and_the_refusal_logged(
    settings: Settings, ring: KeyRing, linked: LinkSummary, tmp_path: Path
) -> None:
    agreement = tmp_path / "agreement.yaml"
    shutil.copy(settings.agreement_path, agreement)
    agree(agreement, but=["police"])
    unsigned = settings.model_copy(update={"agreement": agreement})
    with pytest.raises(AgreementRefusal):
        link(unsigned, ring, FIRST)
    assert logged(settings, "agreement:act:refusal") == 1
    assert logged(settings, "linkage:records:combination") == 1


def test_the_log_holds_counts_and_no_record_or_person(settings: Settings, linked: LinkSummary) -> None:
    with transaction(settings) as connection:
        written = b"\n".join(all_contents(connection)).decode()
    ids = {*register(settings)["record_id"], *register(settings)["person_id"]}
    assert linked.model_version in written
    assert not any(one in written for one in ids)


def under(settings: Settings, folder: Path, change: Callable[[dict[str, Any]], object]) -> Settings:
    """The same hub under a changed agreement that all have signed."""
    agreement = folder / "agreement.yaml"
    shutil.copy(settings.agreement_path, agreement)
    agree(agreement, change)
    return settings.model_copy(update={"agreement": agreement})


def test_records_of_a_feed_that_is_not_to_be_linked_are_refused_wherever_they_lie(
    settings: Settings, ring: KeyRing, linked: LinkSummary, records: pl.DataFrame, tmp_path: Path
) -> None:
    admit(settings, ring, POLICE, SECOND, records.slice(3000, 10), told_by="yot.cases")
    without_yot = under(settings, tmp_path, lambda terms: terms["linkage"]["feeds"].remove("yot.cases"))
    with pytest.raises(AgreementRefusal, match=r"yot\.cases is not named for linkage"):
        link(without_yot, ring, SECOND)
    assert logged(settings, "agreement:act:refusal") == 1
    assert register(settings).height == 3000


def test_persons_are_linked_by_nothing_that_is_tokenised_no_more(
    settings: Settings, ring: KeyRing, linked: LinkSummary, tmp_path: Path
) -> None:
    def drop_all(terms: dict[str, Any]) -> None:
        for feed in POLICE, COUNCIL:
            for treatment in terms["feeds"][feed]["fields"].values():
                if treatment["treat"] == "tokenise":
                    treatment.update(treat="drop", generalise={})

    again = link(under(settings, tmp_path, drop_all), ring, FIRST)
    assert linked.persons < again.persons == again.records  # nobody is like anybody any more
