"""The data dictionary of the published tables as one HTML page: meaning, unit, source and known gaps of each column."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from definition.model import Definition, load_definition
from documents.gaps import GAPS
from documents.odcs_published import made_from, published_tables
from documents.rendering import render
from documents.sources import Sources, authority_of
from documents.words import authority_name, listed
from factors.model import Evidence, FactorRules, load_factors
from schemas.codes import CodeList
from schemas.described import type_words, unit, values
from schemas.published import MODELS, published_schema

_MANY = 4  # feeds, whose titles are not listed one by one


@dataclass(frozen=True)
class Words:
    """What the words in the tables mean: kinds and clauses of serious violence, factors, interventions."""

    definition: Definition
    factors: FactorRules

    @classmethod
    def of(cls, config: Path) -> "Words":
        """As a configuration states them; raises ConfigurationError."""
        return cls(load_definition(config), load_factors(config))


@dataclass(frozen=True)
class Column:
    """One column as a reader sees it."""

    name: str
    kind: str
    unit: str
    meaning: str
    values: str
    sources: str
    gaps: str


@dataclass(frozen=True)
class Table:
    """One table as a reader sees it."""

    name: str
    meaning: str
    columns: list[Column]
    gaps: tuple[str, ...]


def dictionary_html(sources: Sources, words: Words | None) -> str:
    """The page; without ``words`` it tells of tables and columns alone."""
    return render(
        "dictionary.html.j2",
        agreement=sources.agreement,
        stated=sources.stated,
        on=sources.on,
        tables=[_table(sources, table) for table in published_tables(sources)],
        words=words,
        evidence=_evidence(sources, words.factors) if words else {},
    )


def _table(sources: Sources, table: str) -> Table:
    recipients = sources.agreement.recipients.values()
    granted = {column for one in recipients if table in one.tables for column in one.tables[table].columns}
    columns, origins = published_schema(table).columns, made_from(sources, table)
    given = [(name, column) for name, column in columns.items() if name in granted]
    made = [_column(sources, name, column, origins.get(name, [])) for name, column in given]
    return Table(table, str(MODELS[table].__doc__), made, GAPS.get(table, ()))


def _column(sources: Sources, name: str, column: Any, made: list[dict[str, object]]) -> Column:
    return Column(
        name=name,
        kind=type_words(column),
        unit=unit(name),
        meaning=_meaning(column),
        values=", ".join(values(column) or _coded(sources, made)),
        sources=_sources(sources, [str(each["feed"]) for each in made]),
        gaps=" ".join(_gaps(sources, column, made)),
    )


def _sources(sources: Sources, feeds: list[str]) -> str:
    """The feeds by their titles; where there are many, whose they are."""
    named = list(dict.fromkeys(feeds))
    if len(named) > _MANY:
        whose = dict.fromkeys(authority_name(authority_of(feed)) for feed in named)
        return f"{len(named)} feeds, of {listed(list(whose))}"
    return listed([sources.feed_title(feed) for feed in named]) if named else "made by the hub"


def _meaning(column: Any) -> str:
    said = str(column.description)
    return said if said.endswith(".") else f"{said}."


def _coded(sources: Sources, made: list[dict[str, object]]) -> list[str]:
    """The hub's words for the codes that its feeds send."""
    lists = [known for each in made if (known := _codes(sources, each)) is not None]
    return list(dict.fromkeys(word for known in lists for word in known.values()))


def _codes(sources: Sources, each: dict[str, object]) -> CodeList | None:
    contract = sources.contracts.get(str(each["feed"]))
    reading = contract.readings.get(str(each["column"])) if contract else None
    return reading.codes if reading and isinstance(reading.codes, CodeList) else None


def _gaps(sources: Sources, column: Any, made: list[dict[str, object]]) -> Iterator[str]:
    """What is known to be missing of a column."""
    if column.nullable:
        yield "May be blank."
    older = [str(each["feed"]) for each in made if _may_be_missing(sources, each)]
    if older:
        yield f"Older deliveries lack it: {listed([sources.feed_title(feed) for feed in dict.fromkeys(older)])}."
    unsettled = [known for each in made if (known := _codes(sources, each)) is not None and not known.verified]
    if unsettled:
        yield "Its codes are not settled with the authority yet."


def _may_be_missing(sources: Sources, each: dict[str, object]) -> bool:
    contract = sources.contracts.get(str(each["feed"]))
    return contract is not None and contract.source_name(str(each["column"])) in contract.optional


def _evidence(sources: Sources, rules: FactorRules) -> dict[str, str]:
    """The feeds that each factor of persons and each intervention rests on."""
    both: dict[str, tuple[Evidence, ...]] = {name: rule.evidence for name, rule in rules.factors.items()}
    both |= {name: rule.evidence for name, rule in rules.interventions.items()}
    named = {name: dict.fromkeys(each.feed for each in evidence) for name, evidence in both.items()}
    return {name: listed([sources.feed_title(feed) for feed in feeds]) for name, feeds in named.items()}
