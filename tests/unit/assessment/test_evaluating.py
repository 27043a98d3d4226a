"""``hub evaluate`` on a real release: permitted, logged, protected, the same again, and without anybody's id."""

import json
import os
import subprocess
from datetime import date
from pathlib import Path

import pytest

from agreement.errors import AgreementRefusal
from assessment.errors import AssessmentRefused
from assessment.evaluating import evaluate_intervention
from hub.periods import Quarter
from tests.unit.publish.small_hub import Hub
from tests.warm import hub as run

ON, Q3, CANARY = date(2026, 11, 20), Quarter(2026, 3), "Canary Zebedee"
TOLD, READ, REFUSED = "assessment:evaluation:disclosure", "publish:table:consultation", "publish:table:refusal"


def command(hub: Hub, *words: str) -> subprocess.CompletedProcess[str]:
    own = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    own |= {"HUB_HOME": str(hub.settings.home), "HUB_CONFIG": str(hub.settings.config), "COLUMNS": "120"}
    own |= {"HUB_DATABASE_URL": str(hub.settings.database_url), "HUB_COMMIT": str(hub.settings.commit)}
    return run(list(words), own)


def test_what_is_told_is_logged_first_and_is_of_the_very_release(assessed: Hub) -> None:
    told = evaluate_intervention(assessed.settings, "mentoring", None, ON)
    assert told.shown.had.at("compared") == 40
    assert told.shown.effect.told
    (entry,) = assessed.said(action=TOLD)
    assert (entry["purpose"], entry["release"], entry["detail"]["sha256"]) == ("evaluation", "2026-Q3-v1", told.digest)
    read = assessed.said(action=READ)
    assert [one["table"] for one in read] == ["person", "event", "involvement", "intervention"]
    assert {one["purpose"] for one in read} == {"evaluation"}
    assert "birth_year" not in read[0]["columns"]
    assert assessed.unsigned() == 0


def test_the_same_release_gives_the_same_page_to_the_byte(assessed: Hub) -> None:
    first, again = (evaluate_intervention(assessed.settings, "mentoring", Q3, ON) for _ in range(2))
    assert (first.page(), first.digest) == (again.page(), again.digest)


def test_neither_page_nor_json_nor_log_holds_an_id_or_an_unrounded_count(assessed: Hub) -> None:
    told = evaluate_intervention(assessed.settings, "mentoring", None, ON)
    person = assessed.rows("SELECT person_id FROM release_2026_q3_v1.person LIMIT 1")[0][0]
    for text in (told.page(), json.dumps(told.document()), json.dumps(assessed.said(action=TOLD))):
        assert person not in text
    counts = [row["count"] for table in told.document()["tables"].values() for row in table]
    assert all(count is None or count % 5 == 0 for count in counts)


def test_what_the_release_does_not_tell_of_is_refused_and_not_repeated(assessed: Hub) -> None:
    with pytest.raises(AssessmentRefused, match="it tells of mentoring") as refused:
        evaluate_intervention(assessed.settings, CANARY, None, ON)
    assert CANARY not in str(refused.value)
    with pytest.raises(AssessmentRefused, match="none is published"):
        evaluate_intervention(assessed.settings, "mentoring", Quarter(2025, 1), ON)
    assert CANARY not in json.dumps(assessed.said())
    assert assessed.logged(TOLD) == 0


def test_without_the_purpose_in_the_agreement_nothing_is_read_or_told(assessed: Hub) -> None:
    assessed.agree(lambda terms: terms["recipients"]["partnership_analysts"].update(purposes=["needs-assessment"]))
    with pytest.raises(AgreementRefusal, match="another purpose"):
        evaluate_intervention(assessed.settings, "mentoring", None, ON)
    assert (assessed.logged(READ), assessed.logged(REFUSED), assessed.logged(TOLD)) == (0, 1, 0)


def test_the_command_prints_the_verdict_and_writes_a_page(assessed: Hub, tmp_path: Path) -> None:
    page = tmp_path / "mentoring.html"
    said = command(assessed, "evaluate", "mentoring", "--page", str(page), "--json")
    assert said.returncode == 0, said.stderr
    told = json.loads(said.stdout)
    assert told["verdict"] in ("helped", "no evidence of an effect", "harmed", "cannot be told")
    assert told["sentence"] in page.read_text(encoding="utf-8")
    other = command(assessed, "evaluate", CANARY)
    assert (other.returncode, "no such intervention" in other.stderr, CANARY in other.stderr) == (1, True, False)
