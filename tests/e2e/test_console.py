"""The reviewer's pages inside a real Airflow, in a real browser, as somebody who may only look."""

import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest
import requests

from tests.e2e.conftest import Running

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = shutil.which("chromium")
pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not on this machine"),
]
PAGES = ("", "entries", "entries/0", "releases", "releases/2026-Q3-v1", "proof", "unusual", "agreement")
OTHERS = ("console.css", "openapi.json", "docs", "nowhere", "static/console.css")
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Headless Chromium."""
    playwright.expect.set_options(timeout=PATIENCE_MS)  # Airflow's page is slow on a busy machine
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def auditor(browser: Any, running: Running) -> Iterator[Any]:
    """A browser in which the user ``auditor``, who is a viewer, is signed in to Airflow."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.goto(running.url)
    page.get_by_label("Username").fill("auditor")
    page.locator("input[type=password]").fill(running.password("auditor"))
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Review", exact=True).wait_for()  # signed in: no other page is on its way
    yield page
    context.close()


@pytest.fixture
def frame(auditor: Any, running: Running) -> Any:
    """The pages as they stand in Airflow's own, opened by its navigation."""
    auditor.goto(running.url)
    auditor.get_by_role("link", name="Review", exact=True).click()
    return auditor.frame_locator("iframe[title='Review']")


def test_the_overview_opens_from_airflows_navigation(frame: Any) -> None:
    playwright.expect(frame.get_by_role("heading", name="Safer Kingston")).to_be_visible()
    playwright.expect(frame.get_by_text("1 release published")).to_be_visible()
    playwright.expect(frame.get_by_text("signed by 6 of 6 parties")).to_be_visible()


def test_entries_are_filtered_and_one_is_proved(frame: Any) -> None:
    frame.get_by_role("link", name="Entries", exact=True).click()
    frame.get_by_label("Kind of act").select_option("disclosure")
    frame.get_by_label("Release").select_option("2026-Q3-v1")
    frame.get_by_role("button", name="Show").click()
    playwright.expect(frame.get_by_text("Filtered by")).to_contain_text("disclosure")
    rows = frame.locator("tbody tr")
    assert rows.count() == 9  # one for each table that is published
    assert all("disclosure" in text for text in rows.all_inner_texts())

    rows.first.get_by_role("link").click()
    playwright.expect(frame.get_by_text("Proved", exact=True)).to_be_visible()
    playwright.expect(frame.get_by_text("Its proof, made and checked now")).to_be_visible()
    playwright.expect(frame.get_by_text("NOT PROVED")).to_have_count(0)
    frame.get_by_text("The proof itself").click()
    assert re.fullmatch(r"root [0-9a-f]{64}", frame.locator(".hashes li").last.inner_text())


def test_the_address_of_a_page_can_be_kept_and_opened_again(auditor: Any, frame: Any) -> None:
    frame.get_by_role("link", name="Releases", exact=True).click()
    frame.get_by_role("link", name="2026-Q3-v1").click()
    playwright.expect(frame.get_by_role("heading", name="Release 2026-Q3-v1")).to_be_visible()
    auditor.wait_for_url("**/releases/2026-Q3-v1")
    auditor.reload()

    playwright.expect(frame.get_by_role("heading", name="Release 2026-Q3-v1")).to_be_visible()


def test_the_release_is_shown_with_what_it_is_made_of(frame: Any) -> None:
    frame.get_by_role("link", name="2026-Q3-v1").first.click()
    for words in ("published", "police.recorded_crime", "What it holds", "Smallest group", "approve"):
        playwright.expect(frame.get_by_text(words).first).to_be_visible()


def test_the_witnesses_are_shown(frame: Any) -> None:
    frame.get_by_role("link", name="Proof", exact=True).click()
    playwright.expect(frame.get_by_role("heading", name="Witnesses")).to_be_visible()
    playwright.expect(frame.get_by_text("Commissioner of Police of the Metropolis")).to_be_visible()
    playwright.expect(frame.get_by_text("6 of 6").first).to_be_visible()


def test_every_page_fits_its_window_and_loads_nothing_from_elsewhere(auditor: Any, running: Running) -> None:
    asked: list[str] = []
    complaints: list[str] = []
    page = auditor.context.new_page()
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: complaints.append(message.text))
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for path in PAGES:
            assert page.goto(f"{running.url}/safer-hub/{path}").ok, path
            wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
            assert not wide, (path, width)
    page.close()

    assert {url for url in asked if not url.startswith(f"{running.url}/safer-hub/")} == set()
    assert complaints == []


@pytest.mark.parametrize("path", [*PAGES, *OTHERS])
def test_who_is_not_signed_in_sees_nothing(running: Running, path: str) -> None:
    address = f"{running.url}/safer-hub/{path}"

    for headers in ({}, {"Cookie": "_token=forged"}, {"Authorization": "Bearer forged"}):
        answer = requests.get(address, headers=headers, timeout=30)
        assert answer.status_code in {401, 403}
        assert "2026-Q3" not in answer.text
    assert requests.post(address, timeout=30).status_code == 401


def test_a_token_of_any_role_opens_the_pages(running: Running) -> None:
    for user in ("auditor", "ig", "engineer", "admin"):
        bearer = {"Authorization": f"Bearer {running.token(user)}"}
        assert requests.get(f"{running.url}/safer-hub/", headers=bearer, timeout=30).status_code == 200
