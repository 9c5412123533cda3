"""What `tools/release.py` lets through, and what it makes: on repositories of the tests' own, with no registry."""

import hashlib
import json
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import ClassVar, Final

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from gto_action.published import IMAGE, REPOSITORY
from tests.support.actions import ACTIONS
from tests.support.pages import ROOT
from tools import release
from tools.release_texts import ReleaseError, key_of, moving, notes, releases_of

DIGEST: Final = f"sha256:{'0123456789abcdef' * 4}"
TODAY: Final = datetime.now(UTC).date()
CHANGELOG: Final = f"# Changelog\n\n## [Unreleased]\n\n## [3.0.0] - {TODAY}\n\n### Added\n\n- All.\n"
FILES: Final = {
    **{str(action.file.relative_to(ROOT)): action.file.read_text() for action in ACTIONS},
    "CHANGELOG.md": CHANGELOG,
    "gto_action/__init__.py": '__version__ = "3.0.0"\n',
    "README.md": "A page.\n",
}


class Clone:
    """A clone of the project, as small as will do."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "-q", "-b", "main")
        self.commit(FILES)

    def git(self, *arguments: str) -> str:
        identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
        command = ["git", *identity, *arguments]
        done = subprocess.run(command, cwd=self.folder, check=True, capture_output=True, text=True, timeout=120)
        return done.stdout.strip()

    def write(self, files: dict[str, str]) -> None:
        for name, text in files.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_text(text)

    def commit(self, files: dict[str, str]) -> str:
        self.write(files)
        self.git("add", "--all")
        self.git("commit", "-q", "--allow-empty", "-m", "A change")
        return self.git("rev-parse", "HEAD")


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Clone:
    clone = Clone(tmp_path / "clone")
    monkeypatch.chdir(clone.folder)
    return clone


Said = tuple[int, str, str]


@pytest.fixture
def run(clone: Clone, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """Runs a command; gives its exit code, what it prints and what it complains of."""

    def run(*arguments: str) -> Said:
        code = release.main([*arguments, "--main", "main", "--no-registry"])
        return (code, *capsys.readouterr())

    return run


def released(clone: Clone, run: Callable[..., Said], version: str = "3.0.0") -> str:
    """Makes a release of HEAD and its tag, as the workflow does."""
    code, made, complaint = run("commit", DIGEST)
    assert (code, complaint) == (0, "")
    clone.git("tag", f"v{version}", made.strip())
    return made.strip()


def test_a_commit_that_is_ready(clone: Clone, run: Callable[..., Said]) -> None:
    head = clone.git("rev-parse", "HEAD")
    assert run("check", "3.0.0") == (0, f"{head} can be released as 3.0.0.\n", "")


def dirty(clone: Clone) -> None:
    clone.write({"README.md": "Another page.\n"})


def untracked(clone: Clone) -> None:
    clone.write({"new.py": ""})


def not_on_main(clone: Clone) -> None:
    clone.git("checkout", "-q", "-b", "other")
    clone.commit({"README.md": "Another page.\n"})


def changelog(old: str, new: str) -> Callable[[Clone], None]:
    def change(clone: Clone) -> None:
        assert old in CHANGELOG
        clone.commit({"CHANGELOG.md": CHANGELOG.replace(old, new)})

    return change


def tagged(name: str) -> Callable[[Clone], None]:
    return lambda clone: void(clone.git("tag", name))


def void(_: object) -> None:
    """Nothing."""


def with_image(clone: Clone) -> None:
    path = "catch-up/action.yml"
    clone.commit({path: FILES[path].replace("../Dockerfile", f"docker://{IMAGE}:v3.0.0@{DIGEST}")})


@pytest.mark.parametrize(
    ("change", "version", "sentence"),
    [
        pytest.param(dirty, "3.0.0", "The work tree is not clean: 'M README.md'. Commit it", id="dirty tree"),
        pytest.param(untracked, "3.0.0", "The work tree is not clean: '?? new.py'.", id="new file"),
        pytest.param(not_on_main, "3.0.0", "is not on main. Only a commit of main is released.", id="not on main"),
        pytest.param(void, "3.0.1", "gto_action/__init__.py has the version '3.0.0', not '3.0.1'.", id="wrong version"),
        pytest.param(void, "v3.0.0", "The version cannot be 'v3.0.0'. Write it as 3.0.0,", id="no version"),
        pytest.param(void, "3.0", "The version cannot be '3.0'.", id="half a version"),
        pytest.param(void, "3.0.0\n", "The version cannot be '3.0.0\\n'.", id="a line's end"),
        pytest.param(
            changelog(f"[3.0.0] - {TODAY}", "[2.0.0] - 2026-01-01"),
            "3.0.0",
            f"CHANGELOG.md has no section '## [3.0.0] - {TODAY}'.",
            id="no section",
        ),
        pytest.param(changelog("### Added\n\n- All.\n", ""), "3.0.0", "says nothing of 3.0.0.", id="empty section"),
        pytest.param(
            changelog("[Unreleased]\n", "[Unreleased]\n\n- One more.\n"),
            "3.0.0",
            "CHANGELOG.md still has '- One more.' under 'Unreleased'. Move it to 3.0.0.",
            id="unreleased",
        ),
        pytest.param(
            changelog(f" - {TODAY}", ""), "3.0.0", f"dates 3.0.0 ''. Write the day, such as {TODAY}.", id="no date"
        ),
        pytest.param(
            changelog(str(TODAY), str(TODAY + timedelta(days=2))), "3.0.0", "which is to come.", id="a day to come"
        ),
        pytest.param(tagged("v3.0.0"), "3.0.0", "The tag v3.0.0 is there. A release is never made again", id="tag"),
        pytest.param(tagged("v3.1.0"), "3.0.0", "3.0.0 is not after v3.1.0, which is released.", id="an older version"),
        pytest.param(
            with_image,
            "3.0.0",
            "catch-up/action.yml does not have one line 'image: ../Dockerfile'.",
            id="a digest on main",
        ),
    ],
)
def test_what_is_refused(
    clone: Clone, run: Callable[..., Said], change: Callable[[Clone], None], version: str, sentence: str
) -> None:
    change(clone)
    code, printed, complaint = run("check", version)
    assert (code, printed) == (1, "")
    assert sentence in complaint
    assert complaint.startswith("release: ")
    assert complaint.count("\n") == 1


def test_a_release_commit_differs_in_the_image_only(clone: Clone, run: Callable[..., Said]) -> None:
    head, before = clone.git("rev-parse", "HEAD"), clone.git("status", "--porcelain", "--branch")
    made = released(clone, run)
    assert clone.git("rev-parse", f"{made}^@") == head
    lines = clone.git("diff", "--unified=0", head, made).splitlines()
    assert [line for line in lines if re.match(r"[+-] ", line)] == [
        line
        for image in ("Dockerfile", *["../Dockerfile"] * (len(ACTIONS) - 1))
        for line in (f"-  image: {image}", f"+  image: docker://{IMAGE}:v3.0.0@{DIGEST}")
    ]
    for action in ACTIONS:
        contract = yaml.safe_load(clone.git("show", f"{made}:{action.file.relative_to(ROOT)}"))
        assert contract["runs"].pop("image") == f"docker://{IMAGE}:v3.0.0@{DIGEST}"
        runs = dict(action.contract["runs"])
        del runs["image"]
        assert contract == {**action.contract, "runs": runs}
    assert clone.git("status", "--porcelain", "--branch") == before
    assert clone.git("rev-parse", "HEAD") == head


def test_anybody_makes_the_same_commit(clone: Clone, run: Callable[..., Said], monkeypatch: pytest.MonkeyPatch) -> None:
    made = released(clone, run)
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Somebody else")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2001-01-01T00:00:00Z")
    clone.git("config", "commit.gpgSign", "true")
    clone.git("config", "core.autocrlf", "true")
    clone.git("config", "i18n.commitEncoding", "latin1")
    assert run("commit", DIGEST) == (0, f"{made}\n", "")


@pytest.mark.parametrize("digest", ["", "sha256:0", DIGEST[:-1], DIGEST.upper(), f"{DIGEST}\n  args: [x]", "v3.0.0"])
def test_what_is_no_digest_is_refused(run: Callable[..., Said], digest: str) -> None:
    assert run("commit", digest) == (1, "", f"release: The digest cannot be {digest!r}. It is sha256: and 64 digits.\n")


def test_a_release_is_verified(clone: Clone, run: Callable[..., Said]) -> None:
    head, made = clone.git("rev-parse", "HEAD"), released(clone, run)
    clone.git("tag", "v3", made)
    clone.git("tag", "-a", "-m", "moved by hand", "v3.0", made)
    code, printed, complaint = run("verify", "v3.0.0")
    assert (code, complaint) == (0, "")
    assert printed.splitlines() == [
        f"v3.0.0 is {made}, which is {head} of main with {IMAGE}@{DIGEST}, and nothing else.",
        "v3.0 is the same commit.",
        "v3 is the same commit.",
    ]


def forged(clone: Clone, made: str, files: dict[str, str]) -> None:
    """Moves the tag to another child of its parent."""
    clone.git("checkout", "-q", made)
    clone.write(files)
    clone.git("add", "--all")
    clone.git("commit", "-q", "--amend", "-m", "A change")
    clone.git("tag", "-f", "v3.0.0")
    clone.git("checkout", "-q", "main")


def more_files(clone: Clone, made: str) -> None:
    forged(clone, made, {"entrypoint.py": "evil\n"})


def another_input(clone: Clone, made: str) -> None:
    text = clone.git("show", f"{made}:action.yml")
    forged(clone, made, {"action.yml": text.replace("default: fail", "default: accept") + "\n"})


def another_image(clone: Clone, made: str) -> None:
    forged(
        clone,
        made,
        {"action.yml": FILES["action.yml"].replace("image: Dockerfile", "image: docker://evil/image:v3.0.0")},
    )


def two_images(clone: Clone, made: str) -> None:
    text = clone.git("show", f"{made}:deployment/action.yml")
    forged(clone, made, {"deployment/action.yml": text.replace(DIGEST, DIGEST[:-1] + "0") + "\n"})


def another_author(clone: Clone, made: str) -> None:
    forged(clone, made, {})


def a_branch_of_its_own(clone: Clone, made: str) -> None:
    clone.git("reset", "-q", "--hard", clone.git("commit-tree", "-m", "A new main", "HEAD^{tree}"))


def a_branch_of_its_name(clone: Clone, made: str) -> None:
    clone.git("update-ref", "refs/remotes/origin/v3", made)


def no_parent(clone: Clone, made: str) -> None:
    clone.git("tag", "-f", "v3.0.0", clone.git("commit-tree", "-m", "Alone", f"{made}^{{tree}}"))


def older_v3(clone: Clone, made: str) -> None:
    clone.git("tag", "v3.0", made)
    clone.git("tag", "v3", f"{made}^")


def no_v3(clone: Clone, made: str) -> None:
    clone.git("tag", "v3.0", made)


def no_moving_tag(clone: Clone, made: str) -> None:
    """Nothing: the release has its own tag."""


def replaced_parent(clone: Clone, made: str) -> None:
    """Somebody's clone has main in place of another history."""
    other = clone.git("commit-tree", "-m", "A new main", "HEAD^{tree}")
    clone.git("replace", "--graft", other, clone.git("rev-parse", "main"))
    clone.git("reset", "-q", "--hard", other)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (more_files, "v3.0.0 changes 'entrypoint.py'. A release changes the image of the actions only."),
        (another_input, ", but the release commit of "),
        (another_image, f"v3.0.0:action.yml does not name {IMAGE}:v3.0.0 with a digest."),
        (two_images, ", but the release commit of "),
        (another_author, ", but the release commit of "),
        (a_branch_of_its_own, "is not on main."),
        (a_branch_of_its_name, "There is a branch v3, too, which '@v3' could mean. Delete it."),
        (no_parent, "v3.0.0 has 0 parents. A release commit has one."),
        (older_v3, "which is the newest release of its line."),
        (no_v3, "v3 is absent, not "),
        (no_moving_tag, "v3.0 is absent, not "),
        (replaced_parent, "is not on main."),
    ],
)
def test_a_release_that_is_not_what_it_says_is_named(
    clone: Clone, run: Callable[..., Said], change: Callable[[Clone, str], None], sentence: str
) -> None:
    change(clone, released(clone, run))
    code, _, complaint = run("verify", "v3.0.0")
    assert code == 1
    assert sentence in complaint
    assert complaint.count("\n") == 1


