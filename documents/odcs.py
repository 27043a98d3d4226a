"""What all data contracts share: the standard's model, the agreement's legal terms, whom to ask, how it is written.

Written after the Open Data Contract Standard 3.2 (Bitol, Linux Foundation AI & Data), by its own library.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from open_data_contract_standard.model import (
    CustomProperty,
    OpenDataContractStandard,
    Role,
    SchemaObject,
    ServiceLevelAgreementProperty,
    Support,
    Team,
    TeamMember,
)

from agreement.model import Agreement, Recipient
from documents.sources import Sources
from documents.standing import breaches

VERSION = "v3.2.0"
_DAY = "d"


def contract(sources: Sources, name: str, title: str, table: SchemaObject, **parts: Any) -> str:
    """A data contract as YAML; ``name`` is unique within the agreement. It is active while data may flow under it."""
    agreement = sources.agreement
    made = OpenDataContractStandard(
        apiVersion=VERSION,
        kind="DataContract",
        id=f"{agreement.id}.{name}",
        name=title,
        version=agreement.version,
        status="draft" if breaches(sources) else "active",
        schema=[table],
        contractCreatedTs=f"{sources.on.isoformat()}T00:00:00Z",
        **parts,
    )
    return made.to_yaml()


def properties(stated: Mapping[str, object]) -> list[CustomProperty]:
    """Custom properties, those that have a value."""
    return [CustomProperty(property=name, value=_plain(value)) for name, value in stated.items() if value is not None]


def provenance(sources: Sources) -> dict[str, object]:
    """From what the contract was generated, for the custom properties."""
    agreement = sources.agreement
    return {
        "agreementId": agreement.id,
        "agreementVersion": agreement.version,
        "agreementHash": agreement.hash,
        "generatedOn": sources.on.isoformat(),
        "codeCommit": sources.commit,
    }


def purposes(agreement: Agreement, named: Sequence[str]) -> str:
    """Purposes in words."""
    texts = {purpose.id: purpose.text for purpose in agreement.purposes}
    return " ".join(texts.get(name, name) for name in named)


def operator(agreement: Agreement) -> Team:
    """The operator's team, as the contract's consumer side knows it."""
    members = [
        TeamMember(username=agreement.operator.contact, role="operator"),
        TeamMember(username=agreement.operator.data_protection_officer, role="data protection officer"),
    ]
    return Team(name=agreement.operator.name, description="Runs the hub for the parties, as processor", members=members)


def support(channel: str, contact: str) -> Support:
    """Where to ask."""
    return Support(channel=contact, tool="email" if "@" in contact else "other", scope="issues", description=channel)


def role(name: str, recipient: Recipient, tables: Sequence[str]) -> Role:
    """A recipient as a role, with what it may have of some tables."""
    granted = {
        table: {
            "columns": list(recipient.tables[table].columns),
            "rows": {column: list(values) for column, values in recipient.tables[table].rows.items()},
            "purposes": list(recipient.purposes_of(table)),
        }
        for table in tables
    }
    return Role(role=name, access="read", description=recipient.title, customProperties=properties(granted))


def kept(zone: str, number: int) -> ServiceLevelAgreementProperty:
    """How long a zone keeps data."""
    return ServiceLevelAgreementProperty(
        property="retention", value=number, unit=_DAY, element=zone, driver="regulatory", description=f"In {zone}"
    )


def _plain(value: object) -> object:
    """Without the types of our own that YAML would name."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, Sequence):
        return [_plain(part) for part in value]
    return value
