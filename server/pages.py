"""The built pages from ``server/static``, or one page that says how to build them."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from server.errors import ApiError
from server.guard import COOKIE, services_of
from server.roles import Role

STATIC = Path(__file__).parent / "static"
PAGES = ("login", "desk", "board", "studio", "chat")
REVALIDATE = {"Cache-Control": "no-cache"}
FOREVER = "public, max-age=31536000, immutable"

NOT_BUILT = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Patchbay: pages not built</title></head>
<body>
<h1>The pages are not built</h1>
<p>The service itself is running. To build its pages, install Node 20 or newer and run
<code>npm ci &amp;&amp; npm run build</code> in the folder <code>web</code>, then reload this page.
<code>patchbay doctor</code> says what else is missing.</p>
</body>
</html>
"""


class HashedAssets(StaticFiles):
    """Files whose names change with their content are kept by browsers for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        hashed = path.startswith("assets/") and response.status_code == 200
        response.headers["Cache-Control"] = FOREVER if hashed else REVALIDATE["Cache-Control"]
        return response


def install_pages(app: FastAPI, static: Path = STATIC) -> None:
    """Serve the pages found in ``static``."""
    router = APIRouter(include_in_schema=False)
    router.add_api_route("/", _home, methods=["GET", "HEAD"])
    for name in PAGES:
        _add_page(router, f"/{name}", static / f"{name}.html")
    _add_script(router, "/chat/widget.js", static / "widget.js")
    app.include_router(router)
    app.mount("/static", HashedAssets(directory=static, check_dir=False), name="static")


def pages_built(static: Path = STATIC) -> bool:
    return all((static / f"{name}.html").is_file() for name in PAGES)


def _add_page(router: APIRouter, path: str, file: Path) -> None:
    def page() -> Response:
        if not file.is_file():
            return HTMLResponse(NOT_BUILT, status_code=503, headers=REVALIDATE)
        return FileResponse(file, media_type="text/html", headers=REVALIDATE)

    router.add_api_route(path, page, methods=["GET", "HEAD"])


def _add_script(router: APIRouter, path: str, file: Path) -> None:
    def script() -> Response:
        if not file.is_file():
            raise ApiError(503, "pages_not_built", "The chat widget is not built.")
        return FileResponse(file, media_type="text/javascript", headers=REVALIDATE)

    router.add_api_route(path, script, methods=["GET", "HEAD"])


async def _home(request: Request) -> Response:
    """To the page of whoever is signed in."""
    identity = await services_of(request).sign_in.identity(request.cookies.get(COOKIE))
    if identity is None:
        target = "/login"
    elif Role.AGENT in identity.roles:
        target = "/desk"
    else:
        target = "/board" if Role.SUPERVISOR in identity.roles else "/studio"
    return RedirectResponse(target, status_code=303, headers={"Cache-Control": "no-store"})
