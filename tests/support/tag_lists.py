"""Lists of tags that hypothesis makes up, for whatever always holds of a registry."""

import os
from dataclasses import dataclass
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from gto_action.gto.names import ArtifactName
from gto_action.gto.record import Signature, TagRecord
from gto_action.gto.registry import Registry
from tests.support.naive_registry import Row

DEEP = int(os.environ.get("GTO_ACTION_PROPERTIES", "0"))
thorough = settings(
    max_examples=DEEP or 120,
    derandomize=not DEEP,
    deadline=None,  # another process may have the processor
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)

ARTIFACTS = {"m": ArtifactName("m"), "d=m": ArtifactName("m", "d"), "m-2": ArtifactName("m-2")}
KINDS = {
    "registration": "@{}",
    "deregistration": "@{}!",
    "assignment": "#{}",
    "unassignment": "#{}!",
    "deprecation": "@deprecated",
}
VERSIONS = ["v1.0.0", "v1.0.0-rc.2", "v1.0.0-rc.10", "v1.0.0+a", "v1.0.0+b", "v0.9.0", "v2.0.0-0"]
STAGES = ["dev", "prod/eu"]
COMMITS = "ABC"
# names as git may hold, that are not GTO's
FOREIGN = [
    "v1.0.0",
    "m",
    "m@1.0.0",
    "m@v1.0",
    "m@created",
    "m#prod#",
    "d=m@v01.0.0",
    "m.x@v1.0.0",
    "m@v1.0.0!!",
    "é@v1.0.0",
]
# most tags are as they should be
ODD: list[dict[str, Any]] = [*[{}] * 8, {"annotated": False}, {"target_type": "tree"}, {"inner_name": "m@x"}]


@dataclass(frozen=True, slots=True)
class Written:
    """A tag, as git says it and as whoever made it meant it."""

    artifact: str
    row: Row
    record: TagRecord

    @property
    def counts(self) -> bool:
        return bool(self.artifact) and self.record.annotated and self.record.target_type == "commit"


def written(
    artifact: str,
    kind: str,
    what: str,
    counter: str,
    commit: str,
    *,
    time: int | None,
    committed: int = -1,
    **more: str | bool,
) -> Written:
    name = artifact + KINDS[kind].format(what) + counter
    odd: dict[str, Any] = {"target_type": "commit", "inner_name": name, **more}
    record = TagRecord(
        name,
        f"oid of {name}",
        commit,
        **odd,
        signature=Signature("Ada", "ada@example.com", time),
        committed=committed,
    )
    return Written(artifact, Row(name, kind, what, commit, -1 if time is None else time, committed), record)


@st.composite
def tag_lists(draw: st.DrawFn, artifacts: tuple[str, ...] = tuple(ARTIFACTS), most: int = 16) -> list[Written]:
    """Tags of a few artifacts, on few commits within few seconds, so that much happens in the same place and time."""
    committed = {commit: draw(st.integers(-1, 6)) for commit in COMMITS}
    tags = {}
    for _ in range(draw(st.integers(0, most))):
        kind = draw(st.sampled_from([*KINDS, "registration", "assignment"]))
        what = draw(st.sampled_from(VERSIONS if "registration" in kind else STAGES)) if kind != "deprecation" else ""
        commit = draw(st.sampled_from(COMMITS))
        tag = written(
            draw(st.sampled_from(artifacts)),
            kind,
            what,
            draw(st.sampled_from(["", "#1", "#2", "#03", "#10"])),
            commit,
            time=draw(st.none() | st.integers(0, 5)),
            committed=committed[commit],
            **draw(st.sampled_from(ODD)),
        )
        tags[tag.row.name] = tag  # a name is there once
    for name in draw(st.sets(st.sampled_from(FOREIGN), max_size=2)):
        record = TagRecord(
            name, name, "A", "commit", inner_name=name, signature=Signature(time=draw(st.integers(0, 9)))
        )
        tags[name] = Written("", Row(name, "", "", "A", 0), record)
    return draw(st.permutations([*tags.values()]))


def registry_of(tags: list[Written], **options: bool) -> Registry:
    return Registry([tag.record for tag in tags], **options)


def rows_of(tags: list[Written], artifact: str) -> list[Row]:
    return [tag.row for tag in tags if tag.artifact == artifact and tag.counts]
