"""What the real dvc reads in a dvc.yaml, and what we read there."""

from collections.abc import Callable
from typing import Any

from gto_action.dvc_yaml.annotation import Annotation, read_annotation
from gto_action.errors import Level, Problem
from gto_action.gto.names import ArtifactName

Ask = Callable[[dict[str, Any]], dict[str, Any]]


def both(
    ask: Ask, files: dict[str, str], name: str, directory: str
) -> tuple[dict[str, Any], Annotation | None, tuple[Problem, ...]]:
    content = {path: text.encode() for path, text in files.items()}
    answer = ask({"files": files, "name": name, "directory": directory})
    return answer, *read_annotation(ArtifactName(name, directory), content.get)


def agree(ask: Ask, files: dict[str, str], name: str = "churn", directory: str = "") -> str:
    """Fails where we differ from dvc; else says what both say."""
    answer, annotation, problems = both(ask, files, name, directory)
    if "error" in answer:
        assert problems, (answer, annotation)
        return "refused"
    if answer["artifact"] is None:
        assert annotation is None
        assert [problem.level for problem in problems] == [Level.NOTICE]
        return "missing"
    assert annotation is not None, problems
    expected = answer["artifact"]
    assert annotation.type == as_text(expected["type"])
    assert annotation.description == as_text(expected["desc"])
    assert annotation.labels == tuple(as_text(label) for label in expected["labels"])
    assert annotation.meta == as_meta(expected["meta"]) or (annotation.meta, expected["meta"]) == (None, {})
    if answer["path"] is not None and not annotation.path.startswith("/"):  # dvc mangles those (D4)
        assert annotation.path == answer["path"]
    wanted = [problem for problem in problems if "leaves the repository" not in problem.message]
    assert not wanted
    return "read"


def as_text(value: Any) -> str:  # noqa: ANN401 - any JSON
    match value:
        case None:
            return ""
        case {"float": text}:
            return str(text)
        case bool():
            return str(value).lower()
    return str(value)


def as_meta(value: Any) -> Any:  # noqa: ANN401 - any JSON
    """What dvc says, as JSON that has neither dates nor infinity nor keys that are not text."""
    match value:
        case {"float": "inf" | "-inf" | "nan" as text, **rest} if not rest:
            return {"inf": ".inf", "-inf": "-.inf", "nan": ".nan"}[text]
        case {"float": text, **rest} if not rest:
            return float(text)
        case {"date": text, **rest} if not rest:
            return text
        case dict():
            return {key.partition(":")[2] if key.startswith("int:") else key: as_meta(v) for key, v in value.items()}
        case list():
            return [as_meta(each) for each in value]
    return value


PARAMS = (
    "name: churn\nn: 3\nf: 1.10\nyes: true\nnone: null\nlist: [a, b, {c: deep}]\nmap: {a: 1, '3': three}\n"
    "escaped: '\\${name}'\ntemplate: ${name}\nodd key: spaced\ne: 1e22\ndir: out\n"
)
