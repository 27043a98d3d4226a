"""What frames the figures: scope, the people who live here, harm, what is missing, and how it was worked out. Pure.

1. Residents and deprivation are official figures about areas; nobody is in them, and they are shown as they are.
2. Harm of a kind is its shown count times the mean weight of its events, which is told of as many events as the
   threshold; without a table of weights there is no harm, and that is said.
3. How complete feeds are and how right the linkage is are told as the release tells of them; rows are rounded as
   counts are.
"""

import polars as pl

from assessment.needs.charts import bars
from assessment.needs.sheet import Cell, Chart, Column, Section, Sheet, counted, grouped
from assessment.needs.source import POLICE, Source
from assessment.needs.words import named, percent
from assessment.safe import LEAST_WHOLE, Counts, Gate, share, significant
from disclosure.dimensions import Dimension


def scope(source: Source) -> Section:
    """What serious violence is, and of which time and release this is."""
    said = source.definition
    rows = [("kind", one.title) for one in said.kinds.values()]
    rows += [("area", one.title) for one in said.areas.values()]
    rows += [("circumstance", one.title) for one in said.circumstances.values()]
    says = (
        f"{said.title}, as the partnership defines it: {said.source}.",
        f"It tells of {source.period}, by release {source.release}.",
    )
    sheets = (Sheet("definition", "The definition", (Column("Part"), Column("What it holds")), tuple(rows)),)
    return Section("scope", "Scope and definition", says, sheets)


def population(source: Source) -> Section:
    """Residents and deprivation (1)."""
    area = source.tables["area"].sort("name")
    small, wards = area.filter(pl.col("kind") == "lsoa"), area.filter(pl.col("kind") == "ward")
    rows = tuple(wards.select("name", "population", "population_10_24").rows())
    heads = (Column("Ward"), Column("Residents", "figure"), Column("Aged 10 to 24", "figure"))
    tenths = small["deprivation_decile"].drop_nulls().value_counts(sort=True).sort("deprivation_decile")
    deprived: list[tuple[Cell, ...]] = [(str(tenth), number) for tenth, number in tenths.iter_rows()]
    sheets = (
        Sheet("residents", "Residents by ward", heads, rows, _sources(area, "population")),
        Sheet("deprivation", "Small areas by tenth of deprivation in England", (Column("Tenth, 1 the most deprived"),
              Column("Small areas", "figure")), tuple(deprived), _sources(area, "deprivation")),
    )  # fmt: skip
    known = small["population"].null_count() == 0 and small.height > 0
    says = [f"{small['population'].sum():,} people live here, {_young(small)} of them aged 10 to 24." if known
            else "How many people live in each small area is not loaded."]  # fmt: skip
    if area["synthetic"].any():
        says.append("These figures are made up for a demonstration and say nothing of the place.")
    return Section("population", "Population", tuple(says), sheets)


def _young(small: pl.DataFrame) -> str:
    return (
        f"{small['population_10_24'].sum():,}" if small["population_10_24"].null_count() == 0 else "an unknown number"
    )


def _sources(area: pl.DataFrame, subject: str) -> str:
    said = area[f"{subject}_source"].drop_nulls().unique().sort().to_list()
    return "Source: " + "; ".join(said) + "." if said else "No figures are loaded."


def priorities(source: Source, gate: Gate) -> Section:
    """Kinds by the harm that they do (2)."""
    unit = source.tables["release"]["harm_unit"].drop_nulls()
    if "harm" not in source.now.columns or not unit.len() or source.now["harm"].null_count() == source.now.height:
        return Section("priorities", "Priorities by harm", (NO_WEIGHTS,))
    titles = {name: kind.title for name, kind in source.definition.kinds.items()}
    counts, harm = _harm(source, gate, list(titles))
    whole, order = sum(harm.values()), sorted(harm, key=lambda name: -harm[name])
    rows = tuple((titles[name], counts.at(name), harm[name], significant(harm[name] / whole)) for name in order)
    heads = (Column("Kind"), Column("Number", "count"), Column(f"Harm ({unit[0]})", "figure"), Column("Part", "share"))
    drawn = bars([(titles[name], harm[name], f"{harm[name]:,.0f}") for name in order], "Harm by kind")
    most = [f"{titles[name]} ({percent(harm[name] / whole)})" for name in order[:3]]
    says = named(most, "Of the harm of kinds that are shown, most is of {names}.", "No kind's harm can be shown.")
    sheets = (Sheet("harm", "Harm by kind", heads, rows),)
    return Section("priorities", "Priorities by harm", (says,), sheets, (Chart("Harm by kind", drawn),))


NO_WEIGHTS = (
    "No weights of harm are loaded, so kinds are not weighed by the harm that they do. The partnership can load the "
    "Cambridge Crime Harm Index or the Crime Severity Score."
)


def _harm(source: Source, gate: Gate, names: list[str]) -> tuple[Counts, dict[str, float]]:
    """Each kind's shown count of events that have a weight, and the harm of those of which it may be told."""
    weighed = source.now.drop_nulls("harm")
    counts = gate.counts("kinds weighed", weighed, [Dimension.flat("violence_kind", names)], "event_id")
    harm: dict[str, float] = {}
    for name in names:
        of = weighed.filter(pl.col("violence_kind") == name)["harm"]
        mean = gate.estimate(float(of.sum()) / max(of.len(), 1), behind=[of.len()])
        if mean.value and counts.at(name):
            harm[name] = significant(mean.value * (counts.at(name) or 0))
    return counts, harm


