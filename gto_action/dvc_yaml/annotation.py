"""The annotation: what `dvc.yaml` says about one artifact at a commit, by D1 to D6 of docs/rules.md."""

import difflib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gto_action.dvc_yaml.fields import Fields
from gto_action.dvc_yaml.interpolation import find_templates, quoted
from gto_action.dvc_yaml.meta import JsonValue
from gto_action.dvc_yaml.param_files import TemplateError
from gto_action.dvc_yaml.params import FileReader
from gto_action.dvc_yaml.places import dvc_yaml_of
from gto_action.dvc_yaml.templating import Resolver
from gto_action.errors import Level, Problem
from gto_action.gto.names import ArtifactName
from gto_action.yaml12.nodes import Mapping, Node, Pair, Scalar
from gto_action.yaml12.parser import YamlError, parse_yaml
from gto_action.yaml12.scalars import Kind


@dataclass(frozen=True, slots=True)
class Annotation:
    """What `dvc.yaml` says about an artifact."""

    path: str = ""
    """From the repository's root, with `/`; a URL or an absolute path is unchanged (D4)."""
    type: str = ""
    description: str = ""
    """The key `desc` in dvc.yaml."""
    labels: tuple[str, ...] = ()
    meta: JsonValue = None
    file: str = ""
    """The dvc.yaml, from the repository's root."""
    line: int | None = None
    """The artifact's line in `file`, counted from 1."""


def read_annotation(
    artifact: ArtifactName, read: FileReader, parse: Callable[[bytes], Node] = parse_yaml
) -> tuple[Annotation | None, tuple[Problem, ...]]:
    """What dvc.yaml says about an artifact, and what is wrong with it.

    Only faults of the file itself and of the artifact's entry count; DVC refuses the file for any fault in it (X14).

    Args:
        artifact: its directory says which dvc.yaml to read; without a directory, the one at the root (D6).
        read: reads the files of the event's commit (X17): the dvc.yaml, and for templates the files with values.
        parse: `parse_yaml`, or one that remembers what it has parsed.

    Returns:
        The annotation, or None if there is none or it cannot be read; and every problem found.

    >>> content = {"dvc.yaml": b"artifacts: {churn: {path: models/churn.pkl}}"}
    >>> annotation, problems = read_annotation(ArtifactName("churn"), content.get)
    >>> annotation.path, problems
    ('models/churn.pkl', ())
    """
    file = dvc_yaml_of(artifact)
    data = None if file.startswith("../") else read(file)
    if data is None:
        where = f"There is no file {file!r} at this commit, so {str(artifact)!r} has no path, type or description."
        return None, (_notice(where, f"Add the file, with an entry {artifact.name!r} under 'artifacts:'."),)
    try:
        return _read_document(artifact, file, parse(data), read)
    except YamlError as error:
        message = f"{file!r} {error}, so nothing is known about {str(artifact)!r}."
        return None, (_warning(message, "Correct the file.", file, error.line),)
    except TemplateError as error:
        message = f"{error.message} So nothing is known about {str(artifact)!r}."
        return None, (_warning(message, error.hint, error.file, error.line),)


def _read_document(
    artifact: ArtifactName, file: str, document: Node, read: FileReader
) -> tuple[Annotation | None, tuple[Problem, ...]]:
    if isinstance(document, Scalar) and document.kind is Kind.NULL:
        document = Mapping(1, ())  # an empty file
    if not isinstance(document, Mapping):
        raise YamlError("is not a mapping", document.line)
    sections = document.get("artifacts")
    if len(sections) > 1:
        raise YamlError("has 'artifacts' twice", sections[1].key.line)
    if not sections:
        return None, (_missing(artifact, file, Mapping(1, ())),)
    artifacts = sections[0].value
    if not isinstance(artifacts, Mapping):
        raise YamlError("has an 'artifacts' that is not a mapping of names", artifacts.line)
    resolver = Resolver(file, document, read)
    found = _find(artifact.name, artifacts, resolver)
    if not found:
        return None, (_missing(artifact, file, artifacts),)
    if len(found) > 1:
        lines = " and ".join(str(pair.key.line) for pair in found[:5])
        message = f"{file!r} has {artifact.name!r} more than once, on lines {lines}, so all are ignored."
        return None, (_warning(message, "Keep one of them.", file, found[1].key.line),)
    return _read_entry(artifact.name, file, found[0], resolver)


def _find(name: str, artifacts: Mapping, resolver: Resolver) -> list[Pair]:
    """The entries with an artifact's name; names may be templates (D3)."""
    found, failed = [], None
    for pair in artifacts.pairs:
        try:
            if isinstance(pair.key, Scalar) and (
                pair.key.text == name or ("$" in pair.key.text and resolver.resolve(pair.key) == name)
            ):
                found.append(pair)
        except TemplateError as error:  # this may be the name that is wanted
            failed = failed or error
    if failed and not found:
        raise failed
    return found


def _read_entry(name: str, file: str, pair: Pair, resolver: Resolver) -> tuple[Annotation | None, tuple[Problem, ...]]:
    entry = pair.value
    if not isinstance(entry, Mapping):
        message = f"{name!r} in {file!r} is not a mapping of 'path', 'type', 'desc', 'labels' and 'meta'."
        return None, (_warning(message, f"Write '{name}: {{path: …}}'.", file, pair.key.line),)
    fields = Fields(name, file, pair, entry, resolver)
    annotation = Annotation(
        path=fields.path(),
        type=fields.text("type"),
        description=fields.text("desc"),
        labels=fields.labels(),
        meta=fields.meta(),
        file=file,
        line=pair.key.line,
    )
    return annotation, fields.problems()


def _missing(artifact: ArtifactName, file: str, artifacts: Mapping) -> Problem:
    message = f"{file!r} has no artifact {artifact.name!r}, so it has no path, type or description."
    names = list(_names(artifacts))
    similar = [name for name in names if name.casefold() == artifact.name.casefold()]
    similar = similar or difflib.get_close_matches(artifact.name, names, n=1)
    hint = f"Add an entry {artifact.name!r} under 'artifacts:' in {file!r}"
    if similar:
        hint = f"It has {quoted(similar[0])}: use one spelling in the tag and in the file"
    return _notice(message, f"{hint}.", file)


def _names(artifacts: Mapping, most: int = 1_000, longest: int = 100) -> Iterator[str]:
    for pair in artifacts.pairs[:most]:
        if isinstance(pair.key, Scalar) and len(pair.key.text) <= longest and not find_templates(pair.key.text):
            yield pair.key.text


def _notice(message: str, hint: str, file: str = "") -> Problem:
    return Problem(Level.NOTICE, message, hint, file, fails_strict=True)


def _warning(message: str, hint: str, file: str, line: int | None) -> Problem:
    return Problem(Level.WARNING, message, hint, file, line, fails_strict=True)
