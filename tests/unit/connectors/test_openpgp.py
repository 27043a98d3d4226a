"""Files that are encrypted to the hub and signed by their sender: opened whole, or refused in one sentence."""

import os
import tempfile
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import psutil
import pytest
from pysequoia import SignatureMode, Tsk, encrypt, sign

from connectors import Connector, connect
from connectors.errors import NotAsSent, NotReady, SourceChanged, UntrustedFile
from connectors.openpgp import is_encrypted
from connectors.page import DONE
from hub.errors import ConfigurationError, HubError
from hub.feeds import load_feed
from hub.periods import Quarter
from hub.settings import Settings
from hub.transports import FileTransport

Q3 = Quarter(2026, 3)
CANARY = "Zyxwhiffenpoof"
CHUNK = 64 << 10
VECTORS = Path(__file__).parents[2] / "vectors" / "openpgp"
HUB, SENDER, STRANGER = (Tsk.generate(f"{name} <{name}@example.com>") for name in ("hub", "sender", "stranger"))


@dataclass
class Drop:
    """A folder in which a partner leaves encrypted files, and the hub that opens them."""

    home: Path
    folder: Path

    @property
    def file(self) -> Path:
        return self.folder / "rows.csv.pgp"

    def secret(self, name: str, text: str) -> None:
        (self.home / "secrets" / name).write_text(text)

    def connect(self, **changes: object) -> Connector:
        """A fresh connector, as another run would have it."""
        openpgp = {"private_key": "hub_key", "signed_by": "sender_key"} | dict(changes.pop("openpgp", {}))
        stated = {"kind": "file", "url": str(self.folder), "path": "rows.csv.pgp", "chunk_bytes": CHUNK, "settle_s": 0}
        settings = Settings(home=self.home)
        transport = FileTransport.model_validate(stated | {"openpgp": openpgp} | changes)
        feed = load_feed(settings.config, "council.exclusions").model_copy(update={"transport": transport})
        return connect(settings, feed)

    def refused(self, **changes: object) -> HubError:
        """What fetching ends with, before anything is given, and without a word of key, passphrase or content."""
        given = []
        with pytest.raises(HubError) as found:
            given += self.connect(**changes).pages(Q3)
        said = "".join(traceback.format_exception(found.value))
        assert not given
        assert CANARY not in said
        assert "PRIVATE KEY" not in said
        return found.value


@pytest.fixture
def drop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Drop:
    for name in ("home/secrets", "drop", "temporary"):
        (tmp_path / name).mkdir(parents=True)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    made = Drop(tmp_path / "home", tmp_path / "drop")
    made.secret("hub_key", str(HUB))
    made.secret("sender_key", str(SENDER.extract_certificate()))
    return made


@pytest.fixture
def gnupg(drop: Drop) -> Drop:
    """The same folder, between a hub and a sender whose keys GnuPG 2.2 made."""
    drop.secret("hub_key", (VECTORS / "hub_private_key.asc").read_text())
    drop.secret("sender_key", (VECTORS / "sender_public_key.asc").read_text())
    drop.secret("hub_passphrase", "hunter22")
    return drop


def sealed(body: bytes, to: Tsk = HUB, by: Tsk | None = SENDER, armor: bool = True) -> bytes:
    signer = by.signer() if by else None
    return encrypt(bytes=body, recipients=[to.extract_certificate()], signer=signer, armor=armor)


@pytest.mark.parametrize("armor", [True, False], ids=["armoured", "binary"])
@pytest.mark.parametrize("size", [0, 1, CHUNK, 3 * CHUNK + 1])
def test_an_encrypted_and_signed_file_comes_in_pages_of_clear_text(drop, armor, size) -> None:
    body = os.urandom(size)
    drop.file.write_bytes(sealed(body, armor=armor))
    pages = list(drop.connect().pages(Q3))
    assert b"".join(page.body for page in pages) == body
    assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]
    assert pages[-1].cursor == DONE


