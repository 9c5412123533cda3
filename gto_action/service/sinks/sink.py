"""A sink: what takes events, by its settings."""

import json
from collections.abc import Mapping

from gto_action.answer.answer import Nothing
from gto_action.answer.document import document_of
from gto_action.errors import InputError
from gto_action.service.config.secrets import Secret, Vault
from gto_action.service.config.settings import (
    CommandTarget,
    DispatchTarget,
    HttpTarget,
    PipelineTarget,
    SinkSettings,
    Target,
)
from gto_action.service.rules.signing import why_weak
from gto_action.service.sinks.command import command
from gto_action.service.sinks.endpoint import Deliver, dispatch, endpoint, pipeline
from gto_action.service.sinks.message import Message


def sink_of(settings: SinkSettings, vault: Vault, variables: Mapping[str, str]) -> Deliver:
    """What delivers to a sink."""
    match settings.target:
        case HttpTarget() as target:
            return endpoint(target, settings.timeout, vault)
        case CommandTarget() as target:
            return command(target, settings.timeout, vault, variables)
        case DispatchTarget() as target:
            return dispatch(target, settings.timeout, vault)
        case PipelineTarget() as target:
            return pipeline(target, settings.timeout, vault)


def secrets_of(settings: SinkSettings) -> tuple[Secret, ...]:
    """The secrets that a sink needs."""
    match settings.target:
        case HttpTarget(secrets=secrets, headers=headers):
            return (*secrets, *(secret for _, secret in headers))
        case CommandTarget(environment=environment):
            return tuple(secret for _, secret in environment)
        case DispatchTarget(token=token):
            return (token,)
        case PipelineTarget(trigger_token=token):
            return (token,)


def _in_headers(target: Target) -> tuple[Secret, ...]:
    match target:
        case HttpTarget(headers=headers):
            return tuple(secret for _, secret in headers)
        case DispatchTarget(token=token):
            return (token,)
        case _:
            return ()


def check_keys(settings: SinkSettings, vault: Vault) -> None:
    """Refuses what cannot sign, or be in a header or a variable.

    :raises InputError: if a secret is not right, or so short that somebody may guess it.
    """
    for secret in secrets_of(settings) if isinstance(settings.target, CommandTarget) else ():
        if "\0" in vault[secret]:
            raise InputError(f"The secret {secret.place!r} has a NUL, which no variable can have.")
    for secret in _in_headers(settings.target):
        if not all(" " <= each <= "~" for each in vault[secret]):
            raise InputError(
                f"The secret {secret.place!r} has a line end, or another character that no header can have.",
                "Set it to one line of ASCII.",
            )
    for secret in settings.target.secrets if isinstance(settings.target, HttpTarget) else ():
        check_key(secret, vault)


def check_key(secret: Secret, vault: Vault) -> None:
    """Refuses what cannot sign.

    :raises InputError: if it is not right, or so short that somebody may guess it.
    """
    if why := why_weak(vault[secret]):
        raise InputError(f"The secret {secret.place!r} {why}.", "Make one of 24 bytes or more: openssl rand -base64 32")


def sample(now: float) -> Message:
    """A sample, which says that it is one."""
    document = document_of(Nothing(headline=""))
    message = f"test_{int(now)}"
    body = {
        "specversion": "1.0",
        "id": message,
        "source": "gto-action",
        "type": "io.github.gto-action.test.v1",
        "datacontenttype": "application/json",
        "data": document,
    }
    return Message(id=message, word="test", sequence=0, body=json.dumps(body, separators=(",", ":")))
