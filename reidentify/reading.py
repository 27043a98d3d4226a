"""The authority's own reader: proves that officers let its references go, and gives them by the names of its columns.

Runs on the authority's machine with the agreement, its private key and, where it seals its references itself, its copy
of the source key. It needs no hub.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pydantic import SecretStr

from agreement.feed_rules import provider
from agreement.model import Agreement
from agreement.rules import unsigned
from keys.key import Key
from pseudonymise.errors import SealRefused
from pseudonymise.references import SEPARATOR, open_seal
from pseudonymise.scheme_keys import SourceKeys
from pseudonymise.source import CLEAR_CONTRACTS
from publish.appointment import Appointment, parse
from publish.errors import OfficerRefused
from publish.roll import Roll
from reidentify import statements
from reidentify.envelope import Content, Head, References, open_file, refused
from reidentify.errors import ReidentificationError
from reidentify.proving import Standing, verify_approvals, verify_request
from reidentify.statements import Request, Signed, Word
from schemas.registry import contract_for


@dataclass(frozen=True, repr=False)
class Read:
    """What an authority is told: the request, and of each feed its own references, a column a part of them."""

    head: Head
    asked: Request
    words: tuple[Word, ...]
    tables: Mapping[str, pl.DataFrame]


def read(content: bytes, private: X25519PrivateKey, agreement: Agreement, source: Key | None = None) -> Read:
    """Open a file, and prove it; raises EnvelopeRefused.

    1. All parties signed the agreement that this authority holds.
    2. By it, the request and two approvals of two authorities' officers count, as they stood when it was sealed.
    3. The file is of this very request, and every feed in it is of the authority that it is sealed to.
    """
    opened = open_file(content, private)
    head, held = opened.head, opened.content
    for violation in unsigned(agreement, head.sealed_at.date()):  # (1)
        raise refused(head.request, f"of the agreement, {violation.why} ({violation.where})", "Take the signed one")
    asked, words = _proved(head, held, agreement)  # (2)
    strangers = [feed for feed in held.feeds if provider(feed) != head.to or feed not in asked.feeds]
    if asked.digest != head.request or strangers:  # (3)
        raise refused(head.request, "it holds what was not asked for", "Tell the partnership, and do not act on it")
    return Read(head, asked, words, {feed: _table(head, feed, own, source) for feed, own in held.feeds.items()})


def _proved(head: Head, held: Content, agreement: Agreement) -> tuple[Request, tuple[Word, ...]]:
    try:
        asked = _asked(held.request)
        words = [_word(each) for each in held.words]
        appointed = tuple(word for word in map(parse, held.appointments) if isinstance(word, Appointment))
        roll = Roll(agreement, appointed, frozenset(each.digest for each in appointed), frozenset())
        standing = Standing(agreement, roll, head.sealed_at)
        verify_request(asked, None, standing)
        verify_approvals(words, asked, standing)
    except (ReidentificationError, OfficerRefused) as refusal:
        why = refusal.why
    else:
        return asked.statement, tuple(word.statement for word in words)
    raise refused(
        head.request, f"that officers let it go is not proved: {why}", "Tell the partnership; do not act on it"
    )


def _asked(document: Mapping[str, Any]) -> Signed[Request]:
    return Signed(statements.request(**_part(document)), _signature(document))


def _word(document: Mapping[str, Any]) -> Signed[Word]:
    return Signed(statements.word(**_part(document)), _signature(document))


def _part(document: Mapping[str, Any]) -> dict[str, Any]:
    said = document.get("statement")
    return said if isinstance(said, dict) else {}


def _signature(document: Mapping[str, Any]) -> bytes:
    """The signature; what is no base64 is none, and proves nothing."""
    try:
        return base64.b64decode(str(document.get("signature", "")), validate=True)
    except binascii.Error:
        return b""


def _table(head: Head, feed: str, own: References, source: Key | None) -> pl.DataFrame:
    """The references of a feed: a row each, with the columns of the contract's record key."""
    contract = CLEAR_CONTRACTS.get(feed) or contract_for(feed)
    texts = [SecretStr(each) for each in own.opened]
    if own.sealed:
        texts += _opened(head, feed, own, source)
    parts = [each.get_secret_value().split(SEPARATOR) for each in texts]
    return pl.DataFrame(parts, schema=list(contract.record_key), orient="row")


def _opened(head: Head, feed: str, own: References, source: Key | None) -> list[SecretStr]:
    if source is None:
        raise refused(head.request, f"references of {feed} are under the source key", "Give your sealed copy of it")
    try:
        return [SecretStr(open_seal(one, feed, SourceKeys(source).seal(feed))) for one in own.sealed]
    except SealRefused:
        pass
    raise refused(head.request, f"references of {feed} are under another source key", "Give the copy of that version")