def gaps(source: Source, gate: Gate) -> Section:
    """What is missing: feeds, rows, columns, and how right the linkage is (3)."""
    told = source.tables["release"].sort("feed")
    missing = told.filter(pl.col("state") != "admitted")["feed"].to_list()
    blanks, unsuspected = _blanks(source, gate)
    sheets = [_feeds(told, gate), _linkage(told), blanks]
    says = [named(missing, "Missing from the release: {names}.", "Every feed came for the quarter."), *unsuspected]
    if "incident_id" in source.attended.columns:
        sheet, sentence = _unheard(source, gate)
        sheets, says = [*sheets, sheet], [*says, sentence]
    return Section("gaps", "Information gaps", tuple(says), tuple(sheets))


def _feeds(told: pl.DataFrame, gate: Gate) -> Sheet:
    """The share of few rows would tell how many they are."""
    rows: list[tuple[Cell, ...]] = []
    for feed, state, received, accepted in told.select("feed", "state", "rows_received", "accepted_share").iter_rows():
        count = gate.number("rows by feed", received)
        many = accepted is not None and count is not None and count >= LEAST_WHOLE
        rows.append((feed, state, count, significant(accepted) if many else None))
    heads = (Column("Feed"), Column("State"), Column("Rows received", "count"), Column("Accepted", "share"))
    return Sheet("feeds", "Feeds of the release", heads, tuple(rows))


def _blanks(source: Source, gate: Gate) -> tuple[Sheet, list[str]]:
    """Events of violence that lack a time, a place or a suspect, and a sentence on the last."""
    now, suspected = source.now, source.parts.filter(pl.col("role") == "suspect").select("event_id").unique()
    groups = {"every event": now["event_id"]}
    groups |= {f"no {title}": now.filter(pl.col(name).is_null())["event_id"] for name, title in _COLUMN.items()}
    groups[_NOBODY] = now.join(suspected, on="event_id", how="anti")["event_id"]
    counts = gate.groups("blanks of events", "what is missing", groups, "event_id", whole=now["event_id"])
    whole = counts.at("every event")
    part = share(counts.at(_NOBODY), whole)
    said = (
        [f"For {percent(part)} of the events {_NOBODY}: what is said of suspects rests on the others."] if part else []
    )
    return grouped("blanks", "What events of serious violence lack", counts, "Events with", whole), said


_NOBODY = "nobody is suspected who could be linked"


def _unheard(source: Source, gate: Gate) -> tuple[Sheet, str]:
    """Attendances after an assault by whether the police tell of the same incident."""
    police = source.tables["event"].filter(pl.col("feed") == POLICE)["incident_id"].unique()
    known = pl.when(pl.col("incident_id").is_in(police.implode())).then(pl.lit("yes")).otherwise(pl.lit("no"))
    held = source.attended.with_columns(known=known)
    counts = gate.counts("attendances", held, [Dimension.flat("known", ("yes", "no"))], "event_id")
    part = counts.share("no")
    sentence = "How much violence hospitals know of and the police do not cannot be told."
    if part is not None:
        sentence = (
            f"Of attendances at hospital after an assault, {percent(part)} are of no incident that the police are "
            "found to tell of: not reported, elsewhere, or not recognised as the same."
        )
    title = "Attendances after an assault, by whether the police tell of it"
    return counted("attendances", title, counts, "The police tell of it"), sentence


_COLUMN = {"occurred_at": "time of day", "lsoa_code": "small area in the borough", "place_type": "kind of place"}


def _linkage(told: pl.DataFrame) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    for name, meaning in (
        ("precision", "of the pairs joined, those of one person"),
        ("recall", "of one person's pairs, those joined"),
    ):
        ends = [told[f"linkage_{name}{end}"].drop_nulls() for end in ("", "_low", "_high")]
        rows.append(
            (f"{name.capitalize()} ({meaning})", *(significant(float(e[0]), 3) if e.len() else None for e in ends))
        )
    heads = (Column("Linkage"), Column("Estimate", "figure"), Column("From", "figure"), Column("To", "figure"))
    return Sheet("linkage", "How right the linkage is", heads, tuple(rows))


def methods(source: Source, gate: Gate) -> Section:
    """How it was worked out, how much was hidden, and what it cannot show.

    Why each count is hidden is the log's: that one protects another would say that it is not small.
    """
    rows = tuple((one.table, one.small + one.beside) for one in gate.decisions)
    heads = (Column("Table"), Column("Counts hidden", "figure"))
    terms = source.terms
    return Section("methods", "Methods and limits", (
        f"Counts of 1 to {terms.smallest_count - 1} are not shown (c), others are rounded to {terms.round_to}; sums "
        "are of what is shown. All tables are held against each other, so that none tells what another hides.",
        "Shares and rates are of shown counts. Estimates rest on that many persons or events at least, and have two "
        "significant digits.",
        "Intervals are of 95 %. Of several findings of one kind, 5 % at the most are false on average (Benjamini and "
        "Hochberg).",
        "It tells of what authorities recorded. Violence that nobody reported is in no figure, and recording differs "
        "between authorities and over time.",
        "Where events are is known to the small area of the nearest middle point. Where people live is not known.",
    ), (Sheet("disclosure", "What was hidden, table by table", heads, rows),))  # fmt: skip
