"""Tags that GTO did not make."""

import re
import time

import pytest

from tests.support.action import EMPTY, Action
from tests.support.churn import DVC_YAML
from tests.support.repo import Repo


def test_a_lightweight_tag(registry: Repo, action: Action) -> None:
    commit = registry.lightweight("churn@v4.0.0", "churn@v3.0.0")
    fail = action("refs/tags/churn@v4.0.0")
    assert (fail.code, fail.outputs) == (1, None)
    command = (
        f"GIT_COMMITTER_DATE='@10 +0000' git tag -a -f -m MESSAGE churn@v4.0.0 {commit[:12]} && git push --force origin"
    )
    assert re.search(f"is lightweight, .*'accept'.*{re.escape(command)} refs/tags/churn@v4.0.0$", fail.told("error")[0])
    warn = action("refs/tags/churn@v4.0.0", INPUT_LIGHTWEIGHT="warn")
    assert (warn.code, warn.outputs) == (0, EMPTY)
    assert "is lightweight" in warn.told("warning")[0]
    accept = action("refs/tags/churn@v4.0.0", INPUT_LIGHTWEIGHT="accept")
    assert accept.document["event"] == "registration"
    assert (accept.document["author"], accept.document["created_at"]) == ("Ada Lovelace", "1970-01-01T00:00:10+00:00")
    strict = action("refs/tags/churn@v4.0.0", INPUT_LIGHTWEIGHT="warn", INPUT_STRICT="true")
    assert (strict.code, strict.outputs) == (1, None)
    other = action("refs/tags/churn@v3.0.0")
    assert "'churn@v4.0.0'" in other.told("warning")[0]


def test_odd_tags_are_answered(repo: Repo, action: Action) -> None:
    """Each of these makes every command of gto's die (R5, R9, R10, R12)."""
    commit = repo.commit({"dvc.yaml": DVC_YAML}, time=5)
    repo.tag("churn@v1.0.0", time=10, inner_name="another")
    repo.tag("churn@v2.0.0", tagger="")
    repo.tag("churn@v3.0.0", tagger="<ada@example.com> 12 +0200")
    repo.tag(
        "churn@v4.0.0", tagger="Ad\xe9 <a@example.com> 13 +0000".encode("latin-1"), message="caf\xe9".encode("latin-1")
    )
    repo.tag("churn@v5.0.0", "churn@v4.0.0", kind="tag", time=14)
    repo.tag("churn@v6.0.0", "churn@v5.0.0", kind="tag", time=15)
    repo.tag("churn@v7.0.0", "main^{tree}", kind="tree", time=16)
    repo.tag("churn@created", time=17)
    repo.tag("churn@v9.0.0", tagger=b"A\rda <a\r@example.com> 19 +0000", inner_name="x\ry", message="a\rb")
    repo.tag("before", tagger="Ada <ada@example.com> -50 +0000")
    repo.tag("churn@v8.0.0", message="signed\n-----BEGIN PGP SIGNATURE-----\n\nx\n-----END PGP SIGNATURE-----", time=18)
    found = {n: action(f"refs/tags/churn@v{n}.0.0") for n in range(1, 10)}
    assert [found[n].code for n in range(1, 10)] == [0, 0, 0, 0, 0, 0, 1, 0, 0]
    assert {found[n].document["sha"] for n in (1, 2, 3, 4, 5, 6, 8, 9)} == {commit}
    assert (found[9].document["author"], found[9].document["message"]) == ("A\rda", "a\rb")
    assert [found[n].document["created_at"] for n in (2, 3)] == ["", "1970-01-01T02:00:12+02:00"]
    assert (found[4].document["author"], found[4].document["message"]) == ("Ad\ufffd", "caf\ufffd")
    assert found[8].document["message"] == "signed"
    assert "'churn@v1.0.0 (inside: another)'" in "".join(found[1].told("warning"))
    assert "points to a tree" in found[7].told("error")[0]


def test_a_tag_dated_in_the_future_is_warned_of(repo: Repo, action: Action) -> None:
    """GTO goes by the dates of tags, so that for a year nothing supersedes it: that is not to be silent."""
    now = int(time.time())
    repo.tag("churn@v1.0.0", repo.commit({"file": "1"}, time=1), time=10)
    repo.tag("churn@v2.0.0", repo.commit({"file": "2"}, time=2), time=20)
    repo.tag("churn#prod#1", "churn@v1.0.0^{}", time=now + 400 * 86_400)
    repo.tag("churn#prod#2", "churn@v2.0.0^{}", time=now)
    run = action("refs/tags/churn#prod#2")
    assert run.outputs
    assert (run.outputs["is-current"], run.outputs["current-version"]) == ("false", "v1.0.0")
    (warning,) = run.told("warning")
    assert warning.startswith("Tags dated in the future supersede all tags until that date: 'churn#prod#1'.")
    assert "Since then: prod holds v1.0.0." in run.summary or "now prod holds v1.0.0" in run.summary


@pytest.mark.parametrize(
    ("length", "said"),
    [
        pytest.param(400_000, "400,000 characters", id="read whole"),
        pytest.param(600_000, "1,200,001 bytes", id="of which only the beginning is read"),
    ],
)
def test_a_long_message_is_cut(repo: Repo, action: Action, length: int, said: str) -> None:
    repo.commit({"dvc.yaml": DVC_YAML})
    repo.tag("churn@v1.0.0", message="\u00e9" * length)
    run = action("refs/tags/churn@v1.0.0")
    assert run.document["message"] == "\u00e9" * 2**16
    assert f"'churn@v1.0.0' is {said} long" in run.told("warning")[0]


def test_a_name_of_many_digits(repo: Repo, action: Action) -> None:
    """Git's refs may be that long when they are packed, and Python reads numbers of 4,300 digits at most."""
    commit = repo.commit({"dvc.yaml": DVC_YAML})
    oid = repo.tag("churn@v0.0.1", time=1)
    long, longer = (f"churn@v1.0.{'9' * number}" for number in (4300, 4301))
    packed = "".join(f"{oid} refs/tags/{name}\n^{commit}\n" for name in (long, longer))
    (repo.path / "packed-refs").write_text(f"# pack-refs with: peeled fully-peeled sorted \n{packed}")
    run = action(f"refs/tags/{long}")
    assert run.document["semver"]["patch"] == 10**4300 - 1
    assert run.document["latest_version"] == long.removeprefix("churn@")
    assert action(f"refs/tags/{longer}").outputs == EMPTY
