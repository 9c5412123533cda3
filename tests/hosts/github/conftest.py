"""One tag, and a run that asks GitHub's API about it, with every retry and pause."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gto_action.system.attempts import Pace
from tests.support.action import Run
from tests.support.api_asked import NOW, TAG, TOKEN
from tests.support.api_runs import run_beside, run_here
from tests.support.catch_up import CatchUp
from tests.support.github_server import GitHubServer
from tests.support.repo import Repo

GIVEN = {
    "GITHUB_REF": "refs/heads/main",
    "GITHUB_WORKFLOW_REF": "o/r/.github/workflows/deploy.yml@refs/heads/main",
}


@pytest.fixture
def registry(repo: Repo) -> Repo:
    repo.commit(time=10)
    repo.tag("churn@v1.0.0", time=11)
    repo.tag(TAG, time=NOW - 3_600)
    return repo


@pytest.fixture
def github(registry: Repo) -> Iterator[GitHubServer]:
    with GitHubServer(TOKEN) as server:
        server.commits = {TAG: registry.git("rev-parse", "main")}
        yield server


@pytest.fixture
def catch_up(srv: Path, github: GitHubServer, tmp_path: Path) -> CatchUp:
    def run(**environ: str) -> Run:
        given = {
            "RUNNER_DEBUG": "1",
            "INPUT_TIMEOUT": "20",
        }
        return sound(run_beside(github, srv, tmp_path / "run", GIVEN | given | environ, action="catch-up"))

    return run


@pytest.fixture
def dispatch(srv: Path, github: GitHubServer, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> CatchUp:
    """Dispatches what was missed, in this process, with every retry, but without the wait for runs that are not listed.

    It has time for a slow machine: with less than 15 seconds left nothing is dispatched.
    """

    def run(**environ: str) -> Run:
        given = GIVEN | {"INPUT_DISPATCH": "true", "INPUT_TIMEOUT": "100"}
        folder, pace = tmp_path / "run", Pace(listed=0)
        return sound(run_here(github, srv, folder, given | environ, capfd, action="catch-up", pace=pace))

    return run


def sound(run: Run) -> Run:
    assert "Traceback" not in run.log
    assert (run.code == 0) == (run.outputs is not None)
    return run


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of a server of one's own, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ghe.example")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    text = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    file.write_bytes(key.private_bytes(*text) + made.public_bytes(serialization.Encoding.PEM))
    return file
