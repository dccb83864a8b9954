"""The built pages in real Chromium against a service whose every word the test chooses.

The whole program is tested elsewhere; here a page is brought into states that are hard to reach
with it: a broken connection, a refused act, stale figures.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, Response
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from starlette.websockets import WebSocket, WebSocketDisconnect

STATIC = Path(__file__).parents[3] / "server" / "static"

API_METHODS = ["GET", "POST", "PUT", "DELETE"]

STORED = "cookies,local_storage,indexeddb,cache_storage,service_workers"

Answer = Callable[[dict[str, Any]], list[msgspec.Struct]]


class StubService:
    """Sends what it is told to send and remembers what it was asked."""

    def __init__(self) -> None:
        self.forget()
        self._sockets: dict[WebSocket, int] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def forget(self) -> None:
        """Be as at the start; only who is connected stays so."""
        self.heard: list[dict[str, Any]] = []  # acts on websockets
        self.asked: list[tuple[str, str, Any]] = []  # (method, path, body) of API calls
        self.answers: dict[str, Any] = {}  # API path to body, or to (status, body)
        self.on_open: Callable[[], list[msgspec.Struct]] = list
        self.on_act: Answer = lambda _act: []
        self.refuse = False  # new websockets are turned away

    def app(self) -> Starlette:
        names = ("login", "desk", "board", "studio", "chat")
        pages = [Route(f"/{name}", self._page) for name in names]
        return Starlette(
            routes=[
                *pages,
                Route("/chat/widget.js", lambda _: FileResponse(STATIC / "widget.js")),
                Route("/api/v1/{path:path}", self._api, methods=API_METHODS),
                WebSocketRoute("/ws/{name}", self._socket),
                Mount("/static", StaticFiles(directory=STATIC)),
            ]
        )

    async def _page(self, request: Request) -> Response:
        return FileResponse(STATIC / f"{request.url.path.strip('/')}.html")

    async def _api(self, request: Request) -> Response:
        path = request.path_params["path"]
        body: Any = await request.body() or None
        if body and request.headers.get("content-type") == "application/json":
            body = msgspec.json.decode(body)
        self.asked.append((request.method, path, body))
        found = self.answers.get(path, (404, {"error": {"code": "not_found", "message": "No."}}))
        status, content = found if isinstance(found, tuple) else (200, found)
        return JSONResponse(msgspec.to_builtins(content), status)

    async def _socket(self, socket: WebSocket) -> None:
        self._loop = asyncio.get_running_loop()
        if self.refuse:
            await socket.close()
            return
        await socket.accept()
        self._sockets[socket] = 0
        try:
            await self._send(socket, self.on_open())
            while True:
                act = await socket.receive_json()
                self.heard.append(act)
                await self._send(socket, self.on_act(act))
        except WebSocketDisconnect:
            pass
        finally:
            self._sockets.pop(socket, None)

    async def _send(self, socket: WebSocket, messages: list[msgspec.Struct]) -> None:
        for message in messages:
            if socket not in self._sockets:
                return
            self._sockets[socket] += 1
            body = {**msgspec.to_builtins(message), "n": self._sockets[socket]}
            await socket.send_text(msgspec.json.encode(body).decode())

    def push(self, *messages: msgspec.Struct) -> None:
        """Send to every open websocket; returns when it is sent."""

        async def send_all() -> None:
            for socket in list(self._sockets):
                await self._send(socket, list(messages))

        self._run(send_all())

    def cut(self, *, stay_away: bool = False) -> None:
        """Break every websocket; with ``stay_away`` new ones are refused."""
        self.refuse = stay_away

        async def close_all() -> None:
            for socket in list(self._sockets):
                await socket.close(1012)

        self._run(close_all())

    def _run(self, work: Any) -> None:
        if self._loop is None:
            work.close()
            return
        asyncio.run_coroutine_threadsafe(work, self._loop).result(5)


class RunningStub(StubService):
    """A ``StubService`` on a free port of this machine, in a thread of its own."""

    def __init__(self) -> None:
        super().__init__()
        config = uvicorn.Config(
            self.app(), host="127.0.0.1", port=0, log_level="error", ws="websockets-sansio"
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def start(self) -> None:
        self._thread.start()
        started = threading.Event()
        while not self._server.started and self._thread.is_alive():
            started.wait(0.02)

    def wait_until_quiet(self) -> None:
        """Nobody is connected, no request is under way."""
        waiting, until = threading.Event(), time.monotonic() + 10
        while self._sockets or self._server.server_state.tasks:
            assert time.monotonic() < until, "a page that was closed still talks"
            waiting.wait(0.01)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(10)

    @property
    def url(self) -> str:
        port = self._server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"


@pytest.fixture(scope="module")
def running_stub() -> Iterator[RunningStub]:
    stub = RunningStub()
    stub.start()
    yield stub
    stub.stop()


@pytest.fixture
def service(running_stub: RunningStub) -> Iterator[RunningStub]:
    running_stub.forget()
    yield running_stub
    running_stub.forget()


@pytest.fixture(scope="module")
def visitor(browser: Browser, running_stub: RunningStub) -> Iterator[BrowserContext]:
    """One for a module: what it has loaded once is quickly there again."""
    context = browser.new_context(
        base_url=running_stub.url, locale="en-GB", reduced_motion="reduce"
    )
    yield context
    context.close()


@pytest.fixture
def page(visitor: BrowserContext, service: RunningStub) -> Iterator[Page]:
    """Of somebody who was never here. A page that logs an error fails its test."""
    page = visitor.new_page()
    storage = visitor.new_cdp_session(page)
    storage.send("Storage.clearDataForOrigin", {"origin": service.url, "storageTypes": STORED})
    storage.detach()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    for opened in visitor.pages:
        opened.close()
    visitor.set_offline(False)
    service.wait_until_quiet()
    assert errors == []
