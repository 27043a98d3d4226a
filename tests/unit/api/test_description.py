"""The interface's own description (OpenAPI): what is drawn from it is answered as it says, and nothing breaks."""

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import Case
from schemathesis.checks import CHECKS
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method

from tests.cases import cases
from tests.unit.api.conftest import RELEASE, Served

EXAMPLES = cases(150)
LEFT_OUT = [positive_data_acceptance, unsupported_method]
"""Names of releases and columns are drawn, and there are few: what is of the right form may well not be there."""


@pytest.fixture(scope="module")
def described(served: Served) -> schemathesis.BaseSchema:
    served.app.state.door.readers._size = 100_000.0
    served.app.state.door.readers._rate = 1e6
    return schemathesis.openapi.from_url(f"{served.url}/openapi.json")


def test_every_operation_answers_as_it_is_described(served: Served, described: schemathesis.BaseSchema) -> None:
    token = served.issue(hours=24).token
    operations = [operation.ok() for operation in described.get_all_operations()]
    assert len(operations) == 6
    for operation in operations:

        @settings(
            max_examples=EXAMPLES,
            database=None,
            derandomize=True,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Case) -> None:
            if "release" in case.path_parameters and len(case.path_parameters["release"]) % 2:
                case.path_parameters["release"] = RELEASE
            if "table" in case.path_parameters and len(case.path_parameters["table"]) % 2:
                case.path_parameters["table"] = "event"
            case.call_and_validate(headers={"Authorization": f"Bearer {token}"}, excluded_checks=LEFT_OUT, timeout=60)

        ask()
    assert served.hub.unsigned() == 0


def test_there_are_checks_to_hold_it_against() -> None:
    assert len(CHECKS.get_all()) > 5
