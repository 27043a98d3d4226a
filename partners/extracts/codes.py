"""From the population's own codes to those of each authority."""

from collections.abc import Mapping

# Self-defined ethnicity (16+1) to NHS ETHNIC CATEGORY and to the Department for Education's code.
_ETHNICITY = {
    "W1": ("A", "WBRI"), "W2": ("B", "WIRI"), "W9": ("C", "WOTH"), "M1": ("D", "MWBC"), "M2": ("E", "MWBA"),
    "M3": ("F", "MWAS"), "M9": ("G", "MOTH"), "A1": ("H", "AIND"), "A2": ("J", "APKN"), "A3": ("K", "ABAN"),
    "A9": ("L", "AOTH"), "B1": ("M", "BCRB"), "B2": ("N", "BAFR"), "B9": ("P", "BOTH"), "O1": ("R", "CHNE"),
    "O9": ("S", "OOTH"), "NS": ("Z", "NOBT"),
}  # fmt: skip
ETHNICITY_NHS: Mapping[str, str] = {code: pair[0] for code, pair in _ETHNICITY.items()}
ETHNICITY_DFE: Mapping[str, str] = {code: pair[1] for code, pair in _ETHNICITY.items()}
GENDER_NHS: Mapping[str, str] = {"F": "2", "M": "1", "U": "X"}
GENDER_CENSUS: Mapping[str, str] = {"F": "2", "M": "1", "U": "0"}
GENDER_SSDA903: Mapping[str, str] = {"F": "2", "M": "1", "U": ""}  # that return knows the two
GENDER_FIRE: Mapping[str, str] = {"F": "Female", "M": "Male", "U": "Unknown"}
GENDER_PROBATION: Mapping[str, str] = {"F": "Female", "M": "Male", "U": "Not known"}
