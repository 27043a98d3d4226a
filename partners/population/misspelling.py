"""The ways in which a text goes wrong when a person keys it. Every function is pure but for its generator."""

import unicodedata
from datetime import date
from random import Random

_NEIGHBOURS = {
    "a": "sqz", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo", "j": "hk",
    "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "w", "r": "et", "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip
_SOUNDS = (
    ("ph", "f"), ("ck", "k"), ("ee", "ea"), ("ea", "ee"), ("ie", "y"), ("ey", "y"), ("ll", "l"),
    ("tt", "t"), ("nn", "n"), ("ss", "s"), ("mm", "m"), ("rr", "r"), ("th", "t"), ("ai", "ay"), ("ou", "u"),
    ("sh", "s"), ("kh", "k"), ("gh", "g"),
    ("dh", "d"), ("oo", "u"), ("aa", "a"), ("w", "v"), ("sz", "sh"), ("cz", "ch"), ("x", "ks"), ("z", "s"), ("q", "k"),
    ("j", "y"), ("c", "k"), ("y", "i"), ("v", "w"), ("son", "sen"), ("er", "ar"), ("o", "u"), ("e", "i"), ("a", "e"),
)  # fmt: skip
_UNACCENTED = str.maketrans("łŁøØđĐßæÆ", "lLoOdDsaA")


def typo(text: str, rng: Random) -> str:
    """One slip of the fingers: a letter left out, doubled, exchanged with the next, or a neighbouring key."""
    if len(text) < 3:
        return text
    at = rng.randrange(1, len(text))
    before, letter, after = text[:at], text[at], text[at + 1 :]
    kind = rng.randrange(4)
    if kind == 0:
        return before + after
    if kind == 1:
        return before + letter * 2 + after
    if kind == 2:
        return before[:-1] + letter + before[-1] + after if at > 1 else before + after
    return before + rng.choice(_NEIGHBOURS.get(letter.lower(), letter)) + after


def misheard(text: str, rng: Random) -> str:
    """Written as it sounds, in one place after the first letter or letters."""
    able = [
        (sound, other) for sound, other in _SOUNDS if sound in text[1:].lower() or text.lower().startswith(sound + "h")
    ]
    if not able:
        return text
    sound, other = able[0] if rng.random() < 0.6 else rng.choice(able)
    at = text.lower().find(sound, 1)
    return text if at < 0 else text[:at] + other + text[at + len(sound) :]


def without_accents(text: str) -> str:
    """The plain Latin letters that an English keyboard has."""
    parts = unicodedata.normalize("NFKD", text.translate(_UNACCENTED))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def other_hyphen(text: str, rng: Random) -> str:
    """Hyphens and apostrophes as a blank, or as nothing."""
    for mark in "-'":
        text = text.replace(mark, rng.choice(("", " ") if mark == "-" else ("", " ", "")))
    return text


def with_blanks(text: str, rng: Random) -> str:
    """A blank too many, in front, behind, or twice within."""
    return rng.choice((f" {text}", f"{text} ", f"{text}  ", text.replace(" ", "  ")))


def other_digit(text: str, rng: Random) -> str:
    """One digit wrong."""
    places = [place for place, letter in enumerate(text) if letter.isdigit()]
    if not places:
        return text
    at = rng.choice(places)
    return text[:at] + rng.choice([digit for digit in "0123456789" if digit != text[at]]) + text[at + 1 :]


def other_postcode(text: str, rng: Random) -> str:
    """A postcode of the same form with one character wrong in its inward part."""
    digit, letters = text[-3], text[-2:]
    if rng.random() < 0.4:
        digit = rng.choice("123456789")
    else:
        letters = rng.choice("ABDEFGHJLNPQRSTUWXYZ") + letters[1]
    return text[:-3] + digit + letters


def swapped_day(born: date) -> date:
    """Day and month in each other's place; unchanged after the 12th."""
    return date(born.year, born.day, born.month) if born.day <= 12 else born


def other_date(born: date, rng: Random) -> date:
    """A date with its day, month or year wrong by one digit's worth, and still a date."""
    part = rng.randrange(3)
    if part == 0:
        return born.replace(day=min(28, max(1, born.day + rng.choice((-10, -1, 1, 10)))))
    if part == 1:
        return born.replace(day=min(born.day, 28), month=(born.month + rng.choice((-1, 1)) - 1) % 12 + 1)
    return born.replace(day=min(born.day, 28), year=born.year + rng.choice((-10, -1, 1)))
