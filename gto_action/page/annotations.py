"""What `dvc.yaml` says of very many artifacts at very many commits, each file parsed once."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from typing import Final

from gto_action.answer.doctor import seen_at
from gto_action.dvc_yaml.annotation import Annotation, read_annotation
from gto_action.dvc_yaml.places import dvc_yaml_of, files_of
from gto_action.errors import Level, Problem
from gto_action.git.tags import Tags
from gto_action.gto.artifact import Artifact, VersionState
from gto_action.gto.names import ArtifactName
from gto_action.gto.words import short
from gto_action.page.gather import commits_of, is_now
from gto_action.yaml12.nodes import Node
from gto_action.yaml12.parser import YamlError, parse_yaml

_MOST: Final = 2_000
"""How many versions are looked at beside those that are the latest or in a stage."""

_AT_ONCE: Final = 500
"""How many are asked for together, so that each answer is there soon."""

FILL: Final = "Make the site in a clone that has all files, or bring them: git fetch --refetch --no-filter"
"""What to do about a file that a partial clone lacks."""

Read = Callable[[str, str], bytes | None]
Found = tuple[Annotation | None, tuple[Problem, ...]]


@dataclass(frozen=True, slots=True)
class Annotations:
    """The annotations that were read, by artifact and commit."""

    found: Mapping[tuple[ArtifactName, str], Found]
    lacking: Mapping[ArtifactName, Mapping[str, str]]
    """Of the artifacts of which some could not be read, as a partial clone lacks the file: by commit, that file."""

    def of(self, artifact: ArtifactName) -> Callable[[str], tuple[Annotation | None, bool]]:
        """The annotation of an artifact at a commit, and whether it was read there."""

        def annotated(commit: str) -> tuple[Annotation | None, bool]:
            found = self.found.get((artifact, commit))
            return (found[0], True) if found else (None, False)

        return annotated

    def problems(self, artifact: Artifact) -> Iterator[Problem]:
        """What is wrong with the annotation of an artifact's latest version, and what could not be read of any."""
        latest = artifact.now.latest
        found = self.found.get((artifact.name, latest.commit)) if latest else None
        yield from seen_at(artifact, found[1] if found else ())
        if lacking := self.lacking.get(artifact.name):
            commit, file = next(iter(lacking.items()))
            where = f"commit {short(commit)}" if len(lacking) == 1 else f"{len(lacking):,} commits"
            message = f"This clone lacks {file!r} at {where}, so what it says of {str(artifact.name)!r} is not known."
            yield Problem(Level.WARNING, message, FILL)


def read_annotations(artifacts: Iterable[Artifact], tags: Tags, *, is_partial: bool) -> Annotations:
    """Reads what `dvc.yaml` says of each artifact's latest version and stages; then of others, the newest first.

    Args:
        artifacts: of which it is read.
        tags: with the files.
        is_partial: whether they are in a clone that may lack files.

    :raises RemoteError: if the remote does not deliver the files.
    """
    wanted, parse = _wanted(artifacts), _Parse()
    found: dict[tuple[ArtifactName, str], Found] = {}
    lacking: dict[ArtifactName, dict[str, str]] = {}
    gone: list[str] = []
    lacks = cache(tags.files.lacks)

    def attempt(commit: str, path: str) -> bytes | None:
        data = read(commit, path)
        if data is None and is_partial and lacks(commit, path):
            gone.append(path)
        return data

    for start in range(0, len(wanted), _AT_ONCE):
        part = wanted[start : start + _AT_ONCE]
        records = {state.commit: state.record for _, state in part}
        paths = {record: dict[str, None]() for record in records.values()}
        for name, state in part:
            paths[records[state.commit]] |= dict.fromkeys(files_of(name))
        tags.files.expect_all(paths)
        read = cache(tags.files.read)
        # what is in one file comes together, so that one tree of it is in memory and no more
        for name, state in sorted(part, key=lambda pair: _text_of(read, *pair)):
            gone.clear()
            noted = read_annotation(name, partial(attempt, state.commit), parse)
            if gone:
                lacking.setdefault(name, {})[state.commit] = gone[0]
            else:
                found[name, state.commit] = noted
    return Annotations(found, lacking)


def _wanted(artifacts: Iterable[Artifact]) -> list[tuple[ArtifactName, VersionState]]:
    now: list[tuple[ArtifactName, VersionState]] = []
    others: list[tuple[ArtifactName, VersionState]] = []
    for artifact in artifacts:
        for state in commits_of(artifact):
            (now if is_now(artifact, state.commit) else others).append((artifact.name, state))
    others.sort(key=lambda pair: pair[1].record.order, reverse=True)
    return now + others[:_MOST]


def _text_of(read: Read, name: ArtifactName, state: VersionState) -> tuple[str, bytes]:
    file = dvc_yaml_of(name)
    return file, b"" if file.startswith("../") else read(state.commit, file) or b""


class _Parse:
    """`parse_yaml`, which remembers the last file."""

    def __init__(self) -> None:
        self._data: bytes | None = None
        self._node: Node | None = None
        self._error: YamlError | None = None

    def __call__(self, data: bytes) -> Node:
        if data != self._data:
            self._data, self._node, self._error = data, None, None
            try:
                self._node = parse_yaml(data)
            except YamlError as error:
                self._error = error
        if self._error or self._node is None:
            raise self._error or AssertionError
        return self._node
