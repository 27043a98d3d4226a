"""Tables of one case a line, its cells apart by bars."""


def lines(table: str) -> list[tuple[str, ...]]:
    """The cells of each line."""
    return [tuple(cell.strip() for cell in line.split("|")) for line in table.splitlines() if line.strip()]
