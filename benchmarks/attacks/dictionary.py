"""One who walks a dictionary of names through what is stored, with some of the keys and not others.

Every attacker here has the tables unsealed, which is more than the database and the files give him (``sealed``). The
dictionary is every name that anybody of the region has, so that a miss is never for want of the name.
"""

import hashlib
import hmac
from collections.abc import Callable, Mapping, Sequence

import polars as pl

from benchmarks.attacks.target import HUB, SOURCE, Target
from keys.key import Key
from pseudonymise.covering import covered
from pseudonymise.scheme_keys import HubStage
from pseudonymise.tokens import digest, hub_tokens, source_tokens

Tokens = Callable[[pl.Series, str], pl.Series]


def _plain(values: pl.Series, _: str) -> pl.Series:
    return pl.Series([hashlib.sha256(value.encode()).hexdigest()[:32] for value in values])


def _own_key(values: pl.Series, field: str) -> pl.Series:
    return source_tokens(values, hmac.digest(b"", f"token/{field}/1".encode(), "sha256").hex())


def _hub_over(first: Tokens, *, turned: bool = False) -> Tokens:
    return lambda values, field: hub_tokens(
        first(values, field), *HUB.token(field), *(_turned(field) if turned else ())
    )


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


AFTER: Mapping[str, tuple[Tokens, ...]] = {
    "the source key turned: its first version and the hub key": (_source, _hub_over(_source)),
    "the source key turned: every version, and the hub key": (_hub_over(_source, turned=True),),
}


def walked(seen: Target, dictionary: Mapping[str, pl.Series]) -> list[str]:
    """One line an attacker: how many of the names that are there he finds."""
    stored = {field: seen.records[f"token_{field}"].drop_nulls().unique() for field in dictionary}
    later = {field: hub_tokens(tokens, *_turned(field)) for field, tokens in stored.items()}
    return [
        *(_line(attacker, ways, stored, dictionary) for attacker, ways in WAYS.items()),
        *(_line(attacker, ways, later, dictionary) for attacker, ways in AFTER.items()),
    ]


def _line(
    attacker: str, ways: Sequence[Tokens], stored: Mapping[str, pl.Series], dictionary: Mapping[str, pl.Series]
) -> str:
    there = sum(tokens.len() for tokens in stored.values())
    found = sum(
        max(int(way(names, field).is_in(stored[field].implode()).sum()) for way in ways)
        for field, names in dictionary.items()
    )
    return f"  {attacker:<58} {found:>5} of {there:,} names ({found / there:.2%})"


def _turned(field: str) -> tuple[str, ...]:
    """What lies on tokens since the source key was turned (docs/decisions/0023)."""
    return HubStage(Key("source/2", Key("source/2", bytes(range(96, 128))).derive("step/1"))).token(field)


def at_rest(records: pl.DataFrame, delivery: str = "attacked") -> pl.DataFrame:
    """Records as a table holds them: their encodings are covered under the hub key."""
    ids = pl.Series("record_id", [hashlib.sha256(str(n).encode()).hexdigest()[:32] for n in range(records.height)])
    return covered(records.insert_column(0, ids) if "record_id" not in records.columns else records, HUB.hub, delivery)
