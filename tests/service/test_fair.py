"""Nobody waits for somebody else's trouble: a host that hangs, a replica that does the same in another order."""

import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gto_action.git.program import LITTLE, start_git
from gto_action.service.looking import Looking
from gto_action.service.rules.hooks import MOST_READ, may_be_of_tags
from gto_action.service.serving import STACK
from gto_action.service.state.database import Database
from gto_action.service.state.deliveries import Deliveries
from gto_action.service.state.repositories import Repositories
from gto_action.service.state.seen import Found, NewEvent, SeenState
from tests.support.git_server import GitServer
from tests.support.postgres import Postgres
from tests.support.registered import means_of
from tests.support.repo import Repo
from tests.support.service import Service, wait_for

MANY = 20


@pytest.fixture
def small_stacks() -> Iterator[None]:
    """As the service has them."""
    threading.stack_size(STACK)
    yield
    threading.stack_size(0)


def test_a_host_that_hangs_takes_some_of_the_looks_and_not_all(
    tmp_path: Path, server: GitServer, registry: Repo, small_stacks: None
) -> None:
    server.stall()
    urls = {f"hangs-{number}": f"{server.url}/o/r" for number in range(MANY)} | {"models": registry.path.as_uri()}
    service = Service(tmp_path / "service", urls, repository_keys='timeout = "5s"')
    with means_of(service) as means, ThreadPoolExecutor(MANY) as threads:
        looking = Looking(means)
        looking.repositories.know(urls)
        for name in urls:
            looking.repositories.poll(looking.repositories.all()[name], time.time() + 3600, time.time())
        looks = [threads.submit(looking.look_at, name) for name in urls if name != "models"]
        wait_for(lambda: len(server.requests) >= 4)
        looked = looking.look_at("models")
        assert looked
        assert looked.tags == 1
        assert not any(each.done() for each in looks)
        assert len(server.requests) == 4


def test_replicas_that_note_the_same_in_another_order_do_not_wait_for_each_other(database: Postgres) -> None:
    """PostgreSQL would end one of two transactions that each have what the other one wants."""
    state = Database(database.url)
    state.migrate()
    Repositories(state).know(["models"])
    found = [
        NewEvent(
            id=f"gto_{number}",
            artifact=f"a{number}",
            sequence=1,
            word="registration",
            tag=f"a{number}@v1.0.0",
            holds=True,
            body="{}",
            sinks=("out",),
        )
        for number in range(40)
    ]
    assert SeenState(state).add("models", 0, Found(refs={}, events=found, by="test"), 1000.0)
    deliveries, now = Deliveries(state), time.time()
    errands = deliveries.due(now, ["out"])
    assert len(errands) == len(found)

    def note(seed: int) -> None:
        some = random.Random(seed)
        for _ in range(20):
            deliveries.sent(some.sample(errands, len(errands)), now + 1000)

    with ThreadPoolExecutor(4) as threads:
        for each in [threads.submit(note, seed) for seed in range(4)]:
            each.result()
    state.close()


def test_threads_start_while_git_does(small_stacks: None) -> None:
    """Meanwhile the memory that git may use is a limit of this process, too."""
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            start_git(Path("/"), ("version",), {}, memory=LITTLE).wait(timeout=60)

    with ThreadPoolExecutor(4) as asking:
        asked = [asking.submit(ask) for _ in range(4)]
        try:
            for _ in range(20):
                threads = [threading.Thread(target=over.wait, args=(0.05,)) for _ in range(50)]
                for each in threads:
                    each.start()
                for each in threads:
                    each.join()
        finally:
            over.set()
        for done in asked:
            done.result()


@pytest.mark.parametrize("text", ["[" * MOST_READ, '{"a":' * (MOST_READ // 5)], ids=["lists", "objects"])
def test_a_hook_that_is_nested_too_deeply_ends_no_thread(small_stacks: None, text: str) -> None:
    found: list[bool] = []
    thread = threading.Thread(target=lambda: found.append(may_be_of_tags("github", "push", text.encode())))
    thread.start()
    thread.join()
    assert found == [True]
