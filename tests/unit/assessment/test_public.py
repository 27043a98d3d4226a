"""Figures for anybody to see: protected over successive quarters, agreed, approved, made again, and logged."""

import hashlib
import json
from collections.abc import Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from agreement.check import check_agreement
from agreement.diff import Effect, differences
from agreement.errors import AgreementRefusal
from agreement.policy import load_agreement
from assessment.errors import AssessmentRefused
from assessment.joined import Joined
from assessment.public import kept, publishing
from assessment.public.deciding import decide_public
from assessment.public.files import METADATA, PAGE
from assessment.public.making import MadeRelease, kinds_due, make
from assessment.public.manifest import PublicManifest
from assessment.public.publishing import build_public, missing_files, publish_public
from assessment.public.tables import TABLES, Made, quarter_tables
from assessment.safe import Gate
from assessment.told_before import ToldBefore
from disclosure.questions import Terms
from hub.database import transaction
from hub.periods import Quarter
from hub.settings import Settings
from publish.decision import Verdict
from publish.errors import DecisionRefused
from tests.cases import cases
from tests.unit.assessment.known_hub import PUBLIC
from tests.unit.assessment.test_evaluating import command
from tests.unit.publish.small_hub import OFFICER, Hub

ON, Q3, NAME, CANARY = date(2026, 11, 20), Quarter(2026, 3), "public-2026-Q3-v1", "Canary Zebedee"
TERMS = Terms(8, 5)
NOTHING = ToldBefore(TERMS, {})
QUARTERS = (Quarter(2025, 4), Quarter(2026, 1), Quarter(2026, 2), Q3)
WARDS = tuple(f"W{n:02}" for n in range(6))
VALUES = {
    "ward": WARDS,
    "offence_group": ("Burglary", "Robbery", "Violence"),
    "violence_kind": ("homicide", "rape", "robbery"),
    "asb_category": ("nuisance", "personal"),
    "fire_kind": ("primary", "secondary"),
}
GROUPS = pl.DataFrame({"offence_code": ["1", "2", "3"], "group": ["Burglary", "Robbery", "Violence"]})
PUBLISHED, BUILT, REFUSED = (
    "assessment:public:disclosure",
    "assessment:candidate:combination",
    "assessment:public:refusal",
)


STATED = {
    "partnership": "Safer Kingston", "release": "", "quarter": "2026-Q1", "kinds": ["quarter", "needs"],
    "source": "2026-Q1-v1", "source_manifest": "a" * 64, "agreement": {"id": "a", "version": "1", "hash": "b" * 64},
    "code_commit": "0" * 40, "smallest_count": 8, "round_to": 5, "files": [], "protection": [],
}  # fmt: skip
OTHER = {"files": [{"name": "recorded-crime-by-ward.csv", "sha256": "0" * 64, "size": 1}]}


# Tables --------------------------------------------------------------------------------------------------------------


def events(seed: int, number: int = 900) -> pl.DataFrame:
    """Events of a year, in which some wards, groups and kinds are rare."""
    rng = np.random.default_rng(seed)

    def drawn(values: tuple[str, ...]) -> list[str]:
        return [values[n] for n in rng.choice(len(values), number, p=_rare(len(values)))]

    feeds = ("police.recorded_crime", "council.antisocial_behaviour", "fire.incidents", "health.emergency_care")
    return pl.DataFrame(
        {
            "event_id": [f"{n:032x}" for n in range(number)],
            "feed": drawn(feeds),
            "occurred_on": [date(2025, 10, 1) + timedelta(days=int(n)) for n in rng.integers(0, 365, number)],
            "ward_code": drawn(WARDS),
            "offence_code": drawn(("1", "2", "3")),
            "violence_kind": drawn(("homicide", "rape", "robbery")),
            "asb_category": drawn(("nuisance", "personal")),
            "fire_kind": drawn(("primary", "secondary")),
        }
    ).with_columns(violence_kind=pl.when(pl.col("event_id").str.slice(-1).is_in(["0", "4", "8"])).then("violence_kind"))


def _rare(number: int) -> list[float]:
    weight = [1 / (n + 1) ** 1.6 for n in range(number)]
    return [one / sum(weight) for one in weight]


def made_of(frame: pl.DataFrame, quarter: Quarter, gate: Gate | None = None) -> tuple[list[Made], Gate]:
    gate = gate or Gate(TERMS)
    return quarter_tables(frame, GROUPS, VALUES, quarter, gate), gate


def together(*gates: Gate) -> Joined:
    """All that several gates let through, as somebody has it who knows who is behind each cell."""
    joined = Joined(TERMS)
    for gate in gates:
        for let in gate.let.values():
            joined.hold(let.cells)
    return joined


