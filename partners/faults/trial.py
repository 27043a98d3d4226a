"""One trial: a way of delivering, troubles and kills, all drawn by a seed; then what the hub has is held against truth.

The promises, each of which is asked of every trial:

1. No row is lost and none is doubled: as many stand, with those in quarantine, as the partner holds by its own count.
2. What stands is what an undisturbed hub makes of the same data; no event is there twice, one delivery is in force.
3. After a kill at most one page that the partner has given is not sealed, and so is fetched again.
4. A row that no contract lets in is in quarantine.
5. Delivered again, nothing changes; corrected, the correction stands and nothing else has changed.
6. Tried again as Airflow does, and mended where a person must, each delivery comes in.
"""

import random
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from partners.faults import arming
from partners.faults.files import Mend
from partners.faults.house import House
from partners.faults.kinds import WAYS, Fault, Then, Way
from partners.faults.sources import CHANGES
from partners.faults.stage import Stage
from partners.faults.truth import Kept, Truth, in_force, kept, sealed

MOST_ATTEMPTS = 25
_MOST_FAULTS = 3


@dataclass
class Told:
    """What came of a trial. ``wrong``: each promise that was broken, in words."""

    seed: int
    way: str
    faults: tuple[str, ...]
    then: str
    kills: int = 0
    attempts: int = 0
    errors: list[str] = field(default_factory=list)
    rows_in: int = 0
    rows_out: int = 0
    pages: int = 0
    fetched_again: int = 0
    cpu_s: float = 0.0
    wrong: list[str] = field(default_factory=list)


def trial(house: House, seed: int) -> Told:
    """Run one; the partners' data and credentials are as before at its end."""
    chance = random.Random(seed)
    way = WAYS[seed % len(WAYS)]
    faults = tuple(chance.sample(way.faults, chance.randint(0, min(_MOST_FAULTS, len(way.faults)))))
    then = chance.choices(list(Then), (2, 1, 3 if way.name == "SQL, changes" else 1))[0]
    told = Told(seed, way.name, tuple(fault.name.lower() for fault in faults), then.name.lower())
    stage = house.stages[way.name]
    before = stage.source.state()
    usual = _truth(house, stage)
    mends: list[Mend] = []
    try:
        with house.hub(way) as said:
            course = _Course(house, stage, chance, told, said, mends)
            course.deliver(faults, usual)
            if Fault.CHANGED in faults and not told.wrong:  # it may have come before the change, or after
                course.deliver((), usual)
            if not told.wrong:
                course.go_on(then, usual)
    finally:
        while mends:
            mends.pop()()
        stage.calm()
        stage.source.restore(before)
    return told


