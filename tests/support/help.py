"""The options of a command, by its `--help`."""

import re
import subprocess


def options_of(program: list[str], command: str) -> set[str]:
    """Every spelling of every option that `--help` names."""
    told = subprocess.run(
        [*program, *([command] if command else []), "--help"], capture_output=True, text=True, check=True
    ).stdout
    listed = re.findall(r"^  (-[^ ,]+(?:, -[^ ,]+)*)", told, re.MULTILINE)
    return {spelling for line in listed for spelling in line.split(", ")}


def commands_of(program: list[str]) -> set[str]:
    """Every command that `--help` names, by its other names, too."""
    told = subprocess.run([*program, "--help"], capture_output=True, text=True, check=True).stdout
    listed = re.findall(r"^  ([a-z][a-z-]*)(?: \(([a-z,-]+)\))?  ", told, re.MULTILINE)
    return {name for each in listed for part in each if part for name in part.split(",")}
