"""What a CI system's variables say about a run: which system it is, for which tag, and how to read the repository."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gto_action.errors import InputError
from gto_action.gto.tag import tag_name_of
from gto_action.hosts.ci_systems import BY_KEY, SYSTEMS, USER, System
from gto_action.job.trigger import OfNothing, OfTag, Trigger

AUTO: Final = "auto"
_TAGS: Final = "refs/tags/"
_commit: Final = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_variable: Final = re.compile(r"\{([A-Z0-9_]+)\}")
_NO: Final = {"", "false"}  # Buildkite sets BUILDKITE_PULL_REQUEST=false


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """The user name and the token that git sends over HTTP."""

    token: str = field(default="", repr=False)
    """Empty to rely on git's own configuration."""
    user: str = USER


def system_of(asked: str, variables: Mapping[str, str]) -> System | None:
    """The CI system of the run; None if no variable identifies one.

    Args:
        asked: its key, or `auto`.
        variables: the environment variables.

    :raises InputError: if the variables identify several, or no system has this key.
    """
    if asked != AUTO:
        try:
            return BY_KEY[asked]
        except KeyError:
            raise InputError(f"There is no CI system {asked!r}.", f"Use one of {', '.join(BY_KEY)}.") from None
    markers = {system.key: marker for system in SYSTEMS if (marker := _marker(system, variables))}
    copied = {key for found in markers for key in BY_KEY[found].also}
    found = [BY_KEY[key] for key in markers if key not in copied]
    if len(found) > 1:
        listed = " and ".join(f"{each.name} by {markers[each.key]}" for each in found)
        keys = " or ".join(f"--ci {each.key}" for each in found)
        raise InputError(f"The environment looks like {len(found)} CI systems: {listed}.", f"Choose one: {keys}.")
    return found[0] if found else None


def trigger_of(asked: str, system: System | None, variables: Mapping[str, str]) -> Trigger:
    """The tag that was asked for, or else the one that started the run.

    Args:
        asked: a tag name or a full ref; empty if none was given.
        system: the CI system of the run, if any.
        variables: the environment variables.

    :raises InputError: if neither says which tag.
    """
    own = variables.get(system.ref, "") if system else ""
    if system and own and not system.full:
        own = f"{_TAGS}{own}"
    ref = asked or own
    if not ref:
        return _without_ref(system, variables)
    name = tag_name_of(ref)
    if name is None and ref.startswith("refs/"):
        said = f"{system.ref} is {ref!r}, which" if system and not asked else f"The ref {ref!r}"
        return OfNothing(f"{said} is not a tag.")
    name = ref if name is None else name
    replayed = name != (tag_name_of(own) or own)
    known = system and not replayed and _holds(system.commit_if, variables)
    commit = variables.get(system.commit, "") if system and known else ""
    return OfTag(name, commit if _commit.fullmatch(commit) else "")  # an annotated tag may be asked for as HEAD


def _without_ref(system: System | None, variables: Mapping[str, str]) -> OfNothing:
    if system is None:
        raise InputError(
            "No variable says which tag this run is about, nor which CI system this is.",
            "Give the tag, gto-action event REF, or name the system with --ci.",
        )
    if not system.ref:
        raise InputError(f"{system.name} has no variable that says which tag this is.", system.how)
    for variable, words in system.others:
        if (value := variables.get(variable, "")) not in _NO:
            return OfNothing(f"{system.ref} is not set: this {system.run} is for {words.format(value)}.")
    return OfNothing(f"{system.ref} is not set: this {system.run} is not for a tag.")


def address_of(system: System, variables: Mapping[str, str]) -> str:
    """The address of the run's repository; empty if the variables do not have it."""
    names = _variable.findall(system.address)
    if not names or not all(variables.get(name) for name in names):
        return ""
    return _variable.sub(lambda match: variables[match[1]].rstrip("/"), system.address)


def credentials_of(system: System | None, named: str, variables: Mapping[str, str]) -> Credentials:
    """The credentials for reading the repository.

    Args:
        system: the system whose own token may be used, if any.
        named: the variable that holds a token; empty for the system's own.
        variables: the environment variables.

    :raises InputError: if the named variable has no token.
    """
    user = system.user if system else USER
    if named:
        if not (token := variables.get(named, "").strip()):
            raise InputError(f"The variable {named!r}, which --token-env names, is not set.", "Set it to a token.")
        return Credentials(token=token, user=user)
    if not system or not system.token:
        return Credentials(user=user)
    own = variables.get(system.token, "").strip() if _holds(system.token_if, variables) else ""
    return Credentials(token=own, user=variables.get(system.user_in, "") or user)


def _holds(condition: tuple[str, tuple[str, ...]], variables: Mapping[str, str]) -> bool:
    name, values = condition
    return not name or variables.get(name, "") in values


def _marker(system: System, variables: Mapping[str, str]) -> str:
    """The variable that identifies the system; empty if none does."""
    for marker in system.markers:
        name, _, value = marker.partition("=")
        given = variables.get(name, "")
        if given.lower() == value if value else given:
            return name
    return ""
