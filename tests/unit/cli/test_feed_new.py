"""A seventh authority's feed, from a sample of its file to rows in the hub: the real command, in a copy of the code."""

import csv
import importlib.util
import io
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import yaml

from cli.feed.sample import look
from cli.feed.scaffold import NewFeed, scaffold
from cli.feed.transports import TRANSPORTS
from hub.database import transaction
from hub.errors import ConfigurationError
from hub.feeds import Feed
from hub.periods import Quarter
from hub.settings import PROJECT, Settings
from keys.home import create_ring
from store.deliveries import admitted_delivery
from tests.agreed import agree, keys_of
from tests.cases import ALL
from tests.unit.cli.conftest import Command
from tests.warm import LOADED_WITH, Warm

FEED = "prison.releases"
QUARTER = Quarter(2026, 3)
HEADER = ["Release ID", "Prisoner Forename", "Surname", "DOB", "Released On", "Establishment", "Recall Flag", "Notes"]
NAMES = ["Canaryann", "Canarybob", "Canarycyd", "Canarydee", "Canaryeve", "Canaryfay"]
ROWS = [
    [
        f"R-{number}",
        name,
        f"{name}smith",
        f"{number:02}/02/1990",
        f"2026-07-{number:02}",
        f"Canary{number % 2}",
        "Y",
        "",
    ]
    for number, name in enumerate(NAMES, 1)
]


def write_csv(path: Path, rows: list[list[str]], header: list[str] | None = HEADER) -> Path:
    content = io.StringIO()
    csv.writer(content).writerows([*([header] if header else []), *rows])
    path.write_text(content.getvalue(), encoding="utf-8")
    return path


@pytest.fixture
def sample(tmp_path: Path) -> Path:
    return write_csv(tmp_path / "sample.csv", ROWS)


def test_a_sample_tells_how_each_column_is_read(sample):
    found = {guess.source: guess for guess in look(sample, "csv")}
    assert {name: guess.reading for name, guess in found.items()} == {
        "Release ID": "text()",
        "Prisoner Forename": "text()",
        "Surname": "text()",
        "DOB": 'day("%d/%m/%Y")',
        "Released On": 'day("%Y-%m-%d")',
        "Establishment": "text()",
        "Recall Flag": 'flag("Y", "N")',
        "Notes": "text()",
    }
    assert {name: guess.identifier for name, guess in found.items() if guess.identifier} == {
        "Prisoner Forename": "forename",
        "Surname": "surname",
        "DOB": "date_of_birth",
    }
    assert (found["Release ID"].unique, found["Establishment"].few, found["Notes"].blank) == (True, 2, True)


@pytest.mark.parametrize(
    ("values", "reading"),
    [
        (["1", "20", "3.0"], "whole_number()"),
        (["1.5", "20"], "number()"),
        (["007", "012"], "text()"),  # a number would lose its zeros
        (["1.00021E+11"], "text()"),
        (["true", "false"], "truth()"),
        (["01/08/2026 10:00", "02/08/2026 23:59"], 'local_instant("%d/%m/%Y %H:%M")'),
        (["2026-08-01T10:00:00Z"], "instant()"),
        (["10:00", "23:59"], 'time_of_day("%H:%M")'),
        (["2026-02-30"], "text()"),
        (["", "NULL"], "text()"),
    ],
)
def test_a_reading_is_one_that_every_value_has(tmp_path, values, reading):
    (guess,) = look(write_csv(tmp_path / "one.csv", [[value] for value in values], ["a_column"]), "csv")
    assert guess.reading == reading


def test_nested_json_is_told_by_its_paths(tmp_path):
    file = tmp_path / "sample.json"
    file.write_text('{"items": [{"id": 1, "person": {"surname": "Canary"}, "on": true}]}', encoding="utf-8")
    assert [(guess.source, guess.reading) for guess in look(file, "json")] == [
        ("id", "whole_number()"),
        ("person.surname", "text()"),
        ("on", "truth()"),
    ]


