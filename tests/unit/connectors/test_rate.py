"""Evenly spaced turns, by a clock of the test's own."""

from concurrent.futures import ThreadPoolExecutor

from connectors.rate import Spacing


class Clock:
    """Stands still but for those who sleep."""

    def __init__(self) -> None:
        self.now, self.slept = 100.0, []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 6))
        self.now += seconds


def test_turns_come_evenly_spaced_and_none_is_saved_up() -> None:
    clock = Clock()
    spacing = Spacing(4, clock, clock.sleep)
    spacing.wait(), spacing.wait()
    clock.now += 10  # a long page: nothing is owed for it
    spacing.wait(), spacing.wait(), spacing.wait()
    assert clock.slept == [0.25, 0.25, 0.25]


def test_without_a_limit_nobody_waits() -> None:
    clock = Clock()
    spacing = Spacing(None, clock, clock.sleep)
    for _ in range(5):
        spacing.wait()
    assert clock.slept == []


def test_those_who_share_a_limit_share_its_turns() -> None:
    waited = []
    spacing = Spacing(10, lambda: 0.0, waited.append)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: spacing.wait(), range(20)))
    assert sorted(round(turn, 6) for turn in waited) == [round(number / 10, 6) for number in range(1, 20)]
