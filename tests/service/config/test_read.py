"""The configuration: every key is a row, and so is every rejection, with its line."""

import base64
from pathlib import Path

import pytest

from gto_action.errors import InputError
from gto_action.job.values import Lightweight, Since
from gto_action.service.config.read import duration, parse_settings, read_settings
from gto_action.service.config.secrets import Secret, Vault, parse_secret
from gto_action.service.config.settings import (
    CommandTarget,
    DispatchTarget,
    Hook,
    HttpTarget,
    PipelineTarget,
    Provider,
    Settings,
    Start,
)
from gto_action.service.config.toml_table import TomlText
from gto_action.service.rules.retries import Retry, Then

LEAST = """\
database = "sqlite:////var/lib/gto-action/serve.db"
[repositories.models]
url = "https://github.com/acme/models"
"""
WHOLE = """\
database = "env:DATABASE_URL"
listen = "0.0.0.0:80"
admin = "[::1]:9090"
keep = "7d"
grace = "5s"

[repositories.models]
url = "https://github.com/acme/models"
token = "file:/run/secrets/token"
token_user = "oauth2"
hook = { provider = "github", secrets = ["env:NEW", "env:OLD"] }
poll = "10m"
start = "7d"
lightweight = "accept"
timeout = "60s"

[sinks.http]
http = { url = "https://a.example/x", secrets = ["env:S"], timeout = "9s", headers = { x-key = "env:K" } }
events = ["assign*", "deleted"]
names = ["models:*"]
stages = ["prod", "prod/*"]
repositories = ["mod*"]
superseded = false
concurrency = 4
retry = { for = "1h", then = "skip" }

[sinks.script]
command = { argv = ["/opt/deploy", "-x"], environment = { TOKEN = "env:T" } }

[sinks.actions]
github_dispatch = { repository = "acme/deploy", token = "env:G" }

[sinks.pipeline]
gitlab_pipeline = { project = "acme/deploy", ref = "main", trigger_token = "env:P", url = "https://git.example" }
"""


def parsed(text: str) -> Settings:
    return parse_settings(TomlText("serve.toml", text))


def test_what_is_enough() -> None:
    settings = parsed(LEAST)
    (repository,) = settings.repositories
    assert (repository.poll, repository.start, repository.hook) == (300, Start.NOW, None)
    assert (settings.listen, settings.admin) == (("127.0.0.1", 8080), ("127.0.0.1", 9090))
    assert repository.lightweight is Lightweight.WARN


def test_every_key() -> None:
    settings = parsed(WHOLE)
    assert settings.database_secret == Secret("env:DATABASE_URL")
    assert (settings.listen, settings.admin) == (("0.0.0.0", 80), ("::1", 9090))  # noqa: S104 - read, not listened at
    (repository,) = settings.repositories
    assert repository.hook == Hook(provider=Provider.GITHUB, secrets=(Secret("env:NEW"), Secret("env:OLD")))
    assert (repository.poll, repository.start, repository.token_user) == (600, Since(7 * 86400), "oauth2")
    http, script, actions, pipeline = settings.sinks
    assert http.target == HttpTarget(
        url="https://a.example/x", secrets=(Secret("env:S"),), headers=(("x-key", Secret("env:K")),)
    )
    assert (http.timeout, http.superseded, http.concurrency, http.retry) == (9, False, 4, Retry(3600, Then.SKIP))
    assert (http.wanted.repositories, http.wanted.filters.stages) == (("mod*",), ("prod", "prod/*"))
    assert script.target == CommandTarget(argv=("/opt/deploy", "-x"), environment=(("TOKEN", Secret("env:T")),))
    assert script.timeout == 600
    assert actions.target == DispatchTarget(repository="acme/deploy", token=Secret("env:G"))
    assert isinstance(pipeline.target, PipelineTarget)
    assert pipeline.target.url == "https://git.example"


