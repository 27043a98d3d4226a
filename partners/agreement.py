"""The six simulated authorities come to an agreement: the hub's draft with their keys in it, signed by all."""

from pathlib import Path
from typing import Any, cast

import yaml

from agreement.policy import read_agreement
from agreement.signing import keep_signature, sign
from hub.clock import now
from hub.feeds import AUTHORITIES
from hub.yaml_files import read_yaml
from keys.file import write_private
from partners.agreement_keys import public_keys, signing_key

SIGNED_BY = "head of service (simulated)"


def agree(folder: Path, draft: Path, hub_home: Path) -> Path:
    """Write the signed agreement into the hub's home and tell the hub of it (``local.yaml``); returns its file.

    The same draft and keys give the same text. A text that all have signed already is left as it is.
    """
    path = hub_home / "agreement" / "agreement.yaml"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = yaml.safe_dump(_with_keys(folder, draft), sort_keys=False, allow_unicode=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")
    _sign(folder, path)
    _tell(hub_home, path)
    return path


def _with_keys(folder: Path, draft: Path) -> dict[str, Any]:
    terms = cast(dict[str, Any], read_yaml(draft))
    keys = public_keys(folder)
    for party in terms["parties"]:
        party.update(keys[party["authority"]])
    return terms


def _sign(folder: Path, path: Path) -> None:
    signed = read_agreement(path).signed_by
    for authority in AUTHORITIES:
        if authority not in signed:
            key = signing_key(folder, authority).read_bytes()
            keep_signature(path, sign(read_agreement(path), authority, key, SIGNED_BY, now().date()))


def _tell(hub_home: Path, path: Path) -> None:
    local = hub_home / "local.yaml"
    content = cast(dict[str, Any], read_yaml(local)) if local.is_file() else {}
    write_private(local, yaml.safe_dump({**content, "agreement": str(path)}, sort_keys=False).encode())
