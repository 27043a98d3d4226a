"""Setting up what is to go wrong in a trial: at which request, after how many bytes, or from the start."""

import random
from collections.abc import Callable

from partners.faults.files import Mend
from partners.faults.kinds import Fault
from partners.faults.stage import Stage
from partners.faults.truth import Truth
from partners.faults.web import Script, Strike
from partners.faults.wire import Break

NOTHING = Script()
_TIMES = (1, 1, 1, 2, 5)  # five of a kind, one after the other, are more than the hub's patience
_ONE_OF = (Fault.TRUNCATED, Fault.WRONG_HASH, Fault.HALF_WRITTEN)  # each makes a file of its own, as a change does


def arm(
    stage: Stage, faults: tuple[Fault, ...], chance: random.Random, usual: Truth, change: Mend | None
) -> list[Mend]:
    """Set it up; returns how that is mended which lasts. ``change`` is what CHANGED does."""
    lasting = [fault for fault in faults if fault in stage.lasting]
    for fault in [fault for fault in lasting if fault in _ONE_OF][0 if change is not None else 1 :]:
        lasting.remove(fault)
    begun = [stage.lasting[fault](chance) for fault in lasting]
    acts = dict(stage.acts) | ({} if change is None else {Fault.CHANGED: change})
    from_the_start = {Fault.POISON, *_ONE_OF, *lasting}
    struck: list[Fault] = [fault for fault in faults if fault not in from_the_start]
    if stage.script is not None:
        stage.script.strikes = _strikes(struck, acts, chance, usual.requests)
    elif stage.wire is not None:
        stage.wire.breaks = _breaks(struck, acts, chance, usual.sent)
    else:
        stage.between = change
    # A file that is changed while it is read does not fit its receipt: somebody looks, and starts the task again.
    again: list[Mend] = [lambda: None] if change is not None and stage.way.transport.get("receipt") else []
    return [*again, *(mend for mend in begun if mend is not None)]


def _strikes(
    faults: list[Fault], acts: dict[Fault, Callable[[], None]], chance: random.Random, requests: int
) -> dict[int, Strike]:
    """Each trouble at a request of its own, some at several that follow each other; a change once."""
    found: dict[int, Strike] = {}
    for fault in faults:
        at = chance.randrange(requests)
        once = fault in acts or fault is Fault.DUPLICATE_PAGE
        act = acts.get(fault, lambda: None)
        wait_s = chance.choice((0, 1, 1, 7))
        for place in range(at, at + (1 if once else min(chance.choice(_TIMES), 2 if fault is Fault.TIMEOUT else 5))):
            while place in found:
                place += 1  # noqa: PLW2901
            found[place] = Strike(fault, act, wait_s)
    return found


def _breaks(
    faults: list[Fault], acts: dict[Fault, Callable[[], None]], chance: random.Random, sent: int
) -> list[Break]:
    """A connection for each trouble, in some order."""
    found = [Break(fault, chance.randrange(max(sent, 1)), acts.get(fault, lambda: None)) for fault in faults]
    chance.shuffle(found)
    return found