@pytest.mark.parametrize(
    ("old", "new", "line", "says"),
    [
        ('poll = "10m"', 'pol = "10m"', 12, "the key 'pol' in [repositories.models] is unknown"),
        ("[sinks.http]", "[sink.http]", 17, "the key 'sink' is unknown"),
        ('then = "skip"', 'them = "skip"', 25, "the key 'them' in [sinks.http.retry] is unknown"),
        ('poll = "10m"', "poll = 10", 12, "'poll' must be a text"),
        ('poll = "10m"', 'poll = "10"', 12, "'10' is not a duration. Use one such as '30s'"),
        ('poll = "10m"', 'poll = "0s"', 12, "'0s' is not a duration"),
        ('start = "7d"', 'start = "later"', 13, "it cannot be 'later'"),
        ('lightweight = "accept"', 'lightweight = "fail"', 14, "it cannot be 'fail'"),
        ('provider = "github"', 'provider = "hub"', 11, "'hub' is no provider"),
        ('secrets = ["env:NEW", "env:OLD"]', "secrets = []", 11, "there is no secret, so anybody could send hooks"),
        ('secrets = ["env:NEW", "env:OLD"]', 'secrets = ["hunter2"]', 11, "a secret is written 'env:NAME'"),
        ('secrets = ["env:NEW", "env:OLD"]', "secrets = [7]", 11, "'secrets' must be a list of texts"),
        ('url = "https://github.com/acme/models"', 'url = "acme/models"', 8, "'acme/models' is not an address"),
        ('url = "https://github.com/acme/models"', 'url = "https://a:b@github.com/acme/models"', 8, "has a user or a password"),
        ('url = "https://github.com/acme/models"', 'url = "ext::sh -c id"', 8, "'ext::sh -c id' is not an address"),
        ('url = "https://github.com/acme/models"', 'url = "ext::id"', 8, "'ext::id' would run a program"),
        ('url = "https://github.com/acme/models"', 'url = "fd::17/x"', 8, "would run a program"),
        ('url = "https://github.com/acme/models"', 'url = "http::https://a.example/x"', 8, "would run a program"),
        ('url = "https://github.com/acme/models"', 'url = "s3://bucket/x"', 8, "would run a program"),
        ('url = "https://github.com/acme/models"', 'url = "--upload-pack=id"', 8, "is not an address"),
        ('url = "https://github.com/acme/models"', 'url = "-u:id"', 8, "is not an address"),
        ('url = "https://github.com/acme/models"', 'url = "ssh://-oProxyCommand=id/x"', 8, "is not an address"),
        ('url = "https://github.com/acme/models"', 'url = "-oProxyCommand=id:x"', 8, "is not an address"),
        ('url = "https://github.com/acme/models"', 'url = "git@-oProxyCommand=id:x"', 8, "is not an address"),
        ('url = "https://github.com/acme/models"', 'url = "https://a.example/x\\n"', 8, "is not an address"),
        ('url = "https://github.com/acme/models"', 'url = "https://a.example/\\u0000"', 8, "is not an address"),
        ('url = "https://github.com/acme/models"', 'url = "https://a.example/x?token=hunter2"', 8, "a query or a fragment"),
        ('url = "https://github.com/acme/models"', 'url = "s3://ada:hunter2@a.example/x"', 8, "'s3://a.example/x' would run a program"),
        ('url = "https://github.com/acme/models"', 'url = "http://github.com/acme/models"', 9, "a token is sent over https:// only"),
        ("[repositories.models]\n", "[repositories.'a/b']\n", 7, "the name 'a/b' cannot be used"),
        ('listen = "0.0.0.0:80"', 'listen = "80"', 2, "'80' is not an address to listen at"),
        ('listen = "0.0.0.0:80"', 'listen = "0.0.0.0:65536"', 2, "'0.0.0.0:65536' is not an address to listen at"),
        ('listen = "0.0.0.0:80"', 'listen = "[::1]:9090"', 3, "cannot be the same address"),
        ('database = "env:DATABASE_URL"', 'database = "sqlite:///serve.db"', 1, "its path is not absolute"),
        ('database = "env:DATABASE_URL"', 'database = "postgresql://u:p@h/d"', 1, "it has a password"),
        ('database = "env:DATABASE_URL"', 'database = "postgresql://h/d?PassWord=p"', 1, "it has a password"),
        ('database = "env:DATABASE_URL"', 'database = "mysql://h/d"', 1, "a secret is written"),
        ('database = "env:DATABASE_URL"', "", 1, "'database' is missing"),
        ('"https://a.example/x"', '"http://a.example/x"', 18, "can be read by others on its way"),
        ('"https://a.example/x"', '"ftp://a.example/x"', 18, "is not an address"),
        ('"https://a.example/x"', '"https://u:p@a.example/x"', 18, "has a user or a password"),
        ('"https://a.example/x"', '"https://a.example:0x50/"', 18, "is not an address"),
        ('"https://a.example/x"', '"https://a.example/x\\r\\nx: y"', 18, "is not an address. Write other characters as %XX."),
        ('"https://a.example/x"', '"http://127.0.0.1\\\\.b.example/x"', 18, "is not an address"),
        ('"https://a.example/x"', '"http://127.0.0.1\\n.b.example/x"', 18, "is not an address"),
        ('"https://a.example/x"', '"http://127.0.0.1:80@b.example/x"', 18, "has a user or a password"),
        ('"https://a.example/x"', '"http://127.0.0.1.b.example/x"', 18, "can be read by others on its way"),
        ('"https://a.example/x"', '"http://127.1/x"', 18, "can be read by others on its way"),
        ('"https://a.example/x"', '"http://0.0.0.0/x"', 18, "can be read by others on its way"),
        ('"https://a.example/x"', '"http://[::ffff:169.254.169.254]/latest"', 18, "can be read by others on its way"),
        ('"https://a.example/x"', '"http://a.example/x?token=hunter2"', 18, "'http://a.example/x' can be read by others on its way"),
        ('"https://a.example/x"', '"htps://ada:hunter2@a.example/x"', 18, "has a user or a password"),
        ('"https://a.example/x"', '"https://[a.example/x?hunter2"', 18, "is not an address"),
        ('"https://a.example/x"', '"file:///etc/passwd"', 18, "is not an address"),
        ('"https://a.example/x"', '"gopher://a.example/x"', 18, "is not an address"),
        ('"/opt/deploy", "-x"', '"/opt/deploy", "\\u0000"', 28, "has a NUL, which no program can be given"),
        ("x-key =", "webhook-id =", 18, "the header 'webhook-id' cannot be set"),
        ('events = ["assign*", "deleted"]', 'events = ["assigned"]', 19, "'events' has 'assigned', which matches no event"),
        ('names = ["models:*"]', 'names = ["a b"]', 20, "matches no artifact"),
        ('stages = ["prod", "prod/*"]', 'stages = ["prod!"]', 21, "matches no stage"),
        ("superseded = false", 'superseded = "no"', 23, "'superseded' must be true or false"),
        ("concurrency = 4", "concurrency = true", 24, "'concurrency' must be a whole number"),
        ("concurrency = 4", "concurrency = 0", 24, "'concurrency' cannot be 0"),
        ('then = "skip"', 'then = "wait"', 25, "it cannot be 'wait'"),
        ('"/opt/deploy", "-x"', '"deploy"', 28, "'argv' must begin with the absolute path of a program"),
        ("TOKEN =", "GTO_TOKEN =", 28, "the variable 'GTO_TOKEN' cannot be set"),
        ("command = { argv", 'http = { url = "https://b.example", secrets = ["env:S"] }\ncommand = { argv', 27, "has 2 targets"),
        ('repository = "acme/deploy"', 'repository = "deploy"', 31, "'deploy' is not a repository"),
        ('token = "env:G"', 'token = "ghp_x"', 31, "a secret is written"),
        ('project = "acme/deploy", ', "", 34, "'project' is missing in [sinks.pipeline.gitlab_pipeline]"),
    ],
    ids=lambda value: str(value)[:50],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(old: str, new: str, line: int, says: str) -> None:
    assert old in WHOLE
    with pytest.raises(InputError) as raised:
        parsed(WHOLE.replace(old, new, 1))
    assert raised.value.message.startswith(f"serve.toml:{line}: ")
    assert says in str(raised.value)
    assert "hunter2" not in str(raised.value)


def test_no_toml_no_file_and_no_repository(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"serve\.toml is not TOML: .*line 1"):
        parsed("database = x\n")
    with pytest.raises(InputError, match="there is no repository"):
        parsed(LEAST.partition("[")[0])
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_settings(tmp_path / "serve.toml")


def test_the_line_of_a_value_over_several_lines_is_its_first() -> None:
    text = LEAST + '\n[sinks.x]\n# a sink\nhttp = { url = "https://a.example", secrets = [\n  "env:A",\n  "b",\n] }\n'
    with pytest.raises(InputError, match=r"^serve\.toml:7: "):
        parsed(text)


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "-5m", "5w", "٣m", "5m\n", "1234567m"])
def test_what_is_no_duration(text: str) -> None:
    with pytest.raises(InputError, match="is not a duration"):
        duration(text)


