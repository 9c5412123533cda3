"""Which worker of pytest-xdist runs a test: those of a group run one after the other, on one, and share what it made.

Not by the mark `xdist_group`: pytest-xdist 3.8.0 does not find it with pytest 9.2.0, and says nothing.
"""

from typing import Final

from xdist.scheduler import LoadScopeScheduling

_GROUPS: Final = {
    "act": ("test_act", "test_examples", "test_pull", "test_release", "test_release_deep", "test_try", "test_twin"),
    "image": ("test_image", "test_other_actions", "test_step", "test_variants"),
    "the image's git": ("test_image_git",),  # it takes as long as the others
    "the service's image": ("test_service_image",),
}
# Those of a folder share what the real dvc has pushed, which takes it long.
FOLDERS: Final = ("tests/pull/bring", "tests/pull/hostile")
GROUP_OF: Final = {f"tests/e2e/{name}.py": group for group, names in _GROUPS.items() for name in names}


class Scheduling(LoadScopeScheduling):  # type: ignore[misc] # it has no types
    """Tests one by one, but for those of a group."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        folder = file.rpartition("/")[0]
        return GROUP_OF.get(file, folder if folder in FOLDERS else nodeid)
