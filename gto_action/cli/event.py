"""The command `event`: says what the run's tag says happened, to people and to later steps, in any CI system."""

import re
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from gto_action.cli.answering import Asked, answer_in
from gto_action.cli.checking import ADVICE
from gto_action.cli.handover import Handover, Paths
from gto_action.cli.options import repo_behind
from gto_action.cli.place import Place, failing
from gto_action.errors import InputError, Kind
from gto_action.hosts.ci_run import AUTO, system_of, trigger_of
from gto_action.hosts.ci_systems import BY_KEY, System
from gto_action.hosts.formats import Format
from gto_action.job.filters import Filters
from gto_action.job.patterns import event_patterns, name_patterns, stage_patterns
from gto_action.job.trigger import OfNothing
from gto_action.job.values import Lightweight, selector

_prefix: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*_", re.ASCII)
# Variables of other programs; a prefix that leads to one is refused.
_TAKEN: Final = {
    *("BUNDLE_PATH", "DYLD_LIBRARY_PATH", "GEM_PATH", "GITHUB_PATH", "GIT_EXEC_PATH", "LD_LIBRARY_PATH", "NODE_PATH"),
    *("DVC_EXP_NAME", "DVC_STAGE"),
}

_Command = TypeVar("_Command", bound=Callable[..., Any])
_Parse = Callable[[str, str], Any]


def _as(parse: _Parse) -> Callable[[click.Context, click.Parameter, Any], Any]:
    """A callback that parses an option's text, or its lines if the option may be repeated."""

    def parsed(_: click.Context, option: click.Parameter, given: Any) -> Any:  # noqa: ANN401 - click's signature
        text = given if isinstance(given, str) else "\n".join(given or ())
        try:
            return parse(str(option.name), text)
        except InputError as error:
            said = str(error).removeprefix(f"The input {option.name!r} ")
            raise click.BadParameter(f"it {said}" if said != str(error) else said) from error

    return parsed


def _checked_prefix(_: str, text: str) -> str:
    if not _prefix.fullmatch(text):
        raise InputError(
            f"{text!r} cannot begin the names of variables. Use letters, digits and '_', and end with '_'."
        )
    if taken := next((name for name in Handover.variables(text).values() if name in _TAKEN), ""):
        raise InputError(f"The prefix {text!r} would set {taken}, which other programs read.")
    return text


def _filter(name: str, what: str, parse: _Parse) -> Callable[[_Command], _Command]:
    help_text = f"A pattern for the {what} that match; may be repeated, or have one pattern per line."
    return click.option(f"--{name}", multiple=True, metavar="PATTERN", callback=_as(parse), help=help_text)


@click.command(context_settings={"auto_envvar_prefix": "GTO_ACTION_EVENT"})
@repo_behind
@click.argument("ref", required=False, default="", envvar="GTO_ACTION_EVENT_REF")
@click.option(
    "--ci",
    type=click.Choice([AUTO, *BY_KEY]),
    default=AUTO,
    help="The CI system; by default recognized by its variables.",
)
@click.option(
    "--format",
    type=click.Choice([AUTO, *(each.value for each in Format)]),
    default=AUTO,
    help="How later steps read the values; by default in the CI system's way.",
)
@click.option("--output", default="", metavar="PATH", help="Where to write the values; - is standard output.")
@click.option(
    "--prefix", default="GTO_", show_default=True, callback=_as(_checked_prefix), help="The prefix of variables."
)
@click.option(
    "--json-file", default="", metavar="PATH", help="Where to write everything as JSON; in a CI system gto.json."
)
@click.option(
    "--summary", default="", metavar="PATH", help="Where to write a page in Markdown; by default where the CI shows it."
)
@_filter("events", "events", event_patterns)
@_filter("names", "artifacts", name_patterns)
@_filter("stages", "stages", stage_patterns)
@click.option(
    "--artifact",
    default="",
    metavar="NAME@VERSION|NAME#STAGE",
    callback=_as(selector),
    help="A version to look up instead.",
)
@click.option(
    "--lightweight",
    type=click.Choice([each.value for each in Lightweight]),
    default=Lightweight.FAIL.value,
    show_default=True,
    help="What to do about a lightweight tag, which GTO ignores.",
)
@click.option("--strict", is_flag=True, help="Fail if it is not a GTO tag, or if anything else is wrong.")
@click.option("--token-env", default="", metavar="NAME", help="The variable with the token for reading.")
@click.option(
    "--unmatched-exit",
    type=click.IntRange(0, 255),
    default=0,
    show_default=True,
    help="The exit code if the patterns do not match, or there is no event.",
)
@click.pass_context
def event(context: click.Context, /, ref: str, ci: str, **given: Any) -> None:  # noqa: ANN401 - click's signature
    """Say what the tag REF says happened, and pass it to later steps.

    By default REF is the tag that the CI system runs for. The tags are read from the server, with the CI's credentials.
    Every option can also be set as a variable, such as GTO_ACTION_EVENT_CI for --ci.
    """
    place: Place = context.obj
    if ref and given["artifact"]:
        raise click.UsageError("REF and --artifact cannot be given together.")
    with failing():
        system = system_of(ci, place.variables)
        trigger = OfNothing("") if given["artifact"] else trigger_of(ref, system, place.variables)
    with failing(advice_in(system)):
        paths = Paths(output=given["output"], json_file=given["json_file"], summary=given["summary"])
        form = None if given["format"] == AUTO else Format(given["format"])
        handover = Handover.to(system, form, given["prefix"], paths, place.variables)
        asked = Asked(
            wanted=given["artifact"],
            trigger=trigger,
            filters=Filters(events=given["events"], names=given["names"], stages=given["stages"]),
            lightweight=Lightweight(given["lightweight"]),
            token_env=given["token_env"],
            whole=bool(handover.summary),
        )
        answer, links = answer_in(system, place.repo, asked, place.variables)
        matched = handover.hand_over(answer, links, strict=given["strict"])
    context.exit(0 if matched else given["unmatched_exit"])


def advice_in(system: System | None) -> dict[Kind, str]:
    """The advice for failures, in terms of a CI system."""
    if system is None:
        return {**ADVICE}
    return {**ADVICE, Kind.REFUSED: system.access, Kind.MISSING: f"Check the address. {system.access}"}
