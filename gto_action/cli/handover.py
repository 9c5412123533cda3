"""Hands over an answer: to people as a table and a page, to later steps as values and as JSON."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from gto_action.answer.answer import Answer, OfEvent, OfVersion
from gto_action.answer.document import NAMES, document_of, outputs_of
from gto_action.cli.terminal import show_lines, show_note, show_table, show_text
from gto_action.errors import InputError, Level, Problem, StrictError
from gto_action.hosts.ci_systems import System
from gto_action.hosts.files import append, write
from gto_action.hosts.formats import Carried, Format, as_json, carry
from gto_action.render.links import Links
from gto_action.render.log import headline
from gto_action.render.markup import plain
from gto_action.render.summary import summary
from gto_action.render.tables import columns

STDOUT: Final = "-"
_JSON: Final = "gto.json"
_PAGE: Final = "gto.md"
_OUTPUTS: Final = {Format.JSON: _JSON, Format.SH: "gto.sh", Format.DOTENV: "gto.env"}
"""Where to write values if the CI system does not say."""
_HANDED: Final = tuple(name for name in NAMES if name not in {"stages", "pulled", "json"})
"""What every format can carry: no documents. And a variable GTO_STAGES would be gto's own configuration."""
_LONG: Final = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Paths:
    """Where to write things; empty means the CI system's own place."""

    output: str
    json_file: str
    summary: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handover:
    """Where to write an answer, and in which form; empty means nowhere."""

    form: Format | None
    output: str
    """A path, or `-`."""
    added_to: str
    """The variable that names the file from which the system reads values, if that is `output`."""
    names: Mapping[str, str]
    """The names of the values, by the names of the outputs."""
    json_file: str
    summary: str
    summary_added_to: str
    """As `added_to`."""
    shows: str
    """The command that makes the system show the summary, before the path."""

    @staticmethod
    def variables(prefix: str) -> dict[str, str]:
        """The names of the variables, by the names of the outputs."""
        return {name: f"{prefix}{name.replace('-', '_').upper()}" for name in _HANDED}

    @classmethod
    def to(
        cls, system: System | None, form: Format | None, prefix: str, paths: Paths, variables: Mapping[str, str]
    ) -> "Handover":
        """Where to write an answer.

        :raises InputError: if that is not known.
        """
        form = form or (system.format if system else None)
        if form is None and paths.output:
            raise InputError("--output needs --format, because no CI system was recognized whose format could be used.")
        own = system.output if system and form is system.format else ""
        output = paths.output or _output(system, form, own, variables)
        default = _JSON if system and form is not Format.JSON else ""
        page = variables.get(system.summary, "") if system else ""
        shown = f"{variables.get(system.scratch, '') or '.'}/{_PAGE}" if system and system.shows else ""
        return cls(
            form=form,
            output=output,
            added_to=own if own and output == variables.get(own) else "",
            names=dict(zip(_HANDED, _HANDED, strict=True)) if form in {Format.DIR, None} else cls.variables(prefix),
            json_file=paths.json_file or default,
            summary=paths.summary or page or shown,
            summary_added_to=system.summary if system and page and paths.summary in {"", page} else "",
            shows=system.shows if system else "",
        )

    def hand_over(self, answer: Answer, links: Links, *, strict: bool) -> bool:
        """Prints what was found, then writes it, values last; returns whether the filters match.

        :raises StrictError: if there is a problem that `strict` turns into an error, or a value that was left out.
        :raises HostError: if something cannot be written.
        :raises OutputError: if standard output cannot be written.
        """
        outputs = outputs_of(answer)
        document = as_json(document_of(answer))
        values = {self.names[name]: outputs[name] for name in _HANDED}
        carried = Carried(values, "", {})
        if self.form is Format.JSON:
            carried = Carried(values, document, {})
        elif self.form:
            carried = carry(self.form, values)
        _tell((*answer.problems, *self._left_out(carried, strict=strict)), strict=strict, but=headline(answer))
        self._show(answer, values)
        if self.json_file:
            write(Path(self.json_file), document, "The file of --json-file")
        if self.summary:
            self._summarise(summary(answer, links, int(time.time()), whole=True))
        self._write(carried)
        return outputs["matched"] == "true"

    def _left_out(self, carried: Carried, *, strict: bool) -> Iterable[Problem]:
        where = f"{self.json_file} has it." if self.json_file and not strict else "The format 'json' has it."
        for name, why in carried.left_out.items():
            yield Problem(Level.WARNING, f"{name} is left empty, because its value {why}.", where, fails_strict=True)

    def _show(self, answer: Answer, values: Mapping[str, str]) -> None:
        """Shows the answer to people; on standard error if the values go to standard output."""
        said = [answer.unmatched] if isinstance(answer, OfEvent | OfVersion) and answer.unmatched else []
        said += [str(problem) for problem in answer.problems if problem.message == headline(answer)] or [
            headline(answer)
        ]
        rows = [(name, value[:_LONG]) for name, value in values.items() if value]
        head = ("value" if self.form in {Format.DIR, None} else "variable", "is")
        if self.output == STDOUT and self.form is not Format.AZURE:
            for line in (*said, *(columns(head, [(name, plain(value)) for name, value in rows]) if rows else ())):
                show_note(line)
        else:
            show_lines(said)
            show_table(head, rows)

    def _summarise(self, page: str) -> None:
        if self.summary_added_to:
            append(self.summary, self.summary_added_to, page)
            return
        write(Path(self.summary), page, "The file of --summary")
        if self.shows:
            show_text(f"{self.shows}{plain(str(Path(self.summary).absolute()))}\n")

    def _write(self, carried: Carried) -> None:
        if self.form is Format.DIR:
            for name, text in carried.texts.items():
                write(Path(self.output, name), text, "The folder of --output")
        elif self.output == STDOUT:
            show_text(carried.text)
        elif self.added_to:
            append(self.output, self.added_to, carried.text)
        elif self.output:
            write(Path(self.output), carried.text, "The file of --output")


def _output(system: System | None, form: Format | None, own: str, variables: Mapping[str, str]) -> str:
    """Where to write values by default; empty for nowhere."""
    if form is None:
        return ""
    if own:
        if not (path := variables.get(own, "")):
            raise InputError(f"{own} is not set, so the values have nowhere to go.", "Name a file with --output.")
        return path
    if form is Format.DIR:
        raise InputError("The format 'dir' needs a folder.", "Name it with --output.")
    return _OUTPUTS.get(form, STDOUT) if system else STDOUT


def _tell(problems: Iterable[Problem], *, strict: bool = False, but: str = "") -> None:
    """Prints problems, one per line, except one whose message is printed anyway.

    :raises StrictError: for the first problem that must be an error, after printing the others.
    """
    problems = list(problems)
    fatal = next((problem for problem in problems if problem.fails_strict), None) if strict else None
    for problem in problems:
        if problem is not fatal and problem.message != but:
            show_note(f"{problem.level.value}: {problem}")
    if fatal:
        hint = f"It is an error because of --strict. {fatal.hint}".rstrip()
        raise StrictError(fatal.message, hint, file=fatal.file, line=fatal.line)
