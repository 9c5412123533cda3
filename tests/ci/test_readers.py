"""What the vendors' own parsers read of what is written, and GitLab's rules for reports, each a row."""

import json
import subprocess
from typing import Final

import pytest

from gto_action.hosts.formats import Format, carry
from tests.hosts.test_formats import HOSTILE
from tests.support import ci_readers
from tests.support.ci_readers import RefusedError
from tests.support.npm import NpmError, NpmFile, node
from tests.support.skipping import skip

_PARSER: Final = NpmFile(
    "azure-pipelines-task-lib",
    "5.281.0",
    "sha512-sGlLjpNpKTpCvlrlN84SKVikDqJnD+8AVWxsvUk5T5vsX4n8aX5S2BWqqAg3zjVZp+z/5A0zcjOPkpacbqOTEg==",
    "taskcommand.js",
    "azure-pipelines-taskcommand-5.281.0.js",
)
# Reads logs from standard input, as JSON; the agent takes them apart at line feeds.
_READ: Final = """
const {commandFromString} = require(process.argv[1]);
const logs = JSON.parse(require('fs').readFileSync(0, 'utf8'));
console.log(JSON.stringify(logs.map(log => log.split('\\n').filter(Boolean).map(commandFromString))));
"""


def test_microsofts_parser_reads_what_is_written() -> None:
    try:
        command = [node(), "-e", _READ, str(_PARSER.fetch())]
    except NpmError as error:
        skip("the parser of Azure Pipelines", str(error))
    carried = [carry(Format.AZURE, {"GTO_DESCRIPTION": text, "GTO_TAG": "churn#prod#4"}) for text in HOSTILE]
    logs = json.dumps([each.text for each in carried])
    process = subprocess.run(command, input=logs, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stderr
    for each, commands in zip(carried, json.loads(process.stdout), strict=True):
        assert {found["command"] for found in commands} == {"task.setvariable"}
        for is_output in (False, True):
            found = {
                found["properties"]["variable"]: found["message"]
                for found in commands
                if (found["properties"].get("isoutput") == "true") is is_output
            }
            assert found == each.texts


@pytest.mark.parametrize(
    ("data", "read"),
    [
        ("A=churn#prod#4\n", {"A": "churn#prod#4"}),
        ("A='a'\n", {"A": "'a'"}),
        ('A="a b"\n', {"A": '"a b"'}),
        ("A=\n", {"A": ""}),
        ("A= a \n", {"A": "a"}),
        (" A =a\n", {"A": "a"}),
        ("A=b=c\n", {"A": "b=c"}),
        ("A=1\nA=2\n", {"A": "2"}),
        ("A=$CI_JOB_TOKEN\n", {"A": "s3cret"}),
        ("A=${CI_JOB_TOKEN}\n", {"A": "s3cret"}),
        ("A=%CI_JOB_TOKEN%\n", {"A": "s3cret"}),
        ("".join(f"A{number}=\n" for number in range(20)), {f"A{number}": "" for number in range(20)}),
        (f"A={'x' * 5_116}\n", {"A": "x" * 5_116}),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_what_gitlab_reads_of_a_report(data: str, read: dict[str, str]) -> None:
    """`app/services/ci/parse_dotenv_artifact_service.rb`; the runner's `common/spec/variables.go`."""
    assert ci_readers.gitlab(data.encode()) == read


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("\n", "Invalid Format"),
        ("A=1\n\nB=2\n", "Invalid Format"),
        ("# comment\n", "Invalid Format"),
        ("A=two\nlines\n", "Invalid Format"),
        ("A B=1\n", "letters, digits"),
        ("=1\n", "letters, digits"),
        ("É=1\n", "letters, digits"),
        (f"A={'x' * 5_117}\n", "Too Big"),
        ("".join(f"A{number}=\n" for number in range(21)), "more than 20"),
    ],
    ids=lambda value: repr(value)[:24],
)
def test_what_gitlab_refuses_of_a_report(data: str, why: str) -> None:
    with pytest.raises(RefusedError, match=why):
        ci_readers.gitlab(data.encode())