@pytest.mark.parametrize("header", [None, ["Release ID", "Release ID"], ["R-1", "Canary@x.example"]])
def test_a_file_without_names_is_refused_and_nothing_of_it_is_said(tmp_path, header):
    with pytest.raises(ConfigurationError, match="does not look like the names of columns") as refused:
        look(write_csv(tmp_path / "sample.csv", ROWS, header), "csv")
    assert "Canary" not in str(refused.value)


def test_no_value_of_the_sample_is_in_what_is_written(sample):
    made = scaffold(NewFeed(FEED, "csv", "file"), look(sample, "csv"), ["strategy"], QUARTER)
    everything = "\n".join([*made.files.values(), made.terms])
    assert "Canary" not in everything
    assert not any(value in everything for row in ROWS for value in row if len(value) > 1)
    assert "occurred_on: {class: direct-identifier, treat: drop}" in made.terms
    assert "treat: keep" not in made.terms
    assert "tokenise" not in made.terms


@pytest.mark.parametrize("transport", TRANSPORTS)
@pytest.mark.parametrize("format_", ["csv", "xml"])
def test_every_transport_gives_a_file_that_the_hub_can_read(transport, format_):
    made = scaffold(NewFeed(FEED, format_, transport, ";"), [], ["strategy"], QUARTER)
    feed = Feed.model_validate(yaml.safe_load(made.files[f"config/feeds/{FEED}.yaml"]))
    assert (feed.authority, feed.transport.kind, feed.form.delimiter) == ("prison", transport, ";")


