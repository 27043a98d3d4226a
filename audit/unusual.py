"""What is unusual in a day's entries. Each rule finds what deserves a look; none proves a wrong. Pure."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from audit.events import Action, Verb
from audit.query import Kept
from audit.working_time import BEGINS, ENDS, LONDON, is_working_time

DAYS_BEFORE = 90
ROWS_TIMES = 3  # the usual rows of such an act
ROWS_ACTS = 3  # as few acts before tell what is usual
ROWS_LAST = 200  # so many acts are asked, the last ones
REFUSALS = 3  # of one actor in a day
_ABOUT = (  # acts on one person
    Action.FIND_SUBJECT, Action.EXPORT_SUBJECT, Action.RESTRICT_SUBJECT, Action.LIFT_SUBJECT, Action.OBJECT_SUBJECT,
    Action.ERASE_SUBJECT,
)  # fmt: skip
SERVICE = "service:"  # how the name of an actor begins that is no person
HOURS = f"Monday to Friday, {BEGINS:%H:%M} to {ENDS:%H:%M} in London, no bank holiday"


@dataclass(frozen=True)
class Rule:
    """One rule: its number, its name, and why an entry that it finds deserves a look, with the threshold."""

    number: int
    name: str
    reason: str


RULES = (
    OUT_OF_HOURS := Rule(1, "out of hours", f"A person acted outside working time ({HOURS})."),
    NEW := Rule(2, "new", f"An actor, or what an actor did, was not in the log in the {DAYS_BEFORE} days before."),
    MANY_ROWS := Rule(
        3,
        "many rows",
        f"More than {ROWS_TIMES} times as many rows were handed over as is the median of the last {ROWS_LAST} such "
        f"acts in the {DAYS_BEFORE} days before, if there were {ROWS_ACTS} at least.",
    ),
    REFUSED_OFTEN := Rule(4, "refused often", f"An actor was refused {REFUSALS} times or more in the day."),
    UNDECIDED := Rule(
        5,
        "undecided",
        "A release was refused or withdrawn, or its publication tried without a valid decision.",
    ),
    EXPORT := Rule(6, "log export", "Entries of the log were handed over."),
    PERSON := Rule(
        7,
        "about a person",
        "A person was looked for, told of, restricted, erased or led back to, or somebody asked who has seen data "
        "about one.",
    ),
    FIRST_FEED := Rule(8, "first of a feed", "A feed was collected that never was before."),
    KEY := Rule(9, "key", "A key was made, or one begun to count."),
    WITNESS := Rule(10, "witness", "A witness refused a checkpoint: it saw another log, or one that went back."),
)


Kind = tuple[str, str | None]  # of an act that hands rows over: its action, and of which table
Found = Iterator[tuple[Sequence[Kept], str]]
Key = TypeVar("Key", bound=Hashable)


@dataclass(frozen=True)
class Finding:
    """What a rule found: the numbers of the entries, and one sentence."""

    rule: Rule
    entries: tuple[int, ...]
    sentence: str


@dataclass(frozen=True)
class Before:
    """What the log held before the day of that which the day has.

    Who did what, and how many rows acts had, in the last days; feeds at any time.
    """

    acts: frozenset[tuple[str, str]]
    rows: Mapping[Kind, float | None]
    feeds: frozenset[str]

    @property
    def actors(self) -> frozenset[str]:
        """Who acted."""
        return frozenset(actor for actor, _ in self.acts)


def findings(kept: Sequence[Kept], known: Before) -> tuple[Finding, ...]:
    """Apply every rule to the entries of a day, in the order of ``RULES``."""
    return tuple(
        Finding(rule, tuple(entry.index for entry in found), sentence)
        for rule in RULES
        for found, sentence in _APPLIED[rule](kept, known)
    )


def _out_of_hours(kept: Sequence[Kept], _: Before) -> Found:
    late = (entry for entry in kept if _is_person(entry) and not is_working_time(entry.at))
    for actor, some in by(late, _actor).items():
        first = some[0].at.astimezone(LONDON)
        yield some, f"{actor} acted {_times(some)} outside working time, first at {first:%H:%M}."


def _new(kept: Sequence[Kept], known: Before) -> Found:
    for actor, some in by(kept, _actor).items():
        if actor not in known.actors:
            yield some, f"{actor} acted {_times(some)}, for the first time in {DAYS_BEFORE} days."
            continue
        for action, acts in by(some, _action).items():
            if (actor, action) not in known.acts:
                yield acts, f"{actor} did {action} {_times(acts)}, for the first time in {DAYS_BEFORE} days."


def _many_rows(kept: Sequence[Kept], known: Before) -> Found:
    for entry in kept:
        kind = kind_of(entry)
        usual = known.rows.get(kind) if kind else None
        if usual is not None and entry.said["rows"] > ROWS_TIMES * usual:
            what = f" of {entry.said['table']}" if entry.said.get("table") else ""
            to = entry.said.get("recipient") or _actor(entry)
            yield [entry], f"{entry.said['rows']:,} rows{what} went to {to}; {usual:,.0f} are usual."


def _refused_often(kept: Sequence[Kept], _: Before) -> Found:
    for actor, some in by((entry for entry in kept if entry.said["outcome"] == "refused"), _actor).items():
        if len(some) >= REFUSALS:
            yield some, f"{actor} was refused {_times(some)}."


def _undecided(kept: Sequence[Kept], _: Before) -> Found:
    for entry in kept:
        said = entry.said
        if said["action"] == Action.DECIDE and said.get("detail", {}).get("verdict") == "refuse":
            yield [entry], f"{said['actor']} refused {said['release']}."
        elif said["action"] in {Action.WITHDRAW, Action.WITHDRAW_PUBLIC}:
            yield [entry], f"{said['actor']} withdrew {said['release']}: {said['justification']}."
        elif said["action"] in {Action.REFUSE_PUBLISH, Action.MARKED_BY_HAND}:
            yield [entry], f"{said['actor']} was refused: {said.get('justification') or said['clause']}."


def _export(kept: Sequence[Kept], _: Before) -> Found:
    for entry in _of(kept, Action.EXPORT_LOG):
        said = entry.said
        yield [entry], f"{said['actor']} handed {said['rows']:,} entries of the log to {said['recipient']}."


def _person(kept: Sequence[Kept], _: Before) -> Found:
    for actor, some in by(_of(kept, Action.ASK_SUBJECT), _actor).items():
        yield some, f"{actor} asked {_times(some)} who has seen data about a person."
    for actor, some in by(_of(kept, Action.SHRED_SUBJECT), _actor).items():
        yield some, f"{actor} destroyed {_times(some)} what tells who has seen data about a person."
    for (actor, action), some in by(_of(kept, *_ABOUT), lambda entry: (_actor(entry), _action(entry))).items():
        yield some, f"{actor} did {action} {_times(some)}."
    for entry in _of(kept, Action.REIDENTIFY):
        told = f"{entry.said['rows']:,} references of its own records in {entry.said['feed']}"
        yield [entry], f"{_actor(entry)} sent {entry.said['recipient']} {told}."


def _first_feed(kept: Sequence[Kept], known: Before) -> Found:
    for feed, some in by(_of(kept, Action.COLLECT), lambda entry: str(entry.said["feed"])).items():
        if feed not in known.feeds:
            yield some[:1], f"{feed} was collected for the first time."


def _key(kept: Sequence[Kept], _: Before) -> Found:
    keys = (entry for entry in kept if _verb(entry) == Verb.KEY and _action(entry) != Action.USE_KEY)
    for (actor, action), some in by(keys, lambda entry: (_actor(entry), _action(entry))).items():
        yield some, f"{actor} did {action} {_times(some)}."


def _witness(kept: Sequence[Kept], _: Before) -> Found:
    for entry in _of(kept, Action.REFUSE_WITNESS):
        yield [entry], f"A checkpoint was refused: {entry.said.get('justification') or entry.said['clause']}."


_APPLIED: Mapping[Rule, Callable[[Sequence[Kept], Before], Found]] = {
    OUT_OF_HOURS: _out_of_hours,
    NEW: _new,
    MANY_ROWS: _many_rows,
    REFUSED_OFTEN: _refused_often,
    UNDECIDED: _undecided,
    EXPORT: _export,
    PERSON: _person,
    FIRST_FEED: _first_feed,
    KEY: _key,
    WITNESS: _witness,
}


def by(kept: Iterable[Kept], key: Callable[[Kept], Key]) -> dict[Key, list[Kept]]:
    """Entries under the value of each, in their order."""
    found: dict[Key, list[Kept]] = defaultdict(list)
    for entry in kept:
        found[key(entry)].append(entry)
    return found


def _of(kept: Iterable[Kept], *actions: Action) -> list[Kept]:
    return [entry for entry in kept if _action(entry) in actions]


def _actor(entry: Kept) -> str:
    return str(entry.said["actor"])


def _action(entry: Kept) -> str:
    return str(entry.said["action"])


def _verb(entry: Kept) -> str:
    return _action(entry).rpartition(":")[2]


def kind_of(entry: Kept) -> Kind | None:
    """What an act that handed rows over is compared with; None for any other act."""
    said = entry.said
    handed_over = _verb(entry) in {Verb.DISCLOSURE, Verb.CONSULTATION} and said.get("rows") is not None
    return (said["action"], said.get("table")) if handed_over else None


def _is_person(entry: Kept) -> bool:
    return not _actor(entry).startswith(SERVICE)


def _times(some: Sequence[Kept]) -> str:
    return {1: "once", 2: "twice"}.get(len(some), f"{len(some)} times")
