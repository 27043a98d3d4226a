"""Rows by the interface: what a reader is given, in which form, and that the log knew of it first."""

import io
import json
from datetime import date
from typing import Any

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import requests
from sqlalchemy import text

from audit.subjects import seen
from hub.database import transaction
from publish.disclosed_persons import own_ids
from publish.withdrawing import withdraw
from tests.agreed import agree
from tests.unit.api.conftest import ANALYSTS, OTHERS, RELEASE, THEIRS, Served

JSON, CSV = "application/json", "text/csv"
ARROW, PARQUET = "application/vnd.apache.arrow.stream", "application/vnd.apache.parquet"
CANARY = "Canary Zebedee"


@pytest.fixture(scope="module")
def token(served: Served) -> str:
    return served.issue("anna", purposes=["strategy", "evaluation"]).token


def rows(served: Served, token: str, **asked: Any) -> list[dict[str, Any]]:
    answer = served.table(token=token, **asked)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["rows"]
    return found


def form(answer: requests.Response) -> pl.DataFrame:
    """The rows of an answer in any form."""
    assert answer.status_code == 200, answer.text
    content = io.BytesIO(answer.content)
    kind = answer.headers["Content-Type"].partition(";")[0]
    read = {PARQUET: pl.read_parquet, ARROW: pl.read_ipc_stream, CSV: pl.read_csv}
    return read[kind](content) if kind in read else pl.DataFrame(answer.json()["rows"])


def said(served: Served) -> dict[str, Any]:
    """The newest entry that tells of no key."""
    return next(each for each in reversed(served.hub.said()) if each["action"] != "keys:use:key")


def test_each_form_holds_the_same_rows_as_the_published_file(served: Served, token: str) -> None:
    published = pl.read_parquet(f"{served.hub.settings.zone('releases')}/{RELEASE}/event.parquet")
    for media in (PARQUET, ARROW):
        got = form(served.table(token=token, headers={"Accept": media}))
        assert got.equals(published), media
    assert (
        form(served.table(token=token, headers={"Accept": CSV}))["event_id"].to_list()
        == published["event_id"].to_list()
    )
    paged = rows(served, token)
    assert [row["event_id"] for row in paged] == published["event_id"].to_list()
    assert paged[0].keys() == set(published.columns)
    instants = [row["occurred_at"] for row in paged if row["occurred_at"]]
    assert "2026-07-04T22:15:00Z" in instants


def test_a_page_follows_on_the_one_before_and_the_last_one_says_so(served: Served, token: str) -> None:
    whole = [row["event_id"] for row in rows(served, token, columns=["event_id"])]
    found, after = [], 0
    while after is not None:
        answer = served.table(token=token, columns=["event_id"], limit=3, after=after).json()
        assert len(answer["rows"]) <= 3
        found += [row["event_id"] for row in answer["rows"]]
        after = answer["next"]
    assert found == whole
    assert len(found) == 7
    paged = served.table(token=token, limit=3, headers={"Accept": ARROW})
    assert (form(paged).height, paged.headers["X-Next-Row"]) == (3, "3")


@pytest.mark.parametrize(
    ("where", "matching"),
    [
        ([("event_type", "eq", "crime")], "event_type = 'crime'"),
        ([("event_type", "ne", "crime")], "event_type <> 'crime'"),
        (
            [("occurred_on", "ge", "2026-07-05"), ("occurred_on", "lt", "2026-08-01")],
            "occurred_on BETWEEN '2026-07-05' AND '2026-07-31'",
        ),
        ([("occurred_at", "eq", "2026-07-04T23:15:00+01:00")], "occurred_at = '2026-07-04T22:15:00Z'"),
        ([("knife", "eq", True)], "knife"),
        ([("knife", "blank", None)], "knife IS NULL"),
        ([("knife", "blank", False)], "knife IS NOT NULL"),
        ([("offence_code", "in", ["005/01", "008/06"])], "offence_code IN ('005/01', '008/06')"),
        ([("event_type", "eq", "'; DROP TABLE event; --")], "false"),
    ],
)  # fmt: skip
def test_conditions_mean_what_sql_means(
    served: Served, token: str, where: list[tuple[str, str, Any]], matching: str
) -> None:
    asked = [{"column": column, "is": how, "value": value} for column, how, value in where]
    path = f"{served.hub.settings.zone('releases')}/{RELEASE}/event.parquet"
    wanted = duckdb.sql(f"SELECT event_id FROM '{path}' WHERE {matching}").pl()["event_id"].to_list()
    assert [row["event_id"] for row in rows(served, token, where=asked)] == wanted
    streamed = form(served.table(token=token, where=asked, columns=["event_id"], headers={"Accept": ARROW}))
    assert streamed["event_id"].to_list() == wanted


