"""Real calls: joining a conversation, pausing its recording, playing what was recorded."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse
from pydantic import BaseModel, ConfigDict

from router.core.commands import EditContact, Monitor
from router.core.model import WITH_AGENT, MonitorMode
from server.answers import Done, accepted, done, gives
from server.errors import ApiError, not_found
from server.guard import GuardedRoute, command_id, identity_of, services_of
from server.own_contacts import must_own
from server.services import Services
from server.telephony import recorded

router = APIRouter(prefix="/api/v1", route_class=GuardedRoute, tags=["calls"])


class Joining(BaseModel):
    """``listen`` is heard by nobody, ``whisper`` by the agent, ``barge`` by both."""

    model_config = ConfigDict(extra="forbid", strict=True)

    mode: MonitorMode


class Recording(BaseModel):
    """``paused`` while a card number is said."""

    model_config = ConfigDict(extra="forbid", strict=True)

    recording: Literal["on", "paused"]


@router.post("/contacts/{contact}/listen", status_code=204)
async def listen_to_contact(contact: str, body: Joining, request: Request) -> Response:
    """Rings the supervisor's own phone."""
    services, who = services_of(request), identity_of(request).user.id
    if not services.telephony.carries(contact):
        raise _no_conversation()
    joined = Monitor(id=command_id(request), by=who, contact=contact, mode=body.mode)
    is_new = bool(accepted(await services.sink.submit(joined)).events)
    if is_new and not services.telephony.listen(contact, who, body.mode):
        raise _no_conversation()
    return Response(status_code=204)


def _no_conversation() -> ApiError:
    return ApiError(409, "no_conversation", "No agent is on the telephone with this contact now.")


@router.post("/contacts/{contact}/recording")
@gives(Done)
async def set_contact_recording(contact: str, body: Recording, request: Request) -> Response:
    must_own(request, "set_contact_recording", contact)
    problem = _why_not_recorded(contact, services_of(request))
    if problem:
        raise ApiError(409, "not_recorded", problem)
    command = EditContact(
        id=command_id(request),
        by=identity_of(request).user.id,
        contact=contact,
        attributes={"recording": body.recording},
    )
    return done(await services_of(request).sink.submit(command))


def _why_not_recorded(contact: str, services: Services) -> str:
    """A sentence when nothing would come of it; a recording begins with its conversation only."""
    live = services.state.contacts.get(contact)
    if live is None:
        return ""  # the router says that it is not there
    if live.state in WITH_AGENT and "recording_file" not in live.attributes:
        return "This conversation is not recorded: ask for it while the caller still waits."
    if not services.telephony.records(contact):
        return "Recordings cannot be begun or paused now: the telephone system is out of reach."
    return ""


@router.get("/contacts/{contact}/recording", response_class=FileResponse)
async def play_contact_recording(contact: str, request: Request) -> FileResponse:
    """The message or the document that a contact is, or the recording of a call under way."""
    must_own(request, "play_contact_recording", contact)
    live = services_of(request).state.contacts.get(contact)
    return _file(recorded(live) if live is not None else "", request)


@router.get("/recordings/{name}", response_class=FileResponse)
async def play_recording(name: str, request: Request) -> FileResponse:
    return _file(name, request)


def _file(name: str, request: Request) -> FileResponse:
    found = services_of(request).telephony.recording(name)
    if found is None:
        raise not_found("recording", name)
    path, kind = found
    return FileResponse(path, media_type=kind, headers={"Cache-Control": "private, no-store"})
