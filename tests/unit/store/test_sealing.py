"""A sealed file opens only whole, in order, in its own place, under its own key."""

import io

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from hub.settings import Settings
from keys.key import Key
from store import sealing
from store.errors import FileMissing, SealBroken
from store.sealing import opened, read_sealed, sealed, write_sealed

KEY = Key("delivery/one", b"k" * 32)
PLACE = "landing/page-1"
FRAME = sealing.FRAME_BYTES
HEADER = 8 + 1 + len(KEY.id) + 16
FRAMES = 3
CONTENT = b"".join(bytes([65 + number]) * FRAME for number in range(FRAMES - 1)) + b"last frame"


def seal(content=CONTENT, key=KEY, place=PLACE):
    return b"".join(sealed([content], key, place))


def unseal(raw, key=KEY, place=PLACE):
    return b"".join(opened(io.BytesIO(raw), key, place))


SIZES = [0, 1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 2 * FRAME + 7]


@pytest.mark.parametrize("size", SIZES)
def test_any_size_comes_back(size):
    content = bytes(size)
    raw = seal(content)
    assert unseal(raw) == content
    frames = max(1, -(-size // FRAME))
    assert len(raw) == HEADER + size + 16 * frames


@hypothesis_settings(deadline=None, max_examples=60)
@given(parts=st.lists(st.binary(max_size=300), max_size=30))
def test_any_parts_come_back(parts):
    whole, before = b"".join(parts), sealing.FRAME_BYTES
    sealing.FRAME_BYTES = 64  # many frames in little time
    try:
        assert unseal(b"".join(sealed(parts, KEY, PLACE))) == whole
    finally:
        sealing.FRAME_BYTES = before


def test_the_content_cannot_be_seen():
    raw = seal(b"Canarytest " * 1000)
    assert b"Canary" not in raw
    assert seal() != seal()


def body_frames(raw):
    body = raw[HEADER:]
    return raw[:HEADER], [body[start : start + FRAME + 16] for start in range(0, len(body), FRAME + 16)]


def rearranged(*order):
    header, frames = body_frames(seal())
    return header + b"".join(frames[number] for number in order)


def changed(place):
    raw = bytearray(seal())
    raw[place] ^= 1
    return bytes(raw)


ATTACKS = {
    "last frame cut off": lambda: rearranged(0, 1),
    "all frames cut off": rearranged,
    "first frame cut off": lambda: rearranged(1, 2),
    "middle frame cut out": lambda: rearranged(0, 2),
    "two frames exchanged": lambda: rearranged(1, 0, 2),
    "a frame doubled": lambda: rearranged(0, 0, 1, 2),
    "something added": lambda: seal() + b"x",
    "a last frame added": lambda: rearranged(0, 1, 2, 2),
    "cut within a frame": lambda: seal()[:-5],
    "one bit of the content changed": lambda: changed(-20),
    "one bit of a tag changed": lambda: changed(HEADER + FRAME + 3),
    "one bit of the salt changed": lambda: changed(HEADER - 1),
    "cut within the header": lambda: seal()[: HEADER - 3],
    "empty": lambda: b"",
    "not sealed at all": lambda: CONTENT,
    "frames of another file": lambda: seal()[: HEADER + FRAME + 16] + seal()[HEADER + FRAME + 16 :],
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_what_was_tampered_with_does_not_open(attack):
    with pytest.raises(SealBroken):
        unseal(attack())


def test_another_key_or_place_does_not_open_it():
    for key, place in [
        (Key(KEY.id, b"x" * 32), PLACE),
        (Key("delivery/two", b"k" * 32), PLACE),
        (KEY, "landing/page-2"),
    ]:
        with pytest.raises(SealBroken):
            unseal(seal(), key, place)


def test_files_in_a_zone(tmp_path):
    settings = Settings(home=tmp_path)
    write_sealed(settings, "quarantine", "yot.cases/one.sealed", KEY, [b"Canary", b"test"])
    path = tmp_path / "zones" / "quarantine" / "yot.cases" / "one.sealed"
    assert path.stat().st_mode & 0o777 == 0o600
    assert b"Canary" not in path.read_bytes()
    assert b"".join(read_sealed(settings, "quarantine", "yot.cases/one.sealed", KEY)) == b"Canarytest"
    path.rename(path.with_name("two.sealed"))
    with pytest.raises(SealBroken):
        list(read_sealed(settings, "quarantine", "yot.cases/two.sealed", KEY))
    with pytest.raises(FileMissing):
        list(read_sealed(settings, "quarantine", "yot.cases/one.sealed", KEY))


def test_a_write_that_fails_leaves_nothing(tmp_path):
    settings = Settings(home=tmp_path)
    write_sealed(settings, "landing", "f/one", KEY, [b"before"])

    def breaks():
        yield b"x" * 3 * FRAME
        raise ConnectionError

    with pytest.raises(ConnectionError):
        write_sealed(settings, "landing", "f/one", KEY, breaks())
    assert b"".join(read_sealed(settings, "landing", "f/one", KEY)) == b"before"
    assert [path.name for path in (tmp_path / "zones" / "landing" / "f").iterdir()] == ["one"]


def test_zones_may_lie_in_another_store(tmp_path):
    settings = Settings(home=tmp_path, storage_url="memory://sealing-test")
    write_sealed(settings, "landing", "f/one", KEY, [CONTENT])
    write_sealed(settings, "landing", "f/one", KEY, [b"again"])
    assert b"".join(read_sealed(settings, "landing", "f/one", KEY)) == b"again"
    with pytest.raises(FileMissing):
        list(read_sealed(settings, "landing", "f/two", KEY))
    assert not (tmp_path / "zones").exists()
