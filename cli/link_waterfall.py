"""What each comparison of a pair adds to its weight, a line each."""

from collections.abc import Iterator, Mapping

COLUMNS = ("comparison", "level", "bits", "", "sum")
_BAR = 20  # characters for the most bits
_BITS = 30.0


def waterfall(bits: Mapping[str, float], levels: Mapping[str, str]) -> Iterator[tuple[str, ...]]:
    """Rows of COLUMNS, in the order of ``bits``."""
    total = 0.0
    for name, added in bits.items():
        total += added
        yield name, levels.get(name, ""), f"{added:+.1f}", _bar(added), f"{total:+.1f}"


def _bar(bits: float) -> str:
    length = round(min(abs(bits), _BITS) / _BITS * _BAR)
    return ("+" if bits > 0 else "-") * length
