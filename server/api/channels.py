"""What the channels offer over HTTP: the topics of the chat form and simulated calls."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from router.core.catalog import EntryPoint
from server.answers import answer, gives
from server.errors import ApiError
from server.guard import GuardedRoute, command_id, identity_of, services_of

router = APIRouter(prefix="/api/v1", route_class=GuardedRoute, tags=["channels"])


class Topic(msgspec.Struct, frozen=True, kw_only=True):
    """``open``: somebody may chat about it now; else a question is left instead."""

    id: str
    label: str
    open: bool = True


class ChatEntryPoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where a chat may begin, and what the visitor may choose there. Nothing internal."""

    id: str
    label: str
    choices: tuple[Topic, ...]
    open: bool = True


class ChatEntryPoints(msgspec.Struct, frozen=True, kw_only=True):
    entry_points: tuple[ChatEntryPoint, ...]


class CallStarted(msgspec.Struct, frozen=True, kw_only=True):
    contact: str


class CallWanted(BaseModel):
    """What is left out is left to chance; for an agent it is a customer of theirs with something
    they can help with. ``choice`` empty: the caller chooses nothing.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    entry_point: str | None = Field(None, min_length=1, max_length=128)
    address: str | None = Field(None, min_length=1, max_length=128)
    choice: str | None = Field(None, max_length=128)


@router.get("/chat/entry-points")
@gives(ChatEntryPoints)
async def list_chat_entry_points(request: Request) -> Response:
    services = services_of(request)
    points = services.state.catalog.entry_points.values()
    is_open = services.chat.questions.is_open
    shown = tuple(_point(point, is_open) for point in points if point.channel == "chat")
    origin = request.headers.get("origin")
    headers = {"Vary": "Origin"}
    if origin is not None and services.chat_origins.allow(origin):
        headers["Access-Control-Allow-Origin"] = origin
    return answer(ChatEntryPoints(entry_points=shown), headers)


def _point(point: EntryPoint, is_open: Callable[[EntryPoint, str], bool]) -> ChatEntryPoint:
    labels = point.choice_labels
    topics = tuple(
        Topic(id=choice, label=labels.get(choice, choice), open=is_open(point, choice))
        for choice in point.choices
    )
    return ChatEntryPoint(id=point.id, label=point.label, choices=topics, open=is_open(point, ""))


@router.post("/simulated/calls", status_code=201)
@gives(CallStarted)
async def start_simulated_call(body: CallWanted, request: Request) -> Response:
    services = services_of(request)
    call = services.simulated_call
    if call is None:
        raise ApiError(404, "no_simulated_channel", "This Patchbay has no simulated calls.")

    async def start() -> Response:
        contact = await call(
            address=body.address or "",
            entry_point=body.entry_point or "",
            choice=body.choice,
            agent=identity_of(request).user.agent,
        )
        return answer(CallStarted(contact=contact), status=201)

    return await services.once.do(command_id(request), start)
