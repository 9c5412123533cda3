"""What happens at the remote between two questions of a look, and what becomes of a look that is not alone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import pytest

from gto_action.git.ref_list import RefList, list_tags
from gto_action.service.state.repositories import Repositories
from tests.service.test_sync import sync, told
from tests.support.repo import Repo
from tests.support.service import Service

WRONG: Final = "churn#prod#1"
LISTS: Final = "gto_action.service.look.list_tags"


@contextmanager
def after_the_list(happens: Callable[[], object]) -> Iterator[None]:
    """Something happens once the remote has listed its tags, and before they are read."""

    def late(*arguments: object, **keywords: object) -> RefList:
        found = list_tags(*arguments, **keywords)  # type: ignore[arg-type] # whatever the look asks
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(LISTS, list_tags)
            happens()
        return found

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(LISTS, late)
        yield


def delete(registry: Repo, *names: str) -> None:
    for name in names:
        registry.git("update-ref", "-d", f"refs/tags/{name}")


@pytest.mark.parametrize("more", ["churn@v1.1.0", "other@v1.0.0"], ids=["of one artifact", "of all"])
def test_a_tag_that_comes_between_two_questions_and_goes_again_is_told_twice(
    service: Service, registry: Repo, more: str
) -> None:
    """The list is the same as before then, but what was told is not what holds."""
    sync(service)
    registry.tag("churn@v1.2.0", time=1002)
    registry.tag(more, time=1002)
    with after_the_list(lambda: registry.tag(WRONG, time=1003)):
        sync(service)
    delete(registry, WRONG)
    sync(service)
    assert [(word, tag) for _, _, word, tag in told(service) if tag == WRONG] == [
        ("assignment", WRONG),
        ("deleted", WRONG),
    ]
    assert sync(service).stdout == "There is nothing new.\n"


def test_a_look_that_is_slower_than_another_takes_nothing_back(service: Service, registry: Repo) -> None:
    sync(service)

    def faster() -> None:
        registry.tag(WRONG, time=1002)
        sync(service)

    with after_the_list(faster):
        sync(service)
    delete(registry, WRONG)
    sync(service)
    assert [each[2] for each in told(service)] == ["assignment", "deleted"]


def test_a_look_that_is_killed_when_it_has_written_says_nothing_of_its_list(service: Service, registry: Repo) -> None:
    sync(service)
    registry.tag(WRONG, time=1002)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Repositories, "looked", lambda *_, **__: None)
        sync(service)
    delete(registry, WRONG)
    sync(service)
    assert [each[2] for each in told(service)] == ["assignment", "deleted"]


def test_what_vanishes_between_two_questions_is_not_believed(service: Service, registry: Repo) -> None:
    """A server may be several, of which some lag behind."""
    names = [f"churn#prod#{number}" for number in range(12)]
    for name in names:
        registry.tag(name, time=1002)
    registry.tag("other@v1.0.0", time=1002)
    sync(service)
    registry.tag("churn@v1.1.0", time=1003)
    with after_the_list(lambda: delete(registry, *names)):
        ran = service.run("sync", "models")
    assert (ran.returncode, told(service)) == (1, [])
    assert "12 of 14 tags are gone at once." in ran.stderr
