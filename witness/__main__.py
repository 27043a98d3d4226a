"""``python -m witness``: make a witness's key, and serve."""

import argparse
import base64
import logging
import re
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path

from witness.keeping import alone, make_key, read_key
from witness.server import Server, Witness
from witness.verify_log import LOG, WITNESS, Key, unbase64

log = logging.getLogger("witness")


def main(words: Sequence[str] | None = None) -> int:
    """Do what the words say; the number to end with."""
    command = argparse.ArgumentParser(prog="python -m witness", description="A witness of the hub's log.")
    acts = command.add_subparsers(required=True)
    keygen = acts.add_parser("keygen", help="make this witness's key, once, and print its public half")
    keygen.set_defaults(act=_keygen)
    serve = acts.add_parser("serve", help="answer until Ctrl-C or SIGTERM")
    serve.set_defaults(act=_serve)
    key = acts.add_parser("key", help="print a witness's key, as the agreement states it, for verify_log.py")
    key.set_defaults(act=_key)
    key.add_argument("key", type=witness_key, metavar="NAME=KEY")
    for act in (keygen, serve):
        act.add_argument("--folder", type=Path, required=True, help="where the key and the checkpoints are kept")
        act.add_argument("--name", type=_name, required=True, help="this witness's name, such as council.witness")
    serve.add_argument("--log", type=log_key, action="append", required=True, metavar="KEY", help="repeatable")
    serve.add_argument("--host", default="127.0.0.1", help="address to listen on")
    serve.add_argument("--port", type=int, default=8460, help="0 takes a free one")
    given = command.parse_args(words)
    try:
        return int(given.act(given))
    except BlockingIOError:
        print(f"Another witness runs on {given.folder}.", file=sys.stderr)
    except FileNotFoundError as problem:
        print(f"{problem.filename} is not there: run keygen first.", file=sys.stderr)
    except (OSError, ValueError, TypeError) as problem:
        print(f"The witness cannot run: {problem}.", file=sys.stderr)
    return 1


def log_key(text: str) -> Key:
    """A log's key: name+hash+base64, or ORIGIN= and the raw public key in base64; raises ValueError."""
    if "+" not in text.partition("=")[0]:
        return _key_of(text, LOG)
    key = Key.parse(text)
    if key.kind != LOG:
        raise ValueError("it is a witness's key, not a log's")
    return key


def witness_key(text: str) -> Key:
    """A witness's name and its raw public key in base64, as the agreement states it; raises ValueError."""
    return _key_of(text, WITNESS)


def _key_of(text: str, kind: int) -> Key:
    name, _, key = text.partition("=")
    return Key(_name(name), kind, unbase64(key, 32))


def by_origin(keys: Sequence[Key]) -> dict[str, tuple[Key, ...]]:
    """The keys of each log; a log whose key was changed has several."""
    return {origin: tuple(key for key in keys if key.name == origin) for origin in {key.name for key in keys}}


def _name(text: str) -> str:
    if not re.fullmatch(r"[^\s+=]+", text):
        raise ValueError("a name has no space, plus or equals sign")
    return text


def _keygen(given: argparse.Namespace) -> int:
    witness = Witness(given.folder, given.name, make_key(given.folder / "witness.key"), {})
    print(f"for the agreement  {base64.b64encode(witness.key.public).decode()}")
    print(f"for verify_log.py  {_in_one_word(witness.key)}")
    return 0


def _key(given: argparse.Namespace) -> int:
    print(_in_one_word(given.key))
    return 0


def _in_one_word(key: Key) -> str:
    return f"{key.name}+{key.hash.hex()}+{base64.b64encode(bytes([key.kind]) + key.public).decode()}"


def _serve(given: argparse.Namespace) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    private = read_key(given.folder / "witness.key")
    with alone(given.folder):
        witness = Witness(given.folder, given.name, private, by_origin(given.log))
        with Server((given.host, given.port), witness) as server:
            for number in (signal.SIGINT, signal.SIGTERM):
                signal.signal(number, lambda *_: threading.Thread(target=server.shutdown).start())
            log.info("%s listens on http://%s:%d", given.name, *server.server_address[:2])
            server.serve_forever()
    return 0


if __name__ == "__main__":
    sys.exit(main())
