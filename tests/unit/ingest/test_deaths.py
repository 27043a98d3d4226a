"""A homicide on the police's file, and a namesake of the victim three months later: two people, if linkage may know."""

import csv
import io
import logging
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.link_review import app
from hub.database import transaction
from ingest.admission import admit
from linkage.clustered.deaths import NEVER
from linkage.kept.sealed import last_about, read_kept
from linkage.linking import link
from linkage.registered.register import read_register
from linkage.reviewed.reviewing import read_questions
from pseudonymise.references import record_id_for
from pseudonymise.scheme_keys import scheme_keys
from tests.agreed import agree
from tests.unit.ingest.road import POLICE, QUARTER, Road
from tests.unit.pseudonymise.sent import CRIME

SAME = {"Forename": "Quillfeather", "Surname": "Quillfeatherson", "PNC ID": ""}
KILLED = CRIME | SAME | {"HO Code": "001/01", "Committed From": "01/07/2026 23:10", "Crime Reference": "01/900001/26"}
SOON = CRIME | SAME | {"Committed From": "29/09/2026 12:00", "Crime Reference": "01/900002/26", "Person Number": "2"}
LATE = CRIME | SAME | {"Committed From": "30/09/2026 12:00", "Crime Reference": "01/900003/26", "Person Number": "3"}
DATED = {"Recorded Date": "30/09/2026", "Outcome Date": "30/09/2026"}


def delivered(road: Road, *more: dict[str, str]) -> None:
    """What the police have, and these rows; taken in by the same steps as any delivery."""
    head, *lines = (line for page in road.pages(POLICE, 10_000) for line in page.decode().splitlines())
    written = io.StringIO()
    fields = next(csv.reader([head]))
    rows = csv.DictWriter(written, fields, restval="", extrasaction="raise", lineterminator="\n")
    rows.writerows([row | DATED for row in more])
    admit(road.settings, road.delivered(POLICE, ["\n".join((head, *lines, written.getvalue())).encode()]))


def person(road: Road, row: dict[str, str]) -> str:
    """Whom the register says that a row is about."""
    reference = f"{row['Crime Reference']}\x1f{row['Person Number']}"
    record = record_id_for(POLICE, reference, scheme_keys(road.ring))
    with transaction(road.settings) as connection:
        return str(dict(read_register(connection).select("record_id", "person_id").iter_rows())[record])


def narrowed(road: Road, feed: str, *columns: str) -> None:
    """The parties agree that linkage looks at no more than these columns of a feed."""

    def change(terms: dict[str, Any]) -> None:
        terms["linkage"]["looked_at"][feed] = list(columns)

    agree(road.settings.config / "agreement.yaml", change)


def test_whoever_was_killed_is_not_whom_they_are_like_and_who_lived_later(road: Road, monkeypatch, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    delivered(road, KILLED, LATE)
    link(road.settings, road.ring, QUARTER)
    assert person(road, KILLED) != person(road, LATE)
    with transaction(road.settings) as connection:
        asked = [one for one in read_questions(connection) if one.held_by == "deaths"]
    assert len(asked) == 1
    assert not asked[0].joined
    for name in ("home", "database_url", "config"):
        monkeypatch.setenv(f"HUB_{name.upper()}", str(getattr(road.settings, name)))
    shown = CliRunner().invoke(app, ["show", str(asked[0].number)])
    assert "One of the two had died before the other was seen" in shown.output
    assert not any(said in shown.output + caplog.text for said in ("Quillfeather", "2026-07-01", "20635", "001/01"))


def test_whoever_lives_soon_after_may_be_the_victim(road: Road) -> None:
    delivered(road, KILLED, SOON)
    link(road.settings, road.ring, QUARTER)
    assert person(road, KILLED) == person(road, SOON)


@pytest.mark.parametrize("columns", [(), ("occurred_on", "role"), ("role", "offence_code"), ("occurred_on",)])
def test_linkage_looks_at_nothing_that_the_agreement_does_not_name(
    road: Road, caplog: pytest.LogCaptureFixture, columns: tuple[str, ...]
) -> None:
    narrowed(road, POLICE, *columns)
    delivered(road, KILLED, LATE)
    link(road.settings, road.ring, QUARTER)
    assert person(road, KILLED) == person(road, LATE)
    said = "no death is told by police.recorded_crime: the agreement does not let linkage look at "
    assert (said in caplog.text) is ("occurred_on" in columns)
    with transaction(road.settings) as connection:
        about = last_about(connection)
        assert about is not None
        kept = read_kept(road.settings, connection, road.ring, (), about.feeds)
    assert (kept.days[:, 0] == NEVER).all()  # nobody is known to have died
    assert bool(kept.days[:, 1].max() > 0) is ("occurred_on" in columns)


def test_once_the_parties_agree_that_linkage_looks_persons_come_apart(road: Road) -> None:
    narrowed(road, POLICE)
    delivered(road, KILLED, LATE)
    link(road.settings, road.ring, QUARTER)
    one = person(road, KILLED)
    narrowed(road, POLICE, "occurred_on", "role", "offence_code")
    assert link(road.settings, road.ring, QUARTER).full  # by another agreement all is looked at anew
    killed, late = person(road, KILLED), person(road, LATE)
    assert killed != late
    assert one in (killed, late)  # one of the two stays who they were


def test_what_was_stored_without_the_offence_tells_of_no_death(road: Road) -> None:
    """The terms kept no offence when the delivery came, and do so now: the table has no such column."""
    path = road.settings.config / "agreement.yaml"

    def dropped(terms: dict[str, Any]) -> None:
        terms["linkage"]["looked_at"][POLICE].remove("offence_code")
        terms["feeds"][POLICE]["fields"]["offence_code"]["treat"] = "drop"

    def kept(terms: dict[str, Any]) -> None:
        terms["linkage"]["looked_at"][POLICE].append("offence_code")
        terms["feeds"][POLICE]["fields"]["offence_code"]["treat"] = "keep"

    agree(path, dropped)
    delivered(road, KILLED, LATE)
    agree(path, kept)
    link(road.settings, road.ring, QUARTER)
    assert person(road, KILLED) == person(road, LATE)
