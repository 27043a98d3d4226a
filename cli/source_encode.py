"""``hub source encode``: an analyst of an authority makes a delivery without a name, on the authority's own machine."""

from pathlib import Path
from typing import Annotated

import typer
from pydantic import SecretStr

from cli.settings import read_settings
from cli.show import console, table
from cli.validate import show_trial, supposed_quarter
from hub.errors import ConfigurationError
from hub.feeds import load_feed
from hub.periods import Quarter
from keys import sealed
from keys.file import check_private, write_private
from keys.pairs import read_private
from pseudonymise.agent import Delivery, encode, try_file
from pseudonymise.leaving import read_opted_out
from pseudonymise.scheme_keys import SourceKeys
from pseudonymise.sealing import new_pair, seal_to_hub

FEED = "health.emergency_care"
_MEANING = {
    "token": "keyed digest; nobody without the keys can tell of what",
    "encoding": "keyed similarity encoding",
    "sealed reference": "your own reference, sealed under the source key",
    "attribute": "as it is",
}


def add_commands(app: typer.Typer) -> None:
    """Hang the commands into ``hub source``."""
    app.command("encode")(encode_file)
    app.command("signing-key")(signing_key)


def signing_key(
    private: Annotated[Path, typer.Argument(help="Where to write the private key. It never leaves this machine.")],
    owner: Annotated[str, typer.Option(help="Whose key it is, such as 'Kingston Hospital <data@hospital.example>'.")],
) -> None:
    """Make the OpenPGP key pair by which the hub knows your deliveries: PRIVATE, mode 0600, and PRIVATE.pub."""
    public = Path(f"{private}.pub")
    for path in (private, public):
        _not_there(path)
    secret, open_half = new_pair(owner)
    write_private(private, secret)
    public.write_bytes(open_half)
    console.print(f"Private key: {private}. Give {public} to the hub's data engineer.", soft_wrap=True)


def encode_file(
    file: Annotated[Path, typer.Argument(help="Your own file (CSV), in clear.", exists=True, dir_okay=False)],
    source_key: Annotated[
        list[Path],
        typer.Option(
            help="Your sealed copy of the source key; once it was turned, the first and the new one.", exists=True
        ),
    ],
    private: Annotated[Path, typer.Option(help="Your private key, which opens it.", exists=True)],
    hub_key: Annotated[Path, typer.Option(help="The hub's OpenPGP public key.", exists=True)],
    signing_key: Annotated[Path, typer.Option(help="Your OpenPGP private key: hub source signing-key.", exists=True)],
    feed: Annotated[str, typer.Option(help="Which feed the file is of.")] = FEED,
    quarter: Annotated[str | None, typer.Option(help="Its quarter; else the one in the file's name.")] = None,
    opt_outs: Annotated[Path | None, typer.Option(help="NHS numbers of who opted out, one a line.")] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write the delivery.")] = None,
    passphrase: Annotated[bool, typer.Option("--passphrase", help="Ask for your private keys' passphrase.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before writing.")] = False,
) -> None:
    """Make the delivery of FILE: checked, tokenised, minimised, sealed to the hub. It tells what leaves, and asks.

    Needs no hub, no database and no network; nothing of FILE but counts and row numbers is shown. Exit 0: the delivery
    is written. 1: it is not.
    """
    period = Quarter.parse(quarter) if quarter else supposed_quarter(file)
    target = out or Path(f"{feed}_{period}.ndjson.pgp")
    _not_there(target)
    word = SecretStr(typer.prompt("Passphrase", hide_input=True, err=True)) if passphrase else None
    check_private(signing_key, "The signing key")
    opener = read_private(private, word)
    keys = SourceKeys.of([sealed.open(copy.read_bytes(), opener) for copy in source_key])
    known = load_feed(read_settings().config, feed)
    opted_out = read_opted_out(opt_outs.read_bytes(), str(opt_outs)) if opt_outs else None
    clear = file.read_bytes()
    trial = try_file(clear, known, period)
    show_trial(known, period, trial)
    if trial.refused is not None:
        raise typer.Exit(1)
    made = encode(clear, known, period, keys, opted_out)
    _show(made, file)
    if not yes and not typer.confirm(f"Write this to {target}, sealed to the hub?", err=True):
        console.print("Nothing was written.")
        raise typer.Exit(1)
    begun = target.with_name(f"{target.name}.part")
    begun.write_bytes(seal_to_hub(made.content, hub_key, signing_key, word))
    begun.replace(target)  # a delivery of this name is whole, whenever the machine stops
    console.print(
        f"Written: {target}. Send it as the feed's page says; nobody but the hub can open it.", soft_wrap=True
    )


def _show(made: Delivery, file: Path) -> None:
    """What leaves, as columns and counts."""
    if made.opted_out:
        console.print(f"{made.opted_out:,} rows stay here because the patient opted out.")
    rows = [[each.name, _MEANING[each.kind], each.filled, each.distinct] for each in made.columns]
    table(f"What leaves: {made.rows:,} rows", ["column", "what it is", "filled", "different"], rows)
    console.print(f"What stays here, of {file.name}: {', '.join(made.stays)}.", soft_wrap=True)


def _not_there(path: Path) -> None:
    if path.exists():
        raise ConfigurationError(
            "Nothing is written",
            where=str(path),
            why="a file is there already",
            fix="Name another with --out, or move it",
        )
