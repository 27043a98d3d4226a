"""``python -m benchmarks.drivers``: whether planted drivers are found, and none that are not there, over many seeds.

The fast path: tables as a release would hold them, straight from the population's truth (``benchmarks.published``), so
without six servers, errors of recording and linkage. What is measured is the assessment, not the hub.

1. A planted driver is found if the assessment calls it one, and in the right direction.
2. Every other factor that is called one is a false discovery; its share is of all discoveries of all seeds.
3. An intervention is told rightly if the verdict is the planted one.
"""

import argparse
import json
import time
from collections import Counter
from dataclasses import dataclass

from assessment.areas import area_drivers
from assessment.cohort import cohort
from assessment.drivers import Driver, drivers
from assessment.evaluation import Evaluation, evaluate
from benchmarks.published import published
from hub.periods import Quarter
from partners.population.causes import causes

PEOPLE, SEEDS, UNTIL = 25_000, 20, Quarter(2026, 3)  # a seventh of the borough's: some 200 with each intervention
TRUE_VERDICT = {
    "mentoring": "helped",
    "knife crime awareness session": "no evidence of an effect",
    "prison awareness visit": "harmed",
}


@dataclass(frozen=True)
class Outcome:
    """What the assessment said of one seed's borough."""

    drivers: tuple[Driver, ...]
    evaluations: tuple[Evaluation, ...]

    @property
    def found(self) -> set[str]:
        """Planted drivers that are called drivers, in the right direction (1)."""
        return {one.factor for one in self.drivers if one.found and planted().get(one.factor) == one.says}

    @property
    def false(self) -> set[str]:
        """Factors that are called drivers and are none, or in the wrong direction (2)."""
        return {one.factor for one in self.drivers if one.found and planted().get(one.factor) != one.says}

    @property
    def right(self) -> set[str]:
        """Interventions that are told rightly (3)."""
        return {one.intervention for one in self.evaluations if one.verdict.value == TRUE_VERDICT[one.intervention]}


def planted() -> dict[str, str]:
    """What the assessment should say of each planted driver."""
    truth = causes()
    found = {name: one.offending for name, one in (truth.traits | truth.events).items() if one.direction != "none"}
    found |= {name: place.crimes for name, place in truth.places.items()}
    return {name: "more often" if times > 1 else "less often" for name, times in found.items()}


def outcome(people: int, seed: int, until: Quarter = UNTIL) -> Outcome:
    """Make one seed's borough and assess it."""
    tables = published(people, seed, until)
    told = (*drivers(tables, cohort(tables, until)), *area_drivers(tables))
    return Outcome(told, tuple(evaluate(tables, name, until.ends_on) for name in TRUE_VERDICT))


def main() -> None:
    """Print how often each is found, the false discoveries, and how often each verdict is right."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=PEOPLE)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    parser.add_argument("--first", type=int, default=1, help="the first seed; the method was made on 1 to 57")
    asked = parser.parse_args()
    found, false, right = Counter[str](), Counter[str](), Counter[str]()
    for seed in range(asked.first, asked.first + asked.seeds):
        began = time.process_time()
        one = outcome(asked.people, seed)
        found.update(one.found)
        false.update(one.false)
        right.update(one.right)
        missed, wrong = sorted(set(planted()) - one.found), sorted(set(TRUE_VERDICT) - one.right)
        seconds = time.process_time() - began
        print(f"seed {seed}: missed {missed}, false {sorted(one.false)}, wrong {wrong}, {seconds:.0f} s", flush=True)
    discoveries = max(1, found.total() + false.total())
    print(json.dumps({name: found[name] for name in planted()}))
    print(json.dumps({name: right[name] for name in TRUE_VERDICT}))
    print(f"false discoveries: {false.total()} of {discoveries} ({false.total() / discoveries:.1%}): {dict(false)}")


if __name__ == "__main__":
    main()
