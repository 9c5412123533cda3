"""A tag that is too large to be read holds up its own artifact, and no other."""

from tests.service.test_sync import sync, told
from tests.support.hooks import push_hook
from tests.support.huge import tag_huge
from tests.support.repo import Repo
from tests.support.service import Service, Sink, wait_for

HUGE = 100
SAID = "The tags of 'big' are too large to be read. The remote "


def test_of_several_artifacts_those_are_read_that_can_be(service: Service, registry: Repo) -> None:
    sync(service)
    tag_huge(registry, "big@v1.0.0", HUGE)
    for name in ("a", "b", "c", "d"):
        registry.tag(f"{name}@v1.0.0", time=1002)
    for _ in range(2):
        ran = service.run("sync", "models")
        assert ran.returncode == 1
        assert SAID in ran.stderr
        assert "names the largest tag." in ran.stderr
        assert [each[0] for each in told(service)] == ["a", "b", "c", "d"]
    registry.tag("big@v1.1.0", time=1003)
    registry.git("update-ref", "-d", "refs/tags/big@v1.0.0")
    sync(service)
    assert [each[3] for each in told(service) if each[0] == "big"] == ["big@v1.1.0"]
    assert sync(service).stdout == "There is nothing new.\n"


def test_one_that_is_not_of_gto_holds_up_nothing(service: Service, registry: Repo) -> None:
    """Not even the first look."""
    tag_huge(registry, "backup", HUGE)
    sync(service)
    for name in ("a", "b"):
        registry.tag(f"{name}@v1.0.0", time=1002)
    sync(service)
    assert [each[0] for each in told(service)] == ["a", "b"]
    assert sync(service).stdout == "There is nothing new.\n"


def test_a_first_look_knows_all_or_is_none(service: Service, registry: Repo) -> None:
    """Else the old tags of an artifact would be new once it can be read."""
    registry.tag("big@v1.0.0", time=1002)
    tag_huge(registry, "big@v2.0.0", HUGE)
    assert service.run("sync", "models").returncode == 1
    registry.git("update-ref", "-d", "refs/tags/big@v2.0.0")
    assert "This is the first look: 2 tags were there before." in sync(service).stderr
    assert told(service) == []


def test_hooks_of_other_artifacts_are_not_held_up(service: Service, registry: Repo, sink: Sink) -> None:
    sync(service)
    service.start()
    tag_huge(registry, "big@v1.0.0", HUGE)
    assert push_hook(service) == 202
    wait_for(lambda: service.metric("gto_failing") > 0)
    registry.tag("churn@v1.1.0", time=1003)
    assert push_hook(service) == 202
    assert [each.event["tag"] for each in sink.wait(1)] == ["churn@v1.1.0"]
    wait_for(lambda: service.metric("gto_failing") > 1)
    assert all(line["message"].startswith(SAID) for line in service.lines() if line["level"] == "error")
