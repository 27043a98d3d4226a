"""The agreement as ``config/agreement.yaml`` states it. The model holds form; policy.py and rules.py decide."""

from datetime import date
from enum import StrEnum
from functools import cached_property
from hashlib import sha256
from typing import Annotated, Literal

import rfc8785
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hub.feeds import Authority
from hub.periods import Quarter
from hub.settings import Zone


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Gateway(StrEnum):
    """The legal power by which a feed may be disclosed to the hub."""

    SERIOUS_VIOLENCE_DUTY = "pcsc-2022-s16"
    CRIME_AND_DISORDER = "cda-1998-s115"
    DEPERSONALISED_EXCHANGE = "cda-1998-s17a"
    OTHER = "other"


class FieldClass(StrEnum):
    """What a column says about a person."""

    DIRECT_IDENTIFIER = "direct-identifier"
    QUASI_IDENTIFIER = "quasi-identifier"
    SPECIAL_CATEGORY = "special-category"
    CRIMINAL_OFFENCE = "criminal-offence"
    ATTRIBUTE = "attribute"


class Condition(StrEnum):
    """A condition for processing, under UK GDPR or the Data Protection Act 2018."""

    PUBLIC_TASK = "uk-gdpr-6-1-e"
    SUBSTANTIAL_PUBLIC_INTEREST = "uk-gdpr-9-2-g"
    CRIMINAL_OFFENCE_DATA = "uk-gdpr-10"
    SCHEDULE_1_PART_2 = "dpa-2018-sch1-pt2"
    LAW_ENFORCEMENT = "dpa-2018-part3"


class Treat(StrEnum):
    """What happens to a column when a row is split.

    drop: it goes no further. tokenise: only keyed tokens and encodings of it are kept, for linkage.
    keep: it may be published as it is. reference: it is the source's own key and becomes an id.
    """

    DROP = "drop"
    TOKENISE = "tokenise"
    KEEP = "keep"
    REFERENCE = "reference"


class How(StrEnum):
    """How a published column is made from one that is not published itself.

    year: the year of a date (integer). outward_postcode: the part before the space (``KT1``).
    as_is: the same code, for a column that is tokenised and published both, such as sex.
    """

    YEAR = "year"
    OUTWARD_POSTCODE = "outward_postcode"
    AS_IS = "as_is"


ColumnName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Identity = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_.-]*$")]


class Treatment(_Frozen):
    """What one column is, what is done with it, and the published columns made from it."""

    classification: FieldClass = Field(alias="class")
    treat: Treat
    generalise: dict[ColumnName, How] = Field(default_factory=dict)

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)

    def published(self, column: str) -> tuple[str, ...]:
        """The columns that may be published from this one: itself if kept, and its generalised forms."""
        kept = (column,) if self.treat is Treat.KEEP else ()
        return kept + tuple(self.generalise)


class Party(_Frozen):
    """One specified authority: the controller, and whom to ask there."""

    authority: Authority
    controller: str
    contact: str


class Signature(_Frozen):
    """That one party signed this very text. It is no part of the text, so it does not change the hash."""

    signed_by: str = Field(description="the role of who signed for the party")
    signed_on: date


class Purpose(_Frozen):
    """What the data may be used for."""

    id: Identity
    text: str


def _real_quarter(text: str) -> str:
    return str(Quarter.parse(text))


class FeedTerms(_Frozen):
    """The terms on which one feed may flow."""

    gateway: Gateway
    basis: str | None = Field(default=None, description="which other power it is; needed with the gateway 'other'")
    conditions: tuple[Condition, ...] = ()
    dpia: str | None = Field(default=None, description="reference of the data protection impact assessment")
    purposes: tuple[Identity, ...] = Field(min_length=1)
    earliest_period: Annotated[str, AfterValidator(_real_quarter)]
    personal: bool
    patient_information: bool = False
    pseudonymised_at: Literal["source", "hub"] = "hub"
    authority_kind: Literal["general", "health", "social_care"] = "general"
    fields: dict[ColumnName, Treatment] = Field(min_length=1)


class Linkage(_Frozen):
    """Which feeds may be combined person by person."""

    feeds: tuple[str, ...]


class Recipient(_Frozen):
    """Who receives releases: for what, and which columns of which tables."""

    title: str
    purposes: tuple[Identity, ...] = Field(min_length=1)
    tables: dict[ColumnName, tuple[ColumnName, ...]] = Field(min_length=1)


class Disclosure(_Frozen):
    """When a count or a group is too small. Releases hold rows, so only ``smallest_group`` is measured by the hub."""

    smallest_count: int = Field(ge=2, description="a count of persons below this is not to be shown by a recipient")
    round_to: int = Field(ge=1, description="a recipient rounds every count it shows to a multiple of this")
    smallest_group: int = Field(
        ge=2, description="fewest persons that should share their quasi-identifiers; measured, not enforced"
    )


class Agreement(_Frozen):
    """The whole agreement. Its ``hash`` stands in every manifest and log entry."""

    id: Identity
    version: str
    title: str
    parties: tuple[Party, ...]
    signatures: dict[Authority, Signature] = Field(default_factory=dict)
    commences_on: date
    review_on: date
    expires_on: date
    purposes: tuple[Purpose, ...]
    feeds: dict[str, FeedTerms]
    linkage: Linkage
    recipients: dict[Identity, Recipient]
    retention_days: dict[Zone, Annotated[int, Field(ge=1)]]
    disclosure: Disclosure
    late_feed_wait_days: int = Field(ge=0, description="days after a quarter's end that a late feed is waited for")
    council_social_care_barred: bool = Field(
        default=True, description="whether the council's social care side counts under PCSC Act 2022 s.16(4)(b)"
    )

    @cached_property
    def canonical(self) -> bytes:
        """The text that is signed and hashed: canonical JSON (RFC 8785) of what was stated, without signatures."""
        stated = self.model_dump(mode="json", by_alias=True, exclude_unset=True, exclude={"signatures"})
        return rfc8785.dumps(stated)

    @cached_property
    def hash(self) -> str:
        """SHA-256 of the canonical text, in hex."""
        return sha256(self.canonical).hexdigest()
