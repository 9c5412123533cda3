"""Files of many commits, as a catch-up reads them: by a few requests for all, even if the first ones fail."""

from pathlib import Path

import pytest

from gto_action.git.remote import Remote
from gto_action.git.repository import Repository
from tests.support.asked import QUICK
from tests.support.git_server import Fault, GitServer
from tests.support.repo import Repo
from tests.support.wire import RESULT, TOKEN

COMMITS = 12
PATHS = ("dvc.yaml", "params.yaml")
GONE = b"0044ERR upload-pack: not our ref %b\n" % (b"1" * 40)


@pytest.fixture
def many(srv: Path) -> Repo:
    repo = Repo(srv / "o/r")
    for number in range(COMMITS):
        repo.commit({"dvc.yaml": f"{number}", "params.yaml": f"p: {number}"}, time=number)
        repo.tag(f"churn@v1.0.{number}", time=number)
    return repo


# what happens to the fetch of all of them; how many requests there are from then on
FAULTS = {
    "nothing": (None, 2),
    "it breaks off once": (Fault(times=1, cut=60), 4),
    "it is refused once": (Fault(times=1, status=200, headers=RESULT, body=GONE), 4),
}


@pytest.mark.parametrize("what", FAULTS)
def test_all_of_them_by_few_requests(srv: Path, many: Repo, what: str) -> None:
    fault, requests = FAULTS[what]
    with GitServer(srv, token=TOKEN) as server:
        if fault:
            fault.path, fault.asks = "git-upload-pack", b"filter blob:none"
            server.fault(fault)
        with Repository(Remote(f"{server.url}/o/r", token=TOKEN), log=print, pace=QUICK) as repository:
            tags = repository.fetch()
            before = len(server.requests)
            tags.files.expect_all(dict.fromkeys(tags.records, PATHS))
            for number in range(COMMITS):
                commit = many.git("rev-parse", f"churn@v1.0.{number}^{{commit}}")
                assert tags.files.read(commit, "dvc.yaml") == f"{number}".encode()
                assert tags.files.read(commit, "params.yaml") == f"p: {number}".encode()
                assert tags.files.read(commit, "none") is None
            assert len(server.requests) - before == requests


def test_one_of_them_that_does_not_come(srv: Path, many: Repo) -> None:
    """The others are read one by one, each by two requests."""
    lost = many.git("rev-parse", "churn@v1.0.5^{commit}")
    with (
        GitServer(srv, token=TOKEN) as server,
        Repository(Remote(f"{server.url}/o/r", token=TOKEN), log=print, pace=QUICK) as repository,
    ):
        tags = repository.fetch()
        server.fault(Fault(asks=f"want {lost}".encode(), status=500))
        tags.files.expect_all(dict.fromkeys(tags.records, PATHS))
        for number in (0, 1, 11):
            commit = many.git("rev-parse", f"churn@v1.0.{number}^{{commit}}")
            assert tags.files.read(commit, "dvc.yaml") == f"{number}".encode()
