"""The partners' own credentials: made once for a folder, and kept there for its owner's eyes only."""

import secrets
from pathlib import Path

import asyncssh
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from keys.file import write_private
from pseudonymise.sealing import new_pair


def password(folder: Path, name: str) -> str:
    """The password, API key or shared key called ``name``; made on first use."""
    path = folder / "credentials" / name
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24).encode())
    return path.read_text(encoding="ascii")


def ssh_key(folder: Path, name: str) -> asyncssh.SSHKey:
    """The Ed25519 key pair called ``name``; made on first use."""
    path = folder / "credentials" / name
    if not path.exists():
        write_private(path, asyncssh.generate_private_key("ssh-ed25519").export_private_key())
    return asyncssh.import_private_key(path.read_bytes())


def openpgp_key(folder: Path, name: str) -> tuple[Path, Path]:
    """The OpenPGP key pair called ``name``, armoured: the files of the private and of the public key."""
    private, public = folder / "credentials" / name, folder / "credentials" / f"{name}.pub"
    if not public.exists():
        made = new_pair(f"{name} <{name}@example.com>")
        write_private(private, made[0])
        write_private(public, made[1])
    return private, public


def rsa_key(folder: Path, name: str) -> rsa.RSAPrivateKey:
    """The RSA key pair called ``name``, as PEM; made on first use."""
    path = folder / "credentials" / name
    if not path.exists():
        write_private(path, pem(rsa.generate_private_key(public_exponent=65537, key_size=2048)))
    key = load_pem_private_key(path.read_bytes(), password=None)
    assert isinstance(key, rsa.RSAPrivateKey)  # noqa: S101  # this function wrote it
    return key


def pem(key: rsa.RSAPrivateKey) -> bytes:
    """A private key as its owner keeps it."""
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
