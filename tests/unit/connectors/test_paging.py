"""Every way of paging: each row once, gone on with where it stopped, and no row lost in silence when one moves."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from connectors.errors import ConnectionFailed, SourceChanged, WrongAnswer
from connectors.http import Patience
from connectors.rest import RestConnector
from hub.periods import Quarter
from hub.settings import Settings
from hub.transports import RestTransport

Q3 = Quarter(2026, 3)
WAYS = ["page", "offset", "cursor", "link"]
QUICK = Patience(attempts=2, first_wait_s=0.01, longest_wait_s=1, timeout_s=(1, 1))


@dataclass
class Shelf:
    """A partner's rows, handed out in each of the four ways. Its cursors are the last row's own key."""

    rows: list[dict[str, Any]] = field(default_factory=lambda: [{"id": f"ref-{number}"} for number in range(7)])
    most: int = 500  # it gives no more rows at once, whatever it is asked for
    counts: bool = True

    def __call__(self, asked: Any) -> object:
        size = min(int(asked.fields.get("pageSize", 3)), self.most)
        start = self._start(asked.fields, size)
        given = self.rows[start : start + size]
        content: dict[str, Any] = {"items": given, "totalPages": -(-len(self.rows) // size)}
        if self.counts:
            content["totalItems"] = len(self.rows)
        headers = {}
        if start + size < len(self.rows):
            content["nextCursor"] = given[-1]["id"]
            headers["Link"] = (
                f'</other>; rel="last", <{asked.path}?after={given[-1]["id"]}&pageSize={size}>; rel="Next"'
            )
        return 200, headers, content

    def _start(self, fields: dict[str, str], size: int) -> int:
        if "page" in fields:
            return (int(fields["page"]) - 1) * size
        if "offset" in fields:
            return int(fields["offset"])
        after = fields.get("cursor") or fields.get("after")
        return next((place + 1 for place, row in enumerate(self.rows) if row["id"] == after), 0)


@pytest.fixture(params=WAYS)
def by(request: pytest.FixtureRequest) -> str:
    return request.param


def connector(partner: Any, by: str, **changes: Any) -> RestConnector:
    given = {"kind": "rest", "url": partner.url, "path": "/rows", "by": by, "items": "items", "page_size": 3}
    settings = {"total_items": "totalItems"} | changes
    return RestConnector("a.feed", RestTransport.model_validate(given | settings), Settings().secret, QUICK)


def keys(pages: Any) -> list[str]:
    return [row["id"] for page in pages for row in json.loads(page.body)["items"]]


def everything(shelf: Shelf) -> list[str]:
    return [row["id"] for row in shelf.rows]


def test_every_row_comes_once_and_the_receipt_says_how_many(partner, by) -> None:
    partner.answer = shelf = Shelf()
    pages = list(connector(partner, by).pages(Q3))
    assert keys(pages) == everything(shelf)
    assert [page.receipt and page.receipt.rows for page in pages] == [None, None, 7]
    assert [page.cursor == "done" for page in pages] == [False, False, True]


def test_a_run_goes_on_where_another_was_killed_and_fetches_no_page_again_but_to_compare(partner, by) -> None:
    partner.answer = Shelf()
    whole = list(connector(partner, by).pages(Q3))
    for kept, page in enumerate(whole, 1):
        partner.asked.clear()
        rest = list(connector(partner, by).pages(Q3, page.cursor))
        assert [later.body for later in rest] == [later.body for later in whole[kept:]]
        compared = 2 if kept == 2 else 1  # the first page and the one before the last, which may be the same
        assert len(partner.asked) <= len(rest) + 2 * compared if rest else partner.asked == []


def test_a_partner_that_gives_fewer_rows_than_asked_for_loses_none(partner, by) -> None:
    partner.answer = shelf = Shelf(most=2)
    assert keys(connector(partner, by, page_size=5).pages(Q3)) == everything(shelf)


@pytest.mark.parametrize("rows", [0, 3, 6, 7])
def test_without_a_count_of_rows_the_end_is_found(partner, by, rows) -> None:
    partner.answer = shelf = Shelf(rows=Shelf().rows[:rows], counts=False)
    assert keys(connector(partner, by, total_items=None).pages(Q3)) == everything(shelf)


NEW = {"id": "ref-new"}
MOVES: dict[str, Callable[[list[dict[str, Any]]], list[dict[str, Any]]]] = {
    "a row goes": lambda rows: rows[1:],
    "a row comes": lambda rows: [*rows, NEW],
    "a row goes and another comes": lambda rows: [*rows[1:], NEW],
    "a row is corrected": lambda rows: [rows[0] | {"corrected": True}, *rows[1:]],
}


@pytest.mark.parametrize("killed", [False, True], ids=["in one run", "between two"])
@pytest.mark.parametrize("move", MOVES)
def test_rows_that_move_are_noticed_before_the_last_page_is_given(partner, by, move, killed) -> None:
    partner.answer = shelf = Shelf()
    pages = connector(partner, by).pages(Q3)
    first = next(pages)
    shelf.rows = MOVES[move](shelf.rows)
    with pytest.raises(SourceChanged) as refused:
        list(connector(partner, by).pages(Q3, first.cursor) if killed else pages)
    assert refused.value.transient


def test_a_page_that_is_given_twice_is_noticed(partner, by) -> None:
    """What stands before a partner gives an old answer again: the rows of another page never come."""
    partner.answer, shelf = (lambda asked: kept.setdefault(len(partner.asked) // 3, shelf(asked))), Shelf()
    kept: dict[int, object] = {}
    with pytest.raises(SourceChanged):
        list(connector(partner, by).pages(Q3))


def test_a_page_that_holds_fewer_rows_than_it_should_is_noticed(partner, by) -> None:
    shelf = Shelf()

    def cut(asked: Any) -> object:
        status, headers, content = shelf(asked)
        if len(partner.asked) == 2:
            content["items"] = content["items"][:-1]
        return status, headers, content

    partner.answer = cut
    with pytest.raises(SourceChanged):
        list(connector(partner, by).pages(Q3))


@pytest.mark.parametrize("by", ["cursor", "link"])
def test_a_partner_that_leads_round_in_a_circle_is_left(partner, by) -> None:
    shelf = Shelf()

    def circle(asked: Any) -> object:
        _, _, content = shelf(asked)
        rows = [{"id": f"{len(partner.asked)}"}]
        word = f"ref-{len(partner.asked) % 2}"
        return 200, {"Link": f"</rows?after={word}>; rel=next"}, content | {"items": rows, "nextCursor": word}

    partner.answer = circle
    with pytest.raises(SourceChanged, match="no end"):
        list(connector(partner, by, total_items=None).pages(Q3))
    assert len(partner.asked) == 3


@pytest.mark.parametrize("by", WAYS)
@pytest.mark.parametrize("status", [400, 404, 410])
def test_a_place_that_the_partner_has_forgotten_begins_the_delivery_anew(partner, by, status) -> None:
    partner.answer = Shelf()
    first = next(connector(partner, by).pages(Q3))
    partner.answer = lambda _: (status, {}, {})
    with pytest.raises(SourceChanged):
        list(connector(partner, by).pages(Q3, first.cursor))


@pytest.mark.parametrize("cursor", ["2", "{}", "[]", '{"following": "x"}', "1/2/3/4/5/6/7/8"])
def test_a_cursor_of_another_version_begins_the_delivery_anew(partner, by, cursor) -> None:
    with pytest.raises(SourceChanged, match="another version"):
        list(connector(partner, by).pages(Q3, cursor))


def test_a_link_is_never_followed_to_another_server(partners) -> None:
    """The hub's credentials would go with it."""
    own, other = partners(), partners()
    other.answer = Shelf()
    spread = [
        other.url,
        f"//127.0.0.1:{other.server_port}",
        own.url.replace("http", "https"),
        own.url.replace("//", "//someone@"),
        own.url.replace("127.0.0.1", "localhost"),
        "http://[bad",
    ]
    for elsewhere in spread:
        own.answer = lambda _, to=elsewhere: (200, {"Link": f'<{to}/rows?after=1>; rel="next"'}, {"items": []})
        with pytest.raises(WrongAnswer, match="another server"):
            list(connector(own, "link", total_items=None).pages(Q3))
    assert other.asked == []


