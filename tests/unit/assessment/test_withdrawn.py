"""A public release is withdrawn: a notice takes its place, and what it told stays known to all that comes after."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from agreement.policy import load_agreement
from assessment.errors import AssessmentRefused
from assessment.public import kept, withdrawing
from assessment.public.files import PAGE
from assessment.public.making import kinds_due
from assessment.public.manifest import PublicManifest
from assessment.public.publishing import build_public, publish_public
from assessment.public.withdrawing import NOTICE, withdraw_public
from assessment.safe import Gate, Listening
from assessment.told_before import ToldBefore
from hub.database import transaction
from hub.periods import Quarter
from publish.appointing import new_key
from publish.errors import OrderRefused
from publish.ordering import Officer
from tests.cases import cases, takes_long
from tests.unit.assessment.test_evaluating import command
from tests.unit.assessment.test_public import (
    NAME,
    NOTHING,
    ON,
    OTHER,
    Q3,
    STATED,
    TERMS,
    WARDS,
    approve,
    events,
    folder,
    made_of,
    together,
)
from tests.unit.publish.small_hub import OFFICER, Hub

WITHDRAWN, REFUSED = "assessment:public:erasure", "assessment:public:refusal"
CANARY = "Canary Zebedee"


# What was told stays known -------------------------------------------------------------------------------------------


def corrected(frame: pl.DataFrame, seed: int) -> pl.DataFrame:
    """The same events, of which some came to another ward, some are gone and some are new."""
    rng = np.random.default_rng(seed + 100)
    moved = pl.Series(rng.random(frame.height) < 0.03)
    gone = pl.Series(rng.random(frame.height) < 0.02)
    ward = pl.Series([WARDS[n] for n in rng.integers(0, len(WARDS), frame.height)])
    told = frame.with_columns(ward_code=pl.when(moved).then(ward).otherwise("ward_code")).filter(~gone)
    more = events(seed + 500, 20).with_columns(event_id=pl.col("event_id").str.replace("^0{2}", "ff"))
    return pl.concat([told, more])


def again(frame: pl.DataFrame, before: Gate, behind: pl.DataFrame) -> Gate:
    """A later version of a quarter, held against an earlier one that was out, behind which were those events."""
    gate = Gate(TERMS)
    told = ToldBefore.parse(before.told.document(), TERMS)
    gate.hold(told, made_of(behind, Q3, Listening(TERMS))[1].let)
    return made_of(frame, Q3, gate)[1]


@pytest.mark.parametrize("seed", range(cases(10)))
def test_who_holds_a_withdrawn_version_learns_no_protected_count_from_the_next(seed: int) -> None:
    frame = events(seed)
    first = made_of(frame, Q3)[1]
    later = again(corrected(frame, seed), first, frame)
    shown = sum(let.cells.state.count("shown") for let in later.let.values())
    assert shown > 20
    assert together(first, later).learnt() == []


def test_the_same_again_shows_the_same_and_nothing_that_was_hidden() -> None:
    frame = events(2)
    first = made_of(frame, Q3)[1]
    assert again(frame, first, frame).told == first.told
    other = events(2, 1800)
    later = again(other, first, other).told  # its own events are not there any more
    hidden = [(name, cell) for name in later.tables for cell in first.told.hidden(name)]
    assert {later.tables[name][cell] for name, cell in hidden} <= {None, 0}


def released(hub: Hub, quarter: str, *kinds: str) -> kept.PublicRelease:
    """A release of a quarter that was out and is withdrawn."""
    stated = PublicManifest.model_validate(STATED | OTHER | {"quarter": quarter, "kinds": kinds or ("quarter",)})
    with transaction(hub.settings) as connection:
        found, _ = kept.keep(hub.settings, connection, stated)
        kept.mark_published(connection, found, NOTHING)
        kept.mark_withdrawn(connection, found.name)
        return kept.find(connection, found.name)


def test_what_was_withdrawn_counts_for_the_order_of_quarters_and_for_the_year_that_is_due(assessed: Hub) -> None:
    released(assessed, "2026-Q2", "quarter", "needs")
    public = load_agreement(assessed.settings).public
    assert public is not None
    with transaction(assessed.settings) as connection:
        assert kinds_due(connection, public, Q3) == ("quarter",)
        assert kinds_due(connection, public, Quarter(2027, 1)) == ("quarter",)
        with pytest.raises(AssessmentRefused, match="quarters are given in their order"):
            kept.require_in_order(connection, Quarter(2026, 1))
        connection.exec_driver_sql("UPDATE hub.public_release SET manifest = replace(manifest, ',\"needs\"', '')")
    with pytest.raises(AssessmentRefused, match="publish 2026-Q2 again first"):  # a year is held against it too
        build_public(assessed.settings, Q3, ON)


# The notice ----------------------------------------------------------------------------------------------------------


def publish(hub: Hub, name: str = NAME) -> kept.PublicRelease:
    build_public(hub.settings, Q3, ON)
    approve(hub, name)
    return publish_public(hub.settings, name, ON)


def officer(hub: Hub, reason: str = "A feed was <wrong>") -> Officer:
    return Officer(OFFICER, reason, hub.officer_key)


def test_a_notice_is_in_its_place_and_it_is_never_published_again(quarterly: Hub) -> None:
    files = folder(publish(quarterly))
    release = withdraw_public(quarterly.settings, NAME, officer(quarterly))
    held = folder(release)
    assert set(held) == {PAGE, NOTICE}
    page = held[PAGE].decode()
    assert "A feed was &lt;wrong&gt;" in page
    assert "cannot be called back" in page
    hashes = {one["name"]: one["sha256"] for one in json.loads(held[NOTICE])["files"]}
    assert set(hashes) == set(files) - {"manifest.json", "decision.json"}
    (said,) = quarterly.said(action=WITHDRAWN)
    assert (said["actor"], said["release"], said["recipient"]) == (OFFICER, NAME, "the public")
    assert (said["justification"], len(said["detail"]["order"])) == ("A feed was <wrong>", 64)
    assert quarterly.unsigned() == 0
    with pytest.raises(AssessmentRefused, match="it was withdrawn"):
        publish_public(quarterly.settings, NAME, ON)
    with transaction(quarterly.settings) as connection:  # whoever edits the register makes no difference
        connection.exec_driver_sql("UPDATE hub.public_release SET state = 'published'")
    with pytest.raises(AssessmentRefused, match="it was withdrawn"):
        publish_public(quarterly.settings, NAME, ON)
    assert folder(release) == held


def test_the_same_figures_again_are_a_new_version_that_hides_what_was_hidden(quarterly: Hub) -> None:
    publish(quarterly)
    withdraw_public(quarterly.settings, NAME, officer(quarterly))
    again, _, same = build_public(quarterly.settings, Q3, ON)
    assert (again.name, same) == ("public-2026-Q3-v2", False)
    approve(quarterly, again.name)
    publish_public(quarterly.settings, again.name, ON)
    with transaction(quarterly.settings) as connection:
        first, second = kept.every(connection)
    assert (first.state, second.state) == ("withdrawn", "published")
    assert second.told == first.told


@pytest.mark.parametrize("step", [pytest.param("write_partial", marks=takes_long), "put_in_place"])
def test_killed_before_the_notice_is_there_it_is_finished_by_the_command_and_the_list_says_why(
    quarterly: Hub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, step: str
) -> None:
    release = publish(quarterly)

    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(withdrawing, step, killed)
        with pytest.raises(KeyboardInterrupt):
            withdraw_public(quarterly.settings, NAME, officer(quarterly))
    (listed,) = json.loads(command(quarterly, "release", "public", "list", "--json").stdout)
    assert (listed["state"], listed["damaged"]) == ("withdrawn", [PAGE])
    key = tmp_path / "officer.pem"
    key.write_bytes(quarterly.officer_key)
    said = ("--officer", OFFICER, "--key", str(key), "--reason", "Another word")
    done = command(quarterly, "release", "public", "withdraw", NAME, *said)
    assert done.returncode == 0, done.stderr
    assert "Withdrawn and logged: public-2026-Q3-v1" in done.stdout
    (listed,) = json.loads(command(quarterly, "release", "public", "list", "--json").stdout)
    assert (listed["state"], listed["damaged"]) == ("withdrawn", [])
    assert listed["withdrawn"].endswith(": A feed was <wrong>")
    assert set(folder(release)) == {PAGE, NOTICE}
    assert quarterly.logged(WITHDRAWN) == 1


def test_nobody_but_an_appointed_officer_withdraws_and_only_what_is_out(quarterly: Hub) -> None:
    build_public(quarterly.settings, Q3, ON)
    with pytest.raises(AssessmentRefused, match="which nobody was given"):
        withdraw_public(quarterly.settings, NAME, officer(quarterly))
    approve(quarterly)
    files = folder(publish_public(quarterly.settings, NAME, ON))
    with pytest.raises(OrderRefused, match="no appointment"):
        withdraw_public(quarterly.settings, NAME, Officer(CANARY, "why", quarterly.officer_key))
    with pytest.raises(OrderRefused, match="signature"):
        withdraw_public(quarterly.settings, NAME, Officer(OFFICER, "why", new_key()[0]))
    with pytest.raises(AssessmentRefused, match="There is no such"):
        withdraw_public(quarterly.settings, CANARY, officer(quarterly))
    assert (quarterly.logged(WITHDRAWN), quarterly.logged(REFUSED)) == (0, 4)
    assert CANARY not in json.dumps(quarterly.said())
    with transaction(quarterly.settings) as connection:
        assert folder(kept.find(connection, NAME)) == files
