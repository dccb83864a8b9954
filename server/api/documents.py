"""Received documents on the desk: how many pages, and each as a picture."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Request, Response
from fastapi import Path as InPath

from server.answers import answer, gives
from server.errors import ApiError, not_found
from server.fax_pages import MAX_PAGES, FaxPages, Pages, UnreadableFax
from server.guard import GuardedRoute, services_of
from server.own_contacts import must_own
from server.telephony import recorded

router = APIRouter(prefix="/api/v1", route_class=GuardedRoute, tags=["documents"])

_FAX = "image/tiff"


@router.get("/contacts/{contact}/document")
@gives(Pages)
async def show_document(contact: str, request: Request) -> Response:
    """Of a contact that is a received fax; the file itself is its recording."""
    must_own(request, "show_document", contact)
    try:
        return answer(await _viewer(request).count(_file(contact, request)))
    except (UnreadableFax, OSError) as error:
        raise _unreadable(error) from None


@router.get("/contacts/{contact}/document/pages/{page}")
async def show_document_page(
    contact: str, page: Annotated[int, InPath(ge=1, le=MAX_PAGES)], request: Request
) -> Response:
    """As a PNG."""
    must_own(request, "show_document_page", contact)
    try:
        picture = await _viewer(request).picture(_file(contact, request), page)
    except (UnreadableFax, OSError) as error:
        raise _unreadable(error) from None
    if picture is None:
        raise not_found("page", str(page))
    headers = {"Cache-Control": "private, max-age=600", "X-Content-Type-Options": "nosniff"}
    return Response(picture, media_type="image/png", headers=headers)


def _viewer(request: Request) -> FaxPages:
    return services_of(request).fax_pages


def _file(contact: str, request: Request) -> Path:
    services = services_of(request)
    live = services.state.contacts.get(contact)
    found = services.telephony.recording(recorded(live)) if live is not None else None
    if found is None or found[1] != _FAX:
        raise not_found("fax of contact", contact)
    return found[0]


def _unreadable(error: Exception) -> ApiError:
    known = isinstance(error, UnreadableFax)
    sentence = str(error) if known else "The file of this fax is gone: ask your administrator."
    return ApiError(422 if known else 404, "fax_unreadable" if known else "not_found", sentence)
