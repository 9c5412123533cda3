"""How CI systems read what is handed to later steps: their parsers, as rules, and real shells."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from gto_action.answer.document import NAMES as OUTPUTS

DOCUMENTS = {"stages", "pulled", "json"}
"""The outputs of the action that are no value for later steps."""
SECRETS = {"CI_JOB_TOKEN": "s3cret", "System.AccessToken": "s3cret", "x": "s3cret", "READ_TOKEN": "s3cret"}


class RefusedError(ValueError):
    """The system takes nothing of it."""


def gitlab(data: bytes) -> dict[str, str]:
    """GitLab's `parse_dotenv_artifact_service.rb`, and what expands values: the runner by Go's `os.Expand`, and more."""
    if not len(data) < 5120:
        raise RefusedError("Dotenv Artifact Too Big")
    found: dict[str, str] = {}
    for line in data.decode().split("\n")[:-1]:  # `each_line`
        pairs = re.findall(r"^(.*?)=(.*)$", line)
        if not pairs:
            raise RefusedError("Invalid Format")
        key, value = (each.strip("\0\t\n\v\f\r ") for each in pairs[-1])
        if not re.fullmatch("[A-Za-z0-9_]+", key):
            raise RefusedError("Key can contain only letters, digits and '_'.")
        value = re.sub(r"%(\w+)%", lambda name: SECRETS.get(name[1], ""), value)
        found[key] = re.sub(r"\$(?:\{([^}]*)\}|(\w+)|.|$)", lambda name: SECRETS.get(name[1] or name[2], ""), value)
    if len(found) > 20:
        raise RefusedError("Dotenv files cannot have more than 20 variables")
    return found


def bitbucket(data: bytes) -> dict[str, str]:
    """The strictest reader that it may have: who knows? A shell's, or a dotenv library's."""
    found = {}
    for line in data.decode().split("\n")[:-1]:
        key, _, value = line.partition("=")
        if set(value) & set("$`\"'\\\r\0"):
            raise RefusedError(value)
        found[key] = value.strip()
    return found


def azure(log: str) -> tuple[dict[str, str], dict[str, str]]:
    """The variables and the outputs that Azure's agent takes from a log: `Command.cs`, `CommandStringConvertor.cs`.

    In the order in which it does so; then `$(NAME)` is expanded, again and again (`Variables.cs`).
    """
    variables: dict[str, str] = {}
    outputs: dict[str, str] = {}
    for line in re.split(r"\r\n|\r|\n", log):
        begin = line.lower().find("##vso[")
        end = line.find("]", begin)
        if begin < 0 or end < 0:
            continue
        command, _, properties = line[begin + len("##vso[") : end].partition(" ")
        if command != "task.setvariable":
            assert command == "task.uploadsummary", line
            continue
        given = dict(each.split("=", 1) for each in properties.split(";") if each)
        data = line[end + 1 :]
        for spelled, meant in (("%3B", ";"), ("%0D", "\r"), ("%0A", "\n"), ("%5D", "]"), ("%AZP25", "%")):
            data = data.replace(spelled, meant)
        known = outputs if given.get("isoutput") == "true" else variables
        known[given["variable"]] = data
    for known in (variables, outputs):
        for name in known:
            while (expanded := re.sub(r"\$\(([^)]*)\)", lambda found: SECRETS.get(found[1], ""), known[name])) != known[
                name
            ]:
                known[name] = expanded
    return variables, outputs


def shell(program: str, script: str, names: list[str], folder: Path) -> dict[str, str]:
    """What a shell that has read a script hands to the programs that it starts."""
    (folder / "script").write_text(script, encoding="utf-8", newline="")
    show = f". {folder}/script || exit 1; exec env -0"
    result = subprocess.run([program, "-c", show], capture_output=True, check=False, env={"PATH": "/usr/bin:/bin"})
    if result.returncode:
        raise RefusedError(result.stderr.decode())
    pairs = (each.split("=", 1) for each in result.stdout.decode().split("\0") if each)
    return {name: value for name, value in pairs if name in names}


def kubernetes(text: str) -> str:
    """A value of `env` in Kubernetes, in which Tekton's steps have results: `$(NAME)` is expanded, and `$$` is a `$`."""
    return re.sub(r"\$\$|\$\(([^)]*)\)", lambda found: SECRETS.get(found[1], found[0]) if found[1] else "$", text)


def folder(texts: Mapping[str, str], path: Path) -> dict[str, str]:
    """The files of a folder, as bytes that are UTF-8."""
    return {each.name: each.read_bytes().decode() for each in path.iterdir() if each.name in texts}


def document(text: str) -> dict[str, str]:
    """What a later step reads from the JSON document, as the variables that it would be."""
    found = json.loads(text)
    keys = (name.replace("-", "_") for name in OUTPUTS if name not in DOCUMENTS)
    values = {f"GTO_{key.upper()}": found[key] for key in keys}
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in values.items()}
