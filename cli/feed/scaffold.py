"""The files that a new feed begins with: its YAML, its contract, a test, and terms under which nothing may flow yet."""

import keyword
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from cli.feed.sample import Guess
from cli.feed.transports import lines
from hub.errors import ConfigurationError
from hub.periods import Quarter

_environment = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=False,  # noqa: S701  # it makes Python and YAML, of names that were checked (sample.look, NewFeed)
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_environment.filters["pad"] = lambda text, like: str(text).ljust(len(like))
_TYPES = {"text": "str", "whole_number": "int", "number": "float", "day": "pl.Date", "time_of_day": "pl.Time",
          "flag": "bool", "truth": "bool", "local_instant": "Instant", "instant": "Instant"}  # fmt: skip
_OWN = frozenset({"row_number", "page", "reasons", "columns", "ordinal", "generation", "occurred_on", "feed", "role"})
_UNKNOWN = (Guess("reference", "text()", blank=False, unique=True), Guess("date", 'day("%Y-%m-%d")', blank=False))


@dataclass(frozen=True)
class NewFeed:
    """What is asked for: a feed's name, its format and its transport."""

    name: str
    format: str
    transport: str
    delimiter: str = ","

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[a-z]{2,20}\.[a-z][a-z0-9_]{0,40}", self.name):
            why = "it is a party's short name, a dot, and what it sends, such as prison.releases"
            raise ConfigurationError("The feed cannot be named so", where=self.name, why=why, fix="Name it otherwise")

    @property
    def authority(self) -> str:
        """Whose it is."""
        return self.name.partition(".")[0]

    @property
    def thing(self) -> str:
        """What it sends."""
        return self.name.partition(".")[2]

    @property
    def title(self) -> str:
        """A title to begin with."""
        return self.thing.replace("_", " ").capitalize()

    @property
    def module(self) -> str:
        """The module of its contract."""
        return f"{self.authority}_{self.thing}"


@dataclass(frozen=True)
class Scaffold:
    """``files`` by their path below the project's folder; ``terms`` to be put into the agreement's feeds."""

    files: dict[str, str]
    terms: str


def scaffold(feed: NewFeed, guesses: Sequence[Guess], purposes: Sequence[str], earliest: Quarter) -> Scaffold:
    """Everything a new feed begins with.

    1. Every column is stated, as a direct identifier that goes no further, but the key, which becomes a keyed id; the
       gateway names no power. So nothing flows until somebody has decided on each (fail closed).
    2. What is guessed is the kind of a column's values. It is for a person to hold against the authority's word.
    """
    held = _each_once(guesses) or list(_UNKNOWN)
    names = _names(held)
    key = _key(held)
    shown = _shown(feed, held, names, key) | {"guessed": bool(guesses), "purposes": purposes, "earliest": earliest}
    files = {
        f"config/feeds/{feed.name}.yaml": "feed.yaml.j2",
        f"schemas/{feed.module}.py": "contract.py.j2",
        f"tests/spec/test_contract_{feed.module}.py": "test.py.j2",
    }
    made = {path: _environment.get_template(template).render(shown) for path, template in files.items()}
    return Scaffold(made, _environment.get_template("terms.yaml.j2").render(shown))  # (1)


def _each_once(guesses: Sequence[Guess]) -> list[Guess]:
    """Of several columns that seem to hold one identifier only the first does: whose the others are must be said."""
    seen: set[str] = set()
    held = []
    for guess in guesses:
        again = guess.identifier is not None and guess.identifier in seen
        held.append(replace(guess, identifier=None) if again else guess)
        seen |= {guess.identifier or ""}
    return held


def _shown(feed: NewFeed, held: Sequence[Guess], names: Sequence[str], key: Guess) -> dict[str, Any]:
    columns = [_column(guess, name, guess is key) for guess, name in zip(held, names, strict=True)]
    by = dict(zip((guess.source for guess in held), names, strict=True))
    day = next((guess for guess in held if guess.is_day and not guess.blank), None)
    used = {guess.reading.partition("(")[0] for guess in held if guess.identifier is None}
    return {
        "feed": feed,
        "authority": feed.authority,
        "module": feed.module,
        "transport": lines(feed.transport, feed.authority, feed.thing, feed.format),
        "model": "".join(part.capitalize() for part in feed.module.split("_")),
        "constant": feed.thing.upper(),
        "columns": columns,
        "names": [*names, "occurred_on"],
        "readings": sorted(used),
        "instants": any(column["type"] == "Instant" for column in columns),
        "occurred_on": f'pl.col("{by[day.source]}")' if day else "pl.lit(None, dtype=pl.Date)",
        "period_column": by[day.source] if day else None,
        "key": by[key.source],
        "drawn_key": key.source,
        "personal": any(guess.identifier for guess in held),
        "event_type": feed.thing.replace("_", " ").removesuffix("s"),
        "rows_at": {"xml": "Row", "json": None}.get(feed.format),
    }


def _column(guess: Guess, name: str, is_key: bool) -> dict[str, str]:
    if guess.identifier is not None:
        form = (
            f", {guess.reading[4:-1]}"
            if guess.identifier == "date_of_birth" and guess.reading.startswith("day(")
            else ""
        )
        made = f'persons.{guess.identifier}("{guess.source}"{form})'
        return {
            "name": name,
            "type": "pl.Date" if guess.identifier == "date_of_birth" else "str",
            "made": made,
            "note": "",
        }
    blank = ", nullable=True" if guess.blank and not is_key else ""
    made = f'column("{guess.source}", {guess.reading}, "{guess.source}: to be described"{blank})'
    note = f"{guess.few} distinct values: a code list?" if guess.few else ""
    return {"name": name, "type": _TYPES[guess.reading.partition("(")[0]], "made": made, "note": note}


def _key(held: Sequence[Guess]) -> Guess:
    """The column that is most likely the source's own reference: one that differs from row to row."""
    sole = [guess for guess in held if guess.unique and not guess.blank and guess.identifier is None]
    named = [guess for guess in sole if re.search(r"(?i)id$|ref|number|key", guess.source)]
    return (named or sole or [guess for guess in held if guess.identifier is None] or list(held))[0]


def _names(held: Sequence[Guess]) -> list[str]:
    """The hub's name of each column: plain, and each once."""
    names: list[str] = []
    for guess in held:
        known = guess.identifier if guess.identifier not in {None, "home_uprn"} else None
        name = known or re.sub(r"[^a-z0-9]+", "_", _snake(guess.source)).strip("_") or "column"
        name = f"source_{name}" if name in _OWN or keyword.iskeyword(name) or not name[0].isalpha() else name
        same = sum(other == name or other.startswith(f"{name}_again") for other in names)
        names.append(f"{name}_again{same}" if same else name)
    return names


def _snake(source: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", source).lower()