@pytest.mark.parametrize("seed", range(cases(10)))
def test_an_exact_attacker_learns_of_no_protected_count_of_four_successive_quarters(seed: int) -> None:
    frame = events(seed)
    gates = [made_of(frame, quarter)[1] for quarter in QUARTERS]
    small = sum(one.small for gate in gates for one in gate.decisions)
    assert small > 20
    assert together(*gates).learnt() == []


def test_each_event_is_in_the_tables_of_one_quarter_and_all_counts_are_rounded() -> None:
    frame = events(1, 4000)
    whole = frame.filter(pl.col("feed") == "police.recorded_crime").height
    made = [made_of(frame, quarter)[0] for quarter in QUARTERS]
    assert made[0][0].slug == "recorded-crime-by-month"
    assert abs(sum(one[0].counts.total for one in made) - whole) < 0.05 * whole
    for table in (one for of in made for one in of):
        counts = table.counts.frame["count"].drop_nulls()
        assert (counts % 5 == 0).all()
        assert not counts.is_between(1, 7).any()


def test_a_count_of_a_few_is_written_c_and_what_the_release_does_not_know_has_no_table() -> None:
    made = {one.slug: one for one in made_of(events(3), Q3)[0]}
    assert "recorded-crime-by-time" not in made  # no column occurred_at
    assert {"recorded-crime-by-ward", "fires-by-month"} <= set(made)
    assert b",c\n" in made["recorded-crime-by-ward"].csv()
    assert {table.slug for table in TABLES} >= set(made)


# The agreement -------------------------------------------------------------------------------------------------------


def test_the_agreement_as_it_is_gives_the_public_nothing(settings: Settings) -> None:
    assert load_agreement(settings).public is None


def test_terms_for_the_public_are_no_weaker_and_a_change_of_them_is_told(assessed: Hub) -> None:
    old = load_agreement(assessed.settings)
    assessed.agree(lambda terms: terms.update(public={**PUBLIC, "smallest_count": 5, "purposes": ["marketing"]}))
    new = load_agreement(assessed.settings)
    said = [(one.effect, one.sentence) for one in differences(old, new)]
    assert (Effect.MORE, "The smallest count that the public is shown would be lowered from 8 to 5.") in said
    found = {one.where for one in check_agreement(new, {}, {}) if one.where.startswith("public")}
    assert found == {"public.purposes", "public.smallest_count"}
    with pytest.raises(AgreementRefusal):
        build_public(assessed.settings, Q3, ON)
    assessed.agree(lambda terms: terms.pop("public"))
    gone = differences(old, load_agreement(assessed.settings))
    assert "The public could no longer be given anything." in [one.sentence for one in gone]
    with pytest.raises(AgreementRefusal, match="no terms for the public are stated"):
        build_public(assessed.settings, Q3, ON)
    assert (assessed.logged(BUILT), assessed.logged("publish:table:consultation")) == (0, 0)


# From candidate to page ----------------------------------------------------------------------------------------------


def approve(hub: Hub, name: str = NAME, verdict: Verdict = Verdict.APPROVE) -> None:
    decide_public(hub.settings, name, verdict=verdict, reason="Checked", officer=OFFICER, key=hub.officer_key)


def folder(release: kept.PublicRelease) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in Path(release.uri.removeprefix("file://")).iterdir()}


@pytest.fixture
def out(assessed: Hub) -> tuple[Hub, kept.PublicRelease, Mapping[str, bytes]]:
    """A hub whose public release was approved and published, and the files of it that were built before."""
    _, files, same = build_public(assessed.settings, Q3, ON)
    assert not same
    approve(assessed)
    return assessed, publish_public(assessed.settings, NAME, ON), files


def test_what_was_approved_is_published_by_hash_with_the_decision_beside_it(
    out: tuple[Hub, kept.PublicRelease, Mapping[str, bytes]],
) -> None:
    hub, release, files = out
    held = folder(release)
    assert set(held) == {*files, "manifest.json", "decision.json"}
    manifest = PublicManifest.parse(held["manifest.json"], "the folder")
    assert {one.name: one.sha256 for one in manifest.files} == {
        name: hashlib.sha256(content).hexdigest() for name, content in files.items()
    }
    assert json.loads(held["decision.json"])["statement"]["manifest_hash"] == manifest.hash
    assert missing_files(release) == []
    (entry,) = hub.said(action=PUBLISHED)
    assert (entry["release"], entry["recipient"], entry["detail"]["manifest"]) == (NAME, "the public", manifest.hash)
    assert manifest.kinds == ("quarter", "needs")
    assert hub.unsigned() == 0
    described_without_anybodys_id(hub, held)


