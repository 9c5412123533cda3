"""The action `page/`: makes a site of the registry, for a later step to publish."""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from gto_action.errors import InputError
from gto_action.hosts.github.runner import Runner
from gto_action.hosts.github.variables import read_environment, read_inputs
from gto_action.job.inputs import PageInputs
from gto_action.job.values import Lightweight
from gto_action.step.place import all_tags

_TITLE: Final = "Registry"


def run(environ: Mapping[str, str], host: Runner) -> None:
    """Makes the site.

    :raises GtoActionError: if that is not possible; an old site is as it was then.
    """
    inputs, environment = read_inputs(PageInputs, environ), read_environment(environ)
    _check(inputs.out)
    with all_tags(environment, inputs.token, inputs.timeout, host) as coming:
        # Most of the program is imported while git works.
        from gto_action.page.build import Question, build, outputs_of  # noqa: PLC0415
        from gto_action.page.facts import About  # noqa: PLC0415
        from gto_action.render.links import Links  # noqa: PLC0415

        tags = coming.tags()
        page = coming.page(tags)
        question = Question(
            out=Path(inputs.out),
            about=About(
                title=inputs.title or environment.repository or _TITLE,
                repository=tags.remote.shown if page else "",
                page=page,
            ),
            links=Links(page),
            accept_lightweight=inputs.lightweight is Lightweight.ACCEPT,
            gto=environment.gto,
            now=time.time(),
            cache=environment.cache_path,
        )
        built = build(question, tags, host.debug)
        host.write_outputs(outputs_of(built, inputs.out))
        host.log(built.said(inputs.out), bold=True)


def _check(out: str) -> None:
    """Refuses a folder that no later step would see, that is the workspace itself, or that is git's.

    :raises InputError: if it is one.
    """
    from gto_action.pull.placement import in_git, within  # noqa: PLC0415 - slower to import than the rest

    workspace = Path.cwd()
    place = Path(os.path.normpath(workspace / out))  # as the site takes it
    if not within(place, workspace) or in_git(place, workspace):
        raise InputError(
            f"The input 'out' is {out!r}, which leads out of the workspace or into a '.git'.",
            "Name a folder of the workspace, such as 'site'.",
        )
