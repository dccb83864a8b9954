"""The FastAPI application over running services. Nothing is built at import time."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from server.api import (
    agents,
    calls,
    catalog,
    catalog_drafts,
    channels,
    chat_files,
    chat_mails,
    contacts,
    customers,
    desk,
    documents,
    flows,
    health,
    hooks,
    mail,
    queues,
    recordings,
    rehearsals,
    session,
)
from server.errors import install_error_handlers
from server.middleware import BodyLimit, LastResort, SecurityHeaders
from server.openapi import openapi_document
from server.pages import STATIC, install_pages
from server.services import Services
from server.sockets import SocketRoutes

ROUTERS = (
    health,
    session,
    queues,
    contacts,
    calls,
    documents,
    mail,
    hooks,
    desk,
    agents,
    customers,
    catalog,
    catalog_drafts,
    flows,
    rehearsals,
    recordings,
    channels,
    chat_files,
    chat_mails,
)


def create_app(services: Services, *, static: Path = STATIC) -> FastAPI:
    """The application. ``static`` is the folder with the built pages."""
    app = Application(
        title="Patchbay",
        docs_url=None,  # the interactive page loads scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=lambda route: route.name,
        telemetry={"tracing": False, "metrics": False, "logs": False},  # asks at each connection
    )
    app.state.services = services
    install_error_handlers(app)
    customers.install_customer_errors(app)
    for module in ROUTERS:
        app.include_router(module.router)
    app.sockets = SocketRoutes(services)
    install_pages(app, static)
    # The last one added is the outermost.
    app.add_middleware(BodyLimit)
    app.add_middleware(LastResort)
    app.add_middleware(
        SecurityHeaders,
        chat_sites=sorted(services.chat_origins.allowed),
        phone_sites=services.phones.origins,
    )
    return app


class Application(FastAPI):
    """FastAPI with our own OpenAPI document, and websockets beside it."""

    sockets: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # What requests pass through is not for websockets, and each would keep it for hours.
        app = self.sockets if scope["type"] == "websocket" else super().__call__
        await app(scope, receive, send)

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            self.openapi_schema = openapi_document(self, api_routes())
        return self.openapi_schema


def api_routes() -> list[APIRoute]:
    """Every route of the API."""
    routes = (route for module in ROUTERS for route in module.router.routes)
    return [route for route in routes if isinstance(route, APIRoute)]
