"""A feed's data contract: what its rows look like, and on which legal terms they are given."""

from collections.abc import Iterator
from dataclasses import asdict

from open_data_contract_standard.model import (
    DataQuality,
    Description,
    SchemaObject,
    SchemaProperty,
    ServiceLevelAgreementProperty,
    TeamMember,
)

from agreement.model import FeedTerms
from documents import odcs
from documents.columns import Item, items
from documents.odcs_columns import column_property
from documents.sources import Sources, authority_of
from documents.words import conditions, gateway
from hub.feeds import Feed
from hub.periods import Quarter
from schemas.contract import Contract

_MONTHS = 3


def feed_contract(sources: Sources, name: str) -> str:
    """The data contract of a feed that has terms and a contract of ours, as YAML."""
    agreement, terms, ours = sources.agreement, sources.agreement.feeds[name], sources.contracts[name]
    party = agreement.party(authority_of(name))
    feed = sources.feeds.get(name)
    team = odcs.operator(agreement)
    contacts = [odcs.support("The hub's operator", agreement.operator.contact)]
    if party is not None:
        contacts.insert(0, odcs.support(f"The provider: {party.controller}", party.contact))
        provider = TeamMember(username=party.contact, name=party.controller, role="provider")
        team.members = [provider, *(team.members or [])]
    return odcs.contract(
        sources,
        name,
        sources.feed_title(name),
        _table(sources, name, terms, ours, feed),
        domain=authority_of(name),
        description=_description(sources, terms, feed),
        support=contacts,
        team=team,
        roles=[odcs.role(key, recipient, list(recipient.tables)) for key, recipient in agreement.recipients.items()],
        slaProperties=list(_levels(sources, terms, feed)),
        customProperties=odcs.properties(_legal(sources, name, terms) | odcs.provenance(sources)),
    )


def _description(sources: Sources, terms: FeedTerms, feed: Feed | None) -> Description:
    return Description(
        purpose=odcs.purposes(sources.agreement, terms.purposes),
        usage=feed.description if feed else None,
        limitations="Only as the agreement says: what it does not state does not flow.",
    )


def _legal(sources: Sources, name: str, terms: FeedTerms) -> dict[str, object]:
    return {
        "gateway": terms.gateway,
        "gatewayClause": gateway(terms),
        "conditions": list(terms.conditions),
        "conditionClauses": [law.clause for law in conditions(terms)],
        "dpia": terms.dpia,
        "policyDocument": terms.policy_document,
        "furtherUse": terms.further_use,
        "reidentificationConsent": terms.reidentification.consent if terms.reidentification else None,
        "purposes": list(terms.purposes),
        "dataSubjects": list(terms.subjects),
        "personalData": terms.personal,
        "patientInformation": terms.patient_information,
        "investigatoryPowers": terms.investigatory_powers,
        "pseudonymisedAt": terms.pseudonymised_at,
        "authorityKind": terms.authority_kind,
        "earliestPeriod": terms.earliest_period,
        "linked": name in sources.agreement.linkage.feeds,
        "linkageLooksAt": list(sources.agreement.linkage.looked_at.get(name, ())),
        "retentionDays": dict(sources.agreement.retention_days),
    }


def _levels(sources: Sources, terms: FeedTerms, feed: Feed | None) -> Iterator[ServiceLevelAgreementProperty]:
    """How often and by when; from when to when; how much may be wrong; how long it is kept."""
    agreement = sources.agreement
    first = Quarter.parse(terms.earliest_period).starts_on.isoformat()
    level = ServiceLevelAgreementProperty
    if feed is not None:
        plan = {"scheduler": "cron", "schedule": feed.schedule} if feed.schedule else {}
        yield level(property="frequency", value=_MONTHS, unit="month", description="Once a quarter", **plan)
        late = "Days after the quarter's end, after which a delivery counts as late"
        yield level(property="latency", value=feed.late_after_days, unit="d", description=late)
        wrong = "Share of rows in quarantine, above which a delivery is refused whole"
        yield level(property="errorRate", value=feed.rejection_threshold * 100, unit="percent", description=wrong)
    waited = "Days after the quarter's end that the parties wait for a late delivery"
    yield level(property="lateFeedWait", value=agreement.late_feed_wait_days, unit="d", description=waited)
    yield level(property="generalAvailability", value=first, driver="regulatory", description="First day covered")
    ends = agreement.expires_on.isoformat()
    yield level(property="endOfLife", value=ends, driver="regulatory", description="The agreement expires after it")
    yield from (odcs.kept(zone, number) for zone, number in agreement.retention_days.items())


