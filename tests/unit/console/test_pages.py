"""Every page that can be reached holds together: it answers, it can be read by all, and it shows no personal value."""

import re
from collections import deque
from urllib.parse import urljoin

from console.app import create
from hub.periods import Quarter
from publish.publication import publish
from tests.unit.console.conftest import SIGNED_IN, Visitor, add, cosign, known_user, served
from tests.unit.publish.small_hub import CRIMES, PARTS, an_id

CANARY = "Quillfeather"


def reached(reviewer: Visitor) -> dict[str, str]:
    """Every page that can be reached from the first, by its address."""
    pages: dict[str, str] = {}
    waiting = deque(["/"])
    while waiting:
        address = waiting.popleft()
        answer = reviewer.get(address)
        assert answer.status_code == 200, address
        pages[address] = answer.text
        for link in re.findall(r'href="([^"#][^"]*)"', answer.text):
            found = urljoin(address, link.replace("&amp;", "&"))
            if found not in pages and found not in waiting and "day=" not in found and "since=" not in found:
                waiting.append(found)
    return pages


def filled(hub):
    """A hub with a published release, a candidate, witnesses and an entry on everything."""
    made = hub.build()
    hub.decide(made.release)
    publish(hub.settings, hub.ring, made.release)
    cosign(hub, ["police", "fire", "health", "council"])
    hub.bar("police.recorded_crime", Quarter(2026, 3), an_id("a", 3))
    hub.build()
    add(hub, release="2026-Q3-v1", table="event", rows=1234567, columns=("lsoa_code",))


def test_every_page_answers_and_can_be_read_by_all(hub, reviewer):
    filled(hub)
    pages = reached(reviewer)

    assert len(pages) >= 20
    for address, page in pages.items():
        if address == "/console.css" or address.startswith("/agreement/documents/"):  # these have their own tests
            continue
        assert page.count("<h1>") == 1, address
        assert '<html lang="en-GB">' in page
        assert "<script" not in page
        assert "http" not in re.sub(r"<pre.*?</pre>", "", page, flags=re.DOTALL), address  # nothing from elsewhere
        assert page.count("<table>") == page.count("<caption>")
        assert "<th>" not in page  # each says what it is the head of
        for name in re.findall(r'<(?:select|input) id="([^"]+)"', page):
            assert f'<label for="{name}">' in page


def test_no_page_shows_a_personal_value(hub, reviewer):
    """The name lies in a delivery, sealed; in the tables of events; and in what an unforeseen error says."""
    with_name = CRIMES.with_columns(offence_code=CRIMES["offence_code"].replace("005/01", CANARY))
    hub.deliver("police.recorded_crime", Quarter(2026, 2), with_name, PARTS)
    hub.link()
    filled(hub)

    for address, page in reached(reviewer).items():
        assert CANARY not in page, address


def test_an_unforeseen_error_shows_none_of_its_words():
    def broken():
        raise ValueError(CANARY)

    with served(create(known_user, broken)) as address:
        answer = Visitor(address, SIGNED_IN).get("/entries")

    assert answer.status_code == 500
    assert "ValueError" in answer.text
    assert CANARY not in answer.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_error_says_what_where_why_and_what_to_do(hub, reviewer):
    hub.settings.config.joinpath("agreement.yaml").unlink()
    answer = reviewer.get("/agreement")

    assert answer.status_code == 500
    for part in ("A file is missing", "agreement.yaml", "no such file", "Create it or correct the path"):
        assert part in answer.text
