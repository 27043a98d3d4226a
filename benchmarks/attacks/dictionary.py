"""One who walks a dictionary of names through what is stored, with some of the keys and not others.

Every attacker here has the tables unsealed, which is more than the database and the files give him (``sealed``). The
dictionary is every name that anybody of the region has, so that a miss is never for want of the name.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping

import polars as pl

from benchmarks.attacks.target import HUB, SOURCE, Target
from pseudonymise.covering import covered
from pseudonymise.tokens import digest, hub_tokens, source_tokens

Tokens = Callable[[pl.Series, str], pl.Series]


def _plain(values: pl.Series, _: str) -> pl.Series:
    return pl.Series([hashlib.sha256(value.encode()).hexdigest()[:32] for value in values])


def _own_key(values: pl.Series, field: str) -> pl.Series:
    return source_tokens(values, hmac.digest(b"", f"token/{field}/1".encode(), "sha256").hex())


def _hub_over(first: Tokens) -> Tokens:
    return lambda values, field: hub_tokens(first(values, field), *HUB.token(field))


def _hub_of_text(values: pl.Series, field: str) -> pl.Series:
    return digest(values, HUB.token(field)[0]).str.slice(0, 32)


def _source(values: pl.Series, field: str) -> pl.Series:
    return source_tokens(values, SOURCE.token(field))


WAYS: Mapping[str, tuple[Tokens, ...]] = {
    "no key": (_plain, _own_key),
    "the hub key alone": (_hub_of_text, _hub_over(_plain), _hub_over(_own_key)),
    "the source key alone": (_source,),
    "both keys (shows that the attack works)": (_hub_over(_source),),
}


def walked(seen: Target, dictionary: Mapping[str, pl.Series]) -> list[str]:
    """One line an attacker: how many of the names that are there he finds."""
    lines = []
    for attacker, ways in WAYS.items():
        found, there = 0, 0
        for field, names in dictionary.items():
            stored = seen.records[f"token_{field}"].drop_nulls().unique()
            there += stored.len()
            found += max(int(way(names, field).is_in(stored.implode()).sum()) for way in ways)
        lines.append(f"  {attacker:<58} {found:>5} of {there:,} names ({found / there:.2%})")
    return lines


def at_rest(records: pl.DataFrame, delivery: str = "attacked") -> pl.DataFrame:
    """Records as a table holds them: their encodings are covered under the hub key."""
    ids = pl.Series("record_id", [hashlib.sha256(str(n).encode()).hexdigest()[:32] for n in range(records.height)])
    return covered(records.insert_column(0, ids) if "record_id" not in records.columns else records, HUB.hub, delivery)
