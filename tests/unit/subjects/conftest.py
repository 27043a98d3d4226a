"""The hub of the retention's tests, which keeps something in every zone."""

from tests.unit.publish.conftest import filled, narrow_config  # noqa: F401
from tests.unit.retention.conftest import full, hub  # noqa: F401
