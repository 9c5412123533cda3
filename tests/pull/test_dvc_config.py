"""Which packages a DVC remote needs, as DVC's own configuration says it."""

import pytest

from gto_action.pull.dvc_config import DvcRemote, find_remote
from gto_action.pull.installation import LOCKS, PREBUILT

CONFIG = """\
[core]
    remote = store
['remote "store"']
    url = s3://bucket/path
    endpointurl = http://127.0.0.1
['remote "disk"']
    url = ../store
['remote "chained"']
    url = remote://store/below
['remote "web"']
    url = https://user:secret@example.com/data?sig=secret
"""

# the texts, the name, and the remote
FOUND = [
    ([CONFIG], "", DvcRemote("store", "s3://bucket/path"), "s3"),
    ([CONFIG], "disk", DvcRemote("disk", "../store"), ""),
    ([CONFIG], "chained", DvcRemote("chained", "s3://bucket/path/below"), "s3"),
    ([CONFIG], "web", DvcRemote("web", "https://user:secret@example.com/data?sig=secret"), ""),
    ([CONFIG, "[core]\nremote = disk\n"], "", DvcRemote("disk", "../store"), ""),
    ([CONFIG, "['remote \"store\"']\nurl = gs://bucket\n"], "", DvcRemote("store", "gs://bucket"), "gs"),
    ([CONFIG, "['remote \"store\"']\npassword = x\n"], "", DvcRemote("store", "s3://bucket/path"), "s3"),
    (['[remote "a"]\nurl = "azure://c"\n[core]\nremote = "a"\n'], "", DvcRemote("a", "azure://c"), "azure"),
    (["[core]\nremote = a\n['remote \"a\"']\nurl = remote://a/b\n"], "", DvcRemote("a", "remote://a/b/b"), ""),
]


@pytest.mark.parametrize(("texts", "name", "remote", "extra"), FOUND)
def test_found(texts: list[str], name: str, remote: DvcRemote, extra: str) -> None:
    assert find_remote(texts, name) == remote
    assert remote.extra == extra


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        ([], ""),
        ([""], ""),
        ([CONFIG], "other"),
        (["[core\n"], ""),
        (["[core]\nremote = gone\n"], ""),
        (["\x00\xff["], ""),
    ],
)
def test_not_found(texts: list[str], name: str) -> None:
    assert find_remote(texts, name) is None


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("s3://bucket/path", "'r' (s3://bucket/path)"),
        ("https://user:secret@example.com/data?sig=secret#x", "'r' (https://example.com/data)"),
        ("/srv/store", "'r' (/srv/store)"),
        ("http://[", "'r'"),
    ],
)
def test_what_people_see_of_a_remote(url: str, shown: str) -> None:
    assert DvcRemote("r", url).shown == shown


@pytest.mark.parametrize("scheme", ["s3", "gs", "gcs", "azure", "abfs", "abfss", "ssh", "webdav", "webdavs"])
def test_each_extra_has_a_lock(scheme: str) -> None:
    text = (LOCKS / f"{DvcRemote('r', f'{scheme}://x').extra}.txt").read_text()
    assert "dvc==" in text
    assert text.count("--hash=sha256:") > 100


def test_the_locks_have_the_same_versions_and_no_address() -> None:
    versions: dict[str, set[str]] = {}
    for lock in LOCKS.glob("*.txt"):
        text = lock.read_text()
        assert "://" not in text
        for line in text.splitlines():
            name, found, version = line.partition("==")
            if found and lock.stem != "tools":
                versions.setdefault(name, set()).add(version.split(" ")[0])
    assert len(versions) > 100
    several = {name: each for name, each in versions.items() if len(each) > 1}
    assert all(
        ";" in line
        for name in several
        for line in (LOCKS / "base.txt").read_text().splitlines()
        if line.startswith(f"{name}==")
    ), several


def test_an_image_may_have_it() -> None:
    assert PREBUILT.name == "dvc"
