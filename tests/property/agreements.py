"""Random agreements that break no rule, as they are or signed by all six parties, and columns that they keep."""

from collections.abc import Mapping, Sequence
from typing import Any

from hypothesis import strategies as st

from agreement.model import Agreement, FeedTerms, How, Treat
from agreement.policy import read_agreement
from agreement.rules import HUB_COLUMNS
from hub.feeds import AUTHORITIES
from hub.settings import PROJECT
from schemas.contract import Contract, Identifier
from schemas.published import published_schema
from schemas.registry import CONTRACTS
from tests.agreed import keys_of, signed

SHIPPED = read_agreement(PROJECT / "config" / "agreement.yaml")
TABLES = ("person", "event", "involvement", "incident", "factor", "intervention")
PUBLISHED: Mapping[str, tuple[str, ...]] = {table: tuple(published_schema(table).columns) for table in TABLES}
SERVED = ["pcsc-2022-part2", "cda-1998"]
PURPOSES = ("needs-assessment", "strategy", "evaluation", "commissioning")
RECIPIENTS = ("partnership_analysts", "evaluators", "commissioners")
ALWAYS_KEPT = ("occurred_on", "role")  # without these no event and no involvement can be published
VALUES = {
    "feed": tuple(CONTRACTS),
    "authority": AUTHORITIES,
    "event_type": tuple(sorted({contract.event_type for contract in CONTRACTS.values()})),
    "role": ("victim", "suspect", "patient"),
    "sex": ("female", "male", "unknown"),
    "age_band": ("10-17", "18-24", "unknown"),
    "knife": ("true", "false"),
    "domestic_abuse": ("true", "false"),
}
"""Columns that rows are narrowed by, and some of their values."""
_GENERAL = ("uk-gdpr-6-1-e", "uk-gdpr-9-2-g", "uk-gdpr-10", "dpa-2018-sch1-pt2")


def agreements(feeds: Sequence[str] = tuple(CONTRACTS)) -> st.SearchStrategy[Agreement]:
    """An agreement over some of these feeds, in force on any day from April 2024 to March 2027."""
    return texts(feeds).map(signed)


@st.composite
def texts(draw: st.DrawFn, feeds: Sequence[str] = tuple(CONTRACTS)) -> Agreement:
    """The same before anybody signed it, for what signatures are nothing to: they take as long as the rest."""
    named = sorted(draw(st.sets(st.sampled_from(feeds), min_size=1)))
    common = draw(st.sampled_from(PURPOSES))
    terms = {feed: draw(_feed(CONTRACTS[feed], common)) for feed in named}
    personal = [feed for feed in named if CONTRACTS[feed].personal]
    consenting = any("reidentification" in feed for feed in terms.values())
    shared = set(PURPOSES).intersection(*(feed["purposes"] for feed in terms.values()))
    text = {
        "id": "random",
        "version": str(draw(st.integers(1, 9))),
        "title": "A random agreement",
        "operator": SHIPPED.operator,
        "parties": [party.model_dump(exclude_unset=True) | keys_of(party.authority) for party in SHIPPED.parties],
        "commences_on": "2024-04-01",
        "review_on": "2026-03-31",
        "expires_on": "2027-03-31",
        "purposes": [{"id": name, "text": f"For {name}", "serves": SERVED} for name in PURPOSES],
        "feeds": terms,
        "linkage": {
            "feeds": sorted(draw(st.sets(st.sampled_from(personal)))) if personal else [],
            "quality": draw(_LEVELS),
        },
        "recipients": draw(_recipients(_given(terms), sorted(shared))),
        "retention_days": dict(SHIPPED.retention_days),
        "disclosure": dict(zip(("smallest_count", "round_to", "smallest_group"), draw(_THRESHOLDS), strict=True)),
        "log": {"cosignatures": draw(st.integers(1, 6)), "within_hours": draw(st.integers(1, 72))},
        "officers_appointed_by": sorted(draw(st.sets(st.sampled_from(AUTHORITIES), min_size=2 if consenting else 1))),
        "reidentification": {"requests_per_day": 3, "valid_days": 7} if consenting else None,
        "late_feed_wait_days": draw(st.integers(0, 90)),
        "competent_authorities": list(SHIPPED.competent_authorities),
    }
    return Agreement.model_validate(text)


_SHARES = st.sampled_from((0.9, 0.95, 0.98))
_LEVELS = st.none() | st.fixed_dictionaries(
    {"precision": _SHARES, "recall": _SHARES, "subgroup_gap": st.sampled_from((0.02, 0.1))}
)
_THRESHOLDS = st.tuples(st.integers(2, 12), st.integers(1, 10), st.integers(2, 12))


