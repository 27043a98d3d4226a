"""What stands in place of identifiers in a row that its authority pseudonymised (token scheme 1, stage 1)."""

from typing import Any

from schemas.columns import Rows, column
from schemas.readings import text

_VERSIONS = r"^[1-9][0-9]{0,5}(\+[1-9][0-9]{0,5})?$"
_DIGEST = r"^[0-9a-f]{32}$"
_ENCODING = r"^[A-Za-z0-9+/]{86}==$"  # 64 bytes in base64
_BASE64 = r"^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"


def _token(field: str) -> Any:
    meaning = f"Stage-1 token of {field.replace('_', ' ')}, 32 hex digits"
    return column(
        f"token_{field}",
        text(),
        meaning,
        person=True,
        private=True,
        nullable=True,
        may_be_missing=True,
        str_matches=_DIGEST,
    )


def _encoding(field: str) -> Any:
    meaning = f"Similarity encoding of {field.replace('_', ' ')}, 64 bytes in base64"
    return column(
        f"encoding_{field}",
        text(),
        meaning,
        person=True,
        private=True,
        nullable=True,
        may_be_missing=True,
        str_matches=_ENCODING,
    )


class Pseudonyms(Rows):
    """References, tokens and encodings; all else comes from the feed's own model."""

    reference: str = column("reference", text(), "Stage-1 digest of the source's reference", str_matches=_DIGEST)
    reference_sealed: str = column(
        "reference_sealed",
        text(),
        "The source's reference, sealed by the source, in base64",
        person=True,
        private=True,
        str_matches=_BASE64,
    )
    source_key: str = column(
        "source_key",
        text(),
        "Versions of the source key that the row is under: 1, or 1+3 if it travels under the third",
        private=True,
        nullable=True,
        may_be_missing=True,
        str_matches=_VERSIONS,
    )
    token_nhs_number: str = _token("nhs_number")
    token_pnc_id: str = _token("pnc_id")
    token_date_of_birth: str = _token("date_of_birth")
    token_birth_year: str = _token("birth_year")
    token_birth_month: str = _token("birth_month")
    token_birth_day: str = _token("birth_day")
    token_forename: str = _token("forename")
    token_surname: str = _token("surname")
    token_forename_phonetic: str = _token("forename_phonetic")
    token_surname_phonetic: str = _token("surname_phonetic")
    token_forename_prefix: str = _token("forename_prefix")
    token_surname_prefix: str = _token("surname_prefix")
    token_full_name: str = _token("full_name")
    token_postcode: str = _token("postcode")
    token_postcode_sector: str = _token("postcode_sector")
    token_postcode_district: str = _token("postcode_district")
    token_uprn: str = _token("uprn")
    token_sex: str = _token("sex")
    encoding_forename: str = _encoding("forename")
    encoding_forename_family: str = _encoding("forename_family")
    encoding_surname: str = _encoding("surname")
    encoding_postcode: str = _encoding("postcode")
    encoding_date_of_birth: str = _encoding("date_of_birth")
