"""A public release's manifest: its files by hash, what they were made from, how they were protected. Pure.

It holds no clock time and no path: the same release, agreement and code give the same manifest, so that what an officer
approved is what is made again and published.
"""

import hashlib
from collections.abc import Mapping
from typing import Literal

import rfc8785
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from assessment.errors import AssessmentRefused
from publish.manifest import AgreementEntry

MANIFEST_FILE, DECISION_FILE = "manifest.json", "decision.json"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileEntry(_Frozen):
    """One file, by the SHA-256 of its bytes (lower hex)."""

    name: str
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(description="bytes")

    @classmethod
    def of(cls, name: str, content: bytes) -> "FileEntry":
        """The entry of a file."""
        return cls(name=name, sha256=hashlib.sha256(content).hexdigest(), size=len(content))


class ProtectionEntry(_Frozen):
    """What was done to one table's counts that are not 0."""

    table: str
    cells: int
    small: int = Field(description="hidden since they are too small")
    beside: int = Field(description="hidden since they would tell of those")


class PublicManifest(_Frozen):
    """Everything that a public release is."""

    schema_version: Literal["hub/public/1"] = "hub/public/1"
    partnership: str
    release: str
    quarter: str
    kinds: tuple[str, ...] = Field(description="quarter: s.17A tables; needs: tables of the needs assessment")
    source: str = Field(description="the release that the figures were made from")
    source_manifest: str
    agreement: AgreementEntry
    code_commit: str
    smallest_count: int
    round_to: int
    files: tuple[FileEntry, ...]
    protection: tuple[ProtectionEntry, ...]

    def canonical(self) -> bytes:
        """The manifest's bytes: canonical JSON (RFC 8785)."""
        return rfc8785.dumps(self.model_dump(mode="json"))

    @property
    def hash(self) -> str:
        """SHA-256 of the canonical bytes, lower hex: what a decision is bound to."""
        return hashlib.sha256(self.canonical()).hexdigest()

    def named(self, release: str) -> "PublicManifest":
        """The same manifest under another name."""
        return self.model_copy(update={"release": release})

    def damaged(self, held: Mapping[str, bytes | None]) -> list[str]:
        """Its files that are missing or otherwise than it states."""
        return [one.name for one in self.files if hashlib.sha256(held.get(one.name) or b"").hexdigest() != one.sha256]

    @classmethod
    def parse(cls, text: str | bytes, where: str) -> "PublicManifest":
        """Read a manifest; raises AssessmentRefused if it is not one."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise AssessmentRefused(
                "The public release's manifest cannot be read",
                where=where,
                why=f"{error.error_count()} of its entries are not as hub/public/1 says",
                fix="Build it again",
            ) from None


def public_name(quarter: str, version: int) -> str:
    """The name of a quarter's n-th public release, such as ``public-2026-Q3-v1``."""
    return f"public-{quarter}-v{version}"