@st.composite
def _feed(draw: st.DrawFn, contract: Contract, purpose: str) -> dict[str, Any]:
    shipped = SHIPPED.feeds[contract.feed]
    terms: dict[str, Any] = shipped.model_dump(mode="json", by_alias=True, exclude_unset=True)
    terms["purposes"] = sorted({purpose, *draw(st.sets(st.sampled_from(PURPOSES)))})
    terms.pop("reidentification", None)
    if contract.personal and draw(st.booleans()):
        consented = draw(st.sets(st.sampled_from(terms["purposes"]), min_size=1))
        terms["reidentification"] = {"consent": "CR-1", "purposes": sorted(consented)}
    terms["earliest_period"] = draw(st.sampled_from(("2023-Q1", "2024-Q1", "2026-Q3")))
    terms |= draw(st.sampled_from(_gateways(shipped)))
    if contract.personal:
        terms["conditions"] = list(draw(st.sampled_from((tuple(shipped.conditions), _GENERAL))))
    terms["fields"] = draw(_fields(contract, terms["fields"]))
    return terms


def _gateways(terms: FeedTerms) -> list[dict[str, Any]]:
    """Powers under which such a feed may flow."""
    other = {"gateway": "other", "basis": "an enactment that says so"}
    if not terms.personal:
        return [other, {"gateway": "cda-1998-s17a"}, {"gateway": "pcsc-2022-s16"}]
    found = [{"gateway": "cda-1998-s115"}, other]
    if terms.authority_kind == "general" and not terms.patient_information:
        found.append({"gateway": "pcsc-2022-s16"})
    return found


@st.composite
def _fields(draw: st.DrawFn, contract: Contract, shipped: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """A treatment of each column; one number says of all which are kept or tokenised, another which generalised."""
    used, made = (draw(st.integers(0, 2 ** len(contract.columns) - 1)) for _ in range(2))
    found: dict[str, Any] = {}
    for place, column in enumerate(contract.columns):
        treatment = {"class": shipped[column]["class"], "treat": _treat(contract, column, bool(used >> place & 1))}
        identifier = contract.identifiers.get(column)
        if made >> place & 1 and identifier is Identifier.SEX:
            treatment["generalise"] = {"sex": How.AS_IS.value}
        if made >> place & 1 and identifier is Identifier.DATE_OF_BIRTH:
            treatment["generalise"] = {"birth_year": How.YEAR.value}
        found[column] = treatment
    return found


def _treat(contract: Contract, column: str, used: bool) -> str:
    """What is done with a column, used for something or not; a reference stays one."""
    if column in contract.row_key or column == "reference_sealed":
        return Treat.REFERENCE.value
    if column in contract.identifiers or column.startswith(("token_", "encoding_")):
        return Treat.TOKENISE.value if used else Treat.DROP.value
    kept = column in contract.publishable and (used or column in ALWAYS_KEPT)
    return Treat.KEEP.value if kept else Treat.DROP.value


def _given(feeds: Mapping[str, Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """The columns of each published table that can be granted: the hub's own, and what these feeds give."""
    given = {
        name
        for terms in feeds.values()
        for column, treatment in terms["fields"].items()
        for name in (*([column] if treatment["treat"] == "keep" else []), *treatment.get("generalise", {}))
    }
    return {table: tuple(c for c in PUBLISHED[table] if c in given | HUB_COLUMNS[table]) for table in TABLES}


@st.composite
def _recipients(draw: st.DrawFn, columns: Mapping[str, Sequence[str]], purposes: Sequence[str]) -> dict[str, Any]:
    named = draw(st.sets(st.sampled_from(RECIPIENTS), min_size=1))
    return {name: draw(_recipient(columns, purposes)) for name in sorted(named)}


@st.composite
def _recipient(draw: st.DrawFn, columns: Mapping[str, Sequence[str]], purposes: Sequence[str]) -> dict[str, Any]:
    wanted = sorted(draw(st.sets(st.sampled_from(purposes), min_size=1)))
    tables = sorted(draw(st.sets(st.sampled_from(TABLES), min_size=1)))
    return {
        "title": "Somebody",
        "authorities": sorted({"council", *draw(st.sets(st.sampled_from(AUTHORITIES)))}),
        "persons_alike": "measured",
        "purposes": wanted,
        "tables": {table: draw(_grant(columns[table], wanted)) for table in tables},
    }


@st.composite
def _grant(draw: st.DrawFn, columns: Sequence[str], purposes: Sequence[str]) -> dict[str, Any]:
    chosen = draw(st.integers(1, 2 ** len(columns) - 1))
    grant: dict[str, Any] = {"columns": [name for place, name in enumerate(columns) if chosen >> place & 1]}
    filters = sorted(VALUES.keys() & grant["columns"])
    if filters and draw(st.booleans()):
        by = draw(st.sets(st.sampled_from(filters), min_size=1, max_size=2))
        grant["rows"] = {name: draw(_some(VALUES[name])) for name in sorted(by)}
    if draw(st.booleans()):
        grant["purposes"] = sorted(draw(st.sets(st.sampled_from(purposes), min_size=1)))
    return grant


def _some(values: Sequence[str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)