@pytest.mark.parametrize("text", ["", "env:", "file:relative", "ghp_secret", "ENV:X", "file:"])
def test_what_is_no_place_of_a_secret(text: str) -> None:
    with pytest.raises(InputError, match="a secret is written") as raised:
        parse_secret(text)
    assert not text or text not in str(raised.value).replace("'env:NAME' or 'file:/PATH'", "")


def test_secrets_are_read_again_and_the_old_ones_stay_hidden(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("first-secret\n")
    secret, vault = Secret(f"file:{file}"), Vault({})
    vault.take(vault.fresh([secret]))
    assert vault[secret] == "first-secret"
    file.write_text("second-secret")
    vault.take(vault.fresh([secret]))
    assert vault[secret] == "second-secret"
    assert vault.hide("first-secret and second-secret") == "*** and ***"
    file.write_text("")
    with pytest.raises(InputError, match="is empty or not set"):
        vault.fresh([secret])
    assert vault[secret] == "second-secret"


SPELLED = 'a+b/c d"e'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('no such key: a+b/c d"e!', "no such key: ***!"),
        ("token=a%2Bb%2Fc%20d%22e&x", "token=***&x"),
        ("token=a%2Bb%2Fc+d%22e&x", "token=***&x"),
        ('{"token": "a+b/c d\\"e"}', '{"token": "***"}'),
        ("first line of a key", "*** of a key"),
        ("second line", "***"),
        ("s3cr3t-of-the-address", "***-of-the-address"),
        ("stage prod, try 1", "stage prod, try 1"),
    ],
    ids=["as it is", "in a path", "in a form", "in JSON", "a line", "another line", "a password", "short ones"],
)
def test_secrets_are_hidden_however_they_come_back(text: str, expected: str) -> None:
    address = "postgresql://gto:s3cr3t@h/d"
    variables = {"A": SPELLED, "B": "first line\nsecond line\n", "C": address, "D": "prod", "E": "1"}
    secrets, vault = [Secret(f"env:{name}") for name in variables], Vault(variables)
    vault.take(vault.fresh(secrets))
    assert vault.hide(text) == expected


