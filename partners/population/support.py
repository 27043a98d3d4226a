"""What children are given after a case or a referral: interventions with a start, an end and an outcome.

1. At most one at a time: who has one running is given no other.
2. Who is given which hangs on the rating of the assessment and on how often the child was a suspect before, and on
   nothing else: a comparison that looks at both can be right, and one that looks at neither cannot.
3. What is given works from its first day on, in the pools of the next quarter.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from partners.population.causes import MENTORING, causes, of_intervention
from partners.population.people import Person

_RISK = {"Low": 0, "Medium": 1, "High": 2}
_TILT = {"greater risk": (0.3, 1.0, 1.7), "lesser risk": (1.7, 1.0, 0.3)}
_WITHOUT_EFFECT = {"youth": ("SPORT", "RJ", "SALT", "ETE"), "council": ("OUTREACH", "FAMILY", "THERAPY", "EH")}
_OTHER = 0.10  # of those who could
_DECLINED = 0.06


@dataclass(frozen=True)
class Support:
    """One intervention; ``name`` is a planted one's, or the code of another. Days are None where it was declined."""

    name: str
    starts_on: date | None
    ends_on: date | None

    def outcome(self, on: date) -> str:
        """What came of it, as it is known on a day."""
        if self.starts_on is None or self.ends_on is None:
            return "Declined"
        if self.ends_on > on:
            return "Ongoing"
        return "Not completed" if self.starts_on.toordinal() % 6 == 0 else "Completed"


@dataclass
class Services:
    """Who was given what; remembers it, since it changes what follows."""

    rng: Random
    _given: dict[Person, list[Support]] = field(default_factory=dict)

    def offer(self, person: Person, rating: str, earlier: int, on: date, where: str) -> Support | None:
        """What a child with this rating and so many earlier offences is given from a day on, or nothing."""
        name = self._chosen(min(2, _RISK[rating] + (earlier > 2)), where)
        running = [one.ends_on for one in self._given.get(person, ()) if one.ends_on]
        if name is None or any(end >= on for end in running):  # (1)
            return None
        if self.rng.random() < _DECLINED:
            return Support(name, None, None)
        starts_on = on + timedelta(days=self.rng.randint(3, 30))
        support = Support(name, starts_on, starts_on + timedelta(days=self.rng.choice((56, 84, 112, 168))))
        self._given.setdefault(person, []).append(support)
        return support

    def _chosen(self, risk: int, where: str) -> str | None:
        planted = causes().interventions if where == "youth" else {MENTORING: causes().interventions[MENTORING]}
        chances = {name: given.share * _TILT[given.given_to][risk] for name, given in planted.items()}  # (2)
        chances |= dict.fromkeys(_WITHOUT_EFFECT[where], _OTHER / 4)
        drawn = self.rng.random()
        for name, chance in chances.items():
            drawn -= chance
            if drawn < 0:
                return name
        return None

    def effect(self, person: Person, on: date) -> float:
        """How many times as often the person is a suspect by all that began before a day."""
        found = 1.0
        for one in self._given.get(person, ()):
            if one.starts_on and one.starts_on <= on:  # (3)
                found *= of_intervention(one.name)
        return found