@pytest.mark.parametrize("main", ["main", "origin/main"])
def test_a_tag_is_never_main(clone: Clone, capsys: pytest.CaptureFixture[str], main: str) -> None:
    """Whoever may push tags may push one of that name, which git would take for the branch."""
    clone.git("update-ref", "refs/remotes/origin/main", "main")
    clone.git("checkout", "-q", "--detach")
    evil = clone.commit({"entrypoint.py": "evil\n"})
    clone.git("tag", main, evil)
    where = ["--main", main, "--no-registry"]
    assert release.main(["check", "3.0.0", *where]) == 1
    assert release.main(["commit", DIGEST, *where]) == 0
    clone.git("tag", "v3.0.0", capsys.readouterr().out.strip())
    assert release.main(["verify", "v3.0.0", *where]) == 1
    said = f"release: {evil} is not on {main}. Only a commit of main is released.\n"
    assert capsys.readouterr() == ("", said)


def test_a_clone_without_main_is_named(clone: Clone, capsys: pytest.CaptureFixture[str]) -> None:
    assert release.main(["check", "3.0.0", "--no-registry"]) == 1
    assert capsys.readouterr().err == (
        "release: There is no branch origin/main in this clone. Fetch it, or name it with --main.\n"
    )
    clone.git("tag", "origin/main")
    assert release.main(["check", "3.0.0", "--no-registry"]) == 1


