"""A person's details as tokens: what an authority sends so that the hub can look for somebody unnamed.

1. The details are normalised and tokenised by stage 1 of token scheme 1, in memory, on the authority's own machine.
2. What leaves is a list of tokens by field, and which source key made them. Without that key it tells nothing.
3. On the hub, stage 2 makes of them what is stored of the person, if anything is.
"""

import json
from collections.abc import Mapping

import polars as pl

from keys.purposes import Purpose
from pseudonymise.errors import EncodedFormRefused
from pseudonymise.fields import TOKEN_COLUMNS
from pseudonymise.linkage_columns import hub_stage_columns, linkage_columns
from pseudonymise.scheme_keys import HubKeys, SourceKeys
from schemas.contract import Identifier

TYPE = "hub/subject-tokens/1"


def source_form(details: Mapping[str, str], keys: SourceKeys) -> bytes:
    """The document of a person's details (1); raises EncodedFormRefused for an unknown one, or if none can be read.

    ``details`` are by identifier: forename, surname, date_of_birth (YYYY-MM-DD), nhs_number and so on.
    """
    if unknown := set(details) - set(Identifier):
        raise _refused(f"{len(unknown)} of the details have no known name", "Name them: " + ", ".join(Identifier))
    given = {name: [value] for name, value in details.items() if value.strip()}
    frame = pl.DataFrame(given, schema=dict.fromkeys(given, pl.String))
    made = linkage_columns(frame, {name: Identifier(name) for name in given}, keys, None) if given else pl.DataFrame()
    tokens = {name: made[name][0] for name in made.columns if name in TOKEN_COLUMNS and made[name][0] is not None}
    if not tokens:
        raise _refused("no detail is in a form that can be read", "Give a name and a date of birth, or a number")
    return json.dumps({"type": TYPE, "source_key": keys.source.id, "tokens": tokens}, indent=1).encode()


def hub_form(document: bytes, keys: HubKeys, source: int | None) -> dict[str, str]:
    """The tokens as the hub stores them, by column (3), of a document that was made by this version of the source key.

    ``source`` is None where this hub holds no source key, and cannot know. Raises EncodedFormRefused.
    """
    try:
        read = json.loads(document)
        tokens = dict(read["tokens"]) if read["type"] == TYPE else {}
    except (ValueError, KeyError, TypeError):
        tokens = {}
    if not tokens or not tokens.keys() <= TOKEN_COLUMNS.keys():
        raise _refused("it is not as hub source tokens writes it", "Have the authority make it again")
    if source and read.get("source_key") != f"{Purpose.SOURCE}/{source}":  # such tokens would find nobody, unnoticed
        raise _refused(
            "its tokens are under another version of the source key",
            f"Have the authority make it by its copy of {Purpose.SOURCE}/{source}",
        )
    made = hub_stage_columns(pl.DataFrame({name: [value] for name, value in tokens.items()}), keys)
    return {name: made[name][0] for name in tokens}


def _refused(why: str, fix: str) -> EncodedFormRefused:
    return EncodedFormRefused("The details cannot be used", where="the details of a person", why=why, fix=fix)
