"""Deliveries to a program: the document on its standard input, the outputs as its variables, and no shell."""

import json
from collections.abc import Mapping
from functools import partial
from typing import Final

from gto_action.answer.document import outputs_of_document
from gto_action.service.config.secrets import Vault
from gto_action.service.config.settings import CommandTarget
from gto_action.service.rules.outcome import Came, Outcome, brief
from gto_action.service.sinks.endpoint import Deliver
from gto_action.service.sinks.message import Message
from gto_action.system.process import start
from gto_action.system.tidy import TidyProcess

_PASSED: Final = ("PATH", "HOME", "LANG", "TZ", "TMPDIR")
"""The service's own variables that a program gets; its secrets are none of them."""
_MOST_VARIABLE: Final = 2**17 - 2**10
"""The bytes of a variable with which Linux still starts a program (MAX_ARG_STRLEN)."""
_MOST_PRINTED: Final = 2**16
"""How many bytes of what a program prints are kept: the last ones."""
_NOT_HANDED: Final = {"json", "stages", "pulled"}


def command(target: CommandTarget, timeout: float, vault: Vault, variables: Mapping[str, str]) -> Deliver:
    """Runs a program, which takes an event by ending with 0.

    Args:
        target: the program.
        timeout: the seconds after which it is ended, with its children.
        vault: the secrets that it gets.
        variables: those of the environment.
    """

    def deliver(message: Message) -> Outcome:
        document = message.document
        environ = {name: variables[name] for name in _PASSED if name in variables}
        environ |= variables_of(message) | {name: vault[secret] for name, secret in target.environment}
        try:
            stdin = json.dumps(document).encode()
            process = start(target.argv, environ, stdin, kind=partial(TidyProcess, most=_MOST_PRINTED))
            status, out, said = process.wait(timeout=timeout)
        except OSError as error:
            return Outcome(Came.REFUSED, f"cannot be started: {error.strerror}")
        if status is None:
            return Outcome(Came.REFUSED, f"ended after {timeout:.0f} seconds")
        last = next(iter(reversed((said or out.decode("utf-8", "replace")).splitlines())), "")
        shown = brief(vault.hide(f"exit {status} {last}"))
        return Outcome(Came.REFUSED if status else Came.TAKEN, shown)

    return deliver


def variables_of(message: Message) -> dict[str, str]:
    """The outputs as variables; those that no variable can hold are empty, and the document has them."""
    values = {
        f"GTO_{name.upper().replace('-', '_')}": text
        for name, text in outputs_of_document(message.document).items()
        if name not in _NOT_HANDED
    }
    values |= {"GTO_ID": message.id, "GTO_SEQUENCE": str(message.sequence), "GTO_HAPPENED": message.word}
    return {name: "" if "\0" in text or len(text.encode()) > _MOST_VARIABLE else text for name, text in values.items()}
