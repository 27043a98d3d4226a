"""Many trials, shared out to a few processes; what came of each is written down, so that the rest can follow later."""

import json
import multiprocessing
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict
from pathlib import Path

from partners.faults.house import opened
from partners.faults.trial import Told, trial

POPULATION_SEED = 7


def run(seeds: Sequence[int], workers: int, kept: Path | None = None) -> list[Told]:
    """Run a trial for each seed that ``kept`` does not tell of; gives all. Every worker has a house of its own.

    One worker is this process. Of a seed that ``kept`` tells of twice the first word counts.
    """
    before = [told for told in read(kept) if told.seed in {*seeds}] if kept is not None else []
    known = {told.seed for told in before}
    left = [seed for seed in seeds if seed not in known]
    shares = [share for share in (left[place::workers] for place in range(workers)) if share]
    found = [*before, *(series(shares[0], kept) if len(shares) == 1 else _shared_out(shares, kept))]
    return sorted({told.seed: told for told in reversed(found)}.values(), key=lambda told: told.seed)


def _shared_out(shares: Sequence[Sequence[int]], kept: Path | None) -> Iterator[Told]:
    with ProcessPoolExecutor(len(shares) or 1, mp_context=multiprocessing.get_context("spawn")) as pool:
        for done in as_completed([pool.submit(series, share, kept) for share in shares]):
            yield from done.result()


def series(seeds: Sequence[int], kept: Path | None = None) -> list[Told]:
    """Trials one after the other in one house; each is written down at its end."""
    found = []
    with (
        tempfile.TemporaryDirectory(prefix="faults") as folder,
        opened(Path(folder) / "house", POPULATION_SEED) as house,
    ):
        for seed in seeds:
            found.append(trial(house, seed))
            if kept is not None:
                with kept.open("a", encoding="utf-8") as file:
                    file.write(json.dumps(asdict(found[-1])) + "\n")
    return found


def read(kept: Path) -> Iterator[Told]:
    """What was written down, if anything was."""
    lines: Iterable[str] = kept.read_text(encoding="utf-8").splitlines() if kept.is_file() else ()
    for line in lines:
        said = json.loads(line)
        yield Told(**said | {"faults": tuple(said["faults"])})
