"""The workflows of `examples/`, run by act: as they are, on a registry and with recorders in place of the outside."""

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Final

from gto_action.published import REPOSITORY
from tests.e2e.act import act, run
from tests.e2e.engine import ROOT, alone, image_id, is_there, remove
from tests.support.git_server import GitServer
from tests.support.repo import Repo
from tests.support.webhooks import payloads

EXAMPLES: Final = ROOT / "examples"
_ACTION: Final = f"{REPOSITORY}@v3"
_USED: Final = re.compile(rf"uses: ({REPOSITORY}\S+)")
_OTHERS: Final = re.compile(r"actions/(checkout|upload-pages-artifact|deploy-pages)@[0-9a-f]{40}")
"""What is not reached from here, or does nothing in act."""
HEROKU_KEY: Final = "HRKU-0123456789"

_RECORD: Final = """\
#!/bin/bash
{{
  printf '%s' {name}
  [ $# = 0 ] || printf ' %q' "$@"
  printf ' # %s %s\\n' "$(git log -1 --format=%s)" "$(git rev-parse --show-prefix)"
}} | sed 's/ *$//' >> /marks/done
"""
_DOCKER: Final = f"""{_RECORD.format(name="docker")}\
[ "$1" != login ] || cat > /marks/password
[ "$1" != build ] || cp "$ARTIFACT_PATH" /marks/model
"""

_DVC_YAML: Final = """\
artifacts:
  churn: {path: models/churn.pkl, type: model}
"""
_SENTIMENT: Final = """\
artifacts:
  Sentiment: {path: s.onnx, meta: {regions: [eu, "us; touch /marks/injected"]}}
"""
_FACES: Final = "artifacts: {faces: {path: f.onnx}}\n"
_FILES: Final = {
    "dvc.yaml": _DVC_YAML,
    "models/nlp/dvc.yaml": _SENTIMENT,
    "models/cv/dvc.yaml": _FACES,
    "models/nlp/deploy.sh": _RECORD.format(name="deploy"),
    "models/cv/deploy.sh": _RECORD.format(name="deploy"),
    "deploy.sh": _RECORD.format(name="deploy"),
    "withdraw.sh": _RECORD.format(name="withdraw"),
    "check.sh": _RECORD.format(name="check"),
}
_MODELS: Final = {"models/churn.pkl": "a model", "models/nlp/s.onnx": "a model of language"}
# Each commit with its tags, in the order of time; the last commit is what a checkout without a ref would give.
_HISTORY: Final = (
    ("A", ("churn@v1.0.0", "churn#prod#1", "old@v1.0.0", "old#prod#1", "fraud@v1.0.0", "fraud#prod#1")),
    ("B", ("churn@v2.0.0-rc.1+cpu", "churn#prod#2", "churn#staging", "fraud@v1.1.0", "fraud#prod#2")),
    ("C", ("models/nlp=Sentiment@v0.1.0", "models/nlp=Sentiment#prod#1", "models/cv=faces#prod", "not_gto_#prod")),
    ("D", ()),
)
_LATER: Final = {"churn#prod!#3": "churn#prod#2", "old#prod!#2": "old#prod#1"}


@dataclass(frozen=True, slots=True)
class ExampleRepository:
    """The repository that the examples are in."""

    root: Path
    """Of a git server: the repository is `root/acme/models`."""
    commits: dict[str, str]
    """The commit of each tag, and of `main`; and by its letter."""


def make_repository(root: Path, start: int = 1_700_000_000) -> ExampleRepository:
    """Makes the repository `root/acme/models`, each commit and tag a minute after the one before."""
    repo, commits, time = Repo(root / "acme/models"), dict[str, str](), start
    for letter, tags in _HISTORY:
        time += 60
        models = {path: f"{text}, {letter}" for path, text in _MODELS.items()}
        commits[letter] = repo.commit({**_FILES, **models, "letter": letter}, time=time, message=letter)
        for tag in tags:
            time += 60
            repo.tag(tag, commits[letter], time=time)
            commits[tag] = commits[letter]
    for tag, target in _LATER.items():
        time += 60
        repo.tag(tag, commits[target], time=time)
        commits[tag] = commits[target]
    commits["main"] = commits["D"]
    return ExampleRepository(root, commits)


@dataclass(frozen=True, slots=True)
class ExampleRun:
    """What an example did."""

    code: int
    log: str
    said: set[str]
    """The lines that its steps printed."""
    done: list[str]
    """What was called, with its arguments and the commit and folder it was called in; sorted."""
    marks: Path