def test_a_tag_that_is_not_there_is_named(run: Callable[..., Said]) -> None:
    assert run("verify", "v3.0.0") == (1, "", "release: There is no tag 'v3.0.0' in this clone. Fetch the tags.\n")


class Closed(BaseHTTPRequestHandler):
    """A registry that shows nobody a certain image, as `ghcr.io` says of one that is not there yet."""

    token: ClassVar[int]
    """What it answers to who asks for a token; 200 gives one that is then refused."""

    def do_GET(self) -> None:
        asks_for_a_token = self.path.startswith("/token?")
        self.send_response(self.token if asks_for_a_token else 403 if "Authorization" in self.headers else 401)
        host = self.headers["Host"]
        self.send_header("WWW-Authenticate", f'Bearer realm="http://{host}/token",service="{host}"')
        self.end_headers()
        self.wfile.write(b'{"token": "anonymous"}' if asks_for_a_token and self.token == HTTPStatus.OK else b"{}")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture(params=[401, 403, 200])
def closed(request: pytest.FixtureRequest) -> Iterator[str]:
    """An image of such a registry."""
    kind = type("Registry", (Closed,), {"token": request.param})
    with ThreadingHTTPServer(("127.0.0.1", 0), kind) as server:
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}/gto-action/gto-action"
        server.shutdown()


