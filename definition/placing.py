"""What every offence code is: of a kind, of an area, or refused and why. Pure.

1. Of the entries that cover a code the narrowest decides: a code, then a few subclasses, then a class, then a group.
2. No two entries equally narrow cover one code.
3. Every entry covers a code of the list, and every code of the list is covered.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import polars as pl

from definition.errors import DefinitionRefused
from definition.model import Definition

KIND, AREA, REFUSED = "kind", "area", "refused"
PLACED = {"offence_code": pl.String(), "outcome": pl.String(), "name": pl.String(), "why": pl.String()}
_CODE, _SUBCLASSES, _CLASS, _GROUP = range(4)


@dataclass(frozen=True)
class _Entry:
    written: str
    outcome: str
    name: str | None
    why: str | None

    @property
    def width(self) -> int:
        """How wide it is, from one code to a group of the list."""
        if "/" in self.written:
            return _SUBCLASSES if "-" in self.written else _CODE
        return _CLASS if self.written.isdigit() else _GROUP

    @property
    def of(self) -> str:
        """The class or the group of the list that its codes are of."""
        return self.written if self.width == _GROUP else self.written[:3]

    def covers(self, code: str, group: str) -> bool:
        """Whether a code is among those that it names."""
        if self.width == _GROUP:
            return group == self.written
        if self.width == _SUBCLASSES:
            stem, _, subclasses = self.written.partition("/")
            first, _, last = subclasses.partition("-")
            return f"{stem}/{first}" <= code <= f"{stem}/{last}"
        return code == self.written or code[:3] == self.written


def placed(definition: Definition, offences: pl.DataFrame) -> pl.DataFrame:
    """Of each code in ``offences`` (offence_code, group): its outcome, and its kind or area, or why it is refused.

    In order of the codes. Raises DefinitionRefused, which names the codes and entries.
    """
    entries, used = defaultdict[str, list[_Entry]](list), set[int]()
    for entry in _entries(definition):
        entries[entry.of].append(entry)
    rows = []
    for code, group in offences.select("offence_code", "group").sort("offence_code").iter_rows():
        found = [entry for entry in (*entries[code[:3]], *entries[group]) if entry.covers(code, group)]
        if not found:
            raise _wrong(code, "no entry covers it", "Place the code, refuse it, or refuse its group")  # (3)
        width = min(entry.width for entry in found)
        narrowest = [entry for entry in found if entry.width == width]
        if len(narrowest) > 1:  # (2)
            said = ", ".join(f"{entry.written} ({entry.name or entry.why})" for entry in narrowest)
            raise _wrong(code, f"two entries cover it alike: {said}", "Leave one out, or name the code in one")
        rows.append((code, narrowest[0].outcome, narrowest[0].name, narrowest[0].why))  # (1)
        used.update(id(entry) for entry in found)
    for entry in chain.from_iterable(entries.values()):
        if id(entry) not in used and entry.width != _GROUP:  # (3)
            raise _wrong(entry.written, "the list has no such code", "Correct it")
    return pl.DataFrame(rows, schema=PLACED, orient="row")


def _entries(definition: Definition) -> Iterator[_Entry]:
    for name, kind in definition.kinds.items():
        yield from (_Entry(code, KIND, name, None) for code in kind.codes)
    for name, area in definition.areas.items():
        yield from (_Entry(code, AREA, name, None) for code in area.codes)
    for refused in definition.refused:
        yield from (_Entry(code, REFUSED, None, refused.why) for code in refused.codes)
    for group, why in definition.groups.items():
        yield _Entry(group, REFUSED, None, why)


def _wrong(what: str, why: str, fix: str) -> DefinitionRefused:
    return DefinitionRefused(
        f"The definition does not say what {what} is", where="config/definition.yaml", why=why, fix=fix
    )
