"""``python -m benchmarks.attacks [--release FOLDER --partners FOLDER]``: every attack, each with its small table.

Seeds are fixed. The release and the partners are the demo's (``make demo``); without them the last attack is left out.
"""

import argparse
import time
from collections.abc import Callable, Iterable
from pathlib import Path

import polars as pl

from benchmarks.attacks import dictionary, frequency, hardening, intruder, sealed
from benchmarks.attacks.target import FIELDS, PEOPLE, PUBLIC_PEOPLE, PUBLIC_SEED, SEED, Target, public, target
from benchmarks.measure import machine


def told(title: str, attack: Callable[[], Iterable[str]]) -> None:
    """Print an attack's table and what it took."""
    began = time.process_time()
    print(f"\n{title}", *attack(), f"  ({time.process_time() - began:.0f} s of processor)", sep="\n", flush=True)


def main() -> None:
    """Print every table."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--release", type=Path, default=Path(".hub/zones/releases/2026-Q3-v1"))
    asked.add_argument("--partners", type=Path, default=Path(".partners"))
    given = asked.parse_args()
    print(machine())
    seen = target()
    print(f"{seen.records.height:,} records of a borough of {PEOPLE:,} (seed {SEED}); "
          f"public names of {PUBLIC_PEOPLE:,} others (seed {PUBLIC_SEED})")  # fmt: skip
    told("(a) who took the database and all files, and no key", sealed.stolen)
    told("(b) a dictionary of every name, through tables that were unsealed", lambda: _walked(seen))
    told("(c) public frequencies, on tables that were unsealed, without a key of tokens", lambda: _frequencies(seen))
    told("(c) the same on encodings uncovered with the hub key: who links", lambda: _likeness(seen))
    told("(c) what would keep even that one from it: linkage as it is, and with encodings salted by the year of birth",
         lambda: _hardened(seen))  # fmt: skip
    if given.release.is_dir() and given.partners.is_dir():
        told("(d) a motivated intruder on a release", lambda: intruder.looked_for(given.release, given.partners))


def _walked(seen: Target) -> Iterable[str]:
    return dictionary.walked(seen, {f: pl.Series(sorted(set(seen.names[f].drop_nulls()))) for f in FIELDS})


def _frequencies(seen: Target) -> Iterable[str]:
    at_rest = dictionary.at_rest(seen.records.clone())
    for field in FIELDS:
        known = public(field)
        yield frequency.by_rank(seen, known, f"token_{field}", field)
        yield frequency.by_profile(seen, known, field)
        yield frequency.by_likeness(seen, known, f"encoding_{field}", field, at_rest)


def _likeness(seen: Target) -> Iterable[str]:
    for field in FIELDS:
        yield frequency.by_likeness(seen, public(field), f"encoding_{field}", field)


def _hardened(seen: Target) -> Iterable[str]:
    salt = "token_birth_year"
    yield f"  as it is: {hardening.accuracy(seen, seen.records.clone())}"
    yield f"  salted:   {hardening.accuracy(seen, hardening.hardened(seen.records, salt))}"
    for field in FIELDS:
        yield from hardening.likeness_within(seen, public(field), field, salt)


if __name__ == "__main__":
    main()
