"""Names of persons to their canonical form. The words of a name are joined by one space, its letters by nothing.

Source: docs/token-scheme-1.md, section 3; the same rule numbers.
"""

import jellyfish
import polars as pl

APOSTROPHES = "'’‘`´ʼʹ′"  # noqa: RUF001  # these very characters are what people type
PLAINER = dict(zip("ßςłøđðþæœıħ", ("ss", "σ", "l", "o", "d", "d", "th", "ae", "oe", "i", "h"), strict=True))  # noqa: RUF001
TITLES = (
    "mr", "mrs", "miss", "ms", "mx", "master", "dr", "prof", "professor", "rev", "reverend", "sir", "dame", "lord",
    "lady",
)  # fmt: skip
SUFFIXES = ("jr", "jnr", "junior", "sr", "snr", "senior", "ii", "iii", "iv", "esq", "esquire")
PLACEHOLDERS = (
    "unknown", "unk", "not known", "n a", "n k", "null", "none", "anon", "anonymous", "unnamed", "no name", "not given",
    "not provided", "not recorded", "not stated", "withheld", "refused", "tbc", "x", "xx", "xxx",
    "mr", "mrs", "miss", "ms", "mx", "dr",
)  # fmt: skip


def name_words(raw: pl.Expr) -> pl.Expr:
    """The words of a name in lower-case letters, joined by one space; null if nothing is left.

    1. Apostrophes go, whatever their form.
    2. NFKD; marks and modifier letters go.
    3. Lower case.
    4. Letters without a decomposition become their nearest plain letters.
    5. Every run of other characters than letters becomes one space; none at either end.
    6. Titles at the front and suffixes at the end go, as long as a word remains.
    7. What stands for "no name" is null.
    """
    plain = raw.str.replace_all(f"[{APOSTROPHES}]", "")  # (1)
    plain = plain.str.normalize("NFKD").str.replace_all(r"[\p{M}\p{Lm}]", "")  # (2)
    plain = plain.str.to_lowercase()  # (3)
    plain = plain.str.replace_many(list(PLAINER), list(PLAINER.values()))  # (4)
    words = plain.str.replace_all(r"\P{L}+", " ").str.strip_chars(" ")  # (5)
    words = words.str.replace(f"^(?:(?:{'|'.join(TITLES)}) )+", "")  # (6)
    words = words.str.replace(f"(?: (?:{'|'.join(SUFFIXES)}))+$", "")
    return pl.when(words.is_in(["", *PLACEHOLDERS])).then(None).otherwise(words)  # (7)


def name_forms(raw: pl.Series, field: str) -> pl.DataFrame:
    """A column of names in every form that is tokenised: ``<field>``, ``_phonetic``, ``_prefix``, and ``_words``."""
    words = pl.DataFrame({"raw": raw.cast(pl.String)}).select(name_words(pl.col("raw"))).to_series()
    letters = words.str.replace_all(" ", "", literal=True)
    return pl.DataFrame(
        {
            field: letters,
            f"{field}_phonetic": phonetic(letters),
            f"{field}_prefix": letters.str.slice(0, 3),
            f"{field}_words": words,
        }
    )


def phonetic(letters: pl.Series) -> pl.Series:
    """American Soundex (US National Archives) of the letters a to z; null if there are none."""
    latin = letters.str.replace_all("[^a-z]", "").to_list()
    return pl.Series([jellyfish.soundex(name) if name else None for name in latin], dtype=pl.String)


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
