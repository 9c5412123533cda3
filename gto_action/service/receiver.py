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
from uvicorn.protocols.http.h11_impl import H11Protocol

from gto_action.errors import GtoActionError
from gto_action.service.intake import Taken
from gto_action.service.rules.hooks import MOST_READ
from gto_action.service.rules.providers import Check

_MOST_BODY: Final = 25 * 2**20
"""What GitHub sends at most."""
PATIENCE: Final = 20.0
"""The seconds in which the head of a request must have come, and then its body."""
_DURABLE: Final = 8.0
"""The seconds in which a hook must be written: GitHub waits for ten."""
_MOST_AT_ONCE: Final = 512
"""How many connections there are at most: a process has 1,024 files, and needs some itself."""
_AT_A_TIME: Final = 64
"""How many connections are taken in a turn of the loop; those of three turns may be more than there are at most."""
_MOST_HEADERS: Final = 2**15
_STARTING: Final = 10.0


class ListenError(GtoActionError):
    """An address cannot be listened at."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """What decides about hooks."""

    check: Callable[[str, Mapping[str, str]], Check]
    """The check of a repository's hook, which nothing passes if there is no such repository."""
    accept: Callable[[str, Mapping[str, str], bytes], Taken | None]
    """Takes a hook that is right; None if there is nothing to take."""
    count: Callable[[str, str], None]
    """Counts what has become of a repository's hook."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Admin:
    """What says how the service is."""

    is_alive: Callable[[], bool]
    is_ready: Callable[[], bool]
    metrics: Callable[[], bytes | None]
    """None while the database is away, which knows most of them."""
    metrics_type: str


class _Connection(H11Protocol):
    """A connection on which nobody can wait for ever, nor keep others out."""

    patience = PATIENCE
    most = _MOST_AT_ONCE
    _since = 0.0
    _alarm: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn does
        """Makes room: what has been coming for the longest goes."""
        super().connection_made(transport)
        self._await_head()
        if len(self.connections) > self.most:
            coming = [each for each in self.connections if isinstance(each, _Connection) and each.is_coming]
            min(coming, key=lambda each: each._since, default=self).transport.abort()  # noqa: SLF001 - of this class

    def connection_lost(self, exc: Exception | None) -> None:
        """Waits for nothing more."""
        if self._alarm:
            self._alarm.cancel()
        super().connection_lost(exc)

    def on_response_complete(self) -> None:
        """Waits for the next request."""
        super().on_response_complete()
        self._await_head()

    @property
    def is_coming(self) -> bool:
        """Whether something is waited for from the other end."""
        return not self.transport.is_closing() and (self._is_between or self.cycle.more_body)

    @property
    def _is_between(self) -> bool:
        return bool(getattr(self.cycle, "response_complete", True))  # before the first request there is no cycle

    def _await_head(self) -> None:
        self._since = self.loop.time()
        if self._alarm:
            self._alarm.cancel()
        self._alarm = self.loop.call_later(self.patience, self._give_up)

    def _give_up(self) -> None:
        if self._is_between:  # else the body has its own time
            self.transport.abort()


def connection_of(seconds: float, number: int) -> type[H11Protocol]:
    """Connections of which there are at most a number, each of which sends the head of a request in so many seconds."""

    class Limited(_Connection):
        patience, most = seconds, number

    return Limited


class Listener:
    """A server in a thread of its own."""

    def __init__(self, app: Starlette, address: tuple[str, int], connection: type[H11Protocol] = _Connection) -> None:
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
            http=connection,
            ws="none",
            loop="asyncio",
            backlog=_AT_A_TIME,
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


def hooks_app(gate: Gate, patience: float = PATIENCE) -> Starlette:
    """Takes hooks, each of whose bodies must come in so many seconds."""

    async def hook(request: Request) -> Response:
        if "content-length" in request.headers and "transfer-encoding" in request.headers:
            return Response(status_code=400, headers={"connection": "close"})  # a proxy may see another request in it
        name = request.path_params["repository"]
        headers = {key: value for key, value in request.headers.items()}  # noqa: C416 - of several the last
        check = gate.check(name, headers)  # not 404: nobody needs to know which repositories there are
        try:
            async with asyncio.timeout(patience):
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

    app = Starlette(routes=[Route("/hooks/{repository}", hook, methods=["POST"])])
    app.router.redirect_slashes = False  # to whatever host the request names
    return app


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
        text = admin.metrics()
        return Response(status_code=503) if text is None else Response(text, media_type=admin.metrics_type)

    routes = {"/healthz": healthz, "/readyz": readyz, "/metrics": metrics}
    return Starlette(routes=[Route(path, answer) for path, answer in routes.items()])
