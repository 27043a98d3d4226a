"""A published release is read by whom and for what it was granted, as agreed today; the log knows of it first."""

import json
import os
import subprocess
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from sqlalchemy import text

from agreement.errors import AgreementRefusal
from audit.subjects import seen
from hub.clock import now
from hub.database import transaction
from hub.errors import HubError
from publish.disclosed_persons import own_ids
from publish.errors import ReadingRefused
from publish.publication import publish
from publish.reading import read_release
from tests.unit.publish.small_hub import Hub
from tests.warm import hub as run

ANALYSTS, RELEASE, CANARY = "partnership_analysts", "2026-Q3-v1", "Canary Zebedee"
READ, REFUSED = "publish:table:consultation", "publish:table:refusal"


def read(hub: Hub, table: str = "event", columns: list[str] | None = None, **other: Any) -> pl.DataFrame:
    asked = {"release": RELEASE, "recipient": ANALYSTS, "purpose": "strategy", "on": now().date()} | other
    return read_release(hub.settings, table=table, columns=columns, **asked)


def last_entry(hub: Hub) -> dict[str, Any]:
    return hub.said()[-1]


def test_rows_come_in_the_columns_asked_for_and_the_log_says_who_read_what_for_what(published: Hub) -> None:
    rows = read(published, columns=["event_type", "event_id"])
    assert rows.columns == ["event_type", "event_id"]
    assert rows.height == 7
    said = last_entry(published)
    assert said["action"] == READ
    assert (said["table"], said["columns"], said["rows"]) == ("event", ["event_type", "event_id"], 7)
    assert (said["purpose"], said["recipient"], said["release"]) == ("strategy", ANALYSTS, RELEASE)
    assert said["actor"] == published.settings.actor
    assert published.unsigned() == 0


def test_whoever_is_in_the_rows_can_be_told_who_read_them(published: Hub) -> None:
    girl = read(published, "person").filter(sex="female")["person_id"][0]
    with transaction(published.settings) as connection:
        ids = own_ids(connection, published.ring, ANALYSTS)
        acts = seen(connection, ids.filter(person_id=girl)["own_id"][0])
    assert [act.said["action"] for act in acts] == [READ, "publish:release:disclosure"]


# Refused -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"release": "2026-Q4-v1"}, "no candidate"),
        ({"release": CANARY}, "such as 2026-Q3-v1"),
        ({"recipient": "somebody_else"}, "another recipient"),
        ({"recipient": CANARY}, "another recipient"),
        ({"table": "record"}, "no such table"),
        ({"table": CANARY}, "no such table"),
        ({"columns": ["event_id", "ward_code"]}, "1 of the columns"),
        ({"columns": [CANARY]}, "1 of the columns"),
        ({"columns": []}, "no column"),
        ({"purpose": "insurance"}, "other purposes"),
        ({"purpose": CANARY}, "other purposes"),
        ({"on": date(2030, 1, 1)}, "expired"),
    ],
)
def test_nobody_reads(published: Hub, asked: dict[str, Any], why: str) -> None:
    with pytest.raises(HubError, match=why):
        read(published, **asked)
    assert (published.logged(READ), published.logged(REFUSED)) == (0, 1)
    assert CANARY not in json.dumps(last_entry(published))
    assert published.unsigned() == 0


def test_a_candidate_is_not_read(hub: Hub) -> None:
    hub.decide(hub.build().release)
    with pytest.raises(ReadingRefused, match="it is candidate"):
        read(hub)
    assert hub.logged(REFUSED) == 1


def change(hub: Hub, statement: str) -> None:
    with transaction(hub.settings) as connection:
        connection.execute(text(statement))


def test_a_withdrawn_release_is_not_read(published: Hub) -> None:
    change(published, "UPDATE hub.release SET state = 'withdrawn'")
    with pytest.raises(ReadingRefused, match="it is withdrawn"):
        read(published)


def test_a_candidate_that_is_called_published_by_hand_is_not_read(hub: Hub) -> None:
    hub.build()
    change(hub, "UPDATE hub.release SET state = 'published'")
    with pytest.raises(ReadingRefused, match="the log does not know"):
        read(hub)


def test_a_release_whose_manifest_was_changed_by_hand_is_not_read(published: Hub) -> None:
    change(published, """UPDATE hub.release SET manifest = replace(manifest, '"strategy"', '"insurance"')""")
    with pytest.raises(ReadingRefused, match="the log does not know"):
        read(published, purpose="insurance")