@pytest.mark.parametrize("name", ["releases", "Prison.releases", "prison.", "prison.a/b", "prison.releases; import os"])
def test_a_feed_is_named_plainly(name):
    with pytest.raises(ConfigurationError, match="cannot be named so"):
        NewFeed(name, "csv", "file")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of what runs, to write a feed into."""
    folder = tmp_path / "project"
    packages = [path.parent.name for path in PROJECT.glob("*/__init__.py") if path.parent.name not in {"tests", "dags"}]
    ignored = shutil.ignore_patterns("__pycache__", ".venv", "node_modules")
    for name in (*packages, "config"):
        if name != "partners":
            shutil.copytree(PROJECT / name, folder / name, ignore=ignored)
    (folder / "tests" / "spec").mkdir(parents=True)
    shutil.copy(PROJECT / "tests" / "spec" / "drawn.py", folder / "tests" / "spec")
    for name in ("__init__.py", "cases.py", "warm.py"):
        shutil.copy(PROJECT / "tests" / name, folder / "tests")
    return folder


@pytest.fixture
def command(project: Path, settings: Settings) -> Command:
    """The hub command of that copy, in a home with keys."""
    create_ring(settings)
    url = settings.database_url or ""
    return Command(
        settings.home,
        {
            "HUB_COMMIT": "0" * 40,
            "HUB_DATABASE_URL": url,
            "HUB_AGREEMENT": str(project / "config" / "agreement.yaml"),
            "PYTHONPATH": str(project),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )


@contextmanager
def forked(command: Command, project: Path) -> Iterator[Callable[..., subprocess.CompletedProcess[str]]]:
    """The command as the copy is now, its modules loaded once for all that follow; each by itself in make test-all."""
    if ALL:
        yield command
        return
    own = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    said = own | LOADED_WITH | dict(command.settings) | {"HUB_HOME": str(command.home)}
    with closing(Warm(project)) as loaded:
        yield lambda *words: loaded.run(list(words), said)


def ok(ran: subprocess.CompletedProcess[str]) -> str:
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def decided(terms: dict) -> None:
    """What people decide about the scaffolded terms."""
    terms |= {"gateway": "cda-1998-s115", "earliest_period": "2026-Q1", "subjects": ["people released from prison"]}
    terms |= {"conditions": ["uk-gdpr-6-1-e", "uk-gdpr-9-2-g", "uk-gdpr-10", "dpa-2018-sch1-pt2"]}
    terms |= {"dpia": "DPIA-2026-09", "policy_document": "APD-2026-09"}
    for name in ("forename", "surname", "date_of_birth"):
        terms["fields"][name]["treat"] = "tokenise"
    terms["fields"]["occurred_on"] = {"class": "quasi-identifier", "treat": "keep"}


def test_the_whole_way_of_a_seventh_authoritys_feed(project, command, sample, settings, tmp_path):
    told = ok(command("feed", "new", FEED, "--transport", "file", "--from-sample", str(sample)))
    assert "prison is no party yet" in told
    assert "Canary" not in told

    spec = f"tests/spec/test_contract_{FEED.replace('.', '_')}.py"
    environment = os.environ | {"PYTHONPATH": str(project), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--noconftest", "--rootdir", ".", spec]
    ran = subprocess.run(tests, cwd=project, env=environment, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stdout
    with forked(command, project) as loaded:
        taken_in(project, loaded, told, settings, tmp_path)


def taken_in(project, command, told, settings, tmp_path):
    """From the file that the authority sends to its rows in the hub."""
    drop = tmp_path / "drop"
    drop.mkdir()
    file = write_csv(drop / f"releases_{QUARTER}.csv", [*ROWS[:5], ["R-9", *ROWS[5][1:]]])
    assert "6 would be taken" in ok(command("validate", FEED, str(file)))
    about = project / "config" / "feeds" / f"{FEED}.yaml"
    about.write_text(about.read_text(encoding="utf-8").replace("/srv/drop/prison", str(drop)), encoding="utf-8")

    scaffolded = yaml.safe_load(told[told.index(f"  {FEED}:") : told.index("prison is no party")])
    party = {"authority": "prison", "controller": "HM Prison", "role": "controller", "contact": "a@prison.example"}
    agreement = project / "config" / "agreement.yaml"

    def begin(terms: dict) -> None:
        terms["feeds"].update(scaffolded)
        terms["parties"].append(party | keys_of("prison"))

    agree(agreement, begin)
    ran = command("ingest", FEED, str(QUARTER))
    assert ran.returncode == 1
    assert "the other power is not named" in ran.stderr  # nothing flows until somebody has decided

    agree(agreement, lambda terms: decided(terms["feeds"][FEED]))
    assert "prison" not in command("agreement", "check", "--agreement", str(agreement)).stdout
    assert "received 6, accepted 6, quarantined 0" in ok(command("ingest", FEED, str(QUARTER)))
    with transaction(settings) as connection:
        delivery = admitted_delivery(connection, FEED, QUARTER)
    assert delivery is not None
    assert (delivery.authority, delivery.rows_accepted) == ("prison", 6)


def test_what_is_there_is_not_written_over(project, hub):
    path = project / "schemas" / "prison_releases.py"
    path.write_text("kept", encoding="utf-8")
    ran = hub("feed", "new", FEED, PYTHONPATH=str(project), PYTHONDONTWRITEBYTECODE="1")
    assert ran.returncode == 1
    assert not hub.home.exists()
    assert "the file is there" in ran.stderr
    assert path.read_text(encoding="utf-8") == "kept"
    assert not (project / "config" / "feeds" / f"{FEED}.yaml").exists()


def test_what_is_written_is_python(sample, tmp_path):
    made = scaffold(NewFeed(FEED, "csv", "file"), look(sample, "csv"), ["strategy"], QUARTER)
    path = tmp_path / "prison_releases.py"
    path.write_text(made.files["schemas/prison_releases.py"], encoding="utf-8")
    spec = importlib.util.spec_from_file_location("prison_releases", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    (contract,) = module.CONTRACTS
    assert contract.row_key == ("release_id",)
    assert contract.period_column == "released_on"
    assert set(contract.identifiers) == {"forename", "surname", "date_of_birth"}
    ran = subprocess.run(
        [Path(sys.executable).with_name("ruff"), "check", "--isolated", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout
