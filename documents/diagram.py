"""The data-flow diagram: where every box and arrow lies, on a page that is as wide as A4 landscape is to its height."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from documents.drawing import SIZE, SMALL, Arrow, Box, Text, box, height_of, stacked
from documents.flow import FORM_WORDS, Flow, Form, Giver, RecipientFlow, flow, sentences
from documents.inside import WIDTH as HUB_WIDTH
from documents.inside import elbow, inside, least_height
from documents.lettering import printable, width
from documents.rendering import render
from documents.sources import Sources

PAGE = (1414.0, 1000.0)  # A4 landscape, in units of 0.21 mm; it grows downwards where there is more to show
_MARGIN = 20.0
_AUTHORITY = (20.0, 170.0)
_FEED = (202.0, 300.0)
_HUB = 518.0
_RECIPIENT = (1194.0, 200.0)
_GAP = 4.0
_GROUP_GAP = 10.0
_BESIDE = 6.0  # between uprights of different forms
_APART = 60.0
_LEGEND = 44.0
_SAMPLE = 56.0
_HEAD = 9.0


@dataclass(frozen=True)
class Diagram:
    """Everything that is drawn. ``hub`` is the frame around the inside."""

    height: float
    hub: Box
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    title: str
    words: tuple[str, ...] = field(repr=False)


def svg(sources: Sources) -> str:
    """The diagram as SVG, with its title and its words for who cannot see it."""
    drawn = diagram(flow(sources))
    return render("data-flow.svg.j2", drawn=drawn, width=PAGE[0], heads=[_head(arrow) for arrow in drawn.arrows])


def diagram(flow: Flow) -> Diagram:
    """Lay everything out."""
    title = box(_MARGIN - 9, PAGE[0] - 2 * _MARGIN, [Text(f"Data flow: {flow.title}", 19.0, bold=True)], "label", y=2)
    source = box(_MARGIN - 9, PAGE[0] - 2 * _MARGIN, [Text(flow.source, quiet=True)], "label", y=title.bottom)
    captions = _captions(source.bottom)
    top = max(caption.bottom for caption in captions)
    height = _body_height(flow, PAGE[1] - top - _LEGEND)
    groups = _groups(flow.givers, top, height)
    hub = Box(_HUB, top, HUB_WIDTH, height, "hub", ())
    core = inside(flow, _HUB, top, height)
    takers = _takers(flow.recipients, top, height, core.release.middle)
    legend, samples = _legend(top + height + _GROUP_GAP)
    return Diagram(
        height=legend[0].bottom + _GAP,
        hub=hub,
        boxes=(title, source, *captions, *(each for group in groups for each in group), *core.boxes, *takers, *legend),
        arrows=(
            *_arriving(flow.givers, groups, core.landing),
            *core.arrows,
            *_leaving(flow.recipients, takers, core.release),
            *samples,
        ),
        title=printable(f"Data flow: {flow.title}"),
        words=tuple(printable(said) for said in (*sentences(flow), flow.source)),
    )


def _captions(y: float) -> list[Box]:
    said = {
        "Authority": _AUTHORITY,
        "Feed, its power, how it arrives": _FEED,
        "The hub": (_HUB, HUB_WIDTH),
        "Recipient": _RECIPIENT,
    }
    return [box(x, w, [Text(text, SIZE, bold=True, quiet=True)], "label", y=y) for text, (x, w) in said.items()]


def _body_height(flow: Flow, wanted: float) -> float:
    groups = [_group_height(_authority(giver), _feeds(giver)) for giver in flow.givers]
    left = sum(groups) + _GROUP_GAP * (len(groups) - 1)
    right = height_of([_taker(recipient) for recipient in flow.recipients], _GROUP_GAP)
    return max(wanted, left, right, least_height(flow))


def _authority(giver: Giver) -> Box:
    return box(*_AUTHORITY, [Text(giver.name, SIZE, bold=True), Text(giver.controller)], "authority")


def _feeds(giver: Giver) -> list[Box]:
    said = [[Text(feed.title, SIZE, bold=True), Text(f"{feed.power}; {feed.said}", quiet=True)] for feed in giver.feeds]
    return [box(*_FEED, texts, "feed") for texts in said]


def _taker(recipient: RecipientFlow) -> Box:
    texts = [Text(recipient.title, SIZE, bold=True), Text(recipient.tables), Text(recipient.limits, quiet=True)]
    return box(*_RECIPIENT, texts, "recipient")


def _group_height(authority: Box, feeds: Sequence[Box]) -> float:
    return max(authority.h, height_of(feeds, _GAP))


def _groups(givers: Sequence[Giver], top: float, height: float) -> list[list[Box]]:
    """Each authority beside its feeds, from top to bottom; what room is left over lies between and around them."""
    pairs = [(_authority(giver), _feeds(giver)) for giver in givers]
    taken = sum(_group_height(*pair) for pair in pairs)
    gap = (height - taken) / max(1, len(pairs) - 1)
    placed, y = [], top
    for authority, feeds in pairs:
        room = _group_height(authority, feeds)
        inner = stacked(feeds, y + (room - height_of(feeds, _GAP)) / 2, _GAP)
        placed.append([authority.at(y, room), *inner])
        y += room + gap
    return placed


def _arriving(givers: Sequence[Giver], groups: Sequence[Sequence[Box]], landing: Box) -> Iterator[Arrow]:
    """From each authority to its feeds, and from there into the landing."""
    for giver, (authority, *feeds) in zip(givers, groups, strict=True):
        for said, feed in zip(giver.feeds, feeds, strict=True):
            yield Arrow(((authority.right, feed.middle), (feed.x, feed.middle)), said.form, head=False)
            yield Arrow(((feed.right, feed.middle), (landing.x, feed.middle)), said.form)


def _leaving(recipients: Sequence[RecipientFlow], takers: Sequence[Box], release: Box) -> Iterator[Arrow]:
    """From the release to each recipient; each form has a way of its own, so that none hides another."""
    for said, taker in zip(recipients, takers, strict=True):
        aside = _BESIDE if said.form is Form.DEPERSONALISED else -_BESIDE
        trunk = (_HUB + HUB_WIDTH + _RECIPIENT[0]) / 2 - aside
        yield elbow(release, taker, trunk, said.form, down=aside)


def _takers(recipients: Sequence[RecipientFlow], top: float, height: float, beside: float) -> list[Box]:
    """The recipients one below the other, around the height of the release as far as there is room."""
    boxes = [_taker(recipient) for recipient in recipients]
    gap = min(_APART, (height - height_of(boxes, 0)) / max(1, len(boxes) - 1))
    taken = height_of(boxes, gap)
    return stacked(boxes, min(max(top, beside - taken / 2), top + height - taken), gap)


def _legend(y: float) -> tuple[list[Box], list[Arrow]]:
    """A sample of each kind of line, with what it means."""
    boxes, samples, x = [], [], _MARGIN
    for form in Form:
        words = FORM_WORDS[form].capitalize()
        text = box(x + _SAMPLE, width(words, SMALL) + 20.0, [Text(words)], "label", y=y)
        samples.append(Arrow(((x, text.middle), (x + _SAMPLE - 6, text.middle)), form))
        boxes.append(text)
        x = text.right + 20.0
    return boxes, samples


def _head(arrow: Arrow) -> str:
    """The corners of an arrow's head, or nothing."""
    (x1, y1), (x2, y2) = arrow.points[-2:]
    if not arrow.head:
        return ""
    back = (x2 - _HEAD * _sign(x2 - x1), y2 - _HEAD * _sign(y2 - y1))
    across = (_HEAD / 2 * _sign(y2 - y1), _HEAD / 2 * _sign(x2 - x1))
    corners = [(x2, y2), (back[0] - across[0], back[1] - across[1]), (back[0] + across[0], back[1] + across[1])]
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)