@dataclass
class _Course:
    """One trial under way."""

    house: House
    stage: Stage
    chance: random.Random
    told: Told
    said: dict[str, Any]
    mends: list[Mend]

    @property
    def way(self) -> Way:
        return self.stage.way

    def deliver(self, faults: tuple[Fault, ...], usual: Truth) -> None:
        """Have the partner fail in these ways, ingest until it is in, and hold what is there against the truth."""
        stage, source = self.stage, self.stage.source
        stage.calm()
        if Fault.POISON in faults:
            source.spoil(self.chance.randrange(3))
        source.offer()
        allowed = [self._state()]
        change = self._change(allowed) if Fault.CHANGED in faults else None
        self.mends += arming.arm(stage, faults, self.chance, usual, change)
        self._until_admitted(usual, clean=not {Fault.CHANGED, Fault.CHANGED_CURSOR, Fault.DUPLICATE_PAGE} & {*faults})
        while self.mends:
            self.mends.pop()()
        stage.calm()
        if not self.told.wrong:
            self._hold(Fault.POISON in faults, allowed)

    def go_on(self, then: Then, usual: Truth) -> None:
        """What comes after the first delivery (5)."""
        if then is Then.NOTHING:
            return
        was = kept(self.said, self.house.ring, self.way.feed)
        if then is Then.CORRECTED:
            self.stage.source.change(self.chance.randrange(CHANGES))
        self.deliver((), usual)
        now = kept(self.said, self.house.ring, self.way.feed)
        if then is Then.AGAIN and not self.told.wrong and (was is None or now is None or now.delivery != was.delivery):
            self.told.wrong.append("the same was delivered again, and another delivery is in force")

    def _change(self, allowed: list[tuple[bytes, int]]) -> Mend:
        """What changes the data in the midst; afterwards what stands may be what was before, or what is then."""
        which = self.chance.randrange(CHANGES)

        def change() -> None:
            self.stage.source.change(which)
            allowed.append(self._state())

        return change

    def _state(self) -> tuple[bytes, int]:
        return self.stage.source.state(), self.stage.source.count()

    def _until_admitted(self, usual: Truth, *, clean: bool) -> None:
        """Ingest again and again, as Airflow would, killed some of the times; mend what does not pass by itself (6)."""
        told, kills = self.told, self.chance.choice((0, 1, 1, 2, 3))
        for _ in range(MOST_ATTEMPTS):
            told.attempts += 1
            _, before = sealed(self.said, self.way.feed)
            ended = self.house.ingest(self.said, self.way, **(self._killed(usual) if kills else {}))
            told.cpu_s += ended.cpu_s
            if ended.outcome is None:
                told.kills, kills = told.kills + 1, kills - 1
                self._count_again(before, clean)
                self._between()
            elif ended.outcome.error is None:
                return
            else:
                told.errors.append(ended.outcome.error)
                self._between()
                if not ended.outcome.transient:
                    if not self.mends:
                        told.wrong.append(f"it cannot go on: {ended.outcome.said}")
                        return
                    self.mends.pop()()
        told.wrong.append(f"it is not in after {MOST_ATTEMPTS} attempts")

    def _between(self) -> None:
        """Do between two ingests what could not be done within one."""
        if self.stage.between is not None:
            act, self.stage.between = self.stage.between, None
            act()

    def _killed(self, usual: Truth) -> dict[str, Any]:
        """Before which step, or after which time, an ingest is killed."""
        if self.chance.random() < 0.6:
            return {"kill_step": self.chance.randrange(usual.steps)}
        return {"kill_after_s": self.chance.uniform(0, usual.seconds)}

    def _count_again(self, before: int, clean: bool) -> None:
        """How many pages were given to the run that was killed, and not sealed: those are fetched again (3).

        By the run's own count; and by the partner's, if it has one, and nothing was begun anew meanwhile.
        """
        begun, pages = sealed(self.said, self.way.feed)
        given = before + int(self.house.counted(self.said).read_bytes() or b"0")
        answered = self.stage.answered()
        if answered is not None and begun == 1 and clean:
            given = max(given, answered)
        self.told.fetched_again = max(self.told.fetched_again, given - pages)
        if given - pages > 1:
            self.told.wrong.append(f"{given - pages} pages were given and not sealed when it was killed")

    def _hold(self, poisoned: bool, allowed: list[tuple[bytes, int]]) -> None:
        wrong, found = self.told.wrong, kept(self.said, self.house.ring, self.way.feed)
        if found is None or in_force(self.said, self.way.feed) != 1:
            wrong.append("not one delivery is in force")
            return
        self.told.rows_out, self.told.pages = found.standing, found.pages
        self.told.rows_in = next((rows for _, rows in allowed if rows == found.standing), allowed[-1][1])
        if self.told.rows_in != found.standing:  # (1)
            wrong.append(f"{found.standing} rows stand, and the partner holds {self.told.rows_in}")
        if found.events["event_id"].n_unique() != found.events.height:  # (2)
            wrong.append("an event is there twice")
        if not self._is_true(found, allowed):  # (2)
            wrong.append("what stands is not what an undisturbed ingest gives")
        if poisoned and found.quarantined == 0:  # (4)
            wrong.append("the spoiled row was let in")

    def _is_true(self, found: Kept, allowed: list[tuple[bytes, int]]) -> bool:
        """Whether an undisturbed hub would have the same, of a state that may stand; the newest first."""
        source, now = self.stage.source, self.stage.source.state()
        try:
            for state, _ in reversed(allowed):
                if state != source.state():
                    source.restore(state)
                if found.same(_truth(self.house, self.stage).kept):
                    return True
        finally:
            if source.state() != now:
                source.restore(now)
        return False


def _truth(house: House, stage: Stage) -> Truth:
    """What an undisturbed hub makes of what the partner holds now."""
    state, way = stage.source.state(), stage.way
    known = (way.name, sha256(state).digest())
    if known not in house.truths:
        stage.calm()
        with house.hub(way) as said:
            stage.source.offer()
            ended = house.ingest(said, way)
            found = kept(said, house.ring, way.feed)
        if ended.outcome is None or ended.outcome.error is not None or found is None:
            raise LookupError(f"an undisturbed ingest of {way.name} did not succeed: {ended.outcome}")
        requests, sent = (stage.script or arming.NOTHING).requests, stage.wire.sent if stage.wire else 0
        house.truths[known] = Truth(found, ended.outcome.steps, ended.seconds, ended.cpu_s, requests, sent)
        stage.calm()
    return house.truths[known]
