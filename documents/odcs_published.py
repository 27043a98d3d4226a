"""A published table's data contract: its columns as recipients get them, and on which terms."""

from collections.abc import Iterator
from typing import Any

from open_data_contract_standard.model import (
    DataQuality,
    Description,
    Relationship,
    SchemaObject,
    SchemaProperty,
    ServiceLevelAgreementProperty,
)

from documents import odcs
from documents.columns import items
from documents.odcs_columns import column_property
from documents.sources import Sources
from schemas.published import MODELS, published_schema

_POINTED_TO = {"person": "person_id", "event": "event_id", "incident": "incident_id", "area": "area_code"}
_KEYS = _POINTED_TO | {"intervention": "intervention_id", "release": "feed"}  # one row each


def published_tables(sources: Sources) -> list[str]:
    """The tables that somebody is granted."""
    granted = {table for recipient in sources.agreement.recipients.values() for table in recipient.tables}
    return [table for table in MODELS if table in granted]


def published_contract(sources: Sources, table: str) -> str:
    """The data contract of a published table, as YAML: those columns that somebody is granted."""
    agreement = sources.agreement
    having = {name: recipient for name, recipient in agreement.recipients.items() if table in recipient.tables}
    used = dict.fromkeys(purpose for recipient in having.values() for purpose in recipient.purposes_of(table))
    return odcs.contract(
        sources,
        f"published.{table}",
        f"Published table {table}",
        _table(sources, table),
        domain="published",
        description=Description(
            purpose=odcs.purposes(agreement, list(used)),
            usage=str(MODELS[table].__doc__),
            limitations=_limitations(sources),
        ),
        support=[odcs.support("The hub's operator", agreement.operator.contact)],
        team=odcs.operator(agreement),
        roles=[odcs.role(name, recipient, [table]) for name, recipient in having.items()],
        slaProperties=list(_levels(sources)),
        customProperties=odcs.properties(_legal(sources, list(used)) | odcs.provenance(sources)),
    )


def _limitations(sources: Sources) -> str:
    stated = sources.agreement.disclosure
    return (
        f"No count of persons below {stated.smallest_count} is shown, and every count that is shown is rounded to a "
        f"multiple of {stated.round_to}. Re-identification without the controller's consent is an offence "
        "(Data Protection Act 2018, section 171)."
    )


def _legal(sources: Sources, used: list[str]) -> dict[str, object]:
    agreement = sources.agreement
    return {
        "purposes": used,
        "feeds": list(agreement.feeds),
        "linkedFeeds": list(agreement.linkage.feeds),
        "gateways": {name: terms.gateway for name, terms in agreement.feeds.items()},
        "conditions": {name: list(terms.conditions) for name, terms in agreement.feeds.items()},
        "dpias": {name: terms.dpia for name, terms in agreement.feeds.items() if terms.dpia},
        "retentionDays": {"releases": agreement.retention_days.get("releases")},
        "disclosure": agreement.disclosure.model_dump(),
        "decidedBy": {"officersAppointedBy": list(agreement.officers_appointed_by)},
    }


def _levels(sources: Sources) -> Iterator[ServiceLevelAgreementProperty]:
    agreement = sources.agreement
    level = ServiceLevelAgreementProperty
    yield level(property="frequency", value=3, unit="month", description="A release for each quarter")
    waited = "Days after the quarter's end that a late feed is waited for"
    yield level(property="latency", value=agreement.late_feed_wait_days, unit="d", description=waited)
    ends = agreement.expires_on.isoformat()
    yield level(property="endOfLife", value=ends, driver="regulatory", description="The agreement expires after it")
    if "releases" in agreement.retention_days:
        yield odcs.kept("releases", agreement.retention_days["releases"])


def _table(sources: Sources, table: str) -> SchemaObject:
    granted = {
        column
        for recipient in sources.agreement.recipients.values()
        for column in (recipient.tables[table].columns if table in recipient.tables else ())
    }
    columns, origins = published_schema(table).columns, made_from(sources, table)
    given = [(name, column) for name, column in columns.items() if name in granted]
    made = [_property(sources, table, name, column, origins.get(name, [])) for name, column in given]
    key = _KEYS.get(table)
    unique = DataQuality(
        type="library", metric="duplicateValues", mustBe=0, arguments={"properties": [key]}, dimension="uniqueness"
    )
    return SchemaObject(
        name=table,
        physicalName=f"{table}.parquet",
        physicalType="table",
        logicalType="object",
        description=str(MODELS[table].__doc__),
        dataGranularityDescription=str(MODELS[table].__doc__),
        properties=made,
        quality=[unique] if key in granted else None,
    )


def _property(sources: Sources, table: str, name: str, column: Any, made: list[dict[str, object]]) -> SchemaProperty:
    key = name == _KEYS.get(table)
    having = [key for key, r in sources.agreement.recipients.items() if _granted(r.tables.get(table), name)]
    points = [other for other, id_ in _POINTED_TO.items() if id_ == name and other != table]
    return column_property(
        name,
        column,
        None,
        physicalType=str(column.dtype),
        required=not column.nullable,
        unique=True if column.unique else None,
        primaryKey=True if key else None,
        primaryKeyPosition=1 if key else None,
        relationships=[Relationship(type="foreignKey", to=f"{other}.{name}") for other in points] or None,
        classification=_classification([str(each["classification"]) for each in made]),
        transformSourceObjects=[f"{each['feed']}.{each['column']}" for each in made] or None,
        customProperties=odcs.properties({"recipients": having, "madeFrom": made or "the hub"}),
    )


def _granted(grant: Any, column: str) -> bool:
    return grant is not None and column in grant.columns


def made_from(sources: Sources, table: str) -> dict[str, list[dict[str, object]]]:
    """The feeds' columns that each column of a published table is made from, by its name."""
    found: dict[str, list[dict[str, object]]] = {}
    for feed, terms in sources.agreement.feeds.items():
        for item in items(sources, feed):
            for each in item.published:
                if table in each.tables:
                    stated = terms.fields[item.column].classification
                    said = found.setdefault(each.column, [])
                    said.append({"feed": feed, "column": item.column, "form": each.form, "classification": stated})
    return found


def _classification(found: list[str]) -> str | None:
    """The strictest class of what it is made from."""
    order = ["direct-identifier", "special-category", "criminal-offence", "quasi-identifier", "attribute"]
    return min(found, key=order.index) if found else None
