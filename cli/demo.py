"""``hub demo``: the whole hub on a synthetic borough, through a real Airflow, and what came of it on one screen."""

import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer

from agreement.policy import load_agreement
from cli import report
from cli.home import read_settings
from cli.officer import write_key_pair
from cli.running import PARTNERS_FOLDER, Keyring, SourceKeyring, prepare, start_partners, stop_all
from cli.runtime import airflow
from cli.runtime.quarter import Approve, QuarterRun, run_quarter
from cli.show import console
from cli.status import state
from hub.errors import HubError
from hub.periods import Quarter
from hub.settings import PROJECT, Settings
from linkage.truth import evaluate_against
from publish.appointing import appoint
from publish.deciding import decide
from publish.decision import Verdict
from publish.officers import register

OFFICER = "demo-ig-reviewer"
APPOINTING = "council"
REASON = "demonstration: the tables, the linkage and the log were looked at"


@dataclass
class Clock:
    """Seconds that each stage took, in order."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def stage(self, name: str, doing: str) -> Iterator[None]:
        """Time a stage, and say what is being done."""
        console.print(f"[bold]{doing}[/bold]")
        began = time.monotonic()
        yield
        self.seconds[name] = round(time.monotonic() - began, 1)


def add_to(root: typer.Typer) -> None:
    """Hang this into the root command."""
    root.command()(demo)


def demo(
    people: Annotated[int, typer.Option(help="How many people live in the synthetic borough.")] = 5000,
    seed: Annotated[int, typer.Option(help="Another seed makes another borough.")] = 1,
    quarter: Annotated[str, typer.Option(help="The quarter to run.")] = "2026-Q3",
    keyring: Keyring = None,
    source_keyring: SourceKeyring = None,
    partners: Annotated[
        Path, typer.Option(help="Folder for all that the simulated authorities have.")
    ] = PARTNERS_FOLDER,
) -> None:
    """Run everything once: six simulated authorities, one quarter, one published release.

    Everything is stopped at the end; `hub up` starts it again to be looked at. Run twice, it gives the same release.
    """
    settings, clock, borough = read_settings(), Clock(), _Borough(partners, people, seed)
    try:
        with clock.stage("agree", "Having six simulated authorities sign the agreement"):
            settings = borough.agree(settings)
        run = _run(settings, clock, Quarter.parse(quarter), borough, (keyring, source_keyring))
        with clock.stage("verify", "Comparing with the truth, and verifying the log"):
            quality, found = evaluate_against(settings, partners / "truth" / "truth.csv"), state(settings)
        outcome, where = report.outcome(settings, run, quality, found), report.next_steps(settings, run)
    finally:
        with clock.stage("stop", "Stopping Airflow, the authorities and PostgreSQL"):
            stop_all(settings)
    seconds = {name: took for name, took in clock.seconds.items() if name != "quarter"} | dict(run.seconds)
    console.print(outcome, report.times(seconds), "")
    console.print(*where, sep="\n", soft_wrap=True, markup=False)
    if not found["log"]["verified"]:
        raise typer.Exit(1)


_Keyrings = tuple[Path | None, Path | None]


@dataclass(frozen=True)
class _Borough:
    folder: Path
    people: int
    seed: int

    def generate(self, quarter: Quarter) -> None:
        """Write the six authorities' extracts, in a process of its own: the hub never sees the population."""
        self._run("generate", {"--people": self.people, "--seed": self.seed, "--quarter": quarter})

    def agree(self, settings: Settings) -> Settings:
        """Have the six authorities sign the shipped agreement with keys of their own; the settings that name it."""
        self._run("agree", {"--draft": settings.config / "agreement.yaml", "--hub-home": settings.home})
        return read_settings()

    def _run(self, command: str, options: Mapping[str, object]) -> None:
        words = [str(word) for option in ({"--folder": self.folder} | dict(options)).items() for word in option]
        made = subprocess.run(
            [sys.executable, "-m", "partners", command, *words],
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise HubError(
                f"The simulated authorities could not {command}",
                where=str(self.folder),
                why=made.stderr.strip().splitlines()[-1] if made.stderr.strip() else "it gave no reason",
                fix="Delete the folder and run the demo again",
            )


def _run(settings: Settings, clock: Clock, quarter: Quarter, borough: _Borough, keyrings: _Keyrings) -> QuarterRun:
    with clock.stage("prepare", "Making the home: PostgreSQL, tables, keys"):
        prepare(settings, *keyrings)
        airflow.launch(settings)
    with clock.stage("borough", f"Making a borough of {borough.people:,} people, and six authorities that serve it"):
        borough.generate(quarter)
        start_partners(settings, borough.folder)
    with clock.stage("airflow", "Waiting for Airflow, which starts meanwhile"):
        airflow.wait_until_ready(settings)
    with clock.stage("quarter", f"Running {quarter} through the scheduler"):
        return run_quarter(settings, quarter, _reviewer(settings, borough.folder), _tell)


def _reviewer(settings: Settings, folder: Path) -> Approve:
    """The demo's information governance reviewer: holds a key of their own, outside the hub's home."""
    key = folder / "officers" / f"{OFFICER}.pem"
    if not key.exists():
        write_key_pair(key)

    def approve(release: str, manifest_hash: str) -> None:
        _have_appointed(settings, Path(f"{key}.pub"), folder / "officers" / f"{APPOINTING}.pem")
        decide(settings, release, verdict=Verdict.APPROVE, reason=REASON, officer=OFFICER, key=key.read_bytes())
        _tell(f"{OFFICER} signed the approval of {release} ({manifest_hash[:12]})")

    return approve


def _have_appointed(settings: Settings, public_key: Path, party_key: Path) -> None:
    """The simulated council appoints the reviewer, for as long as the agreement lasts."""
    agreement = load_agreement(settings)
    term = (agreement.commences_on, agreement.expires_on)
    said = (OFFICER, public_key.read_bytes(), APPOINTING, party_key.read_bytes(), *term)
    register(settings, appoint(agreement, *said).document())


def _tell(line: str) -> None:
    console.print(f"  [dim]{line}[/dim]")