@pytest.mark.parametrize("spoil", [Path.unlink, lambda path: path.write_bytes(path.read_bytes()[:-1] + b"x")])
def test_a_file_that_is_not_the_published_one_is_not_read(published: Hub, spoil: Callable[[Path], object]) -> None:
    spoil(Path(published.settings.zone("releases")) / RELEASE / "event.parquet")
    with pytest.raises(ReadingRefused, match=r"hash|missing"):
        read(published)
    assert (published.logged(READ), published.logged(REFUSED)) == (0, 1)


# The agreement has changed since -------------------------------------------------------------------------------------


def tables(terms: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = terms["recipients"][ANALYSTS]["tables"]
    return found


@pytest.mark.parametrize(
    ("change", "why"),
    [
        pytest.param(lambda t: t.update(expires_on=date(2026, 1, 1), review_on=date(2026, 1, 1)), "expired", id="over"),
        pytest.param(lambda t: t["recipients"].update(others=t["recipients"].pop(ANALYSTS)), "not named", id="unnamed"),
        pytest.param(lambda t: tables(t).pop("event"), "table is not granted", id="a table less"),
        pytest.param(
            lambda t: tables(t)["event"]["columns"].remove("knife"), "knife is not granted", id="a column less"
        ),
        pytest.param(lambda t: tables(t)["event"].update(purposes=["evaluation"]), "purpose", id="another purpose"),
        pytest.param(lambda t: tables(t)["event"].update(rows={"knife": ["true"]}), "not narrowed by knife", id="rows"),
        pytest.param(
            lambda t: tables(t)["person"].update(rows={"sex": ["male"]}), "not narrowed by sex", id="its persons"
        ),
    ],
)
def test_what_the_agreement_of_today_does_not_permit_is_read_no_more(
    published: Hub, change: Callable[[dict[str, Any]], object], why: str
) -> None:
    assert read(published).height == 7
    published.agree(lambda terms: (terms.update(version="1.1"), change(terms)))
    with pytest.raises(AgreementRefusal, match=why) as refused:
        read(published)
    said = last_entry(published)
    assert (said["action"], said["clause"]) == (REFUSED, refused.value.clause)
    assert published.logged(READ) == 1


def test_an_earlier_release_stays_readable_under_a_later_version_that_permits_it(published: Hub) -> None:
    published.agree(lambda terms: (terms.update(version="1.1"), tables(terms)["event"]["columns"].append("gang")))
    assert "gang" not in read(published).columns


def test_a_later_version_does_not_open_an_earlier_release_for_other_purposes(hub: Hub) -> None:
    hub.agree(lambda terms: tables(terms)["event"].update(purposes=["strategy"]))
    hub.decide(hub.build().release)
    publish(hub.settings, hub.ring, RELEASE)
    hub.agree(lambda terms: (terms.update(version="1.1"), tables(terms)["event"].pop("purposes")))
    with pytest.raises(ReadingRefused, match="other purposes"):
        read(hub, purpose="evaluation")
    assert read(hub).height == 7


def test_an_unsigned_agreement_lets_nobody_read(published: Hub) -> None:
    published.agree(but=["yot"])
    with pytest.raises(AgreementRefusal, match="has not signed"):
        read(published)


# The command ---------------------------------------------------------------------------------------------------------


def command(hub: Hub, *words: str) -> subprocess.CompletedProcess[str]:
    """``hub release read`` of the release, as a person runs it."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    own |= {"HUB_HOME": str(hub.settings.home), "HUB_CONFIG": str(hub.settings.config)}
    own |= {
        "HUB_DATABASE_URL": str(hub.settings.database_url),
        "HUB_COMMIT": str(hub.settings.commit),
        "COLUMNS": "120",
    }
    return run(["release", "read", RELEASE, *words], own)


def test_the_command_reads_and_exports_what_is_permitted(published: Hub, tmp_path: Path) -> None:
    said = command(published, "event", "--purpose", "strategy", "--columns", "event_type,occurred_on")
    assert said.stdout.splitlines()[0] == "event_type,occurred_on", said.stderr
    assert len(said.stdout.splitlines()) == 8
    for file, rows in ("persons.parquet", pl.read_parquet), ("persons.csv", pl.read_csv):
        done = command(published, "person", "--purpose", "strategy", "--out", str(tmp_path / file))
        assert done.returncode == 0, done.stderr
        assert rows(tmp_path / file).height == 3
    assert published.logged(READ) == 3


def test_the_command_gives_nothing_that_is_refused(published: Hub, tmp_path: Path) -> None:
    refused = command(published, "person", "--purpose", "insurance", "--out", str(tmp_path / "persons.csv"))
    assert refused.returncode == 1
    assert "other purposes" in refused.stderr
    assert not (tmp_path / "persons.csv").exists()
    assert published.logged(REFUSED) == 1
    assert command(published, "person", "--purpose", "strategy", "--out", "persons.xlsx").returncode == 2
    assert published.logged(READ) == 0
