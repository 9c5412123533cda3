"""The command line: the same answers for a terminal or any CI."""

import traceback
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import click

import gto_action
from gto_action.cli import gto_json, options
from gto_action.cli.checking import of_artifacts, of_event, part_of, why_nothing, without_version
from gto_action.cli.elsewhere import Group, Other, verbose_option
from gto_action.cli.place import EXPECTED, Place
from gto_action.cli.session import Session
from gto_action.cli.terminal import (
    history_table,
    lost,
    registry_table,
    show_json,
    show_lines,
    show_note,
    show_table,
    stages_of,
    versions_table,
)
from gto_action.errors import OutputError, RegistryError
from gto_action.gto.listing import Listing
from gto_action.gto.names import ArtifactName
from gto_action.gto.selector import Selector, parse_wanted
from gto_action.gto.tag import parse_tag, tag_name_of
from gto_action.system.cancellation import cancellable

_BUG = 3


def main(
    arguments: Sequence[str],
    variables: Mapping[str, str],
    others: Iterable[Other] = (),
) -> int:
    """Runs the command line; returns 0 for an answer, 1 for a failure or a problem, 2 for wrong usage, 3 for a bug.

    Args:
        arguments: what follows the program's name.
        variables: the environment.
        others: the commands of another face.
    """
    group.others = {each.name: each for each in (*LATE, *others)}
    try:
        with cancellable():
            group.main(list(arguments), prog_name="gto-action", obj=variables)
    except Exception as error:  # noqa: BLE001 - anything unexpected is reported as a bug
        if failure := lost(error) if isinstance(error, OSError) else error if isinstance(error, OutputError) else None:
            show_note(f"error: {failure}")
            return EXPECTED
        for line in traceback.format_exc().splitlines():
            show_note(line)
        show_note("error: This is a bug in gto-action. Please report it, with the lines above.")
        return _BUG
    raise AssertionError  # pragma: no cover - click exits


@click.group(cls=Group, context_settings={"help_option_names": ["-h", "--help"]})
@options.repo
@verbose_option
@click.version_option(gto_action.__version__, prog_name="gto-action")
@click.pass_context
def group(context: click.Context, repo: str | None) -> None:
    """Say what the GTO tags of a repository mean. Nothing is written to it."""
    context.obj = Place(repo, context.obj or {})


@group.command("check-ref")
@options.repo_behind
@click.argument("ref")
@options.as_json
@options.form("name", "Only the artifact.")
@options.form("version", "Only the version, if there is one.")
@options.form("stage", "Only the stage, if there is one.")
@options.form("event", "Only the kind of the event.")
@click.pass_obj
def check_ref(place: Place, /, ref: str, **forms: bool) -> None:
    """Say what the tag REF says happened; if there is no answer, standard error says why."""
    form = options.only(forms)
    tag = parse_tag(tag_name_of(ref) or ref)
    with place.open() as session:
        reason = why_nothing(ref, session.registry)
        if tag is None or reason:  # as gto: no output
            show_note(reason)
            return
        event = session.registry.event(tag)
        _doubt(session, of_event(event))
        if form == "json":
            show_json(gto_json.event_document(event, session.tags.message(event.record.oid)[0]))
        elif text := part_of(event, form):
            show_lines([text])


@group.command()
@options.repo_behind
@click.argument("name", required=False, metavar="[NAME | NAME@latest | NAME@vX.Y.Z | NAME#STAGE]")
@options.as_json
@options.as_plain
@options.form("name", "Only the artifacts, one a line.")
@options.form("version", "Only the versions, one a line.")
@options.form("stage", "Only the stages, a line for each version.")
@options.form("ref", "Only the tags, one a line.")
@options.listed
@click.pass_obj
def show(place: Place, /, name: str | None, *, listing: Listing, **forms: bool) -> None:
    """Show the registry, the versions of an artifact, or one version."""
    form = options.only(forms)
    if name is None and form in {"ref", "version", "stage"}:
        raise click.UsageError(f"--{form} needs a NAME.")
    with place.open() as session:
        if name is None:
            _show_registry(session, listing, form)
        else:
            _show_versions(session, *parse_wanted(name), listing, form)


