"""The settings with which a clone asks its `origin`, taken over for a repository of our own."""

import base64
import subprocess
from pathlib import Path

import pytest

from gto_action.errors import RemoteError
from gto_action.git.clone_settings import for_token, settings_of
from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from gto_action.git.scratch import Scratch
from gto_action.git.surroundings import Settings
from tests.support.git_server import GitServer
from tests.support.repo import Repo


def basic(user: str, token: str) -> str:
    return f"AUTHORIZATION: basic {base64.b64encode(f'{user}:{token}'.encode()).decode()}"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    subprocess.run(["git", "init", "-q", str(tmp_path / "clone")], check=True)
    return tmp_path / "clone"


def configure(clone: Path, name: str, *value: str) -> None:
    subprocess.run(["git", "-C", str(clone), "config", "--add", name, *value], check=True)


def names_of(remote: Remote, settings: Settings = ()) -> list[str]:
    with Repository(remote, log=print, own_config=True, settings=settings, timeout=20) as repository:
        return [record.name for record in repository.fetch().records]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("http.http://bitbucket.org/acme/models.proxy", "http://localhost:29418/"),
        ("http.https://dev.azure.com/acme.extraheader", "AUTHORIZATION: bearer t0ken"),
        ("http.https://git.example.com/.sslcainfo", "/builds/models.tmp/CI_SERVER_TLS_CA_FILE"),
        ("http.proxy", "http://proxy.example.com:3128"),
        ("credential.helper", '!f() { echo "password=a\\b"; }; f # ;'),
        ("credential.https://git.example.com.username", "ada"),
        ("url.https://git.example.com/.insteadof", "git@git.example.com:"),
        ("core.sshcommand", "ssh -i 'a b' -o \"X=y\""),
        ('http.https://a=b/c d/"e"\\f.extraheader', "two\nlines\tand a tab "),
    ],
)
def test_what_says_how_servers_are_asked_is_taken_over(clone: Path, name: str, value: str) -> None:
    configure(clone, name, value)
    assert settings_of(clone) == ((name, value),)
    with Scratch(own_config=True, settings=((name, value),)) as scratch:
        assert f"{name}\n{value}".encode() in listed(scratch)


def listed(scratch: Scratch) -> list[bytes]:
    """The settings that count for a git, those that prevail last."""
    return scratch.ask(scratch.folder, "config", "--list", "-z", timeout=60)[1].split(b"\0")


def test_they_stand_between_a_users_own_and_ours() -> None:
    own, twice = (b"http.extraheader\nX-Mine: 1", b"http.extraheader\nX-Yours: 1")
    subprocess.run(["git", "config", "--global", "http.extraHeader", "X-Mine: 1"], check=True)
    given = (("http.extraheader", ""), ("http.extraheader", "X-Yours: 1"), ("http.extraheader", "X-Yours: 1"))
    with Scratch(own_config=True, settings=(*given, ("gc.auto", "9"))) as scratch:
        found = listed(scratch)
    assert [each for each in found if each.startswith(b"http.")] == [own, b"http.extraheader\n", twice, twice]
    assert [each for each in found if each.startswith(b"gc.auto\n")] == [b"gc.auto\n9", b"gc.auto\n0"]


@pytest.mark.parametrize(
    "name", ["core.hookspath", "core.fsmonitor", "remote.origin.fetch", "alias.fetch", "core.bare"]
)
def test_what_does_not_is_left(clone: Path, name: str) -> None:
    configure(clone, name, "false")
    assert settings_of(clone) == ()


def test_a_setting_without_a_value_is_true(clone: Path) -> None:
    with (clone / ".git/config").open("a") as file:
        file.write("[http]\n\tsslVerify\n")
    assert settings_of(clone) == (("http.sslverify", "true"),)


def test_included_files_count_and_a_header_may_be_there_twice(clone: Path, tmp_path: Path) -> None:
    """As actions/checkout has it since its version 6."""
    (tmp_path / "included").write_text('[http "https://x/"]\n\textraheader = one\n\textraheader = two\n')
    configure(clone, f"includeIf.gitdir:{clone}/.git.path", str(tmp_path / "included"))
    assert settings_of(clone) == (("http.https://x/.extraheader", "one"), ("http.https://x/.extraheader", "two"))