def test_a_page_is_a_consultation_and_a_whole_table_a_disclosure(served: Served, token: str) -> None:
    rows(served, token, columns=["event_type"], limit=2, where=[{"column": "knife", "is": "blank"}])
    page = said(served)
    assert (page["action"], page["rows"], page["actor"]) == ("publish:table:consultation", 2, "reader:anna")
    assert (page["columns"], page["table"], page["purpose"]) == (["event_type", "knife"], "event", "strategy")
    assert (page["release"], page["recipient"]) == (RELEASE, ANALYSTS)
    form(served.table("involvement", token=token, purpose="evaluation", headers={"Accept": CSV}))
    whole = said(served)
    assert (whole["action"], whole["rows"], whole["detail"]["persons"]) == ("publish:rows:disclosure", 6, 3)
    assert (whole["purpose"], whole["detail"]["form"]) == ("evaluation", "csv")
    assert served.hub.unsigned() == 0


def test_whoever_is_in_the_rows_can_be_told_who_read_them_though_no_id_was_asked_for(
    served: Served, token: str
) -> None:
    girl = rows(served, token, table="person", where=[{"column": "sex", "is": "eq", "value": "female"}])[0]["person_id"]
    with transaction(served.hub.settings) as connection:
        ids = own_ids(connection, served.hub.ring, ANALYSTS)
        own = ids.filter(person_id=girl)["own_id"][0]
        before = len(seen(connection, own))
    rows(served, token, table="person", columns=["sex"], where=[{"column": "sex", "is": "eq", "value": "female"}])
    rows(served, token, table="person", columns=["sex"], where=[{"column": "sex", "is": "eq", "value": "male"}])
    with transaction(served.hub.settings) as connection:
        assert len(seen(connection, own)) == before + 1


# Refused -------------------------------------------------------------------------------------------------------------

REFUSED: dict[str, tuple[dict[str, Any], int, str]] = {
    "a release that there is not": ({"release": "2031-Q1-v1"}, 404, "no such release"),
    "another recipient's release": ({"release": THEIRS}, 404, "no such release"),
    "a table that is not in it": ({"table": "incident"}, 404, "no such table"),
    "a column that is not granted": ({"columns": ["event_id", "weapon"]}, 404, "not in its table"),
    "a condition on a column not granted": ({"where": [{"column": "weapon", "is": "blank"}]}, 404, "not in its table"),
    "a purpose that the token has not": ({"purpose": "needs-assessment"}, 403, "issued for other purposes"),
    "a purpose that nobody has": ({"purpose": CANARY}, 403, "issued for other purposes"),
    "a value of another type": ({"where": [{"column": "knife", "is": "eq", "value": CANARY}]}, 422, "column's type"),
    "a day that there is not": ({"where": [{"column": "occurred_on", "is": "lt", "value": "2026-02-31"}]}, 422, "type"),
    "a relation that there is not": ({"where": [{"column": "knife", "is": CANARY}]}, 422, "form"),
    "a name with more in it": ({"columns": ['event_id" FROM x']}, 422, "form"),
    "more than a page": ({"limit": 100_000}, 422, "limit"),
    "something else": ({CANARY: 1}, 422, "not known"),
    "a form that is not offered": ({"headers": {"Accept": "application/xml"}}, 406, "there is only"),
    "a body that is too long": ({"purpose": "x" * 100_000}, 413, "longer than"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_refused_without_a_value(served: Served, token: str, case: str) -> None:
    asked, status, why = REFUSED[case]
    answer = served.table(token=token, **asked)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json"), answer.text
    assert why in answer.text
    assert answer.json()["status"] == status
    assert CANARY not in answer.text + json.dumps(served.hub.said())


@pytest.mark.parametrize("said", ["columns=knife&columns=event_type", "colums=knife", f"where={CANARY}"])
def test_an_address_of_which_a_part_would_not_be_looked_at_is_refused(served: Served, token: str, said: str) -> None:
    answer = served.ask(f"/v1/releases/{RELEASE}/tables/event?purpose=strategy&{said}", token)
    assert answer.status_code == 422
    assert "Give after, columns, limit, purpose once each" in answer.text
    assert CANARY not in answer.text


def test_what_is_refused_by_agreement_or_release_is_an_entry(served: Served, token: str) -> None:
    before = served.hub.logged("publish:table:refusal")
    for case in ("another recipient's release", "a column that is not granted", "a purpose that the token has not"):
        served.table(token=token, **REFUSED[case][0])
    assert served.hub.logged("publish:table:refusal") == before + 3


def test_the_agreement_in_force_is_asked_at_each_reading(served: Served, token: str, kept: Any) -> None:
    assert rows(served, token, columns=["knife"])

    def narrower(terms: dict[str, Any]) -> None:
        terms["recipients"][ANALYSTS]["tables"]["event"]["columns"].remove("knife")

    agree(kept, narrower)
    refused = served.table(token=token, columns=["knife"])
    assert (refused.status_code, "knife is not granted" in refused.text) == (403, True)
    agree(kept, lambda terms: None, but=["health"])
    unsigned = served.table(token=token, columns=["event_id"])
    assert (unsigned.status_code, "signed" in unsigned.text) == (403, True)


def test_files_that_were_changed_since_are_not_given(served: Served) -> None:
    """Another recipient's, which nobody has read yet: what was read once is kept as it was."""
    theirs = served.issue("carl", recipient=OTHERS).token
    path = f"{served.hub.settings.zone('releases')}/{THEIRS}/event.parquet"
    with open(path, "rb+") as file:  # noqa: PTH123
        before = file.read()
        file.seek(100)
        file.write(b"\x00\x01")
    refused = served.table(token=theirs, release=THEIRS)
    assert (refused.status_code, "hash" in refused.text) == (404, True)
    with open(path, "wb") as file:  # noqa: PTH123
        file.write(before)
    assert rows(served, theirs, release=THEIRS)[0].keys() == {"event_id", "event_type"}


def test_another_recipient_is_given_its_own_rows(served: Served) -> None:
    theirs = served.issue("carl", recipient=OTHERS).token
    assert [each["name"] for each in served.ask("/v1/releases", theirs).json()["releases"]] == [THEIRS]
    assert served.table(token=theirs).status_code == 404
    assert served.ask(f"/v1/releases/{RELEASE}/dictionary", theirs).status_code == 404


def test_the_dictionary_names_every_column_with_its_meaning(served: Served, token: str) -> None:
    tables = served.ask(f"/v1/releases/{RELEASE}/dictionary", token).json()["tables"]
    told = {table["name"]: table for table in tables}
    for name, table in told.items():
        assert all(column["meaning"] for column in table["columns"])
        assert [column["name"] for column in table["columns"]] == list(rows(served, token, table=name)[0])
    assert told["event"]["rows"] == 7
    manifest = served.ask(f"/v1/releases/{RELEASE}/manifest", token).json()
    assert manifest["tables"][0]["sha256"]


def test_a_cell_that_a_spreadsheet_would_run_begins_with_an_apostrophe() -> None:
    from api.forms import Form, streamed

    frame = pl.DataFrame({"a": ["=1+1", "@x", "-Smith", "plain", None, "+44"], "n": [-1, 2, 3, 4, 5, 6]})
    csv = b"".join(streamed(Form.CSV, [frame], frame.clear())).decode()
    assert csv.splitlines() == ["a,n", "'=1+1,-1", "'@x,2", "'-Smith,3", "plain,4", ",5", "'+44,6"]


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        (None, JSON),
        ("*/*", JSON),
        (f"{CSV};q=0.5, {ARROW}", ARROW),
        ("text/*", CSV),
        (f"{CSV};q=0, {JSON};q=0.1", JSON),
    ],
)
def test_the_form_is_the_one_preferred(served: Served, token: str, accept: str | None, media: str) -> None:
    headers = {"Accept": accept} if accept else {"Accept": ""}
    assert served.table(token=token, headers=headers).headers["Content-Type"].startswith(media)


