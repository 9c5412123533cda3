"""The command `doctor`: everything that is wrong with a registry."""

import time
from functools import cache

import click

from gto_action.answer.doctor import diagnose, problem_document
from gto_action.cli import options
from gto_action.cli.checking import problem_lines
from gto_action.cli.place import EXPECTED
from gto_action.cli.terminal import show_json, show_lines, show_note
from gto_action.git.object_faults import read_raw


@click.command()
@options.repo_behind
@options.form("json", "As a list of JSON objects.")
@click.pass_context
def doctor(context: click.Context, /, **forms: bool) -> None:
    """Say everything that is wrong with the registry, and what to do; exit code 1 if anything is."""
    with context.obj.open() as session:
        if session.partial:
            show_note("warning: This is a partial clone; only those 'dvc.yaml' that are in it are checked.")
        read, raw = cache(session.tags.files.read), read_raw(session.tags, session.records)
        found = [*session.misconfigured, *diagnose(session.records, session.config, read, raw, time.time())]
    if options.only(forms):
        show_json([problem_document(problem) for problem in found])
    else:
        show_lines(problem_lines(found))
    if found:
        context.exit(EXPECTED)
