"""Many trials, shared out to a few processes, and what came of them in a few lines."""

import multiprocessing
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

from partners.faults.house import opened
from partners.faults.trial import Told, trial

POPULATION_SEED = 7


def run(seeds: Sequence[int], workers: int) -> list[Told]:
    """Run a trial for each seed. Every worker has a house of its own."""
    shares = [seeds[place::workers] for place in range(workers)]
    found: list[Told] = []
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        for done in as_completed([pool.submit(series, share) for share in shares if share]):
            found += done.result()
    return sorted(found, key=lambda told: told.seed)


def series(seeds: Sequence[int]) -> list[Told]:
    """Trials one after the other in one house."""
    with (
        tempfile.TemporaryDirectory(prefix="faults") as folder,
        opened(Path(folder) / "house", POPULATION_SEED) as house,
    ):
        return [trial(house, seed) for seed in seeds]


def summary(found: Sequence[Told]) -> Iterator[str]:
    """What came of the trials, a line at a time."""
    wrong = [told for told in found if told.wrong]
    attempts, kills = sum(told.attempts for told in found), sum(told.kills for told in found)
    yield f"{len(found)} trials, {attempts} ingests, {kills} killed"
    yield f"by feed: {_counted(Counter(told.feed for told in found))}"
    yield f"troubles: {_counted(Counter(fault.name.lower() for told in found for fault in told.faults))}"
    yield f"errors: {_counted(Counter(error for told in found for error in told.errors))}"
    yield f"pages fetched again after a kill: at most {max((told.fetched_again for told in found), default=0)}"
    yield f"broken promises: {len(wrong)}"
    for told in wrong:
        yield f"  seed {told.seed}, {told.feed}, {', '.join(told.faults) or 'no trouble'}: {'; '.join(told.wrong)}"


def _counted(counts: Counter[str]) -> str:
    return ", ".join(f"{name} {count}" for name, count in sorted(counts.items())) or "none"