def test_no_clone(tmp_path: Path) -> None:
    assert settings_of(tmp_path) == ()


def test_a_clone_lets_its_jobs_in(clone: Path, repo: Repo, srv: Path) -> None:
    repo.commit()
    repo.tag("churn@v1.0.0")
    with GitServer(srv, token="s3cret", user="any") as server:
        with pytest.raises(RemoteError, match="asks for a token"):
            names_of(Remote(f"{server.url}/o/r"))
        configure(clone, f"http.{server.url}/.extraheader", basic("any", "s3cret"))
        assert names_of(Remote(f"{server.url}/o/r"), settings_of(clone)) == ["churn@v1.0.0"]


def test_what_is_for_an_address_with_a_user_is_for_it_without(clone: Path, repo: Repo, srv: Path) -> None:
    """Azure Pipelines clones from `https://ORGANIZATION@dev.azure.com/…`."""
    repo.commit()
    repo.tag("churn@v1.0.0")
    with GitServer(srv, token="s3cret", user="any") as server:
        url = f"{server.url.replace('://', '://acme@')}/o/r"
        configure(clone, f"http.{url}.extraheader", basic("any", "s3cret"))
        assert names_of(Remote(url), settings_of(clone)) == ["churn@v1.0.0"]


def test_a_proxy_that_lets_jobs_in(clone: Path, repo: Repo, srv: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As Bitbucket has it: the address itself leads nowhere."""
    monkeypatch.delenv("no_proxy")
    monkeypatch.delenv("NO_PROXY")
    repo.commit()
    repo.tag("churn@v1.0.0")
    url = "http://bitbucket.invalid/o/r"
    with GitServer(srv) as server:
        server.mount = "http://bitbucket.invalid"  # as a proxy is asked
        configure(clone, f"http.{url}.proxy", f"{server.url.removesuffix(server.mount)}/")
        assert names_of(Remote(url), settings_of(clone)) == ["churn@v1.0.0"]
    assert {request.path.partition("/info")[0] for request in server.requests[:1]} == {url}


@pytest.mark.parametrize("user", ["x-access-token", "gitlab-ci-token", "x-token-auth"])
def test_a_token_goes_alone_and_has_its_user(user: str, clone: Path, repo: Repo, srv: Path) -> None:
    """Another header, in the clone's configuration or in the user's own, would be refused beside it."""
    repo.commit()
    repo.tag("churn@v1.0.0")
    with GitServer(srv, token="s3cret", user=user) as server:
        configure(clone, f"http.{server.url}/.extraheader", basic("old", "other"))
        configure(clone, "credential.helper", "!exit 1")
        configure(clone, "http.lowspeedtime", "29")
        subprocess.run(
            ["git", "config", "--global", f"http.{server.url}/.extraheader", basic("old", "another")], check=True
        )
        remote = Remote(f"{server.url}/o/r", "s3cret", token_user=user)
        settings = for_token(settings_of(clone), remote.url)
        assert settings == (("http.lowspeedtime", "29"), (f"http.{remote.url}.extraheader", ""))
        assert names_of(remote, settings) == ["churn@v1.0.0"]
        assert {len(request.authorizations) for request in server.requests} == {1}


@pytest.mark.parametrize(
    "name",
    [
        "url.https://evil.example/.insteadof",
        "http.proxy",
        "http.https://git.example.com/.proxy",
        "http.sslverify",
        "http.sslcainfo",
        "http.curloptresolve",
        "http.cookiefile",
        "core.sshcommand",
    ],
)
def test_a_systems_own_token_is_led_nowhere(name: str) -> None:
    settings = ((name, "x"), ("http.lowspeedtime", "29"))
    cleared = ("http.https://git.example.com/o/r.extraheader", "")
    assert for_token(settings, "https://git.example.com/o/r", own=True) == (("http.lowspeedtime", "29"), cleared)


def test_the_wrong_user_is_refused(repo: Repo, srv: Path) -> None:
    repo.commit()
    with (
        GitServer(srv, token="s3cret", user="gitlab-ci-token") as server,
        pytest.raises(RemoteError, match="refused the token"),
    ):
        names_of(Remote(f"{server.url}/o/r", "s3cret"))