@dataclass(frozen=True, slots=True)
class Examples:
    """Runs examples."""

    program: Path
    action: Path
    image: str
    """What the action's image has to be."""
    repository: ExampleRepository
    server: GitServer
    folder: Path
    api: str = ""
    """The address of GitHub's API, if there is one."""

    def push(self, example: str, tag: str, *, mounts: Mapping[str, str] | None = None) -> ExampleRun:
        """Runs an example for a pushed tag. Mounts are texts for files of the job's container."""
        payload = {**self._payload(tag), "ref": f"refs/tags/{tag}", "created": True}
        return self._run(example, "push", payload, mounts or {})

    def dispatch(self, example: str, **inputs: str) -> ExampleRun:
        return self._run(example, "workflow_dispatch", {**self._payload("main"), "inputs": inputs}, {})

    def dispatch_tag(self, example: str, tag: str) -> ExampleRun:
        """Runs an example as GitHub does when it is dispatched on a tag."""
        return self._run(example, "workflow_dispatch", {**self._payload(tag), "ref": f"refs/tags/{tag}"}, {})

    def delete(self, example: str, tag: str) -> ExampleRun:
        """Runs an example for GitHub's own example of a deletion, of this tag."""
        return self._run(example, "delete", payloads("delete")[0] | self._payload("main") | {"ref": tag}, {})

    def nightly(self, example: str) -> ExampleRun:
        return self._run(example, "schedule", self._payload("main"), {})

    def _payload(self, name: str) -> dict[str, object]:
        repository = {"name": "models", "full_name": "acme/models", "default_branch": "main"}
        owner = {"login": "acme", "name": "acme"}
        commit = self.repository.commits[name]
        return {"ref": "refs/heads/main", "after": commit, "repository": {**repository, "owner": owner}}

    def _run(self, example: str, trigger: str, payload: dict[str, object], mounts: Mapping[str, str]) -> ExampleRun:
        folder = Path(mkdtemp(dir=self.folder))
        project, marks = folder / "project", folder / "marks"
        for each in (project / ".github/workflows", marks):
            each.mkdir(parents=True)
        text = (EXAMPLES / example).read_text()
        # The one line that act, whose schema is older, does not know. All else is run as it is.
        (project / ".github/workflows" / example).write_text(
            re.sub(r"^ +queue: max\b.*\n", "", text, flags=re.MULTILINE)
        )
        subprocess.run(["git", "init", "-q", "-b", "main", str(project)], check=True)  # act asks for one
        command = [
            *act(
                self.program,
                trigger,
                payload,
                project=project,
                marks=marks,
                server=self.server,
                mounts=[self._mount(path, content) for path, content in mounts.items()],
            ),
            f"--local-repository={_ACTION}={self.action}",
            *stand_ins(text, folder / "others"),
            *(("--env", f"GITHUB_API_URL={self.api}") if self.api else ()),
            *("--var", "REGISTRY=images.example/acme", "--var", "REGISTRY_USER=ada", "--var", "HEROKU_APP=acme-churn"),
        ]
        images = {_image_of(used) for used in _USED.findall(text)}
        secrets = {"GITHUB_TOKEN": self.server.token, "REGISTRY_PASSWORD": "open sesame", "HEROKU_API_KEY": HEROKU_KEY}
        with alone("act"):  # its images and containers have names that are no run's own
            for image in images:  # after a build that failed, act runs the image of the run before and is content
                remove(image)
            process = run(command, folder=folder, secrets=secrets)
            built = [image_id(image) for image in images if is_there(image)]
            assert built == [image_id(self.image)] * len(built) != [], process.stdout
        said = {line.split("  | ", 1)[1].strip() for line in process.stdout.splitlines() if "  | " in line}
        done = marks / "done"
        calls = sorted(done.read_text().splitlines()) if done.exists() else []
        return ExampleRun(process.returncode, process.stdout, said, calls, marks)

    def _mount(self, path: str, content: str) -> str:
        file = self.folder / Path(path).name
        file.write_text(content)
        file.chmod(0o755)
        return f"{file}:{path}:ro"


def stand_ins(text: str, folder: Path) -> tuple[str, ...]:
    """The options by which act takes our stand-ins, in a new folder, for actions of others that a workflow names."""
    options = []
    for used, name in sorted({match[0]: match[1] for match in _OTHERS.finditer(text)}.items()):
        (folder / name).mkdir(parents=True, exist_ok=True)
        shutil.copy2(Path(__file__).with_name(f"{name}.yml"), folder / name / "action.yml")
        options.append(f"--local-repository={used}={folder / name}")
    return tuple(options)


def _image_of(used: str) -> str:
    """How act calls the image of an action, such as `gto-action/gto-action/catch-up@v3`."""
    folder = used.partition("@")[0].split("/")[2:]
    name = "-".join((used, *folder))
    return f"act-{re.sub('[^a-z0-9]', '-', name)}-dockeraction:latest"


def docker_recorder() -> dict[str, str]:
    """A `docker` for the job that writes down how it is called."""
    return {"/usr/local/bin/docker": _DOCKER}


def heroku_at(server: GitServer) -> dict[str, str]:
    """Git's configuration in which Heroku is the folder `heroku` of a server."""
    return {"/etc/gitconfig": f'[url "{server.url}/heroku/"]\n\tinsteadOf = https://git.heroku.com/\n'}
