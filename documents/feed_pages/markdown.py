"""Pieces of Markdown. What a page says comes from our own files, and is escaped where a table would break on it."""

from collections.abc import Iterable, Sequence


def heading(text: str, level: int = 2) -> str:
    """A heading with its blank lines."""
    return f"\n{'#' * level} {text}\n\n"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the rows' cells are escaped."""
    lines = [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    lines += [f"| {' | '.join(map(cell, row))} |" for row in rows]
    return "\n".join(lines) + "\n"


def cell(text: str) -> str:
    """A text within a table: on one line, its bars escaped; outside of code no tag can begin."""
    parts = " ".join(text.split()).replace("|", "\\|").split("`")
    return "`".join(part if place % 2 else part.replace("<", "&lt;") for place, part in enumerate(parts))


def code(text: str) -> str:
    """A text as the machine has it; nothing of nothing."""
    return f"`{text}`" if text else ""


def numbered(sentences: Iterable[str]) -> str:
    """A numbered list."""
    return "".join(f"{number}. {sentence}\n" for number, sentence in enumerate(sentences, 1))


def sentence(text: str) -> str:
    """Words as a sentence: a capital, one line, one full stop."""
    plain = " ".join(text.split()).rstrip(".")
    return f"{plain[:1].upper()}{plain[1:]}." if plain else ""
