"""One tag, and a run that asks GitHub's API about it, with every retry and pause."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.action import Run
from tests.support.api_asked import NOW, TAG, TOKEN
from tests.support.api_runs import run_beside
from tests.support.catch_up import CatchUp
from tests.support.github_server import GitHubServer
from tests.support.repo import Repo


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
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_WORKFLOW_REF": "o/r/.github/workflows/deploy.yml@refs/heads/main",
            "RUNNER_DEBUG": "1",
            # Of which 15 are kept free where something is dispatched: the rest must do on a slow machine too.
            "INPUT_TIMEOUT": "60" if "INPUT_DISPATCH" in environ else "20",
        }
        found = run_beside(github, srv, tmp_path / "run", given | environ, action="catch-up")
        assert "Traceback" not in found.log
        assert (found.code == 0) == (found.outputs is not None)
        return found

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
