"""Contacts: why they wait, what happened, and what a supervisor may do about it."""

from __future__ import annotations

import msgspec
from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from reporting.timeline import Timeline
from router.core import explain
from router.core.commands import (
    Abandon,
    EndContact,
    IdentifyCustomer,
    Pull,
    Reassign,
    Reprioritise,
    TransferToQueue,
)
from router.core.durations import SECOND
from router.core.explain import ContactExplanation, OfferExplanation
from router.core.model import CustomerRef
from router.customers import Identity
from server.answers import Done, accepted, answer, done, gives
from server.api.contact_views import ContactView, contact_view
from server.errors import not_found
from server.guard import GuardedRoute, command_id, identity_of, services_of
from server.own_contacts import must_own

router = APIRouter(prefix="/api/v1", route_class=GuardedRoute, tags=["contacts"])

LARGEST_BOOST = 24 * 3600


class Boost(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    boost_seconds: int = Field(ge=-LARGEST_BOOST, le=LARGEST_BOOST)


class ToAgent(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    agent: str = Field(min_length=1, max_length=128)


class ToQueue(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    queue: str = Field(min_length=1, max_length=128)


class OfCustomer(BaseModel):
    """Null takes the identification back. ``remember``: the address it came from is theirs, so
    that the next contact from there is known at once.
    """

    model_config = ConfigDict(extra="forbid", strict=True)

    customer: str | None = Field(max_length=64)
    remember: bool = False


class CustomerSet(Done, frozen=True, kw_only=True):
    """``remembered`` is the address that the customer did not have before."""

    remembered: Identity | None = None


@router.get("/contacts/{contact}")
@gives(ContactView)
async def show_contact(contact: str, request: Request) -> Response:
    must_own(request, "show_contact", contact)
    services = services_of(request)
    live = services.state.contacts.get(contact)
    if live is None:
        raise not_found("contact", contact)
    return answer(contact_view(services.state, live, services.clock.now()))


@router.get("/contacts/{contact}/explanation")
@gives(ContactExplanation)
async def explain_contact(contact: str, request: Request) -> Response:
    must_own(request, "explain_contact", contact)
    services = services_of(request)
    explanation = explain.explain_contact(services.state, contact, services.clock.now())
    if explanation is None:
        raise not_found("contact", contact)
    return answer(explanation)


@router.get("/contacts/{contact}/timeline")
@gives(Timeline)
async def show_contact_timeline(contact: str, request: Request) -> Response:
    must_own(request, "show_contact_timeline", contact)
    timeline = services_of(request).timeline(contact)
    if timeline is None:
        raise not_found("contact", contact)
    return answer(timeline)


@router.get("/offers/{offer}/explanation")
@gives(OfferExplanation)
async def explain_offer(offer: str, request: Request) -> Response:
    services = services_of(request)
    made = services.state.offers.get(offer)
    must_own(request, "explain_offer", made.contact if made else "")
    explanation = explain.explain_offer(services.state, offer)
    if explanation is None:
        raise not_found("offer", offer)
    return answer(explanation)


@router.post("/contacts/{contact}/reprioritise")
@gives(Done)
async def reprioritise_contact(contact: str, body: Boost, request: Request) -> Response:
    command = Reprioritise(
        id=command_id(request),
        by=identity_of(request).user.id,
        contact=contact,
        boost=body.boost_seconds * SECOND,
    )
    return done(await services_of(request).sink.submit(command))


@router.post("/contacts/{contact}/reassign")
@gives(Done)
async def reassign_contact(contact: str, body: ToAgent, request: Request) -> Response:
    by = identity_of(request).user.id
    command = Reassign(id=command_id(request), by=by, contact=contact, agent=body.agent)
    return done(await services_of(request).sink.submit(command))


@router.post("/contacts/{contact}/pull")
@gives(Done)
async def pull_contact(contact: str, body: ToAgent, request: Request) -> Response:
    by = identity_of(request).user.id
    command = Pull(id=command_id(request), by=by, contact=contact, agent=body.agent)
    return done(await services_of(request).sink.submit(command))


@router.post("/contacts/{contact}/move")
@gives(Done)
async def move_contact(contact: str, body: ToQueue, request: Request) -> Response:
    by = identity_of(request).user.id
    command = TransferToQueue(id=command_id(request), by=by, contact=contact, queue=body.queue)
    return done(await services_of(request).sink.submit(command))


@router.post("/contacts/{contact}/end")
@gives(Done)
async def end_contact(contact: str, request: Request) -> Response:
    """With an agent it ends the conversation; waiting, the contact leaves the queue."""
    services = services_of(request)
    live = services.state.contacts.get(contact)
    by, key = identity_of(request).user.id, command_id(request)
    if live is not None and live.agent:
        return done(
            await services.sink.submit(
                EndContact(id=key, by=by, contact=contact, ended_by="system")
            )
        )
    return done(await services.sink.submit(Abandon(id=key, by=by, contact=contact)))


@router.post("/contacts/{contact}/customer")
@gives(CustomerSet)
async def set_contact_customer(contact: str, body: OfCustomer, request: Request) -> Response:
    must_own(request, "set_contact_customer", contact)
    services = services_of(request)
    live = services.state.contacts.get(contact)
    command = IdentifyCustomer(
        id=command_id(request),
        by=identity_of(request).user.id,
        contact=contact,
        customer=await _reference(request, body.customer),
    )
    position = accepted(await services.sink.submit(command)).position
    remembered = None
    if body.remember and body.customer and live is not None:
        remembered = await services.customers.remember(body.customer, live.channel, live.address)
        services.pops.customer_changed(body.customer)
    return answer(CustomerSet(position=position, remembered=remembered))


async def _reference(request: Request, customer: str | None) -> CustomerRef | None:
    if customer is None:
        return None
    record = await services_of(request).customers.record(customer)
    if record is None:
        raise not_found("customer", customer)
    return msgspec.convert(record, CustomerRef, from_attributes=True)