def test_a_run_that_was_killed_goes_on_after_the_last_page_that_was_kept(drop) -> None:
    drop.file.write_bytes(sealed(os.urandom(4 * CHUNK + 9)))
    whole = list(drop.connect().pages(Q3))
    for kept, page in enumerate(whole, start=1):
        assert list(drop.connect().pages(Q3, page.cursor)) == whole[kept:]


def test_the_same_text_sealed_anew_is_another_file(drop) -> None:
    body = os.urandom(3 * CHUNK)
    drop.file.write_bytes(sealed(body))
    first = next(drop.connect().pages(Q3))
    drop.file.unlink()
    drop.file.write_bytes(sealed(body))
    with pytest.raises(SourceChanged):
        next(drop.connect().pages(Q3, first.cursor))


def _damaged(body: bytes, place: int) -> bytes:
    spoiled = bytearray(sealed(body, armor=False))
    spoiled[place] ^= 1
    return bytes(spoiled)


LONG = CANARY.encode() * 20_000
REFUSALS: dict[str, tuple[Callable[[], bytes], str]] = {
    "not signed": (lambda: sealed(LONG, by=None), "no valid signature by the agreed sender"),
    "signed by another": (lambda: sealed(LONG, by=STRANGER), "no valid signature by the agreed sender"),
    "encrypted to another": (lambda: sealed(LONG, to=STRANGER), "not encrypted to the hub's key"),
    "under a password": (lambda: encrypt(passwords=["x"], bytes=LONG), "not encrypted to the hub's key"),
    "signed alone": (lambda: sign(SENDER.signer(), LONG), "no encrypted OpenPGP message"),
    "signed in clear": (lambda: sign(SENDER.signer(), LONG, mode=SignatureMode.CLEAR), "no encrypted OpenPGP"),
    "plain": (lambda: LONG, "no encrypted OpenPGP message"),
    "empty": (lambda: b"", "no encrypted OpenPGP message"),
    "damaged at its end": (lambda: _damaged(LONG, -40), "damaged or cut short"),
    "damaged within": (lambda: _damaged(LONG, 200_000), "damaged or cut short"),
    "cut short": (lambda: sealed(LONG, armor=False)[:-500], "damaged or cut short"),
    "followed by more": (lambda: sealed(LONG, armor=False) + LONG, "damaged or cut short"),
    "twice": (lambda: sealed(LONG, armor=False) * 2, "damaged or cut short"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_file_that_cannot_be_trusted_is_refused_and_nothing_of_it_is_given(drop, case) -> None:
    make, why = REFUSALS[case]
    drop.file.write_bytes(make())
    refusal = drop.refused()
    assert isinstance(refusal, UntrustedFile)
    assert why in str(refusal)
    assert not refusal.transient


def test_nothing_is_given_of_a_file_too_long_for_the_library_to_hold_back(drop) -> None:
    """The library gives on what it decrypted once it holds more than it wants, before it has seen the signature."""
    spoiled = bytearray(sealed(bytes(56 << 20), armor=False))
    spoiled[-40] ^= 1
    drop.file.write_bytes(spoiled)
    assert isinstance(drop.refused(), UntrustedFile)


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("hub_key", CANARY),
        ("hub_key", str(HUB.extract_certificate())),
        ("hub_key", str(HUB)[:400]),
        ("sender_key", CANARY),
        ("hub_passphrase", CANARY),
    ],
    ids=["no key", "public", "cut short", "sender's no key", "wrong passphrase"],
)
def test_a_key_that_cannot_be_used_is_named_and_not_shown(drop, secret, text) -> None:
    drop.file.write_bytes(sealed(b"rows"))
    drop.secret(secret, text)
    refusal = drop.refused(openpgp={"passphrase": "hub_passphrase"} if secret == "hub_passphrase" else {})
    assert isinstance(refusal, ConfigurationError)
    assert f"The secret {secret} cannot be used" in str(refusal)