def _doubt(session: Session, commits: Iterable[tuple[ArtifactName, str]]) -> None:
    """Warns that tags may be missing, if it looks so and no other warning said it."""
    if session.may_lack_tags and (line := without_version(commits)):
        show_note(line)


def _show_registry(session: Session, listing: Listing, form: str) -> None:
    document = gto_json.registry_document(session.registry, session.config.stages, listing)
    _doubt(session, of_artifacts(artifact for artifact in session.registry.artifacts() if artifact.active))
    if form == "json":
        show_json(document)
    elif form == "name":
        show_lines(document)
    else:
        show_table(*registry_table(document), as_plain=form == "plain")


def _show_versions(
    session: Session, name: ArtifactName, selector: Selector | None, listing: Listing, form: str
) -> None:
    artifact = session.registry.artifact(name)
    if not artifact.events:
        raise RegistryError(f"There is no artifact {str(name)!r} in the registry.", "See all with: gto-action show")
    document = gto_json.versions_document(artifact, selector, session.tags.notes(), listing)
    _doubt(session, of_artifacts([artifact] if artifact.active else ()))
    match form:
        case "json":
            show_json(document)
        case "" | "plain":
            show_table(*versions_table(document), as_plain=form == "plain")
        case "stage":
            show_lines(stages_of(row) for row in document)
        case _:
            show_lines(row["artifact" if form == "name" else form] for row in document)


@group.command()
@options.repo_behind
@click.argument("name", required=False)
@options.as_json
@options.as_plain
@click.option("--asc", "--ascending", "ascending", is_flag=True, help="Oldest first.")
@click.pass_obj
def history(place: Place, /, name: str | None, *, ascending: bool, **forms: bool) -> None:
    """Show all events, or those of the artifact NAME, newest first."""
    form = options.only(forms)
    with place.open() as session:
        artifacts = [each for each in session.registry.artifacts() if name in {None, str(each.name), each.name.in_tag}]
        document = gto_json.history_document(artifacts, session.tags.notes())
        document = document[::-1] if ascending else document
        if form == "json":
            show_json(document)
        else:
            show_table(*history_table(document), as_plain=form == "plain")


@group.command()
@options.repo_behind
@options.as_json
@options.form("allowed", "Only those that .gto allows.")
@options.form("used", "Only those in use.")
@click.pass_obj
def stages(place: Place, /, *, as_json: bool, **which: bool) -> None:
    """List the stages: those that .gto allows, or else those in use."""
    asked = options.only(which)
    with place.open() as session:
        allowed = None if asked == "used" else session.config.stages
        if asked == "allowed" and allowed is None:
            document = None
        else:
            document = gto_json.stages_document(session.registry, allowed)
    if as_json:
        show_json(document)
    else:
        show_lines(document or ())


@group.command()
@options.repo_behind
@click.option("--other", is_flag=True, help="The tags that are not GTO's instead.")
@click.pass_obj
def tags(place: Place, *, other: bool) -> None:
    """List the tags that are GTO's, one a line."""
    with place.open() as session:
        names = sorted(record.name for record in session.records)
        show_lines(name for name in names if (parse_tag(name) is None) is other)


def _doctor() -> click.Command:
    from gto_action.cli.doctor import doctor  # noqa: PLC0415 - see LATE

    return doctor


def _event() -> click.Command:
    from gto_action.cli.event import event  # noqa: PLC0415 - see LATE

    return event


def _page() -> click.Command:
    from gto_action.cli.page import page  # noqa: PLC0415 - see LATE

    return page


LATE: Final = (
    Other("doctor", "Say everything that is wrong with the registry, and what to do.", _doctor),
    Other("event", "Say what the tag REF says happened, and pass it to later steps.", _event),
    Other("page", "Make a site of the registry: pages to look at, and JSON for programs.", _page),
)
"""Commands that are imported when they are asked for, as it takes longer than what the others do."""
group.others = {each.name: each for each in LATE}
