"""A partner's receipt: the small file that says what a delivery holds.

Numbered rules:
1. Either JSON with any of ``rows``, ``sha256`` and ``totals``, or what sha256sum writes (GNU or BSD form), or the bare
   hash. Where it speaks of several files, the line with the delivery's file name counts.
2. A receipt that speaks of anything else, or of nothing, is refused: what is misspelt must not go unchecked.
3. Numbers are taken as they are written, since a binary fraction would not be the partner's sum.
"""

import json
import re
from decimal import Decimal, InvalidOperation
from pathlib import PurePosixPath

from connectors.page import Receipt

MOST_BYTES = 64 << 10
_HASH = re.compile(r"[0-9a-f]{64}")
_COUNT = re.compile(r"[0-9]{1,18}")
_LINES = (  # GNU coreutils sha256sum, and its form with --tag, which is BSD's
    re.compile(r"\\?(?P<hash>[0-9A-Fa-f]{64}) [ *](?P<name>.+)"),
    re.compile(r"SHA256 \((?P<name>.+)\) = (?P<hash>[0-9A-Fa-f]{64})"),
    re.compile(r"(?P<hash>[0-9A-Fa-f]{64})(?P<name>)"),
)


def read_receipt(body: bytes, name: str) -> Receipt:
    """What the receipt ``body`` says of the file ``name``; raises ValueError (2), which quotes nothing of it."""
    if len(body) > MOST_BYTES:
        raise ValueError(f"it is longer than {MOST_BYTES} bytes")
    try:
        text = body.decode("utf-8-sig").strip()
        return _from_json(text) if text.startswith("{") else Receipt(sha256=_listed(text.splitlines(), name))  # (1)
    except UnicodeDecodeError:
        raise ValueError("it is not UTF-8 text") from None
    except (json.JSONDecodeError, RecursionError):
        raise ValueError("it is not JSON") from None


def _listed(lines: list[str], name: str) -> str:
    found = set()
    for line in lines:
        said = next(filter(None, (form.fullmatch(line.strip()) for form in _LINES)), None)
        if said is None:
            raise ValueError("it is neither JSON nor what sha256sum writes")  # (2)
        if said["name"] in ("", name) or PurePosixPath(said["name"]).name == name:
            found.add(said["hash"].lower())
    if len(found) != 1:
        raise ValueError("it does not give the one hash of the file's name")  # (2)
    return found.pop()


def _from_json(text: str) -> Receipt:
    said = json.loads(text, parse_float=str, parse_int=str, parse_constant=_no_number, object_pairs_hook=_once)  # (3)
    rows, digest, totals = said.pop("rows", None), said.pop("sha256", None), said.pop("totals", {})
    if said or (rows, digest, totals) == (None, None, {}):
        raise ValueError("it may hold rows, sha256 and totals, at least one of them, and nothing else")  # (2)
    if rows is not None and not (isinstance(rows, str) and _COUNT.fullmatch(rows)):
        raise ValueError("its rows are no count")
    if digest is not None and not (isinstance(digest, str) and _HASH.fullmatch(digest.lower())):
        raise ValueError("its sha256 is no hash")
    if not isinstance(totals, dict) or not all(_is_sum(total) for total in totals.values()):
        raise ValueError("its totals are not numbers by column")
    return Receipt(None if rows is None else int(rows), digest and digest.lower(), totals)


def _is_sum(total: object) -> bool:
    try:
        return isinstance(total, str) and Decimal(total).is_finite()
    except InvalidOperation:
        return False


def _no_number(_: str) -> str:
    raise ValueError("it holds a number that is none")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({name for name, _ in pairs}) != len(pairs):
        raise ValueError("it says a thing twice")
    return dict(pairs)