@pytest.mark.parametrize("before", range(6))
@pytest.mark.parametrize("after", range(3))
def test_a_secret_in_base64_is_hidden_wherever_it_begins(before: int, after: int) -> None:
    """As in the header with a user and a password, which a server may send back."""
    vault = Vault({"A": SPELLED})
    vault.take(vault.fresh([Secret("env:A")]))
    for more in range(40):
        header = base64.b64encode(b"u" * before + SPELLED.encode() + b"v" * (after + more)).decode()
        hidden = vault.hide(header)
        assert hidden.startswith(header[: before * 8 // 6])
        rest = "".join(hidden.partition("***")[::2])
        assert "***" in hidden
        assert len(header) - len(rest) >= len(SPELLED) * 8 // 6 - 2


@pytest.mark.parametrize("length", range(6, 20))
def test_half_a_secret_at_the_end_of_what_was_cut_is_hidden(length: int) -> None:
    vault = Vault({"A": "0123456789abcdefghij"})
    vault.take(vault.fresh([Secret("env:A")]))
    assert vault.hide("it was 0123456789abcdefghij"[: 7 + length], is_cut=True) == "it was ***"


def test_a_secret_that_is_no_text(tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(b"\xff\xfe")
    for vault, secret in ((Vault({}), f"file:{file}"), (Vault({"A": "a\udcff"}), "env:A")):
        with pytest.raises(InputError, match="it is not UTF-8"):
            vault.fresh([Secret(secret)])
