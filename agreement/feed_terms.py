"""The terms of one feed: the law it flows under, what each column is, and what is done with it."""

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from hub.periods import Quarter


class Frozen(BaseModel):
    """A part of the agreement: never changed, and without anything that is not stated here."""

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
    SCHEDULE_8 = "dpa-2018-sch8"


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


class Treatment(Frozen):
    """What one column is, what is done with it, and the published columns made from it."""

    classification: FieldClass = Field(alias="class")
    treat: Treat
    generalise: dict[ColumnName, How] = Field(default_factory=dict)

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)

    def published(self, column: str) -> tuple[str, ...]:
        """The columns that may be published from this one: itself if kept, and its generalised forms."""
        kept = (column,) if self.treat is Treat.KEEP else ()
        return kept + tuple(self.generalise)


class Consent(Frozen):
    """That a feed's controller consents to re-identification: its own reference is sent back to it, and to nobody else.

    Without it there is none: to re-identify de-identified data without the controller's consent is an offence
    (DPA 2018 s.171).
    """

    consent: str = Field(min_length=1, description="reference of the controller's written consent")
    purposes: tuple[Identity, ...] = Field(min_length=1, description="what for; each is one of the feed's purposes")


def _real_quarter(text: str) -> str:
    return str(Quarter.parse(text))


class FeedTerms(Frozen):
    """The terms on which one feed may flow."""

    gateway: Gateway
    basis: str | None = Field(default=None, description="which other power it is; needed with the gateway 'other'")
    conditions: tuple[Condition, ...] = ()
    dpia: str | None = Field(default=None, description="reference of the data protection impact assessment")
    policy_document: str | None = Field(
        default=None, description="reference of the appropriate policy document (DPA 2018 s.42, Sch.1 Pt 4)"
    )
    further_use: str | None = Field(
        default=None, description="the law that lets data held for law enforcement serve another purpose (s.36(4))"
    )
    purposes: tuple[Identity, ...] = Field(min_length=1)
    earliest_period: Annotated[str, AfterValidator(_real_quarter)]
    personal: bool
    patient_information: bool
    investigatory_powers: bool = Field(
        description="whether it holds what Parts 1 to 7 or Chapter 1 of Part 9 of the IPA 2016 prohibit to disclose"
    )
    pseudonymised_at: Literal["source", "hub"]
    authority_kind: Literal["general", "health", "social_care"]
    subjects: tuple[str, ...] = Field(default=(), description="categories of persons whom the feed is about")
    reidentification: Consent | None = Field(
        default=None, description="the controller's consent to re-identification (DPA 2018 s.171); none: there is none"
    )
    fields: dict[ColumnName, Treatment] = Field(min_length=1)

    def publishes(self, column: str) -> bool:
        """Whether a column is kept, or made of one by generalising it."""
        return any(column in treatment.published(name) for name, treatment in self.fields.items())
