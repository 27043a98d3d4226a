"""Frames that wait: in memory while they are few, then sealed; the same in the same order, and afterwards gone."""

import secrets
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from hub.settings import Settings
from keys.key import Key
from store.errors import SealBroken
from store.waiting import Waiting

KEY, CANARY = Key("delivery/1", secrets.token_bytes(32)), "Quillfeather"


def batches() -> Iterator[pl.DataFrame]:
    """Three frames, one of them without rows, in which a name stands that is found nowhere else."""
    for rows in (3, 0, 2_000):
        yield pl.DataFrame(
            {"name": [CANARY] * rows, "number": range(rows)}, schema={"name": pl.String, "number": pl.Int64}
        )


def files(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file()]


@pytest.mark.parametrize("in_memory", [1 << 30, 100, 0])
def test_frames_come_back_as_they_were_and_leave_nothing(tmp_path: Path, in_memory: int) -> None:
    settings = Settings(home=tmp_path)
    with Waiting(settings, "landing", "a/b", KEY, in_memory) as waiting:
        waiting.keep(batches())
        assert bool(files(tmp_path)) == (in_memory < 1 << 30)
        assert not any(CANARY.encode() in path.read_bytes() for path in files(tmp_path))
        assert all(one.equals(other) for one, other in zip(waiting.frames(), batches(), strict=True))
    assert not files(tmp_path)


def test_a_file_that_was_changed_meanwhile_is_not_read(tmp_path: Path) -> None:
    with Waiting(Settings(home=tmp_path), "landing", "a/b", KEY, 0) as waiting:
        waiting.keep(batches())
        (held,) = files(tmp_path)
        held.write_bytes(held.read_bytes()[:-1] + b"\x00")
        with pytest.raises(SealBroken):
            list(waiting.frames())


def test_what_goes_wrong_while_frames_are_made_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[pl.DataFrame]:
        yield from batches()
        raise ValueError

    with Waiting(Settings(home=tmp_path), "landing", "a/b", KEY, 0) as waiting, pytest.raises(ValueError):  # noqa: PT011
        waiting.keep(broken())
    assert not files(tmp_path)