def _table(sources: Sources, name: str, terms: FeedTerms, ours: Contract, feed: Feed | None) -> SchemaObject:
    said = {item.column: item for item in items(sources, name)}
    return SchemaObject(
        name=name.partition(".")[2],
        physicalName=name,
        physicalType=f"{feed.format} file" if feed and feed.transport.kind != "sql" else "table",
        logicalType="object",
        description=str(ours.model.__doc__),
        dataGranularityDescription=str(ours.model.__doc__),
        properties=[_property(ours, column, said.get(column), terms) for column in ours.columns],
        quality=list(_quality(ours, feed)),
    )


def _property(ours: Contract, name: str, item: Item | None, terms: FeedTerms) -> SchemaProperty:
    column, reading = ours.schema.columns[name], ours.readings.get(name)
    stated = terms.fields.get(name)
    key = ours.row_key.index(name) + 1 if name in ours.row_key else None
    delivered = reading is not None
    written = dict(reading.codes) if reading and reading.codes and str(column.dtype) == "Boolean" else None
    return column_property(
        name,
        column,
        reading,
        physicalName=ours.source_name(name) if delivered else None,
        physicalType="text" if delivered else None,
        required=delivered and not column.nullable and (reading is None or reading.blank is None),
        primaryKey=True if key else None,
        primaryKeyPosition=key,
        classification=str(stated.classification) if stated else None,
        transformDescription=None if delivered else "Made by the hub from other columns",
        customProperties=odcs.properties(
            {
                "treatment": stated.treat if stated else None,
                "treatmentInWords": item.treatment if item else None,
                "published": _published(item),
                "identifier": ours.identifiers.get(name),
                "aboutPerson": name in ours.person_columns,
                "writtenAs": written,
                "usualForm": reading.usual_form if reading else None,
                "unreadableCountsAsMissing": True if reading and reading.lenient else None,
                "blankMeans": reading.blank if reading else None,
                "mayBeAbsent": True if ours.source_name(name) in ours.optional else None,
                "mayLieInFuture": True if name in ours.may_lie_ahead else None,
            }
        ),
    )


def _published(item: Item | None) -> list[dict[str, object]] | None:
    made = item.published if item else ()
    return [asdict(each) for each in made] or None


def _quality(ours: Contract, feed: Feed | None) -> Iterator[DataQuality]:
    """What a delivery is held against, beyond the single column."""
    error = "error"
    for check in ours.schema.checks:
        about = odcs.properties({"column": check.title, "reason": check.name})
        yield DataQuality(
            type="text", description=check.description, dimension="consistency", severity=error, customProperties=about
        )
    yield DataQuality(
        type="library",
        metric="duplicateValues",
        mustBe=0,
        arguments={"properties": list(ours.row_key)},
        description="No two rows of a delivery have the same key; a later one is quarantined",
        dimension="uniqueness",
        severity=error,
    )
    if feed is not None:
        fewest, most = feed.expected_rows
        usual = "Rows usual in one quarter"
        yield DataQuality(
            type="library", metric="rowCount", mustBeBetween=[fewest, most], description=usual, severity="warning"
        )
    yield from (DataQuality(type="text", description=said, severity=error) for said in _rules(ours))


def _rules(ours: Contract) -> Iterator[str]:
    if ours.period_column:
        yield f"{ours.period_column} lies within the quarter that is delivered"
    if ours.telling:
        yield f"At least one of {', '.join(ours.telling)} is not blank"
    if ours.blocked_by:
        yield f"A row whose {ours.blocked_by} is true is barred and is not taken"