def test_the_first_release_can_be_made(clone: Clone, closed: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Its image is not there yet, and a registry says of that what it says of a private one."""
    code = release.main(["check", "3.0.0", "--main", "main", "--image", closed])
    printed, complaint = capsys.readouterr()
    assert (code, printed) == (0, f"{clone.git('rev-parse', 'HEAD')} can be released as 3.0.0.\n")
    assert complaint.endswith("It is private, or the first release makes it: docs/release.md.\n")
    assert complaint.count("\n") == 1


def test_who_verifies_has_to_see_the_image(clone: Clone, closed: str, capsys: pytest.CaptureFixture[str]) -> None:
    where = ["--main", "main", "--image", closed]
    assert release.main(["commit", DIGEST, *where]) == 0
    made = capsys.readouterr().out.strip()
    for name in ("v3.0.0", "v3.0", "v3"):
        clone.git("tag", name, made)
    assert release.main(["verify", "v3.0.0", *where]) == 1
    assert re.search(r"^release: .*(gives nobody a token|answers 403)", capsys.readouterr().err)


INDEX: Final = {"manifests": [{"platform": {"os": "linux", "architecture": "amd64"}, "digest": DIGEST}]}


class Named(BaseHTTPRequestHandler):
    """A registry that has one image under every name that was given away, and for every digest."""

    body: ClassVar[bytes] = json.dumps(INDEX).encode()
    names: ClassVar[tuple[str, ...]]

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        found = name in self.names or name.startswith("sha256:")
        self.send_response(200 if found else 404)
        self.end_headers()
        self.wfile.write(self.body if found else b"{}")

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@contextmanager
def named(*names: str) -> Iterator[str]:
    """An image of such a registry."""
    with ThreadingHTTPServer(("127.0.0.1", 0), type("Registry", (Named,), {"names": names})) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{server.server_port}/gto-action/gto-action"
        server.shutdown()


THAT: Final = f"sha256:{hashlib.sha256(Named.body).hexdigest()}"


@pytest.mark.parametrize(
    ("names", "digest", "taken"),
    [
        ((), "", ""),
        (("v2.9.9", "v3.0.0-rc.1-cli"), "", ""),
        (("v3.0.0",), "", "v3.0.0"),
        (("v3.0.0-cli",), "", "v3.0.0-cli"),
        (("v3.0.0-dvc",), "", "v3.0.0-dvc"),
        (("v3.0.0",), THAT, ""),
        (("v3.0.0",), DIGEST, "v3.0.0"),
    ],
)
def test_a_name_that_somebody_has_given_away_is_not_taken(
    clone: Clone, capsys: pytest.CaptureFixture[str], names: tuple[str, ...], digest: str, taken: str
) -> None:
    """Once more before it is published, when the image may have its own name from an attempt that failed."""
    with named(*names) as image:
        code = release.main(["check", "3.0.0", "--main", "main", "--image", image, "--digest", digest])
    said = capsys.readouterr().err
    assert (code, said) == (
        (1, f"release: The image {image}:{taken} is there, as {THAT}. Take another version.\n") if taken else (0, "")
    )


def test_a_registry_that_answers_with_another_image_is_named(clone: Clone, capsys: pytest.CaptureFixture[str]) -> None:
    with named() as image:
        where = ["--main", "main", "--image", image]
        assert release.main(["commit", DIGEST, *where]) == 0
        made = capsys.readouterr().out.strip()
        for name in ("v3.0.0", "v3.0", "v3"):
            clone.git("tag", name, made)
        assert release.main(["verify", "v3.0.0", *where]) == 1
        assert f"{image} has something else for {DIGEST}: its content has another digest." in capsys.readouterr().err
        # And where the index is what it has to be, and what it names is not.
        for name in ("v3.0.0", "v3.0", "v3"):
            clone.git("tag", "--delete", name)
        assert release.main(["commit", THAT, *where]) == 0
        made = capsys.readouterr().out.strip()
        for name in ("v3.0.0", "v3.0", "v3"):
            clone.git("tag", name, made)
        assert release.main(["verify", "v3.0.0", *where]) == 1
        assert f"{image} has something else for {DIGEST}: its content has another digest." in capsys.readouterr().err


def test_the_notes_are_those_of_the_changelog(run: Callable[..., Said]) -> None:
    assert run("notes", "3.0.0") == (0, "### Added\n\n- All.\n", "")


def test_the_changelog_of_the_project_is_read() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    with pytest.raises(ReleaseError, match=r"CHANGELOG\.md has no section '## \[99\.0\.0\]"):
        notes(text, "99.0.0", TODAY)


@pytest.mark.parametrize(
    ("version", "there", "moved"),
    [
        ("3.0.0", "", "v3.0 v3"),
        ("3.0.0-rc.1", "", ""),
        ("3.0.1", "v3.0.0", "v3.0 v3"),
        ("3.1.0", "v3.0.0 v3.0.9", "v3.1 v3"),
        ("3.0.1", "v3.0.0 v3.1.0", "v3.0"),
        ("3.0.1", "v3.0.2", ""),
        ("3.1.0", "v3.2.0-rc.1", "v3.1 v3"),
        ("2.9.9", "v3.0.0", "v2.9 v2"),
        ("3.10.0", "v3.9.0", "v3.10 v3"),
        ("3.9.0", "v3.10.0", "v3.9"),
        ("3.0.1", "v3 v3.0 churn@v9.0.0 v3.0.2x", "v3.0 v3"),
    ],
)
def test_what_moves(version: str, there: str, moved: str) -> None:
    assert moving(version, releases_of(there.split())) == moved.split()


numbers = st.integers(0, 12)
versions = st.builds(
    lambda core, candidate: ".".join(map(str, core)) + (f"-rc.{candidate}" if candidate else ""),
    st.tuples(st.integers(2, 4), numbers, numbers),
    st.one_of(st.none(), st.integers(1, 3)),
)


@given(st.lists(versions, unique=True))
def test_no_tag_ever_goes_back(order: list[str]) -> None:
    """Whatever is released in whatever order, each moving tag is at the greatest release of its line so far."""
    made: dict[str, tuple[int, int, int, bool, int]] = {}
    tags: dict[str, str] = {}
    for version in order:
        made[version] = key_of(version)
        tags |= dict.fromkeys(moving(version, made), version)
        final = [each for each in made if "-" not in each]
        for tag in {f"v{each.rpartition('.')[0]}" for each in final} | {f"v{each.partition('.')[0]}" for each in final}:
            line = [each for each in final if f"v{each}.".startswith(f"{tag}.")]
            assert tags[tag] == max(line, key=key_of)
    assert all("-" not in each for each in tags.values())


def test_a_mirror_is_made_as_the_page_says(tmp_path: Path) -> None:
    """docs/release.md, command by command: under another name it is the same image, of the same commit."""
    upstream = Clone(tmp_path / "upstream")
    for name in ("gto_action/published.py", *(f"tools/{each.name}" for each in (ROOT / "tools").glob("*.py"))):
        upstream.write({name: (ROOT / name).read_text()})
    main = upstream.commit({".gitignore": "__pycache__/\n"})
    for name in ("v3.0.0", "v3.0", "v3"):
        made = upstream.git("commit-tree", "-p", "main", "-m", name, "main^{tree}")
        upstream.git("tag", name, made)  # what is in it does not matter here
    subprocess.run(["git", "clone", "-q", upstream.folder, tmp_path / "clone"], check=True, timeout=60)
    subprocess.run(["git", "init", "-q", "--bare", "-b", "main", tmp_path / "mirror.git"], check=True, timeout=60)

    blocks = re.findall(r"^ *```\n(.*?)^ *```", (ROOT / "docs/release.md").read_text(), re.MULTILINE | re.DOTALL)
    (script,) = (block for block in blocks if "commit=$(" in block)
    script = script.replace("sha256:…", DIGEST).replace(
        f"https://github.example/{REPOSITORY}", str(tmp_path / "mirror.git")
    )
    verify = "python3 tools/release.py --image registry.example/gto-action verify v3.0.0"
    assert f"`{verify}`" in (ROOT / "docs/release.md").read_text()

    def run(script: str, folder: str) -> str:
        command = ["bash", "-euo", "pipefail", "-c", script]
        done = subprocess.run(command, cwd=tmp_path / folder, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    run(script, "clone")
    subprocess.run(["git", "clone", "-q", tmp_path / "mirror.git", tmp_path / "their"], check=True, timeout=60)
    said = run(f"{verify} --no-registry", "their").splitlines()
    assert said[0].endswith(
        f"which is {main} of origin/main with registry.example/gto-action@{DIGEST}, and nothing else."
    )
    assert said[1:] == ["v3.0 is the same commit.", "v3 is the same commit."]