def described_without_anybodys_id(hub: Hub, held: Mapping[str, bytes]) -> None:
    """Each table is described for programs and shown on the page, and nobody's id is anywhere."""
    described = json.loads(held[METADATA])
    tables = {table["url"]: [c["titles"] for c in table["tableSchema"]["columns"]] for table in described["tables"]}
    assert set(tables) == {name for name in held if name.endswith(".csv")}
    assert any(name.startswith("needs-") for name in tables)
    for name, columns in tables.items():
        assert pl.read_csv(held[name], infer_schema=False).columns == columns
    both = "SELECT event_id FROM release_2026_q3_v1.event UNION SELECT person_id FROM release_2026_q3_v1.person"
    ids = [row[0] for row in hub.rows(both)]
    for content in held.values():
        assert not any(one.encode() in content for one in ids)
    page = held[PAGE].decode()
    assert "<script" not in page
    assert "fires in dwellings without a smoke alarm" in page
    assert "fires by kind and month" in page  # no fire and rescue authority delivered anything
    assert not {"fires-by-month.csv", "assaults-in-hospital-by-month.csv"} & set(tables)
    assert all(f'href="{name}"' in page for name in tables)


def test_built_again_it_is_the_same_and_no_one_is_asked_twice(quarterly: Hub) -> None:
    _, files, _ = build_public(quarterly.settings, Q3, ON)
    approve(quarterly)
    release = publish_public(quarterly.settings, NAME, ON)
    again, same_files, same = build_public(quarterly.settings, Q3, ON)
    assert (again.name, same, dict(same_files)) == (NAME, True, dict(files))
    with pytest.raises(DecisionRefused, match="published already"):
        approve(quarterly, verdict=Verdict.REFUSE)
    for path in Path(release.uri.removeprefix("file://")).iterdir():  # killed before the folder was in place
        path.unlink()
    assert missing_files(release)
    publish_public(quarterly.settings, NAME, ON)
    assert missing_files(release) == []
    assert quarterly.logged(PUBLISHED) == 1


def test_nothing_is_published_without_an_approval_of_this_very_candidate(quarterly: Hub) -> None:
    release, _, _ = build_public(quarterly.settings, Q3, ON)
    with pytest.raises(DecisionRefused, match="no decision"):
        publish_public(quarterly.settings, NAME, ON)
    approve(quarterly, verdict=Verdict.REFUSE)
    with pytest.raises(DecisionRefused, match="to refuse"):
        publish_public(quarterly.settings, NAME, ON)
    approve(quarterly)
    later = quarterly.settings.model_copy(update={"commit": "1" * 40})
    with pytest.raises(AssessmentRefused, match="made again it is otherwise"):
        publish_public(later, NAME, ON)
    with pytest.raises(AssessmentRefused, match="such as public-2026-Q3-v1"):
        publish_public(quarterly.settings, CANARY, ON)
    assert not Path(release.uri.removeprefix("file://")).exists()
    assert (quarterly.logged(PUBLISHED), quarterly.logged(REFUSED)) == (0, 4)
    assert CANARY not in json.dumps(quarterly.said())


def test_tables_of_a_year_go_out_once_in_four_quarters(assessed: Hub) -> None:
    manifest = PublicManifest.model_validate(STATED)
    public = load_agreement(assessed.settings).public
    assert public is not None
    with transaction(assessed.settings) as connection:
        before, _ = kept.keep(assessed.settings, connection, manifest.model_copy(update={"quarter": "2026-Q1"}))
        assert kinds_due(connection, public, Q3) == ("quarter", "needs")
        kept.mark_published(connection, before, NOTHING)
        assert kinds_due(connection, public, Q3) == ("quarter",)
        assert kinds_due(connection, public, Quarter(2026, 4)) == ("quarter",)
        assert kinds_due(connection, public, Quarter(2027, 1)) == ("quarter", "needs")
        assert kinds_due(connection, public, Quarter(2025, 4)) == ("quarter",)  # nor beside a later year


