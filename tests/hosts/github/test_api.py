"""GitHub's API and all that may come instead of an answer: an end in time, one sentence, nothing done twice."""

import ssl
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gto_action.errors import TransientRemoteError
from gto_action.hosts.github.api_answers import Request, refusal
from tests.support.action import Run
from tests.support.api_runs import run_beside
from tests.support.github_server import NUMBERED, Fault, GitHubServer
from tests.support.repo import Repo
from tests.support.tunnel import Tunnel

TOKEN = "s3cret"
TAG = "churn#prod#1"
NOW = int(time.time())
HTML = b"<html><title>Sign in</title></html>"

CatchUp = Callable[..., Run]


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
            "INPUT_CATCH-UP": "true",
            "INPUT_TIMEOUT": "20",
        }
        found = run_beside(github, srv, tmp_path / "run", given | environ)
        assert "Traceback" not in found.log
        assert (found.code == 0) == (found.outputs is not None)
        return found

    return run


def count(run: Run) -> str:
    assert run.outputs, run.log
    return run.outputs["count"]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault(502), id="502"),
        pytest.param(Fault(503), id="503"),
        pytest.param(Fault(), id="closed"),
        pytest.param(Fault(403, "You have exceeded a secondary rate limit", {"Retry-After": "3"}), id="secondary"),
        pytest.param(Fault(429, "Too many", {"retry-after": "3"}), id="429"),
        pytest.param(
            Fault(403, "API rate limit exceeded", {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": f"{NOW}"}),
            id="primary",
        ),
    ],
)
def test_what_passes(catch_up: CatchUp, github: GitHubServer, fault: Fault) -> None:
    github.faults = [fault]
    run = catch_up()
    assert count(run) == "1"
    assert "Trying again in" in run.log
    assert len(github.received) == 2
    least = 3.0 if {*fault.headers} & {"Retry-After", "retry-after"} else 0.5
    assert github.received[1].at - github.received[0].at >= least


API = "GitHub's API at '{url}'"
RUNS = "the runs of the workflow 'deploy.yml'"
RENAMED = "Look at GITHUB_API_URL, and whether the repository has been renamed."
# what comes, how often; what is said; after how many requests
LASTING: dict[str, tuple[Fault, int, str, int]] = {
    "500": (
        Fault(500),
        9,
        f"{API} answered with status 500 when it was asked for {RUNS}. Run the job again later.",
        4,
    ),
    "closed": (
        Fault(),
        9,
        f"The connection to {API} failed while it was asked for {RUNS}. Run the job again later.",
        4,
    ),
    "secondary, a minute": (
        Fault(403, "You have exceeded a secondary rate limit"),
        1,
        f"{API} limits how often it is asked. Run the job again later.",
        1,
    ),
    "primary, an hour": (
        Fault(403, "API rate limit exceeded", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": f"{NOW + 3600}"}),
        1,
        f"{API} limits how often it is asked. Run the job again later.",
        1,
    ),
    "a reset of 5,000 digits": (
        Fault(403, "API rate limit exceeded", {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 5000}),
        1,
        "What answers at '{url}' is not GitHub's API. A proxy, or a login page, stands between.",
        1,
    ),
    "Retry-After of 5,000 digits": (
        Fault(429, "Too many", {"retry-after": "9" * 5000}),
        1,
        f"{API} limits how often it is asked. Run the job again later.",
        1,
    ),
    **{
        f"{status} to {where}": (
            Fault(status, "Moved", {"Location": place}),
            1,
            f"{API} redirects who asks for {RUNS}, with status {status}; that is not followed. {RENAMED}",
            1,
        )
        for status in (302, 303, 307, 308)
        for where, place in (("the same host", "/x"), ("another", "http://localhost:9/x"))
    },
    "400": (Fault(400), 1, f"{API} answered with status 400 when it was asked for {RUNS}.", 1),
    "422": (Fault(422, "no such filter"), 1, f"{API} refused {RUNS}: 'no such filter'.", 1),
    "a page": (
        Fault(200, raw=HTML),
        1,
        "What answers at '{url}' is not GitHub's API. A proxy, or a login page, stands between.",
        1,
    ),
    "half a document": (
        Fault(200, raw=b'{"total_count": 1'),
        1,
        "What answers at '{url}' is not GitHub's API. A proxy, or a login page, stands between.",
        1,
    ),
    **{
        f"{what}, which no number is": (
            Fault(200, raw=raw),
            1,
            "What answers at '{url}' is not GitHub's API. A proxy, or a login page, stands between.",
            1,
        )
        for what, raw in (
            ("too large", b'{"total_count": 1e999, "workflow_runs": []}'),
            ("too deep", b"[" * 100_000),
        )
    },
    "another document": (
        Fault(200, raw=b'{"total_count": 1, "workflow_runs": [{"id": 1}]}'),
        1,
        "What answers at '{url}' is not GitHub's API. A proxy, or a login page, stands between.",
        1,
    ),
}


@pytest.mark.parametrize(
    ("status", "headers"),
    [(403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "9" * 5000}), (429, {"retry-after": "9" * 5000})],
)
def test_a_time_of_many_digits(status: int, headers: dict[str, str]) -> None:
    request = Request(verb="GET", path="/x", what="x", permission="x")
    error = refusal("http://h", request, status, "", headers, time.time())
    assert isinstance(error, TransientRemoteError)
    assert error.retry_after > 1e300


