"""What would change in what the public is given."""

from collections.abc import Iterator

from agreement.diff.change import Change, gained, less, listed, more, towards
from agreement.model import Agreement

_WHERE = "public"
_KINDS = {"quarter": "counts of each quarter's events", "needs": "tables of the needs assessment"}
_LEVELS = (
    ("smallest_count", "The smallest count that the public is shown"),
    ("round_to", "The number to whose multiples counts for the public are rounded"),
)


def public(old: Agreement, new: Agreement) -> Iterator[Change]:
    """Terms for the public: a new table, or a lower threshold, lets more be seen."""
    before, after = old.public, new.public
    if before is None or after is None:
        if after is not None:
            said = f"The public could newly be given {listed([_KINDS[kind] for kind in after.tables])}, no count below "
            said += f"{after.smallest_count}, rounded to multiples of {after.round_to}, for {listed(after.purposes)}."
            yield more(_WHERE, said)
        elif before is not None:
            yield less(_WHERE, "The public could no longer be given anything.")
        return
    for kind in gained(before.tables, after.tables):
        yield more(f"{_WHERE}.tables", f"The public could newly be given {_KINDS[kind]}.")
    for kind in gained(after.tables, before.tables):
        yield less(f"{_WHERE}.tables", f"The public could no longer be given {_KINDS[kind]}.")
    for name in gained(before.purposes, after.purposes):
        yield more(f"{_WHERE}.purposes", f"Figures for the public could newly be made for {name}.")
    for name in gained(after.purposes, before.purposes):
        yield less(f"{_WHERE}.purposes", f"Figures for the public could no longer be made for {name}.")
    for name, what in _LEVELS:
        was, is_ = getattr(before, name), getattr(after, name)
        if was != is_:
            way = "raised" if is_ > was else "lowered"
            yield towards(is_, was, f"{_WHERE}.{name}", f"{what} would be {way} from {was} to {is_}.")
