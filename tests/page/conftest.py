"""A registry to make sites of, and the program that a machine asks one with."""

import shutil
from pathlib import Path

import pytest

from tests.support.repo import Repo
from tests.support.sites import CHURN
from tests.support.skipping import skip

NLP = "artifacts: {sentiment: {path: s.onnx, type: model, labels: [nlp]}}\n"


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    repo = Repo(tmp_path_factory.mktemp("page") / "r")
    files = {"dvc.yaml": CHURN, "models/nlp/dvc.yaml": NLP}
    first = repo.commit(files, time=1_700_000_000)
    repo.tag("churn@v1.0.0", first, time=1_700_000_100)
    repo.tag("churn#prod#1", first, time=1_700_000_200)
    repo.tag("data@v1.0.0", first, time=1_700_000_300)
    second = repo.commit({**files, "n": "2"}, time=1_700_100_000)
    repo.tag("churn@v1.1.0", second, time=1_700_100_100)
    repo.tag("churn#staging#2", second, time=1_700_100_200)
    repo.tag("models/nlp=sentiment@v0.1.0", second, time=1_700_100_300)
    repo.tag("models/nlp=sentiment#staging/eu#1", second, time=1_700_100_400)
    third = repo.commit({**files, "n": "3"}, time=1_700_200_000)
    repo.tag("churn@v2.0.0-rc.1", third, time=1_700_200_100)
    repo.tag("churn@v2.0.0-rc.1!#3", third, time=1_700_200_200)
    repo.tag("churn#prod#4", second, time=1_700_200_300)
    repo.tag("old@v1.0.0", third, time=1_700_200_400)
    repo.tag("old#prod#1", third, time=1_700_200_500)
    repo.tag("old@deprecated#2", third, time=1_700_300_000)
    return repo.path


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "public" / "site"


@pytest.fixture(scope="session")
def curl() -> str:
    """The command of the page's examples."""
    return shutil.which("curl") or skip("the commands for curl", "there is none (as root: apt-get install curl)")