@pytest.mark.parametrize("case", LASTING)
def test_what_lasts(catch_up: CatchUp, github: GitHubServer, case: str) -> None:
    fault, times, said, requests = LASTING[case]
    github.faults = [fault] * times
    run = catch_up()
    assert run.code == 1
    assert run.told("error") == [said.format(url=github.url)]
    assert len(github.received) == requests


def test_a_server_that_is_silent(catch_up: CatchUp, github: GitHubServer) -> None:
    github.faults = [Fault(seconds=30)] * 9
    start = time.monotonic()
    run = catch_up(INPUT_TIMEOUT="4")
    assert time.monotonic() - start < 7
    assert run.code == 1
    assert len(run.told("error")) == 1
    assert "did not answer within" in run.told("error")[0]


def test_a_server_that_is_not_there(catch_up: CatchUp, github: GitHubServer) -> None:
    run = catch_up(GITHUB_API_URL="http://127.0.0.1:9")
    assert run.code == 1
    assert run.told("error") == [
        (
            f"The connection to GitHub's API at 'http://127.0.0.1:9' failed while it was asked for {RUNS}. "
            "Run the job again later."
        )
    ]
    assert github.received == []


@pytest.mark.parametrize(
    "fault", [Fault(502, after=True, verb="POST"), Fault(verb="POST", after=True)], ids=["502", "closed"]
)
def test_a_dispatch_whose_answer_got_lost_is_not_repeated(
    catch_up: CatchUp, github: GitHubServer, fault: Fault
) -> None:
    github.faults = [fault]
    run = catch_up(INPUT_DISPATCH="true")
    assert run.code == 1
    assert run.told("error")[0].endswith("It may have been done nevertheless; run the job again later.")
    assert count(catch_up(INPUT_DISPATCH="true")) == "0"
    assert github.dispatched() == [TAG]


def test_a_dispatch_that_is_limited_is_repeated(catch_up: CatchUp, github: GitHubServer) -> None:
    github.faults = [Fault(403, "You have exceeded a secondary rate limit", {"retry-after": "2"}, verb="POST")]
    assert count(catch_up(INPUT_DISPATCH="true")) == "1"
    assert github.dispatched() == [TAG, TAG]
    assert len(github.runs) == 1


def test_enterprise_server(catch_up: CatchUp, registry: Repo) -> None:
    with GitHubServer(TOKEN, prefix="/api/v3") as server:
        server.commits = {TAG: registry.git("rev-parse", "main")}
        assert count(catch_up(GITHUB_API_URL=server.url)) == "1"
        assert count(catch_up(GITHUB_API_URL=f"{server.url}/", INPUT_DISPATCH="true")) == "1"
        assert server.dispatched() == [TAG]