def test_a_year_that_was_due_when_it_was_built_and_is_no_more_is_not_published(
    assessed: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, _, _ = build_public(assessed.settings, Q3, ON)
    assert release.manifest.kinds == ("quarter", "needs")
    approve(assessed)

    def slowly(*asked: Any) -> MadeRelease:
        made = make(*asked)
        with transaction(assessed.settings) as connection:
            stated = PublicManifest.model_validate(STATED | {"quarter": "2026-Q1", "kinds": ["needs"]})
            kept.mark_published(connection, kept.keep(assessed.settings, connection, stated)[0], NOTHING)
        return made

    monkeypatch.setattr(publishing, "make", slowly)
    with pytest.raises(AssessmentRefused, match="tables of a year that overlaps with its own"):
        publish_public(assessed.settings, NAME, ON)
    assert assessed.logged(PUBLISHED) == 0


@pytest.mark.parametrize("meanwhile", ["another candidate", "a quarter before", "another agreement"])
def test_what_changes_while_it_is_made_again_is_noticed_before_anything_is_disclosed(
    quarterly: Hub, monkeypatch: pytest.MonkeyPatch, meanwhile: str
) -> None:
    release, _, _ = build_public(quarterly.settings, Q3, ON)
    approve(quarterly)
    stated = {"another candidate": {"quarter": str(Q3)}, "a quarter before": {"quarter": "2026-Q2"}}

    def slowly(*asked: Any) -> MadeRelease:
        made = make(*asked)
        if meanwhile == "another agreement":
            quarterly.agree(lambda terms: terms["public"].update(round_to=10))
            return made
        other = PublicManifest.model_validate(STATED | {"kinds": ["quarter"]} | stated[meanwhile])
        with transaction(quarterly.settings) as connection:
            new, _ = kept.keep(quarterly.settings, connection, other)
            if meanwhile == "a quarter before":
                kept.mark_published(connection, new, NOTHING)
        return made

    monkeypatch.setattr(publishing, "make", slowly)
    with pytest.raises((AssessmentRefused, DecisionRefused), match=r"otherwise|meanwhile|agreement"):
        publish_public(quarterly.settings, NAME, ON)
    assert quarterly.logged(PUBLISHED) == 0
    assert not Path(release.uri.removeprefix("file://")).exists()


def test_killed_before_its_files_are_there_it_is_published_by_running_it_again(
    quarterly: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    build_public(quarterly.settings, Q3, ON)
    approve(quarterly)
    for step in ("write_partial", "put_in_place"):
        with monkeypatch.context() as patched:
            patched.setattr(publishing, step, _killed)
            with pytest.raises(KeyboardInterrupt):
                publish_public(quarterly.settings, NAME, ON)
        assert quarterly.logged(PUBLISHED) == 1
    assert missing_files(publish_public(quarterly.settings, NAME, ON)) == []
    assert quarterly.logged(PUBLISHED) == 1


def _killed(*_: Any) -> None:
    raise KeyboardInterrupt


def test_quarters_go_out_in_their_order(assessed: Hub) -> None:
    """A year that tells of a quarter may be out already; what was published can be corrected."""
    with transaction(assessed.settings) as connection:
        for name in ("2026-Q2", "2026-Q4"):
            stated = PublicManifest.model_validate(STATED | {"quarter": name, "kinds": ["quarter"]})
            kept.mark_published(connection, kept.keep(assessed.settings, connection, stated)[0], NOTHING)
        kept.require_in_order(connection, Quarter(2026, 2))
    with pytest.raises(AssessmentRefused, match="quarters are given in their order"):
        build_public(assessed.settings, Q3, ON)


def test_a_year_is_not_told_beside_a_quarter_that_came_out_otherwise(assessed: Hub) -> None:
    manifest, changed = PublicManifest.model_validate(STATED | OTHER), {"quarter": "2026-Q2", "kinds": ("quarter",)}
    with transaction(assessed.settings) as connection:
        before, _ = kept.keep(assessed.settings, connection, manifest.model_copy(update=changed))
        kept.mark_published(connection, before, NOTHING)
    with pytest.raises(AssessmentRefused, match="publish 2026-Q2 again first"):
        build_public(assessed.settings, Q3, ON)


def test_the_commands_build_decide_publish_and_list(quarterly: Hub, tmp_path: Path) -> None:
    key = tmp_path / "officer.pem"
    key.write_bytes(quarterly.officer_key)
    built = command(quarterly, "release", "public", "build", "2026-Q3", "--preview", str(tmp_path / "look"))
    assert built.returncode == 0, built.stderr
    assert (tmp_path / "look" / PAGE).exists()
    said = ("--officer", OFFICER, "--key", str(key), "--reason", "Checked")
    assert command(quarterly, "release", "public", "approve", NAME, *said).returncode == 0
    out = command(quarterly, "release", "public", "publish", NAME)
    assert out.returncode == 0, out.stderr
    (listed,) = json.loads(command(quarterly, "release", "public", "list", "--json").stdout)
    assert (listed["name"], listed["state"], listed["damaged"]) == (NAME, "published", [])
