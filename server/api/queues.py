"""Queues: who waits in one, and how it does."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from reporting.queue_figures import QueueReport, queue_report
from server.answers import answer, gives
from server.api.contact_views import WaitingContacts, waiting_contacts
from server.errors import not_found
from server.guard import GuardedRoute, services_of
from server.services import Services

router = APIRouter(prefix="/api/v1/queues", route_class=GuardedRoute, tags=["queues"])


@router.get("/{queue}/contacts")
@gives(WaitingContacts)
async def list_waiting_contacts(
    queue: str, request: Request, limit: Annotated[int, Query(ge=1, le=500)] = 100
) -> Response:
    services = _knowing(queue, request)
    return answer(waiting_contacts(services.state, queue, limit, services.clock.now()))


@router.get("/{queue}/figures")
@gives(QueueReport)
async def show_queue_figures(queue: str, request: Request) -> Response:
    services = _knowing(queue, request)
    return answer(queue_report(services.statistics, queue, services.clock.now()))


def _knowing(queue: str, request: Request) -> Services:
    """The services, once it is clear that they have the queue. Raises ``ApiError``."""
    services = services_of(request)
    if queue not in services.state.catalog.queues:
        raise not_found("queue", queue)
    return services
