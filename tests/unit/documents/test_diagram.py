"""The data-flow diagram: well-formed, every feed and recipient in it, nothing over anything else."""

from itertools import combinations, pairwise

import pytest
from defusedxml import ElementTree

from documents.diagram import PAGE, Diagram, diagram, svg
from documents.drawing import Box
from documents.flow import Form, flow, sentences
from documents.lettering import width, wrapped
from documents.sources import Sources
from tests.unit.documents.conftest import changed, many_feeds

NAMESPACE = "{http://www.w3.org/2000/svg}"


def _one_party(terms):
    terms["parties"] = terms["parties"][:1]
    terms["feeds"] = {"police.street_crime": terms["feeds"]["police.street_crime"]}


def _endless(terms):
    terms["operator"]["name"] = "Thelongestnameofanyoperatorthatwaseverseeninanagreement" * 3
    terms["parties"][0]["controller"] = "W" * 90


CHANGES = {"shipped": lambda terms: None, "twenty": many_feeds, "one": _one_party, "endless": _endless}


@pytest.fixture(params=list(CHANGES))
def sources(request: pytest.FixtureRequest) -> Sources:
    return changed(CHANGES[request.param])


@pytest.fixture
def drawn(sources: Sources) -> Diagram:
    return diagram(flow(sources))


def test_it_is_xml_with_a_title_and_words(sources: Sources) -> None:
    root = ElementTree.fromstring(svg(sources))
    title, words = root.find(f"{NAMESPACE}title"), root.find(f"{NAMESPACE}desc")
    assert root.get("role") == "img"
    assert root.get("aria-labelledby").split() == [title.get("id"), words.get("id")]
    assert sources.agreement.title in title.text
    assert sources.agreement.hash in words.text
    assert all(sentence in words.text for sentence in sentences(flow(sources)))


def test_no_two_boxes_overlap(drawn: Diagram) -> None:
    over = [(a.lines, b.lines) for a, b in combinations(drawn.boxes, 2) if _overlap(a, b)]
    assert over == []


def test_every_text_lies_within_its_box_and_every_box_on_the_page(drawn: Diagram) -> None:
    for box in drawn.boxes:
        assert box.x >= 0
        assert box.right <= PAGE[0]
        assert box.y >= 0
        assert box.bottom <= drawn.height
        for line in box.lines:
            assert line.right <= box.right, line
            assert box.y <= line.y - 0.8 * line.size, line
            assert line.y + 0.25 * line.size <= box.bottom + 0.5, line
        assert all(after.y - before.y >= after.size for before, after in pairwise(box.lines))


def test_no_arrow_runs_through_a_box(drawn: Diagram) -> None:
    solid = [box for box in drawn.boxes if box.look != "label"]
    through = [
        (box.lines[0].text, start, end)
        for arrow in drawn.arrows
        for start, end in zip(arrow.points, arrow.points[1:], strict=False)
        for box in solid
        if _through(start, end, box)
    ]
    assert through == []


def test_every_feed_power_and_recipient_is_named(sources: Sources) -> None:
    text = " ".join("".join(ElementTree.fromstring(svg(sources)).itertext()).split())
    for name in sources.agreement.feeds:
        assert sources.feed_title(name) in text
    for recipient in sources.agreement.recipients.values():
        assert recipient.title in text


def test_a_form_of_data_is_drawn_in_a_way_of_its_own_and_told_in_the_legend(shipped: Sources) -> None:
    drawn = diagram(flow(shipped))
    forms = {feed.title: feed.form for giver in flow(shipped).givers for feed in giver.feeds}
    assert forms["Street-level crime, open data"] is Form.DEPERSONALISED
    assert forms["Emergency attendances after violence"] is Form.PSEUDONYMISED
    assert forms["Recorded crime with victims and suspects"] is Form.IDENTIFIABLE
    said = {line.text for box in drawn.boxes for line in box.lines}
    assert {"Identifiable", "Pseudonymised", "Depersonalised, or not about persons"} <= said
    for form in Form:
        assert f".data-flow polyline.{form} {{" in svg(shipped)
        assert f'<polyline class="{form}"' in svg(shipped)


def test_a_recipient_of_impersonal_rows_alone_gets_depersonalised_data() -> None:
    forms = {recipient.title: recipient.form for recipient in flow(changed(many_feeds)).recipients}
    assert forms.pop("Readers of open data") is Form.DEPERSONALISED
    assert set(forms.values()) == {Form.PSEUDONYMISED}


def test_the_shipped_one_fits_a_page(shipped: Sources) -> None:
    assert diagram(flow(shipped)).height <= PAGE[1]


@pytest.mark.parametrize("text", ["<script>1</script>", 'a"b&c', "bell \x07 and \x00"])
def test_markup_and_control_characters_in_a_name_leave_it_well_formed(text: str) -> None:
    drawn = svg(changed(lambda terms: terms["parties"][0].update({"controller": text})))
    root = ElementTree.fromstring(drawn)
    assert root.find(f".//{NAMESPACE}script") is None


def test_lines_hold_every_letter_and_fit() -> None:
    text = "A title of several words and one.that_is-far/too_long_for_any_line_that_is_as_short_as_this"
    lines = wrapped(text, 13, 120)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")
    assert all(width(line, 13) <= 120 for line in lines)


def _overlap(a: Box, b: Box) -> bool:
    return a.x < b.right and b.x < a.right and a.y < b.bottom and b.y < a.bottom


def _through(start: tuple[float, float], end: tuple[float, float], box: Box) -> bool:
    """Whether a straight piece enters the inside of a box; to touch its edge is no harm."""
    (left, right), (top, bottom) = sorted((start[0], end[0])), sorted((start[1], end[1]))
    return left < box.right - 1 and right > box.x + 1 and top < box.bottom - 1 and bottom > box.y + 1
