"""The manifest: what a release is, so exactly that its hash stands for it. Pure.

It holds no clock time, no path, no random id: the same inputs, keys, agreement and code give the
same manifest, and so anyone who holds them can build the release again and compare.
"""

import hashlib
from collections.abc import Mapping
from typing import Any, Literal

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, ValidationError, model_serializer

from agreement.grants import Portion
from publish.errors import PublicationRefused

MANIFEST_FILE = "manifest.json"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TableEntry(_Frozen):
    """One table: its file's SHA-256 (lower hex) and size, its rows and columns in order, and on what terms it is given.

    ``purposes`` and ``narrowed_by`` are of the agreement that the manifest names; a manifest that was made before they
    were stated has neither, and keeps its hash.
    """

    name: str
    file: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    bytes: int
    rows: int
    columns: tuple[str, ...]
    purposes: tuple[str, ...] | None = Field(default=None, description="what the recipient may use it for")
    narrowed_by: Mapping[str, tuple[str, ...]] | None = Field(
        default=None, description="its rows are those whose column holds one of the values; all columns must"
    )

    @property
    def portion(self) -> Portion:
        """What of the table is given; it is for no purpose where none is stated."""
        return Portion(self.columns, self.purposes or (), self.narrowed_by or {})

    @model_serializer(mode="wrap")
    def _as_stated(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in written(self).items() if value is not None}


class DeliveryEntry(_Frozen):
    """One admitted delivery that went into the release."""

    period: str
    sha256: str
    received: int
    accepted: int
    quarantined: int


class FeedInput(_Frozen):
    """One feed: how its delivery for this very quarter stands, and all that was used."""

    feed: str
    authority: str
    state: str = Field(description="state of the newest delivery for the quarter; missing: there is none")
    deliveries: tuple[DeliveryEntry, ...]


class AgreementEntry(_Frozen):
    """The agreement under which the release was made."""

    id: str
    version: str
    hash: str


class LinkageEntry(_Frozen):
    """The linkage behind the person ids; quality is what the link's report estimates, not the truth.

    One that was made before ``behind`` was stated has none.
    """

    model: str
    records: int
    persons: int
    quality: Mapping[str, float] = Field(description="shares, 0 to 1, with where they lie with 95 % certainty")
    behind: str | None = Field(default=None, description="the subgroup that is furthest behind the whole")

    @model_serializer(mode="wrap")
    def _as_stated(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in written(self).items() if value is not None}


class LevelEntry(_Frozen):
    """How it stands after rows were changed; of each column how many persons' values became wider, or were withheld."""

    smallest_group: int | None
    persons_below_threshold: int
    smallest_diversity: int | None
    widened: Mapping[str, int]
    withheld: Mapping[str, int]


class DisclosureEntry(_Frozen):
    """How identifying the rows are: sizes of the groups of persons that share the quasi-identifiers, before any change.

    One that was made before diversity and patterns were measured has none of these, and keeps its hash.
    """

    quasi_identifiers: tuple[str, ...]
    smallest_group: int | None
    threshold: int = Field(description="the smallest group that the agreement asks for")
    persons_below_threshold: int = Field(description="persons in groups smaller than that")
    treatment: Literal["none", "levelled"] = Field(description="what was done to their rows")
    diversity_threshold: int | None = Field(default=None, description="fewest different sensitive values asked for")
    smallest_diversity: int | None = Field(default=None, description="of any group, of any sensitive column")
    sensitive: tuple[str, ...] | None = None
    unique_patterns: Mapping[str, int] | None = Field(
        default=None, description="columns that make persons unique, fewest first: how many that fewer do not"
    )
    after: "LevelEntry | None" = Field(default=None, description="where rows were changed: how it stands then")

    @model_serializer(mode="wrap")
    def _as_stated(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        always = ("smallest_group",)
        return {name: value for name, value in written(self).items() if name in always or value is not None}


class DomainEntry(_Frozen):
    """The pseudonymisation domain of the ids (EDPB guidelines 01/2025): within it one id stands for one person.

    Ids under the same key, in releases to the same recipient, can be joined; ids of another domain cannot.
    """

    name: str = Field(description="recipient/NAME")
    key: str = Field(description="the very key, with its version, that the ids are made under")
    ids: tuple[str, ...] = Field(description="the columns that hold them")


class ReferenceEntry(_Frozen):
    """A table that the partnership loads, or none: what it is of, its file's SHA-256, and what it says of itself."""

    name: str
    sha256: str | None
    said: str


class Manifest(_Frozen):
    """Everything that a release is made of.

    A manifest that was made before one of the last was stated has none of it, and keeps its hash.
    """

    schema_version: Literal["hub/manifest/1"] = "hub/manifest/1"
    partnership: str
    release: str
    quarter: str
    recipient: str
    tables: tuple[TableEntry, ...]
    inputs: tuple[FeedInput, ...]
    missing: tuple[str, ...] = Field(description="feeds with no admitted delivery for the quarter")
    agreement: AgreementEntry
    code_commit: str
    key_versions: Mapping[str, int]
    linkage: LinkageEntry
    disclosure: DisclosureEntry
    domain: DomainEntry | None = Field(default=None, description="where its ids hold")
    incident_rules: str | None = Field(default=None, description="SHA-256 of the rules by which incidents were found")
    definition: str | None = Field(default=None, description="SHA-256 of the definition of serious violence")
    factors: str | None = Field(default=None, description="SHA-256 of the rules of factors and interventions")
    references: tuple[ReferenceEntry, ...] | None = Field(default=None, description="figures of areas, weights of harm")

    @model_serializer(mode="wrap")
    def _as_stated(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        later = ("domain", "incident_rules", "definition", "factors", "references")
        return {name: value for name, value in written(self).items() if name not in later or value is not None}

    def canonical(self) -> bytes:
        """The manifest's bytes: canonical JSON after RFC 8785."""
        return rfc8785.dumps(self.model_dump(mode="json"))

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical bytes, lower hex: what a decision is bound to."""
        return hashlib.sha256(self.canonical()).hexdigest()

    @property
    def content_hash(self) -> str:
        """The hash with the release's name left out: equal for equal contents, whatever the version number."""
        return hashlib.sha256(self.model_copy(update={"release": ""}).canonical()).hexdigest()

    def named(self, release: str) -> "Manifest":
        """The same manifest under the name ``release``."""
        return self.model_copy(update={"release": release})

    @classmethod
    def parse(cls, text: str | bytes, where: str) -> "Manifest":
        """Read a manifest; raises PublicationRefused if it is not one of this schema version."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise PublicationRefused(
                "The manifest cannot be read",
                where=where,
                why=f"{error.error_count()} of its entries are not as hub/manifest/1 says",
                fix="Build the candidate again",
            ) from None


def release_name(quarter: str, version: int) -> str:
    """The name of a quarter's n-th release, such as ``2026-Q3-v1``."""
    return f"{quarter}-v{version}"
