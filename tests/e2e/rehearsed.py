"""Releases that were rehearsed whole: one with a fault in each stage before the stage passes, and one without."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import pytest

from tests.e2e.engine import BASE, remove
from tests.e2e.rehearsal import Rehearsal, StageError

CANDIDATE: Final = "3.0.0-rc.1"
NO_DIGEST: Final = f"sha256:{'0' * 64}"
_NOT_THERE: Final = "no such manifest|manifest unknown|not found"


@dataclass(frozen=True, slots=True)
class Released:
    """A release that was made."""

    rehearsal: Rehearsal
    main: str
    """The commit that was released."""
    commit: str
    digest: str
    digests: list[str]


def fails(stage: Callable[[], object], sentence: str) -> str:
    """A stage that does not pass says why; gives the line."""
    with pytest.raises(StageError, match=sentence) as caught:
        stage()
    return next(line for line in str(caught.value).splitlines() if re.search(sentence, line))


@dataclass
class _Faulty:
    """The stages, each of which fails before it passes, and leaves nothing that has a name."""

    rehearsal: Rehearsal
    version: str
    main: str
    said: list[tuple[str, str]] = field(default_factory=list)
    """Each stage with what it said."""

    @property
    def tag(self) -> str:
        return f"v{self.version}"

    def fault(self, stage: str, does: Callable[[], object], sentence: str) -> None:
        self.said.append((stage, fails(does, sentence)))

    def passes(self, stage: str, said: str) -> None:
        self.said.append((stage, said))

    def check(self) -> None:
        rehearsal = self.rehearsal
        left = rehearsal.folder / "left-over"
        left.touch()
        self.fault(
            "check", lambda: rehearsal.tool("check", self.version), "The work tree is not clean: '[?][?] left-over'"
        )
        left.unlink()
        ready = rehearsal.tool("check", self.version)
        assert ready == f"{self.main} can be released as {self.version}."
        self.passes("check", ready)

    def build(self) -> list[str]:
        rehearsal, registry = self.rehearsal, self.rehearsal.registry
        self.fault("build", lambda: rehearsal.build("build-1", f"{registry.image}:no-such-base"), "no-such-base")
        assert registry.digest("build-1-amd64") == ""
        away = "127.0.0.1:9/gto-action/gto-action"
        command = ("tools/container/publish", "build", "build-0", BASE)
        self.fault("push", lambda: rehearsal.run(command, {"IMAGE": away, "VARIANTS": ""}), "connection refused")
        remove(f"{away}:build-0")
        digests = rehearsal.build("build-1")
        self.passes("build", " and ".join(digests))
        return digests

    def index(self, digests: list[str]) -> str:
        rehearsal = self.rehearsal
        self.fault("index", lambda: rehearsal.index("build-1", [digests[0], NO_DIGEST]), _NOT_THERE)
        assert rehearsal.registry.digest("build-1") == ""
        digest = rehearsal.index("build-1", digests)
        assert rehearsal.registry.digest("build-1") == digest
        self.passes("index", digest)
        return digest

    def try_it(self, digest: str) -> None:
        rehearsal, place = self.rehearsal, self.rehearsal.folder.with_name("tried")
        image = rehearsal.registry.image
        self.fault("try", lambda: rehearsal.tried(f"{image}@{NO_DIGEST}", place), _NOT_THERE)
        self.passes("try", rehearsal.tried(f"{image}@{digest}", place).splitlines()[-1])

    def publish(self, digest: str, digests: list[str]) -> str:
        rehearsal = self.rehearsal
        self.fault("commit", lambda: rehearsal.tool("commit", "v3.0.0"), "The digest cannot be 'v3[.]0[.]0'")
        rehearsal.index(self.tag, digests[:1])  # somebody else's
        taken = f"{self.tag} is there, as sha256:.* Take another version"
        self.fault("name", lambda: rehearsal.tool("check", self.version, "--digest", digest), taken)
        name = f"{self.tag} is sha256:.*, which is not {digest}"
        self.fault("name", lambda: rehearsal.index(self.tag, digests, digest), name)
        rehearsal.registry.delete(rehearsal.registry.digest(self.tag))
        origin = str(rehearsal.origin)
        rehearsal.git("push", "--quiet", origin, f"main:refs/tags/{self.tag}")  # somebody else's
        self.fault("tag", lambda: rehearsal.publish(self.version, digest, digests), "rejected")
        rehearsal.git("fetch", "--quiet", origin, "refs/tags/*:refs/tags/*")
        self.fault("check", lambda: rehearsal.tool("check", self.version), f"The tag {self.tag} is there")
        wrong = "has 0 parents|does not name|is not on main"
        self.fault("verify", lambda: rehearsal.tool("verify", self.tag), wrong)
        rehearsal.git("push", "--quiet", origin, f":refs/tags/{self.tag}")
        rehearsal.git("tag", "--delete", self.tag)
        # What has its name by now is the image itself.
        assert "can be released" in rehearsal.tool("check", self.version, "--digest", digest)
        commit = rehearsal.publish(self.version, digest, digests)
        assert rehearsal.git("tag", "--list") == self.tag  # a candidate moves nothing
        self.passes("tag", commit)
        self.fault("check", lambda: rehearsal.tool("check", self.version), f"The tag {self.tag} is there")
        return commit

    def verify(self, commit: str, digests: list[str]) -> None:
        rehearsal = self.rehearsal
        other = rehearsal.tool("commit", rehearsal.index("single", digests[:1]))
        rehearsal.git("tag", "--force", self.tag, other)
        alone = r"is for \['linux/amd64'\], not for"
        self.fault("verify", lambda: rehearsal.tool("verify", self.tag), alone)
        rehearsal.git("tag", "--force", self.tag, commit)
        for line in rehearsal.tool("verify", self.tag).splitlines():
            self.passes("verify", line)
        assert self.said[-1][1].endswith(f"was built from {self.main}.")


def with_faults(rehearsal: Rehearsal, version: str) -> list[tuple[str, str]]:
    """Releases the candidate; gives each stage with what it said, a line for each fault and one when it passed."""
    stages = _Faulty(rehearsal, version, rehearsal.is_to_be(version))
    stages.check()
    digests = stages.build()
    digest = stages.index(digests)
    stages.try_it(digest)
    stages.verify(stages.publish(digest, digests), digests)
    return stages.said


def without_faults(rehearsal: Rehearsal, version: str) -> Released:
    """Releases a version."""
    main = rehearsal.is_to_be(version)
    rehearsal.tool("check", version)
    digests = rehearsal.build("build-2")
    digest = rehearsal.index("build-2", digests)
    commit = rehearsal.publish(version, digest, digests)
    return Released(rehearsal, main, commit, digest, digests)
