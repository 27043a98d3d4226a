"""Files that are encrypted to the hub and signed by their sender (OpenPGP, RFC 9580; RFC 4880 before it).

1. A file that is signed but not encrypted is refused, though the library would read it.
2. Only the hub's key opens it, and at least one valid signature must be by the sender's key. All of the file is seen
   to be whole and signed before a byte of it is given.
3. The private key, its passphrase and the clear text pass through pipes: none is an argument, in the environment of a
   process, or on a disk.
4. Nothing is decompressed: a message compressed inside is refused, and so is a bomb in one.
5. Memory: the library holds about 100 to 210 MB while it opens a file, whatever that one's size (measured on files of
   200 MB and 700 MB); the encrypted file it maps, which the system may drop at any time.
"""

import base64
import binascii
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from pydantic import SecretStr

from connectors.errors import UntrustedFile
from connectors.opening import Ending
from connectors.whole_file import Names
from hub.errors import ConfigurationError
from hub.transports import OpenPgp

_BLOCK = 1 << 20
_HEAD = 4096
_ENCRYPTED = (1, 3)  # packet tags: a session key under a public key, or under a password (RFC 9580, section 5)
_ARMOUR = re.compile(
    rb"^-----BEGIN PGP MESSAGE-----[ \t]*\r?\n(?:[^\r\n]+:.*\r?\n)*[ \t]*\r?\n([A-Za-z0-9+/]{4})", re.M
)
_REFUSALS: Mapping[int, tuple[str, str]] = {  # why, and what to do
    Ending.NOT_TO_US: ("it is not encrypted to the hub's key", "Give the partner the hub's public key"),
    Ending.NOT_SIGNED: (
        "it bears no valid signature by the agreed sender",
        "Ask the partner who signed it, by another way than the file came",
    ),
    Ending.COMPRESSED: (  # pysequoia checks no signature inside a compressed packet
        "it is compressed inside, or wrapped in another way than signed and encrypted",
        "Ask the partner to write it with gpg --compress-algo none --sign --encrypt",
    ),
    Ending.DAMAGED: ("it is damaged or cut short", "Ask the partner to send it again"),
}
_PROGRAM = Path(__file__).with_name("opening.py")


def is_encrypted(head: bytes) -> bool:
    """Whether a file that begins so is an encrypted OpenPGP message, in binary or armoured form (1)."""
    armoured = _ARMOUR.search(head)
    if armoured:
        try:
            head = base64.b64decode(armoured[1])
        except binascii.Error:
            return False
    if not head or not head[0] & 0x80:
        return False
    tag = head[0] & 0x3F if head[0] & 0x40 else head[0] >> 2 & 0x0F
    return tag in _ENCRYPTED


@dataclass(frozen=True)
class Opener:
    """Opens files of one feed. Its refusals are one sentence each and say nothing of what a file holds."""

    names: Names
    agreed: OpenPgp
    secret: Callable[[str], SecretStr] = field(repr=False)

    def clear(self, spool: BinaryIO) -> Iterator[bytes]:
        """The clear text of an encrypted file, in blocks; raises UntrustedFile and ConfigurationError."""
        spool.seek(0)
        if not is_encrypted(spool.read(_HEAD)):
            raise self._untrusted(
                "it is no encrypted OpenPGP message", "Ask the partner to encrypt it to the hub"
            )  # (1)
        with self._program(spool) as program:
            output = program.stdout
            while output and (block := output.read(_BLOCK)):
                yield block  # (2)
            ending = program.wait()
        if ending != Ending.OPENED:
            raise self._refusal(ending)

    @contextmanager
    def _program(self, spool: BinaryIO) -> Iterator[subprocess.Popen[bytes]]:
        """The program that opens the file, told what it needs (3). It ends with the block."""
        names = {"private_key": self.agreed.private_key, "signed_by": self.agreed.signed_by}
        if self.agreed.passphrase is not None:
            names["passphrase"] = self.agreed.passphrase
        told = {"passphrase": None} | {name: self.secret(held).get_secret_value() for name, held in names.items()}
        with subprocess.Popen(
            [sys.executable, "-I", str(_PROGRAM), f"/dev/fd/{spool.fileno()}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            pass_fds=(spool.fileno(),),
            env={},
        ) as program:
            try:
                _tell(program, json.dumps(told).encode())
                yield program
            finally:
                program.kill()

    def _refusal(self, ending: int) -> UntrustedFile | ConfigurationError:
        agreed = self.agreed
        unusable = {
            Ending.NO_PRIVATE_KEY: (agreed.private_key, "it is no armoured OpenPGP private key"),
            Ending.WRONG_PASSPHRASE: (
                agreed.passphrase or agreed.private_key,
                "the private key does not open with it" if agreed.passphrase else "it is public, or needs a passphrase",
            ),
            Ending.NO_SENDERS_KEY: (agreed.signed_by, "it is no armoured OpenPGP public key"),
        }
        for known, (secret, why) in unusable.items():
            if ending == known:
                return ConfigurationError(
                    f"The secret {secret} cannot be used", where=self.names.where, why=why, fix="Replace it"
                )
        return self._untrusted(*_REFUSALS.get(ending, (f"what opens it was ended (status {ending})", "Try again")))

    def _untrusted(self, why: str, fix: str) -> UntrustedFile:
        return UntrustedFile(f"The file {self.names.name} is not taken", where=self.names.where, why=why, fix=fix)


def _tell(program: subprocess.Popen[bytes], told: bytes) -> None:
    """Write to the program, which may have ended already."""
    if program.stdin is not None:
        with suppress(BrokenPipeError), program.stdin as pipe:
            pipe.write(told)