def test_every_answer_tells_browsers_to_keep_nothing_and_run_nothing(served: Served, token: str) -> None:
    for answer in (
        served.ask("/v1/releases", token),
        served.ask("/v1/releases", ""),
        served.ask("/nowhere", ""),
        served.table(token=token, headers={"Accept": ARROW}),
        served.table(token=token, purpose="x" * 100_000),
    ):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert "server" not in answer.headers
    assert served.ask("/docs", "").status_code == 404


def test_a_stream_is_a_file_that_parquet_and_arrow_read_by_themselves(served: Served, token: str) -> None:
    def asked(media: str) -> bytes:
        return served.table(token=token, columns=["event_id", "occurred_at"], headers={"Accept": media}).content

    assert pq.read_table(io.BytesIO(asked(PARQUET))).num_rows == 7
    schema = pa.ipc.open_stream(asked(ARROW)).read_all().schema
    assert str(schema.field("occurred_at").type) == "timestamp[us, tz=UTC]"
    assert date(2026, 7, 4) in form(served.table(token=token, headers={"Accept": PARQUET}))["occurred_on"].to_list()


def test_a_withdrawn_release_is_gone_and_its_reader_is_told(served: Served) -> None:
    """Last, because it stays so."""
    theirs = served.issue("carl", recipient=OTHERS).token
    assert rows(served, theirs, release=THEIRS)
    with transaction(served.hub.settings) as connection:
        withdraw(served.hub.settings, connection, THEIRS, "officer", "It was wrong")
    gone = served.table(token=theirs, release=THEIRS)
    assert (gone.status_code, "Destroy your copies" in gone.text) == (410, True)
    (told,) = served.ask("/v1/releases", theirs).json()["releases"]
    assert (told["name"], told["state"]) == (THEIRS, "withdrawn")
    served.table(token=served.issue().token)
    assert {name for _, name in served.app.state.shelf.files._held} >= {"event"}
    with transaction(served.hub.settings) as connection:
        hashes = connection.execute(text("SELECT manifest_hash FROM hub.release WHERE state = 'withdrawn'")).scalars()
        assert not {key for key, _ in served.app.state.shelf.files._held} & set(hashes)