def test_a_cursor_that_is_a_number_or_stands_deep_is_sent_back_and_one_that_is_a_list_refused(partner) -> None:
    answers = [{"items": [{"id": 1}], "meta": {"next": 0}}, {"items": [{"id": 2}], "meta": {"next": None}}]
    partner.answer = lambda asked: answers["after" in asked.fields]
    deep = connector(partner, "cursor", next_cursor="meta.next", cursor_param="after", total_items=None)
    assert keys(deep.pages(Q3)) == [1, 2]
    assert partner.asked[1].fields["after"] == "0"
    answers[0]["meta"]["next"] = ["1"]
    with pytest.raises(WrongAnswer, match=r"meta\.next"):
        list(deep.pages(Q3))


def test_a_month_that_is_given_for_another_is_noticed(partner) -> None:
    partner.answer = lambda _: [{"id": 1}]
    monthly = connector(partner, "month", items=None, total_items=None, params={"date": "{month}"})
    with pytest.raises(SourceChanged):
        list(monthly.pages(Q3))
    assert [asked.fields["date"] for asked in partner.asked] == ["2026-07", "2026-08"]


# What an answer may be


@pytest.mark.parametrize("kind", ["text/html", "text/csv; charset=utf-8", "application/jsonlines", "json"])
def test_what_is_not_said_to_be_json_is_not_read(partner, kind) -> None:
    partner.answer = lambda _: (200, {"Content-Type": kind}, {"items": [], "totalItems": 0, "totalPages": 0})
    with pytest.raises(WrongAnswer, match="content type"):
        list(connector(partner, "page").pages(Q3))


