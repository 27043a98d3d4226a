"""What fails leaves no row behind it: tools that print a traceback with its local variables print none of a person.

A traceback keeps every frame that an error came through, and with it tables and bytes that hold names. Reports of
crashes print them, where somebody asks for local variables. So an act of the hub that fails empties those frames before
its error goes on; the lines that it came through stay. What is in memory itself (a core dump) is beyond this.
"""

import traceback
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

Given = ParamSpec("Given")
Made = TypeVar("Made")


def leaving_no_values(act: Callable[Given, Made]) -> Callable[Given, Made]:
    """The same act, whose errors tell where they came through and hold no local variable of there."""

    @wraps(act)
    def run(*args: Given.args, **named: Given.kwargs) -> Made:
        try:
            return act(*args, **named)
        except BaseException as error:
            forget_values(error)
            raise

    return run


def forget_values(error: BaseException) -> None:
    """Empty the frames that an error, and each error behind it, came through. Frames that still run keep theirs."""
    behind: list[BaseException | None] = [error]
    known: set[int] = set()
    while behind:
        found = behind.pop()
        if found is None or id(found) in known:
            continue
        known.add(id(found))
        traceback.clear_frames(found.__traceback__)
        behind += [found.__cause__, found.__context__]
        behind += found.exceptions if isinstance(found, BaseExceptionGroup) else ()
