"""How often each authority errs, as ``partners/rates.yaml`` says."""

from functools import cache
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from hub.yaml_files import load_yaml

RATES = Path(__file__).parents[1] / "rates.yaml"
Share = Annotated[float, Field(ge=0, le=1)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RecordingRates(_Frozen):
    """Chances of one authority's errors when it keys a person; the file explains each."""

    reuse: Share
    forename_missing: Share
    surname_missing: Share
    initial_only: Share
    nickname: Share
    forename_variant: Share
    surname_variant: Share
    forename_typo: Share
    surname_typo: Share
    forename_phonetic: Share
    surname_phonetic: Share
    middle_name_added: Share
    names_swapped: Share
    names_swapped_eastern: Share
    former_surname: Share
    half_surname: Share
    hyphen_changed: Share
    accents_lost: Share
    case_changed: Share
    blanks_added: Share
    birth_missing: Share
    birth_default: Share
    birth_swapped: Share
    birth_digit: Share
    birth_first_january: Share
    sex_unknown: Share
    sex_wrong: Share
    ethnicity_missing: Share
    former_home: Share
    postcode_missing: Share
    postcode_typo: Share
    postcode_form: Share
    uprn_missing: Share
    uprn_typo: Share
    nhs_missing: Share
    nhs_typo: Share
    pnc_missing: Share
    pnc_typo: Share


class DirtRates(_Frozen):
    """Shares of a feed's rows that are spoilt; the file explains each."""

    unknown_code: Share
    impossible_date: Share
    missing_key: Share
    repeated_row: Share
    uprn_exponent: Share
    null_text: Share
    trailing_blanks: Share
    float_for_integer: Share


class _File(_Frozen):
    recording: dict[str, dict[str, Share]]
    dirt: dict[str, dict[str, Share]]


@cache
def _file(path: Path) -> _File:
    return load_yaml(path, _File)


@cache
def recording_rates(feed: str, path: Path = RATES) -> RecordingRates:
    """The recording rates of one feed; raises ConfigurationError if the file is wrong."""
    stated = _file(path).recording
    return RecordingRates.model_validate(stated["default"] | stated.get(feed, {}))


@cache
def dirt_rates(feed: str, path: Path = RATES) -> DirtRates:
    """The rates of spoilt rows of one feed; raises ConfigurationError if the file is wrong."""
    stated = _file(path).dirt
    return DirtRates.model_validate(stated["default"] | stated.get(feed, {}))
