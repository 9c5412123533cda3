"""What listens: hooks at one address, health and metrics at another. The only user of Starlette and uvicorn."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import uvicorn
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from gto_action.errors import GtoActionError
from gto_action.service.intake import Taken
from gto_action.service.rules.hooks import MOST_READ
from gto_action.service.rules.providers import Check

_MOST_BODY: Final = 25 * 2**20
"""What GitHub sends at most."""
_PATIENCE: Final = 20.0
"""The seconds in which a request must have come."""
_DURABLE: Final = 8.0
"""The seconds in which a hook must be written: GitHub waits for ten."""
_MOST_AT_ONCE: Final = 512
_MOST_HEADERS: Final = 2**15
_STARTING: Final = 10.0


class ListenError(GtoActionError):
    """An address cannot be listened at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What decides about hooks."""

    check: Callable[[str, Mapping[str, str]], Check | None]
    """The check of a repository's hook; None if there is no such repository, or it takes no hooks."""
    accept: Callable[[str, Mapping[str, str], bytes], Taken | None]
    """Takes a hook that is right; None if there is nothing to take."""
    count: Callable[[str, str], None]
    """Counts what has become of a repository's hook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admin:
    """What says how the service is."""

    is_alive: Callable[[], bool]
    is_ready: Callable[[], bool]
    metrics: Callable[[], bytes]
    metrics_type: str


class Listener:
    """A server in a thread of its own."""

    def __init__(self, app: Starlette, address: tuple[str, int]) -> None:
        """Listens to nothing yet."""
        host, port = address
        config = uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            http="h11",
            ws="none",
            loop="asyncio",
            limit_concurrency=_MOST_AT_ONCE,
            backlog=1024,
            timeout_keep_alive=5,
            timeout_graceful_shutdown=5,
            h11_max_incomplete_event_size=_MOST_HEADERS,
            proxy_headers=False,
        )
        self._server = uvicorn.Server(config)
        self._address = address
        self._thread = threading.Thread(target=self._run, name=f"listen-{port}", daemon=True)

    def start(self) -> int:
        """Listens; gives the port.

        :raises ListenError: if it cannot.
        """
        self._thread.start()
        deadline = _STARTING
        while not self._server.started and self._thread.is_alive() and deadline > 0:
            self._thread.join(0.02)
            deadline -= 0.02
        if not self._server.started:
            host, port = self._address
            raise ListenError(
                f"Nothing can listen at {host}:{port}.", "Is another service there? Name another address."
            )
        return int(self._server.servers[0].sockets[0].getsockname()[1])

    def stop(self) -> None:
        """Answers what has come, and listens no more."""
        self._server.should_exit = True
        self._thread.join()

    def _run(self) -> None:
        try:
            self._server.run()
        except SystemExit:  # uvicorn's way to say that the address is taken
            return


def hooks_app(gate: Gate) -> Starlette:
    """Takes hooks."""

    async def hook(request: Request) -> Response:
        name = request.path_params["repository"]
        headers = {key: value for key, value in request.headers.items()}  # noqa: C416 - of several the last
        check = gate.check(name, headers)
        if check is None:
            return Response(status_code=401)  # not 404: nobody needs to know which repositories there are
        try:
            async with asyncio.timeout(_PATIENCE):
                body = await _body(request, check)
        except (TimeoutError, ClientDisconnect):
            gate.count(name, "late")
            return Response(status_code=408, headers={"connection": "close"})
        if body is None:
            gate.count(name, "too-large")
            return Response(status_code=413, headers={"connection": "close"})
        if not check.is_right:
            gate.count(name, "forged")
            return Response(status_code=401)
        return await _taken(name, headers, body)

    async def _taken(name: str, headers: Mapping[str, str], body: bytes) -> Response:
        try:
            taken = gate.accept(name, headers, body)
            if taken is not None:
                async with asyncio.timeout(_DURABLE):
                    await asyncio.wrap_future(taken)
        except Exception:  # noqa: BLE001 - whatever it is, it is not written
            gate.count(name, "not-taken")
            return Response(status_code=503, headers={"retry-after": "10"})
        gate.count(name, "ignored" if taken is None else "taken")
        return Response(status_code=202)

    return Starlette(routes=[Route("/hooks/{repository}", hook, methods=["POST"])])


async def _body(request: Request, check: Check) -> bytes | None:
    """The beginning of a body, all of which is checked; None if it is too large."""
    if int(request.headers.get("content-length", "0")) > _MOST_BODY:
        return None
    begun, size = bytearray(), 0
    async for data in request.stream():
        size += len(data)
        if size > _MOST_BODY:
            return None
        check.feed(data)
        begun += data[: MOST_READ + 1 - len(begun)]
    return bytes(begun)


def admin_app(admin: Admin) -> Starlette:
    """Says how the service is."""

    def healthz(_: Request) -> Response:
        return Response(status_code=200 if admin.is_alive() else 503)

    def readyz(_: Request) -> Response:
        return Response(status_code=200 if admin.is_ready() else 503)

    def metrics(_: Request) -> Response:
        return Response(admin.metrics(), media_type=admin.metrics_type)

    routes = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}
    return Starlette(routes=[Route(path, answer) for path, answer in routes.items()])
