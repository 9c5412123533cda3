"""Deliveries over HTTP: to an endpoint of one's own, to GitHub's `repository_dispatch`, to a pipeline of GitLab's."""

import base64
import json
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Final
from urllib.parse import quote, urlencode

from gto_action.answer.document import outputs_of_document
from gto_action.service.config.secrets import Vault
from gto_action.service.config.settings import DispatchTarget, HttpTarget, PipelineTarget
from gto_action.service.rules.body import CONTENT_TYPE
from gto_action.service.rules.outcome import Outcome
from gto_action.service.rules.signing import key_of, sign
from gto_action.service.sinks.http import Request, post
from gto_action.service.sinks.message import Message

Deliver = Callable[[Message], Outcome]
_MOST_VARIABLE: Final = 8_000
"""The characters of a variable that go to a pipeline."""
_MOST_PAYLOAD: Final = 64_000
"""The bytes of a payload: GitHub takes less than 64 KB (docs.github.com, "Create a repository dispatch event")."""


def endpoint(target: HttpTarget, timeout: float, vault: Vault) -> Deliver:
    """Delivers to an endpoint: a CloudEvent with the headers of Standard Webhooks."""

    def deliver(message: Message) -> Outcome:
        body = message.body.encode()
        keys = [key_of(vault[secret]) for secret in target.secrets]
        signed = sign(message.id, int(time.time()), body, keys)
        own = {name: vault[secret] for name, secret in target.headers}
        headers = {"content-type": CONTENT_TYPE, **own, **signed}
        request = Request(url=target.url, body=body, headers=headers, timeout=timeout, ca=target.ca)
        return post(request, partial(vault.hide, is_cut=True))

    return deliver


def dispatch(target: DispatchTarget, timeout: float, vault: Vault) -> Deliver:
    """Starts workflows with `on: repository_dispatch`.

    The id is in the payload: an answer that is lost may have started a run, and the next attempt starts another.
    """
    url = f"{target.api.rstrip('/')}/repos/{target.repository}/dispatches"

    def deliver(message: Message) -> Outcome:
        body = json.dumps({"event_type": target.event_type, "client_payload": _payload(message)}).encode()
        headers = {
            "accept": "application/vnd.github+json",
            "authorization": f"Bearer {vault[target.token]}",
            "content-type": "application/json",
            "x-github-api-version": "2022-11-28",
        }
        return post(Request(url=url, body=body, headers=headers, timeout=timeout), partial(vault.hide, is_cut=True))

    return deliver


def _payload(message: Message) -> dict[str, Any]:
    """What a workflow gets: whoever tags with a long message must not block what comes after it."""
    document = message.document
    payload: dict[str, Any] = {
        "id": message.id,
        "sequence": message.sequence,
        "event": message.word,
        "document": document,
    }
    sizes = {name: len(json.dumps(value)) for name, value in document.items()}
    for name in sorted(sizes, key=lambda name: sizes[name], reverse=True):
        if len(json.dumps(payload)) < _MOST_PAYLOAD:
            break
        document[name] = None
    return payload


def pipeline(target: PipelineTarget, timeout: float, vault: Vault) -> Deliver:
    """Starts a pipeline, with the outputs as its variables; GTO_JSON_BASE64 has all of the document."""
    url = f"{target.url.rstrip('/')}/api/v4/projects/{quote(target.project, safe='')}/trigger/pipeline"

    def deliver(message: Message) -> Outcome:
        fields = [("token", vault[target.trigger_token]), ("ref", target.ref), *_variables(message)]
        headers = {"content-type": "application/x-www-form-urlencoded"}
        request = Request(url=url, body=urlencode(fields).encode(), headers=headers, timeout=timeout)
        return post(request, partial(vault.hide, is_cut=True))

    return deliver


def _variables(message: Message) -> Iterator[tuple[str, str]]:
    """What GitLab passes on unchanged: it expands a `$` in a variable once more, so those with one are empty.

    They are there nevertheless: in place of one that is not, a pipeline would have the project's own of that name.
    """
    document = message.document
    whole = base64.b64encode(json.dumps(document).encode()).decode()
    values = {f"GTO_{name.upper().replace('-', '_')}": text for name, text in outputs_of_document(document).items()}
    del values["GTO_JSON"], values["GTO_STAGES"], values["GTO_PULLED"]
    values |= {"GTO_ID": message.id, "GTO_SEQUENCE": str(message.sequence), "GTO_HAPPENED": message.word}
    for name, text in {**values, "GTO_JSON_BASE64": whole}.items():
        yield f"variables[{name}]", text if "$" not in text and len(text) <= _MOST_VARIABLE else ""
