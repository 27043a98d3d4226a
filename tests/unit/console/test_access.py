"""Nobody sees anything without being signed in, and nobody changes anything."""

import re

import pytest
from fastapi import FastAPI, Request
from sqlalchemy import text
from sqlalchemy.exc import InternalError

from console.app import create
from console.reading import reading
from tests.unit.console.conftest import PAGES, SIGNED_IN, Visitor, served

ADDRESSES = (
    *PAGES,
    "/console.css",
    "/openapi.json",
    "/docs",
    "/redoc",
    "/nowhere",
    "/static/console.css",
    "/entries/x",
)


def test_every_route_refuses_who_is_not_signed_in(console, stranger):
    tried = 0
    for route in console.routes:
        address = route.path_format.format(index=0, name="2026-Q3-v1", path="anywhere")
        for method in route.methods:
            answer = stranger.request(method, address)
            tried += 1
            assert answer.status_code == 401, (method, address)
            assert "signed in" in answer.text or method == "HEAD"
    assert tried >= 15


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_tells_a_stranger_nothing_whether_it_exists_or_not(stranger, address):
    first, other = stranger.get(address), stranger.get("/certainly/nowhere")

    assert (first.status_code, first.text) == (other.status_code, other.text)
    assert first.status_code == 401


def test_there_is_no_console_without_a_way_to_know_the_user(hub):
    with pytest.raises(TypeError):
        create()


def test_a_way_that_knows_nobody_refuses(hub):
    def nobody(request: Request) -> None:
        return None

    with served(create(nobody, lambda: hub.settings)) as address:
        assert Visitor(address).get("/").status_code == 401


def test_the_description_of_the_interface_is_not_served(reviewer):
    for address in ("/openapi.json", "/docs", "/redoc"):
        assert reviewer.get(address).status_code == 404


@pytest.mark.parametrize("address", [*PAGES, "/console.css", "/nowhere", "/entries/99999", "/entries?verb=nonsense"])
def test_every_answer_is_guarded(reviewer, address):
    headers = reviewer.get(address).headers

    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "script-src" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Cache-Control"] == "no-store"


def test_a_page_cannot_write(hub):
    with (
        pytest.raises(InternalError, match="read-only transaction"),
        reading(hub.settings) as connection,
    ):
        connection.execute(text("INSERT INTO hub.audit_subject (subject, salt) VALUES ('x', sha256('x'))"))


def test_looking_at_every_page_changes_nothing(hub, reviewer):
    hub.build()
    before = hub.rows("SELECT size, checkpoints FROM hub.audit_head")
    for page in (*PAGES, "/releases/2026-Q3-v1"):
        assert reviewer.get(page).status_code == 200, page

    assert hub.rows("SELECT size, checkpoints FROM hub.audit_head") == before


def test_pages_work_under_any_path(console):
    outer = FastAPI(root_path="/airflow")
    outer.mount("/safer-hub", console)
    with served(outer) as address:
        visitor = Visitor(address, SIGNED_IN)
        for link in re.findall(r'href="(/[^"]*)"', visitor.get("/airflow/safer-hub/").text):
            assert link.startswith("/airflow/safer-hub/")
            assert visitor.get(link).status_code == 200, link
