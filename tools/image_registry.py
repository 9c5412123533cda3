"""Asks a container registry, as anybody may: what an image is for, what it says, which one a tag names."""

import hashlib
import json
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any, Final

_MOST: Final = 2**22
"""The bytes that a manifest or a configuration may have."""
_TIMEOUT: Final = 30.0
_KINDS: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_LOOPBACK: Final = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")
_PARAMETER: Final = re.compile(r'(\w+)="([^"]*)"')
_UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_NOT_FOUND: Final = 404


class RegistryError(Exception):
    """A registry has not what it should have, or cannot be asked."""


class RefusedError(RegistryError):
    """A registry does not show an image to everybody: it is private, or not there."""


@dataclass(frozen=True, slots=True)
class Platform:
    """What an index names for one kind of machine."""

    name: str
    """Such as `linux/amd64`."""
    labels: dict[str, str]


class Image:
    """An image of a registry, such as `ghcr.io/OWNER/NAME`."""

    def __init__(self, name: str) -> None:
        """Nobody is asked yet.

        :raises RegistryError: if the name has no registry.
        """
        host, _, self._path = name.partition("/")
        if not self._path or not re.search(r"[.:\]]|localhost", host):
            raise RegistryError(f"The image {name!r} names no registry. Write it as REGISTRY/OWNER/NAME.")
        self.name = name
        self._base = f"{'http' if _LOOPBACK.fullmatch(host) else 'https'}://{host}/v2/{self._path}"
        self._token = ""

    def digest(self, reference: str) -> str | None:
        """The digest of the image that a tag or a digest names now; None if there is none.

        :raises RegistryError: if the registry cannot be asked.
        """
        body = self._get(f"manifests/{reference}")
        return None if body is None else f"sha256:{hashlib.sha256(body).hexdigest()}"

    def platforms(self, digest: str) -> list[Platform]:
        """What the image with a digest is for.

        :raises RegistryError: if something of it is not there, or is not what its digest says.
        """
        document = self._document(f"manifests/{digest}", digest)
        found = []
        for each in document.get("manifests", ()):
            kind = each["platform"]
            if kind["os"] != "unknown":  # a builder's attestation
                config = self._document(f"manifests/{each['digest']}", each["digest"])["config"]["digest"]
                labels = self._document(f"blobs/{config}", config).get("config", {}).get("Labels")
                found.append(Platform(f"{kind['os']}/{kind['architecture']}", labels or {}))
        return found

    def _document(self, path: str, digest: str) -> dict[str, Any]:
        body = self._get(path)
        if body is None:
            raise RegistryError(f"{self.name} has no {digest}. It was deleted, or never pushed.")
        if f"sha256:{hashlib.sha256(body).hexdigest()}" != digest:
            raise RegistryError(f"{self.name} has something else for {digest}: its content has another digest.")
        document = json.loads(body)
        if not isinstance(document, dict):
            raise RegistryError(f"{self.name} has no image for {digest}.")
        return document

    def _get(self, path: str, *, again: bool = True) -> bytes | None:
        """What is at a path of the image; None if nothing is."""
        request = urllib.request.Request(f"{self._base}/{path}", headers={"Accept": ", ".join(_KINDS)})  # noqa: S310 - see __init__
        if self._token:  # a blob is elsewhere, where nobody needs to know it
            request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as answer:  # noqa: S310
                body = answer.read(_MOST + 1)
        except urllib.error.HTTPError as error:
            with error:
                if error.code == _NOT_FOUND:
                    return None
                if error.code == _UNAUTHORIZED and again:
                    self._token = self._log_in(error.headers.get("WWW-Authenticate", ""))
                    return self._get(path, again=False)
            kind = RefusedError if error.code in {_UNAUTHORIZED, _FORBIDDEN} else RegistryError
            raise kind(f"{self._base}/{path} answers {error.code} {error.reason}.") from error
        except OSError as error:
            raise RegistryError(f"{self._base} cannot be reached: {error}.") from error
        if len(body) > _MOST:
            raise RegistryError(f"{self._base}/{path} has more than {_MOST} bytes.")
        return bytes(body)

    def _log_in(self, challenge: str) -> str:
        """The token that a registry gives to anybody."""
        asked = dict(_PARAMETER.findall(challenge))
        realm = asked.pop("realm", "")
        here = self._base.startswith("http:") and _LOOPBACK.fullmatch(urllib.parse.urlsplit(realm).netloc)
        if not (realm.startswith("https://") or here):
            raise RegistryError(f"{self.name} is not public: its registry asks for {challenge!r}.")
        asked["scope"] = f"repository:{self._path}:pull"
        query = "&".join(f"{name}={asked[name]}" for name in ("service", "scope") if name in asked)
        try:
            with urllib.request.urlopen(f"{realm}?{query}", timeout=_TIMEOUT) as answer:  # noqa: S310 - https, or this machine
                document = json.loads(answer.read(_MOST))
        except urllib.error.HTTPError as error:
            with error:
                kind = RefusedError if error.code in {_UNAUTHORIZED, _FORBIDDEN} else RegistryError
                raise kind(f"{realm} gives nobody a token for {self.name}: {error.code} {error.reason}.") from error
        except (OSError, ValueError) as error:
            raise RegistryError(f"{realm} cannot be asked for a token for {self.name}: {error}.") from error
        return str(document.get("token") or document.get("access_token") or "")
