"""Opens one OpenPGP file, as a program of its own: the library holds Python still while it works, and wants a path.

It is started by connectors/openpgp.py in isolation (``python -I``, no environment) and imports nothing of the hub. On
its standard input it is told, as JSON, the hub's private key, the key's passphrase and the sender's public key. Its
one argument is the encrypted file. It opens that twice: first into nothing, to see that all of it is whole and signed;
then, if so, onto its standard output. How it ends says what was wrong; it says nothing else.
"""

import json
import sys
from enum import IntEnum

from pysequoia import Cert, Decrypted, PyDecryptor, Tsk, decrypt_file

_REFUSED = (RuntimeError, OSError, ValueError)  # what the library raises, without classes of its own


class Ending(IntEnum):
    """What came of it. Numbers that neither Python nor a shell ends with by itself."""

    OPENED = 0
    NO_PRIVATE_KEY = 31
    WRONG_PASSPHRASE = 32
    NO_SENDERS_KEY = 33
    NOT_TO_US = 34
    NOT_SIGNED = 35
    COMPRESSED = 36
    DAMAGED = 37


_SAID = {  # in the library's words
    "No key to decrypt": Ending.NOT_TO_US,
    "no valid signatures": Ending.NOT_SIGNED,
    "Unexpected message structure": Ending.COMPRESSED,
}


def main(path: str) -> Ending:
    """Open the file; what is wrong with a key is told before the file is read."""
    told = json.load(sys.stdin)
    try:
        key = Tsk.from_bytes(told["private_key"].encode())
    except _REFUSED:
        return Ending.NO_PRIVATE_KEY
    try:
        decryptor = key.decryptor(told["passphrase"])
    except _REFUSED:
        return Ending.WRONG_PASSPHRASE
    try:
        sender = Cert.from_bytes(told["signed_by"].encode())
    except _REFUSED:
        return Ending.NO_SENDERS_KEY
    verdict = _open(path, "/dev/null", decryptor, sender)
    return verdict or _open(path, "/dev/stdout", decryptor, sender)


def _open(path: str, onto: str, decryptor: PyDecryptor, sender: Cert) -> Ending:
    try:
        opened = decrypt_file(path, onto, decryptor, lambda _: [sender])
    except _REFUSED as error:
        return next((ending for words, ending in _SAID.items() if words in str(error)), Ending.DAMAGED)
    return Ending.OPENED if _is_signed(opened, sender) else Ending.NOT_SIGNED


def _is_signed(opened: Decrypted, sender: Cert) -> bool:
    return any(found.certificate == sender.fingerprint for found in opened.valid_sigs)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
