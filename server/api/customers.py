"""Customers: finding, creating and changing them, and notes about them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, FastAPI, Header, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from crm.customers import CustomerFields, InvalidCustomer, UnknownCustomer, VersionConflict
from router.core.model import Message
from router.customers import Candidate, CustomerRecord, Identity, Note
from server.answers import answer, gives, seen_version
from server.errors import error_response, not_found
from server.guard import GuardedRoute, command_id, identity_of, services_of

router = APIRouter(prefix="/api/v1/customers", route_class=GuardedRoute, tags=["customers"])


class CustomersFound(msgspec.Struct, frozen=True, kw_only=True):
    """Best match first, 20 at most; ``matched_by`` says what of the customer matched."""

    customers: tuple[Candidate, ...]


class Transcript(msgspec.Struct, frozen=True, kw_only=True):
    """What was written in a contact that has ended, oldest first; nothing for a call."""

    messages: tuple[Message, ...]


class AddressGiven(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    kind: str = Field(max_length=16)
    value: str = Field(max_length=1_000)


class CustomerChange(BaseModel):
    """A field that is left out stays as it is."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: str | None = None
    tier: str | None = None
    value: int | None = None
    why_valued: str | None = None
    language: str | None = None
    account_manager: str | None = None
    watch_out: str | None = None
    external_id: str | None = None
    attributes: dict[str, str] | None = None

    def fields(self) -> CustomerFields:
        return CustomerFields(**{name: getattr(self, name) for name in CustomerChange.model_fields})


class NewCustomer(CustomerChange):
    identities: list[AddressGiven] = Field(default=[], max_length=100)


class NewNote(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    text: str


@router.get("")
@gives(CustomersFound)
async def search_customers(
    request: Request, search: Annotated[str, Query(min_length=1, max_length=200)]
) -> Response:
    return answer(CustomersFound(customers=await services_of(request).customers.search(search)))


@router.post("", status_code=201)
@gives(CustomerRecord)
async def create_customer(body: NewCustomer, request: Request) -> Response:
    services = services_of(request)
    given = [Identity(kind=each.kind, value=each.value) for each in body.identities]

    async def create() -> Response:
        return _record(await services.customers.create(body.fields(), given), status=201)

    return await services.once.do(command_id(request), create)


@router.get("/{customer}")
@gives(CustomerRecord)
async def show_customer(customer: str, request: Request) -> Response:
    record = await services_of(request).customers.record(customer)
    if record is None:
        raise not_found("customer", customer)
    return _record(record)


@router.patch("/{customer}")
@gives(CustomerRecord)
async def update_customer(
    customer: str,
    body: CustomerChange,
    request: Request,
    if_match: Annotated[str | None, Header()] = None,
) -> Response:
    services = services_of(request)
    version = seen_version(if_match)

    async def update() -> Response:
        record = await services.customers.update(customer, body.fields(), version)
        services.pops.customer_changed(customer)
        return _record(record)

    return await services.once.do(command_id(request), update)


@router.post("/{customer}/identities")
@gives(CustomerRecord)
async def link_customer_identity(customer: str, body: AddressGiven, request: Request) -> Response:
    """One they have already changes nothing."""
    services = services_of(request)

    async def link() -> Response:
        record = await services.customers.link_identity(customer, body.kind, body.value)
        services.pops.customer_changed(customer)
        return _record(record)

    return await services.once.do(command_id(request), link)


@router.post("/{customer}/identities/remove")
@gives(CustomerRecord)
async def unlink_customer_identity(customer: str, body: AddressGiven, request: Request) -> Response:
    """One they do not have changes nothing."""
    services = services_of(request)

    async def unlink() -> Response:
        record = await services.customers.unlink_identity(customer, body.kind, body.value)
        services.pops.customer_changed(customer)
        return _record(record)

    return await services.once.do(command_id(request), unlink)


@router.post("/{customer}/notes", status_code=201)
@gives(Note)
async def add_customer_note(customer: str, body: NewNote, request: Request) -> Response:
    services = services_of(request)

    async def add() -> Response:
        author = identity_of(request).user.id
        note = await services.customers.add_note(customer, body.text, author)
        services.pops.customer_changed(customer)
        return answer(note, status=201)

    return await services.once.do(command_id(request), add)


@router.get("/{customer}/contacts/{contact}/transcript")
@gives(Transcript)
async def show_past_transcript(customer: str, contact: str, request: Request) -> Response:
    messages = await services_of(request).customers.transcript(customer, contact)
    if messages is None:
        raise not_found("contact", contact)
    return answer(Transcript(messages=messages))


def _record(record: CustomerRecord, status: int = 200) -> Response:
    return answer(record, {"ETag": f'"{record.version}"'}, status)


def install_customer_errors(app: FastAPI) -> None:
    """Give the customer store's refusals their answers."""
    app.add_exception_handler(InvalidCustomer, _invalid)
    app.add_exception_handler(UnknownCustomer, _unknown)
    app.add_exception_handler(VersionConflict, _conflict)


async def _invalid(_request: Request, error: Exception) -> Response:
    return error_response(422, "invalid_customer", str(error))


async def _unknown(_request: Request, _error: Exception) -> Response:
    return error_response(404, "not_found", "There is no such customer.")


async def _conflict(_request: Request, error: Exception) -> Response:
    return error_response(412, "version_conflict", str(error))
