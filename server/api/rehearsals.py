"""Flows tried out on contacts of the past, before they are published."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from pydantic import Field

from ivr.core.rehearsal import MAX_CONTACTS
from server.answers import answer, gives
from server.api.flows import Document
from server.flow_publishing import FlowCheck
from server.flow_rehearsal import Channel, Rehearsal
from server.guard import GuardedRoute, services_of

router = APIRouter(prefix="/api/v1/flows", route_class=GuardedRoute, tags=["flows"])


class Rehearsing(Document):
    """A draft, and on how many of the newest contacts of ``channel`` it is tried."""

    channel: Channel = "email"
    contacts: int = Field(200, ge=1, le=MAX_CONTACTS)


@router.post("/{flow}/rehearse")
@gives(Rehearsal)
async def rehearse_flow(flow: str, body: Rehearsing, request: Request) -> Response:
    """Where it leads each, and where the version in force does. Queues are staffed and empty,
    hours open; the time of day is that at which a contact came. Nothing is kept or changed.
    """
    found = await services_of(request).rehearsals.rehearse(
        flow, body.document, body.channel, body.contacts
    )
    if isinstance(found, FlowCheck):
        error = {"code": "flow_invalid", "message": found.why}
        return answer({"error": error, "check": found}, status=422)
    return answer(found)