@pytest.mark.parametrize("kind", ["application/json; charset=utf-8", "application/hal+json", "APPLICATION/JSON"])
def test_the_names_of_json_are_known(partner, kind) -> None:
    partner.answer = lambda _: (200, {"Content-Type": kind}, {"items": [], "totalItems": 0, "totalPages": 0})
    assert len(list(connector(partner, "page").pages(Q3))) == 1


def test_an_answer_that_is_too_large_is_not_read_on(partner) -> None:
    partner.answer = lambda _: (200, {}, b"[" + b"1," * 1_000_000)
    small = replace(connector(partner, "page"), patience=replace(QUICK, most_bytes=100_000))
    with pytest.raises(WrongAnswer, match="100,000 bytes"):
        list(small.pages(Q3))
    assert len(partner.asked) == 1


def test_an_answer_that_drips_in_for_too_long_is_a_passing_trouble(partner) -> None:
    partner.answer = Shelf()
    hasty = replace(connector(partner, "page"), patience=replace(QUICK, whole_answer_s=0.0))
    with pytest.raises(ConnectionFailed, match="took more than"):
        list(hasty.pages(Q3))


# What is sent


def test_the_key_goes_in_the_header_that_the_partner_names_and_nowhere_else(partner, monkeypatch) -> None:
    monkeypatch.setenv("HUB_SECRET_A_KEY", "the-key")
    partner.answer = Shelf()
    list(connector(partner, "page", api_key="a_key", api_key_header="Ocp-Apim-Subscription-Key").pages(Q3))
    for asked in partner.asked:
        assert asked.headers["Ocp-Apim-Subscription-Key"] == "the-key"
        assert "the-key" not in f"{asked.path}{asked.fields}"
        assert not {"X-API-Key", "Authorization"} & set(asked.headers)


def test_no_more_questions_a_second_than_the_partner_allows(partner, by) -> None:
    partner.answer = Shelf()
    list(connector(partner, by, requests_per_second=20).pages(Q3))
    took = partner.asked[-1].at_s - partner.asked[0].at_s
    assert took >= (len(partner.asked) - 2) / 20  # the first may have been long on its way
