r"""What the runner makes of the files that a step writes to, in the runner's own way.

After `FileCommandManager.cs` of actions/runner: a line is `NAME=VALUE` or `NAME<<DELIMITER`, whichever sign comes
first, and anything else fails the step. On Linux only `\n` ends a line.
"""


class FileCommandError(Exception):
    """What fails the step, in the runner's words."""


def parse_outputs(data: bytes) -> dict[str, str]:
    """The names and values in the file of GITHUB_OUTPUT; of two of a name the last.

    :raises FileCommandError: as the runner does.
    """
    values: dict[str, str] = {}
    rest = data.decode("utf-8-sig", errors="replace")
    while rest:
        line, _, rest = rest.partition("\n")
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if heredoc >= 0 and not 0 <= equals < heredoc:
            name, delimiter = line.split("<<", 1)
            if not name or not delimiter:
                raise FileCommandError(f"Invalid format {line!r}. Name and delimiter must not be empty")
            values[name], rest = _heredoc(rest, delimiter)
        elif equals >= 0:
            name, value = line.split("=", 1)
            if not name:
                raise FileCommandError(f"Invalid format {line!r}. Name must not be empty")
            values[name] = value
        else:
            raise FileCommandError(f"Invalid format {line!r}")
    return values


def _heredoc(text: str, delimiter: str) -> tuple[str, str]:
    """The value before the line that is the delimiter, without the line end before it, and what follows."""
    lines: list[str] = []
    rest = text
    while rest:
        line, end, rest = rest.partition("\n")
        if line == delimiter:
            return "\n".join(lines), rest
        if not end:
            raise FileCommandError("Invalid value. EOF marker missing new line.")
        lines.append(line)
    raise FileCommandError(f"Invalid value. Matching delimiter not found {delimiter!r}")
