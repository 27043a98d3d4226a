"""What Airflow finds by the entry point."""

import subprocess
import sys

PROGRAM = """
import sys
from dags.plugin import SaferHub
plugin = SaferHub()
assert not [name for name in sys.modules if name.split(".")[0] == "console"], "every process would pay for the pages"
(view,), (app,) = plugin.external_views, plugin.fastapi_apps
assert view["href"] == app["url_prefix"].removeprefix("/") + "/", "the frame must show what is served"
from airflow.api_fastapi.core_api.security import get_user
for route in app["app"].routes:
    asked = [inner.call for outer in route.dependant.dependencies for inner in outer.dependencies]
    assert get_user in asked, route.path
print("ok", len(app["app"].routes))
"""


def test_the_console_is_behind_airflows_user_and_made_only_when_asked_for(tmp_path):
    environment = {"AIRFLOW_HOME": str(tmp_path), "PATH": "/usr/bin:/bin", "PYTHONPATH": "."}
    ran = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr[-2000:]
    assert ran.stdout.splitlines()[-1] == "ok 11"