def test_the_receipt_is_of_the_file_as_it_was_sent(drop) -> None:
    drop.file.write_bytes(sealed(b"a,b\n1,2\n"))
    digest = sha256(drop.file.read_bytes()).hexdigest()
    (drop.folder / "receipt").write_text(f'{{"sha256": "{digest}", "rows": 1}}')
    (page,) = drop.connect(receipt="receipt").pages(Q3)
    assert page.receipt is not None
    assert (page.receipt.rows, page.receipt.sha256) == (1, digest)
    (drop.folder / "receipt").write_text(sha256(b"a,b\n1,2\n").hexdigest())
    assert isinstance(drop.refused(receipt="receipt"), NotAsSent)


def test_a_file_that_is_away_is_not_ready(drop) -> None:
    assert isinstance(drop.refused(), NotReady)


def test_neither_clear_text_nor_key_is_on_a_disk_or_on_a_command_line(drop) -> None:
    drop.file.write_bytes(sealed(CANARY.encode() * 200_000))
    pages = drop.connect().pages(Q3)
    next(pages)  # the program that opens the file waits until more is taken
    started = (child for child in psutil.Process().children() if any("opening.py" in word for word in child.cmdline()))
    (program,) = started
    assert program.environ() == {}
    assert not any("KEY" in word for word in program.cmdline())
    assert list(Path(tempfile.gettempdir()).iterdir()) == []
    (nameless,) = (open_as for open_as in Path("/proc/self/fd").iterdir() if _lies_in(tempfile.gettempdir(), open_as))
    assert nameless.read_bytes() == drop.file.read_bytes()
    pages.close()
    assert not program.is_running() or program.status() == psutil.STATUS_ZOMBIE


def _lies_in(folder: str, open_as: Path) -> bool:
    try:
        return str(open_as.readlink()).startswith(folder)
    except FileNotFoundError:  # it was open while the folder was listed
        return False


@pytest.mark.parametrize("name", ["signed_and_encrypted.pgp", "signed_and_encrypted.asc"])
def test_what_gnupg_wrote_is_read_with_a_key_that_a_passphrase_locks(gnupg, name) -> None:
    gnupg.file.write_bytes((VECTORS / name).read_bytes())
    (page,) = gnupg.connect(openpgp={"passphrase": "hub_passphrase"}).pages(Q3)
    assert page.body == f"a,b\n{CANARY},2\n".encode()
    assert CANARY not in page.name  # gpg notes the name that the file had at the sender's


def test_what_gnupg_compressed_is_refused_with_what_to_do(gnupg) -> None:
    gnupg.file.write_bytes((VECTORS / "compressed_inside.asc").read_bytes())
    refusal = gnupg.refused(openpgp={"passphrase": "hub_passphrase"})
    assert isinstance(refusal, UntrustedFile)
    assert "--compress-algo none" in str(refusal)


@pytest.mark.parametrize(("agreed", "named"), [({}, "hub_key"), ({"passphrase": "sender_key"}, "sender_key")])
def test_a_locked_key_without_its_passphrase_is_refused(gnupg, agreed, named) -> None:
    gnupg.file.write_bytes((VECTORS / "signed_and_encrypted.pgp").read_bytes())
    refusal = gnupg.refused(openpgp=agreed)
    assert isinstance(refusal, ConfigurationError)
    assert f"The secret {named} cannot be used" in str(refusal)


@pytest.mark.parametrize(
    ("head", "is_so"),
    [
        (b"\xc1\x5e\x03", True),  # a session key under a public key, new form
        (b"\x85\x01\x0c\x03", True),  # the same, old form
        (b"\xc3\x2e\x04", True),  # under a password
        (b"\x90\x0d\x03", False),  # a signature follows
        (b"\xcb\x10b", False),  # literal text
        (b"-----BEGIN PGP MESSAGE-----\r\nVersion: 1\r\n\r\nhQEMA\r\n", True),
        (b"-----BEGIN PGP MESSAGE-----\n\nxA0DAA\n", False),
        (b"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\nhQEMA\n", False),
        (b"hQEMA", False),
        (b"", False),
    ],
)
def test_the_first_packet_says_whether_a_message_is_encrypted(head, is_so) -> None:
    assert is_encrypted(head) is is_so