def test_a_proxy(catch_up: CatchUp, github: GitHubServer) -> None:
    """It gets whole addresses, of a host that is nowhere else."""
    run = catch_up(GITHUB_API_URL="http://api.example.invalid", http_proxy=github.url, NO_PROXY="")
    assert count(run) == "1"
    assert len(github.received) == 1


@pytest.mark.parametrize(
    ("status", "requests", "says"),
    [
        (403, 1, "The proxy refuses to connect to GitHub's API at '{url}', with status 403."),
        (407, 1, "The proxy refuses to connect to GitHub's API at '{url}', with status 407."),
        (302, 4, "The connection to GitHub's API at '{url}' failed"),
        (502, 4, "The connection to GitHub's API at '{url}' failed"),
    ],
)
def test_a_proxy_that_does_not_connect(
    catch_up: CatchUp, certificate: Path, status: int, requests: int, says: str
) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with GitHubServer(TOKEN, tls=tls) as server, Tunnel() as proxy:
        proxy.answer(status, {"Location": f"{server.url}/x", "Retry-After": "3600"})
        given = {"GITHUB_API_URL": server.url, "GIT_SSL_CAINFO": str(certificate), "https_proxy": proxy.url}
        run = catch_up(**given, NO_PROXY="", no_proxy="")
        assert server.received == []
    assert run.code == 1
    assert run.told("error")[0].startswith(says.format(url=server.url))
    assert len(proxy.asked) == requests


def test_a_password_in_the_address_is_not_told(catch_up: CatchUp, github: GitHubServer) -> None:
    run = catch_up(GITHUB_API_URL=github.url.replace("http://", "http://ada:h1dden@"))
    assert count(run) == "1"
    lost = catch_up(GITHUB_API_URL="http://ada:h1dden@127.0.0.1:9")
    assert "at 'http://127.0.0.1:9'" in lost.told("error")[0]
    odd = [
        catch_up(GITHUB_API_URL=url) for url in ("http://ada:h1d/den@h", "ftp://ada:h1dden@h", "http://ada:h1d#den@h")
    ]
    for each in odd:
        assert each.told("error")[0].startswith("GITHUB_API_URL cannot be ")
    assert not [each.log for each in (run, lost, *odd) if "h1d" in each.log or "den@" in each.log]


def test_a_repository_that_has_moved(catch_up: CatchUp, github: GitHubServer) -> None:
    """PyGithub follows to the same host and forgets the parameters: what comes then is not believed."""
    github.moved_to = "o/new"
    for number in range(50):
        github.add_run(f"branch-{number}", "e" * 40)
    place = f"{github.url}{NUMBERED}/actions/workflows/deploy.yml/runs"
    github.faults = [Fault(301, "Moved Permanently", {"Location": place})]
    run = catch_up(INPUT_DISPATCH="true")
    assert run.told("error") == [
        "The repository 'o/r' is 'o/new' now. Start a new run: one that began before the move has the old name."
    ]
    assert github.dispatched() == []


def test_another_host_does_not_get_the_token(catch_up: CatchUp, github: GitHubServer) -> None:
    with GitHubServer("another") as other:
        place = f"{other.url.replace('127.0.0.1', 'localhost')}/x"
        github.faults = [Fault(301, "Moved Permanently", {"Location": place})]
        run = catch_up()
    said = f"GitHub's API at {github.url!r} sends to another address, which does not get the token."
    assert run.told("error") == [f"{said} Look at GITHUB_API_URL."]
    assert other.received == []


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


def test_a_certificate_of_ones_own(catch_up: CatchUp, registry: Repo, certificate: Path) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate)
    with GitHubServer(TOKEN, prefix="/api/v3", tls=tls) as server:
        server.commits = {TAG: registry.git("rev-parse", "main")}
        assert count(catch_up(GITHUB_API_URL=server.url, GIT_SSL_CAINFO=str(certificate))) == "1"
        run = catch_up(GITHUB_API_URL=server.url)
        assert run.code == 1
        text = f"The certificate of GitHub's API at {server.url!r} is not trusted."
        assert run.told("error") == [f"{text} Set GIT_SSL_CAINFO to a file with the certificates to trust."]
        assert "Trying again" not in run.log
        assert len(server.received) == 1
