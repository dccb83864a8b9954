"""What a desk asks for besides its websocket."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from agents.replies import CannedReplies, replies_for
from server.answers import answer, gives
from server.guard import GuardedRoute, identity_of, services_of

router = APIRouter(prefix="/api/v1/desk", route_class=GuardedRoute, tags=["desk"])


@router.get("/replies")
@gives(CannedReplies)
async def list_canned_replies(request: Request) -> Response:
    """The canned replies for the agent's queues, with their fields not yet filled in."""
    catalog = services_of(request).state.catalog
    return answer(replies_for(catalog, identity_of(request).user.agent))
