"""Names of persons to their canonical form. The words of a name are joined by one space, its letters by nothing.

Source: docs/token-scheme-1.md, section 3; the same rule numbers.
"""

import re
import unicodedata
from functools import cache

import jellyfish
import polars as pl
from anyascii import anyascii

from pseudonymise.families import families

APOSTROPHES = "'’‘`´ʼʹ′"  # noqa: RUF001  # these very characters are what people type
TITLES = (
    "mr", "mrs", "miss", "ms", "mx", "master", "mstr", "dr", "prof", "professor", "rev", "revd", "reverend", "sir",
    "dame", "lord", "lady", "cllr", "councillor",
)  # fmt: skip
SUFFIXES = (
    "jr", "jnr", "junior", "sr", "snr", "senior", "ii", "iii", "iv", "esq", "esquire", "obe", "mbe", "cbe", "phd",
)  # fmt: skip
PLACEHOLDERS = (
    "", "unknown", "unk", "not known", "n a", "n k", "null", "none", "anon", "anonymous", "unnamed", "no name",
    "not given", "not provided", "not recorded", "not stated", "withheld", "refused", "tbc", "x", "xx", "xxx", "fnu",
    "lnu", "mr", "mrs", "miss", "ms", "mx", "dr", "male", "female", "unknown male", "unknown female",
    "baby", "baby boy", "baby girl", "unborn", "unborn baby",
)  # fmt: skip


def name_words(raw: pl.Series) -> pl.Series:
    """The words of a name in letters a to z, joined by one space; null if nothing is left.

    1. Characters are composed (NFC).
    2. Apostrophes go, whatever their form, and modifier letters.
    3. What is neither letter nor mark becomes a space.
    4. Letters and marks become what AnyAscii 0.3.3 writes for them, in lower case, without all but a to z.
    5. Words stand between spaces.
    6. Titles at the front go, then suffixes at the end, as long as a word remains; then initials at the end, as long
       as a word of two letters or more remains.
    7. What stands for "no name" is null.
    """
    words = raw.str.to_lowercase()  # which is all that one word of ASCII letters needs
    others = (~raw.str.contains("^[A-Za-z]+$")).arg_true()
    words = words.scatter(others, _of_any_characters(raw.gather(others)))
    return words.set(words.is_in(PLACEHOLDERS), None)  # (7)


def _of_any_characters(raw: pl.Series) -> pl.Series:
    foreign = (raw.str.len_bytes() > raw.str.len_chars()).arg_true()
    roman = pl.Series([romanised(name) for name in raw.gather(foreign)], dtype=pl.String)
    plain = raw.clone().scatter(foreign, roman)  # (1) to (4) where not all is ASCII
    plain = plain.str.replace_all("['`]", "").str.replace_all("[^A-Za-z]+", " ")  # (2), (3) where all is; (5)
    words = plain.str.to_lowercase().str.strip_chars(" ")
    words = words.str.replace(f"^(?:(?:{'|'.join(TITLES)}) )+", "")  # (6)
    words = words.str.replace(f"(?: (?:{'|'.join(SUFFIXES)}))+$", "")
    return words.str.replace("^(.*[a-z]{2})(?: [a-z])+$", "${1}")


def romanised(name: str) -> str:
    """A name in any script in the letters a to z, its words apart as they were."""
    return "".join(_roman(character) for character in unicodedata.normalize("NFC", name))  # (1)


@cache
def _roman(character: str) -> str:
    kind = unicodedata.category(character)
    if character in APOSTROPHES or kind == "Lm":
        return ""  # (2)
    if kind[0] not in "LM":
        return " "  # (3)
    return re.sub("[^a-z]", "", anyascii(character).lower())  # (4)


def name_forms(raw: pl.Series, field: str) -> pl.DataFrame:
    """A column of names in every form that is used, by field name, and ``<field>_words``.

    A family is of a forename alone.
    """
    words = name_words(raw.cast(pl.String))
    letters = words.str.replace_all(" ", "", literal=True)
    forms = {
        field: letters,
        f"{field}_phonetic": phonetic(letters),
        f"{field}_prefix": letters.str.slice(0, 3),
        f"{field}_words": words,
    }
    return pl.DataFrame(forms | {"forename_family": families(letters)} if field == "forename" else forms)


def phonetic(letters: pl.Series) -> pl.Series:
    """American Soundex (US National Archives), as one capital and three digits."""
    return pl.Series([jellyfish.soundex(name) if name else None for name in letters], dtype=pl.String)


def full_name(forename_words: pl.Series, surname_words: pl.Series) -> pl.Series:
    """All words of both names in code point order, joined by a space; null unless both are known."""
    both = pl.DataFrame({"one": forename_words, "two": surname_words}).select(
        pl.when(pl.col("one") <= pl.col("two"))
        .then(pl.col("one") + " " + pl.col("two"))
        .otherwise(pl.col("two") + " " + pl.col("one"))
        .alias("name")
    )
    many = both.with_row_index().filter(pl.col("name").str.count_matches(" ", literal=True) > 1)  # not in order yet
    ordered = many["name"].str.split(" ").list.sort().list.join(" ")
    return both["name"].scatter(many["index"], ordered) if len(many) else both["name"]
