"""Where GitHub's API is: servers of one's own, proxies, certificates, moves; and who gets the token."""

import ssl
from pathlib import Path

import pytest

from tests.support.api_asked import TAG, TOKEN, count
from tests.support.catch_up import CatchUp
from tests.support.github_server import NUMBERED, Fault, GitHubServer
from tests.support.repo import Repo
from tests.support.tunnel import Tunnel


def test_enterprise_server(catch_up: CatchUp, dispatch: CatchUp, registry: Repo) -> None:
    with GitHubServer(TOKEN, prefix="/api/v3") as server:
        server.commits = {TAG: registry.git("rev-parse", "main")}
        assert count(catch_up(GITHUB_API_URL=server.url)) == "1"
        assert count(dispatch(GITHUB_API_URL=f"{server.url}/")) == "1"
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


def test_a_repository_that_has_moved(dispatch: CatchUp, github: GitHubServer) -> None:
    """PyGithub follows to the same host and forgets the parameters: what comes then is not believed."""
    github.moved_to = "o/new"
    for number in range(50):
        github.add_run(f"branch-{number}", "e" * 40)
    place = f"{github.url}{NUMBERED}/actions/workflows/deploy.yml/runs"
    github.faults = [Fault(301, "Moved Permanently", {"Location": place})]
    run = dispatch()
    assert run.told("error") == [
        "The repository 'o/r' is now 'o/new'. Start a new run, because this one has the old name."
    ]
    assert github.dispatched() == []


def test_another_host_does_not_get_the_token(catch_up: CatchUp, github: GitHubServer) -> None:
    with GitHubServer("another") as other:
        place = f"{other.url.replace('127.0.0.1', 'localhost')}/x"
        github.faults = [Fault(301, "Moved Permanently", {"Location": place})]
        run = catch_up()
    said = f"GitHub's API at {github.url!r} redirects to another host, which does not get the token."
    assert run.told("error") == [f"{said} Check GITHUB_API_URL."]
    assert other.received == []


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
