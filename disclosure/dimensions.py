"""A dimension of a table: values, and which of them are summed up in which. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from disclosure.errors import TableRefused

ALL = "all"


@dataclass(frozen=True)
class Dimension:
    """A tree of values: ``parts`` gives for each value that is a sum its parts, the whole first.

    ``Dimension("area", {"all": ("N", "S"), "N": ("N1", "N2")})`` has the leaves N1, N2 and S.
    Raises TableRefused unless every value but the whole is a part of exactly one other.
    """

    name: str
    parts: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        """Hold the tree to be one."""
        named = [part for parts in self.parts.values() for part in parts]
        if not named or len(set(named)) != len(named) or {*self.parts, *named} != {self.whole, *named}:
            self._refuse("a value is a part of none or of two others, or there are no values")
        if self.whole in named or len(self.values) != len(named) + 1:
            self._refuse("a value is a part of itself")

    @classmethod
    def flat(cls, name: str, values: Iterable[str], whole: str = ALL) -> "Dimension":
        """A dimension with a total and no levels between."""
        return cls(name, {whole: tuple(values)})

    @cached_property
    def whole(self) -> str:
        """The value that sums up all others."""
        return next(iter(self.parts), "")

    @cached_property
    def values(self) -> tuple[str, ...]:
        """All values, each before its parts."""
        found: list[str] = []
        waiting = [self.whole]
        while waiting and len(found) <= sum(map(len, self.parts.values())) + 1:
            value = waiting.pop()
            found.append(value)
            waiting += reversed(self.parts.get(value, ()))
        return tuple(found)

    @cached_property
    def above(self) -> Mapping[str, tuple[str, ...]]:
        """For each leaf: itself and all that sum it up."""
        parent = {part: value for value, parts in self.parts.items() for part in parts}
        lines: dict[str, tuple[str, ...]] = {}
        for leaf in (value for value in self.values if value not in self.parts):
            line = [leaf]
            while line[-1] in parent:
                line.append(parent[line[-1]])
            lines[leaf] = tuple(line)
        return lines

    def _refuse(self, why: str) -> None:
        raise TableRefused(
            "The dimension is no tree", where=self.name, why=why, fix="Name each value once, as a part of one other"
        )
