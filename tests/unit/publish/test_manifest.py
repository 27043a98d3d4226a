"""The manifest's hash stands for its contents, and its name can be left out of it."""

import json

import pytest

from publish.errors import PublicationRefused
from publish.manifest import (
    AgreementEntry,
    DeliveryEntry,
    DisclosureEntry,
    FeedInput,
    LinkageEntry,
    Manifest,
    TableEntry,
    release_name,
)

PERSON = TableEntry(name="person", file="person.parquet", sha256="a" * 64, bytes=9, rows=2, columns=("person_id",))
MANIFEST = Manifest(
    partnership="Safer Kingston",
    release="2026-Q3-v1",
    quarter="2026-Q3",
    recipient="partnership_analysts",
    tables=(PERSON,),
    inputs=(
        FeedInput(
            feed="fire.fire_setter_referrals",
            authority="fire",
            state="admitted",
            deliveries=(DeliveryEntry(period="2026-Q3", sha256="b" * 64, received=10, accepted=9, quarantined=1),),
        ),
    ),
    missing=(),
    agreement=AgreementEntry(id="isa", version="1", hash="c" * 64),
    code_commit="0" * 40,
    key_versions={"hub": 1, "event": 1},
    linkage=LinkageEntry(model="d" * 64, records=9, persons=7, quality={}),
    disclosure=DisclosureEntry(
        quasi_identifiers=("sex",), smallest_group=1, threshold=5, persons_below_threshold=1, treatment="none"
    ),
)


def test_the_hash_is_that_of_sorted_compact_json() -> None:
    assert MANIFEST.canonical().startswith(b'{"agreement":{"hash":"ccc')
    assert b" " not in MANIFEST.canonical().replace(b"Safer Kingston", b"")
    assert MANIFEST.hash == Manifest.parse(MANIFEST.canonical(), "a test").hash


def test_the_name_changes_the_hash_but_not_the_hash_of_the_contents() -> None:
    second = MANIFEST.named("2026-Q3-v2")
    assert second.hash != MANIFEST.hash
    assert second.content_hash == MANIFEST.content_hash


@pytest.mark.parametrize("field", ["partnership", "quarter", "recipient", "code_commit"])
def test_any_other_entry_changes_both(field: str) -> None:
    other = MANIFEST.model_copy(update={field: "x"})
    assert other.hash != MANIFEST.hash
    assert other.content_hash != MANIFEST.content_hash


def test_the_order_in_which_entries_were_made_changes_nothing() -> None:
    assert MANIFEST.model_copy(update={"key_versions": {"event": 1, "hub": 1}}).hash == MANIFEST.hash


def test_an_unknown_entry_or_schema_version_is_refused() -> None:
    content = json.loads(MANIFEST.canonical())
    for changed in (content | {"more": 1}, content | {"schema_version": "hub/manifest/2"}):
        with pytest.raises(PublicationRefused, match="manifest cannot be read"):
            Manifest.parse(json.dumps(changed), "a test")


def test_release_name() -> None:
    assert release_name("2026-Q3", 2) == "2026-Q3-v2"
