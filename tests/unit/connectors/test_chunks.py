"""A file in pages: the same bytes, however they come, and a cursor that knows them again."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.chunks import FileCursor, cut

BLOCKS = st.lists(st.binary(max_size=40), max_size=12)


@given(BLOCKS, st.integers(1, 30))
def test_chunks_hold_the_same_bytes_and_only_the_last_may_be_short(blocks, size) -> None:
    chunks = list(cut(blocks, size))
    assert b"".join(body for body, _ in chunks) == b"".join(blocks)
    assert [last for _, last in chunks] == [False] * (len(chunks) - 1) + [True]
    assert all(len(body) == size for body, last in chunks if not last)
    assert len(chunks) == max(1, -(-len(b"".join(blocks)) // size))


@given(st.lists(st.binary(min_size=1, max_size=9), min_size=1, max_size=8))
def test_a_cursor_is_read_back_and_tells_other_bytes_apart(bodies) -> None:
    at = FileCursor("f" * 32, 9)
    for body in bodies:
        at = at.after(body)
        assert FileCursor.parse(str(at)) == at
    other = at.begun()
    for body in (*bodies[:-1], bodies[-1][:-1] + bytes([bodies[-1][-1] ^ 1])):
        other = other.after(body)
    assert (other.offset, other.file) == (at.offset, at.file)
    assert other != at
