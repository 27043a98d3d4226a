"""The agreement as ``config/agreement.yaml`` states it. The model holds form; policy.py and rules.py decide."""

from collections.abc import Iterable, Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Literal, Self

import rfc8785
from pydantic import Field, model_validator

from agreement.feed_terms import (
    ColumnName,
    Condition,
    Consent,
    FeedTerms,
    FieldClass,
    Frozen,
    Gateway,
    How,
    Identity,
    Treat,
    Treatment,
)
from agreement.parties import Party, Signature, right
from hub.feeds import AUTHORITIES, Authority
from hub.settings import Zone

__all__ = [
    "Agreement", "Condition", "Consent", "Disclosure", "Enactment", "FeedTerms", "FieldClass", "Gateway",
    "Generalisation", "Grant", "How", "Linkage", "LogTerms", "Operator", "Public", "Purpose", "Recipient",
    "Reidentification", "Treat", "Treatment",
]  # fmt: skip


class Enactment(StrEnum):
    """The law whose functions a purpose belongs to."""

    SERIOUS_VIOLENCE_DUTY = "pcsc-2022-part2"
    CRIME_AND_DISORDER = "cda-1998"
    LAW_ENFORCEMENT = "dpa-2018-s31"


class Operator(Frozen):
    """Who runs the hub for the parties, as their processor (UK GDPR Art 28)."""

    name: str
    contact: str
    data_protection_officer: str


class Purpose(Frozen):
    """What the data may be used for, and whose functions that is. Without a law it belongs to none that is known."""

    id: Identity
    text: str
    serves: tuple[Enactment, ...] = Field(default=(), description="the laws under which it is a function")


class LinkageQuality(Frozen):
    """How right persons must be, by the hub's own estimate, for a release to be made of them; shares, 0 to 1."""

    precision: float = Field(ge=0, le=1, description="of the pairs of records joined to one person, fewest right")
    recall: float = Field(ge=0, le=1, description="of the pairs of records of one person, fewest joined")
    subgroup_gap: float = Field(ge=0, le=1, description="furthest that any subgroup may be behind the whole in either")


class Linkage(Frozen):
    """Which feeds may be combined person by person, and how right that must be for a release."""

    feeds: tuple[str, ...]
    looked_at: dict[str, tuple[ColumnName, ...]] = Field(
        default_factory=dict, description="by feed, what beside tokens may tell that two records are of two persons"
    )
    quality: LinkageQuality | None = Field(default=None, description="without it no level is asked for")


class Grant(Frozen):
    """What a recipient may have of one table.

    ``rows`` narrows it to the rows whose column holds one of the values; of several columns all must. A blank
    is none of the values. Without ``purposes`` it is granted for all of the recipient's.
    """

    columns: tuple[ColumnName, ...] = Field(min_length=1)
    rows: dict[ColumnName, Annotated[tuple[str, ...], Field(min_length=1)]] = Field(default_factory=dict)
    purposes: tuple[Identity, ...] | None = Field(default=None, min_length=1)


class Recipient(Frozen):
    """Who receives releases: for what, and what of which tables."""

    title: str
    authorities: tuple[Authority, ...] = Field(
        description="the authorities that it is part of, or acts for; none: it belongs to no party"
    )
    purposes: tuple[Identity, ...] = Field(min_length=1)
    tables: dict[ColumnName, Grant] = Field(min_length=1)
    persons_alike: Literal["measured", "reached"] = Field(
        default="measured", description="reached: its rows are changed until each person is alike enough to others"
    )

    def purposes_of(self, table: str) -> tuple[str, ...]:
        """The purposes that the recipient may use one of its tables for."""
        return self.tables[table].purposes or self.purposes


class Generalisation(Frozen):
    """A loss that is taken where too few persons are alike: wider values of a column, each with those it stands for."""

    column: ColumnName
    into: dict[str, Annotated[tuple[str, ...], Field(min_length=1)]] = Field(min_length=1)


class Disclosure(Frozen):
    """When a count or a group is too small, and what is given up first where a group is.

    The first two bind whoever shows counts, the hub's own answers too. Groups are measured in every release; where a
    recipient's are to be ``reached``, its rows are changed until they are large enough.
    """

    smallest_count: int = Field(ge=2, description="a count of persons below this is not to be shown by a recipient")
    round_to: int = Field(ge=1, description="a recipient rounds every count it shows to a multiple of this")
    smallest_group: int = Field(ge=2, description="fewest persons that should share their quasi-identifiers")
    smallest_diversity: int = Field(
        default=1, ge=1, description="fewest different values that such persons should have of each sensitive column"
    )
    sensitive: tuple[ColumnName, ...] = Field(default=(), description="columns of the table involvement that tell most")
    generalise: tuple[Generalisation, ...] = Field(
        default=(), description="what is given up first, in this order; then values are withheld in the same order"
    )


class LogTerms(Frozen):
    """When the log counts as verified: how many parties' witnesses must have cosigned it, and how lately."""

    cosignatures: int = Field(ge=1, le=6, description="fewest parties that cosigned one and the same checkpoint")
    within_hours: int = Field(ge=1, description="hours after which an entry must stand under such a checkpoint")


class Reidentification(Frozen):
    """How often, and for how long, it may be asked that a record's own authority learns which record is meant.

    That two officers of two authorities approve each request is no term of the agreement: it is always so.
    """

    requests_per_day: int = Field(ge=1, le=100, description="most requests of one officer in any 24 hours")
    valid_days: int = Field(ge=1, le=90, description="days after which a request that was not fulfilled has expired")


class Public(Frozen):
    """What may be put where anybody sees it: tables of counts alone, and each release only as an officer decides.

    quarter: depersonalised counts of one quarter's events, as CDA 1998 s.17A has them; needs: tables of the needs
    assessment, once a year.
    """

    purposes: tuple[Identity, ...] = Field(min_length=1, description="what the figures are read and made for")
    tables: tuple[Literal["quarter", "needs"], ...] = Field(min_length=1)
    smallest_count: int = Field(ge=3, description="a count below this is not shown to the public")
    round_to: int = Field(ge=3, description="every count that the public is shown is a multiple of this")


class Agreement(Frozen):
    """The whole agreement. Its ``hash`` stands in every manifest and log entry."""

    id: Identity
    version: str = Field(pattern=r"^[0-9A-Za-z][0-9A-Za-z.+-]{0,39}$", description="one text for ever")
    title: str
    operator: Operator
    parties: tuple[Party, ...]
    signatures: tuple[Signature, ...] = Field(default=(), description="kept beside the text: see signing.py")
    commences_on: date
    review_on: date
    expires_on: date
    purposes: tuple[Purpose, ...]
    feeds: dict[str, FeedTerms]
    linkage: Linkage
    recipients: dict[Identity, Recipient]
    retention_days: dict[Zone, Annotated[int, Field(ge=1)]]
    disclosure: Disclosure
    log: LogTerms
    officers_appointed_by: tuple[Authority, ...] = Field(
        min_length=1,
        description="parties that may appoint who decides on releases, and on requests for re-identification",
    )
    reidentification: Reidentification | None = Field(
        default=None, description="on what terms it may be asked for; none: nobody may"
    )
    public: Public | None = Field(default=None, description="on what terms; none: nothing is given to the public")
    late_feed_wait_days: int = Field(ge=0, description="days after a quarter's end that a late feed is waited for")
    competent_authorities: tuple[Authority, ...] = Field(
        default=("police",), description="parties that process for law enforcement (DPA 2018 s.30 and Sch.7)"
    )
    council_social_care_barred: bool = Field(
        default=True, description="whether the council's social care side counts under PCSC Act 2022 s.16(4)(b)"
    )

    @model_validator(mode="after")
    def _names_no_stranger(self) -> Self:
        """A slip of the pen makes nobody an authority, who might then receive what only authorities may."""
        known = {*AUTHORITIES, *(party.authority for party in self.parties)}
        received = (name for recipient in self.recipients.values() for name in recipient.authorities)
        for name in (*received, *self.officers_appointed_by, *self.competent_authorities):
            if name not in known:
                raise ValueError(f"{name} is neither a specified authority nor a party")
        return self

    @cached_property
    def canonical(self) -> bytes:
        """The text that is signed and hashed: canonical JSON (RFC 8785) of what is stated, without signatures."""
        return rfc8785.dumps(self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"signatures"}))

    @cached_property
    def signed_by(self) -> Mapping[str, Signature]:
        """The parties whose signature of this very text is right, each with it."""
        keys: dict[str, str | None] = {party.authority: party.signing_key for party in self.parties}
        return right(self.canonical, keys, self.signatures)

    def party(self, authority: str) -> Party | None:
        """The party of an authority, or None."""
        return next((party for party in self.parties if party.authority == authority), None)

    def serves(self, purposes: Iterable[str], law: Enactment) -> bool:
        """Whether each of these purposes is a function under a law; one that is not stated is under none."""
        known = {purpose.id for purpose in self.purposes if law in purpose.serves}
        return known.issuperset(purposes)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical text, in hex."""
        return sha256(self.canonical).hexdigest()
