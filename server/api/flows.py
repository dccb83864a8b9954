"""Flows: drafts, checks, trying out, versions, and which of them is live."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Header, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ivr.core.difference import Change
from ivr.core.document import encode
from ivr.core.nodes import Flow
from ivr.core.schema import flow_schema
from ivr.flow_files import read_flow, write_flow
from reporting.flow_figures import NodeFigures
from router.core.model import ContactState
from router.core.state import State
from router.text import lines
from server.answers import NEWEST_VERSION, accepted, answer, gives, seen_version
from server.drafts import DraftMark
from server.errors import ApiError, not_found, rejected
from server.flow_publishing import FlowCheck, Tried, known_names
from server.flow_versions import FlowVersion
from server.guard import GuardedRoute, command_id, identity_of, services_of

router = APIRouter(prefix="/api/v1/flows", route_class=GuardedRoute, tags=["flows"])

MAX_NOTE = 500
TAKEN = ("schema", "known")  # by addresses of this module: nobody could look at such a flow
NAME = r"^[a-z0-9][a-z0-9_.-]{0,63}$"


# -- what is given ----------------------------------------------------------------------------


def _writable(value: dict[str, Any]) -> dict[str, Any]:
    """JSON may hold half a character, as a form makes one that cuts a text short."""
    try:
        msgspec.json.encode(value)
    except UnicodeEncodeError:
        raise ValueError("a text holds half a character: write its end anew") from None
    return value


Written = Annotated[dict[str, Any], AfterValidator(_writable)]


class Document(BaseModel):
    model_config = ConfigDict(extra="forbid")

    document: Written


class NewVersion(Document):
    """``point`` is the alias that shall point to it at once, empty for none."""

    note: Annotated[str, AfterValidator(lines)] = Field("", max_length=MAX_NOTE)
    point: str = Field("", pattern=rf"^$|{NAME}")


class Pointed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    version: int = Field(ge=1, le=NEWEST_VERSION)


class Attempt(Document):
    """``conversation`` as in a flow's tests: ``caller``, ``given``, ``acts``."""

    conversation: Written


class Two(BaseModel):
    model_config = ConfigDict(extra="forbid")

    before: Written
    after: Written


class Yaml(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    source: str = Field(max_length=2 * 1024 * 1024)


# -- what is answered -------------------------------------------------------------------------


class FlowDraft(DraftMark, frozen=True, kw_only=True):
    document: msgspec.Raw


class FlowSummary(msgspec.Struct, frozen=True, kw_only=True):
    flow: str
    newest: int  # version, 0 while there is only a draft
    aliases: dict[str, int]
    draft: DraftMark | None
    contacts: int  # in it now
    entry_points: tuple[str, ...]


class FlowList(msgspec.Struct, frozen=True, kw_only=True):
    flows: tuple[FlowSummary, ...]


class FlowShown(msgspec.Struct, frozen=True, kw_only=True):
    flow: str
    newest: int
    aliases: dict[str, int]
    versions: tuple[FlowVersion, ...]  # newest first
    draft: FlowDraft | None


class VersionShown(msgspec.Struct, frozen=True, kw_only=True):
    flow: str
    version: int
    document: dict[str, Any]
    source: str  # YAML


class FlowActivity(msgspec.Struct, frozen=True, kw_only=True):
    """By ``version/node``: contacts there now, and who passed or hung up there today."""

    nodes: dict[str, NodeFigures]


class KnownNames(msgspec.Struct, frozen=True, kw_only=True):
    """Ids and their labels, of everything that a flow may name."""

    queues: dict[str, str]
    skills: dict[str, str]
    hours: dict[str, str]
    agents: dict[str, str]
    boxes: dict[str, str]
    connectors: dict[str, str]
    flows: dict[str, str]
    recordings: dict[str, str]


class Saved(msgspec.Struct, frozen=True, kw_only=True):
    revision: int
    check: FlowCheck


class Version(msgspec.Struct, frozen=True, kw_only=True):
    version: int


class Changes(msgspec.Struct, frozen=True, kw_only=True):
    changes: tuple[Change, ...]


class Read(msgspec.Struct, frozen=True, kw_only=True):
    """``document`` is None when the text is no flow; ``problems`` then says why."""

    document: dict[str, Any] | None
    problems: tuple[str, ...]


class Source(msgspec.Struct, frozen=True, kw_only=True):
    source: str


# -- looking ----------------------------------------------------------------------------------


@router.get("")
@gives(FlowList)
async def list_flows(request: Request) -> Response:
    services = services_of(request)
    state, drafts = services.state, await services.flow_drafts.marks()
    names, inside = sorted({*state.flows, *drafts}), _in_flows(state)
    flows = tuple(_summary(name, state, drafts.get(name), inside[name]) for name in names)
    return answer(FlowList(flows=flows))


@router.get("/schema")
@gives(dict[str, Any])
async def show_flow_schema(request: Request) -> Response:  # noqa: ARG001
    return answer(flow_schema())


@router.get("/known")
@gives(KnownNames)
async def show_known_names(request: Request) -> Response:
    """What a flow may name."""
    services = services_of(request)
    state, connectors = services.state, services.flow_publisher.connectors
    catalog, known = state.catalog, known_names(state.catalog, connectors)
    return answer(
        KnownNames(
            queues={key: one.label for key, one in catalog.queues.items()},
            skills=dict(catalog.skills),
            hours={key: one.summary for key, one in catalog.hours.items()},
            agents={key: one.name for key, one in catalog.agents.items()},
            boxes={key: catalog.entry_points[key].label or key for key in known.boxes or ()},
            connectors={key: one.label or key for key, one in connectors.items()},
            flows={key: key for key in state.flows},
            recordings={
                name: one.label or name for (name, _), one in services.recordings.in_force()
            },
        )
    )


@router.get("/{flow}")
@gives(FlowShown)
async def show_flow(flow: str, request: Request) -> Response:
    services = services_of(request)
    known, draft = services.state.flows.get(flow), await _draft(request, flow)
    if known is None and draft is None:
        raise not_found("flow", flow)
    newest = known.newest if known is not None else 0
    body = FlowShown(
        flow=flow,
        newest=newest,
        aliases=known.aliases if known is not None else {},
        versions=tuple(await services.flow_versions.versions(flow)),
        draft=draft,
    )
    return answer(body, {"ETag": f'"{newest}"'})


@router.get("/{flow}/versions/{version}")
@gives(VersionShown)
async def show_flow_version(flow: str, version: int, request: Request) -> Response:
    found = await _version(request, flow, version)
    document, source = await asyncio.to_thread(lambda: (encode(found), write_flow(found)))
    return answer(VersionShown(flow=flow, version=version, document=document, source=source))


@router.get("/{flow}/live")
@gives(FlowActivity)
async def show_flow_activity(flow: str, request: Request) -> Response:
    services = services_of(request)
    return answer(FlowActivity(nodes=services.flow_figures.of(flow, services.state)))


# -- working on a draft -----------------------------------------------------------------------


@router.put("/{flow}/draft")
@gives(Saved)
async def save_flow_draft(
    flow: str, body: Document, request: Request, if_match: Annotated[str | None, Header()] = None
) -> Response:
    """Imperfect ones as well; ``If-Match`` is the revision that was seen, "0" for none yet."""
    _must_be_named(flow, body.document)
    services, replaces = services_of(request), seen_version(if_match)
    document = msgspec.json.encode(body.document).decode()
    revision = await services.flow_drafts.save(
        flow, document, replaces=replaces, by=identity_of(request).user.id
    )
    if revision is None:
        raise await _draft_conflict(request, flow)
    check, _ = await services.flow_publisher.check(body.document)
    return answer(Saved(revision=revision, check=check), {"ETag": f'"{revision}"'})


@router.delete("/{flow}/draft", status_code=204)
async def discard_flow_draft(
    flow: str, request: Request, if_match: Annotated[str | None, Header()] = None
) -> Response:
    """With ``If-Match`` only that revision."""
    revision = None if if_match is None else seen_version(if_match)
    if not await services_of(request).flow_drafts.discard(flow, revision=revision):
        raise await _draft_conflict(request, flow)
    return Response(status_code=204)


@router.post("/check")
@gives(FlowCheck)
async def check_flow(body: Document, request: Request) -> Response:
    check, _ = await services_of(request).flow_publisher.check(body.document)
    return answer(check)


@router.post("/try")
@gives(Tried)
async def try_flow(body: Attempt, request: Request) -> Response:
    """The whole conversation from its beginning: nothing is kept in between."""
    publisher = services_of(request).flow_publisher
    tried = await publisher.attempt(body.document, body.conversation)
    if isinstance(tried, FlowCheck):
        return _unfit(tried)
    return answer(tried)


@router.post("/compare")
@gives(Changes)
async def compare_flows(body: Two, request: Request) -> Response:
    changes = await services_of(request).flow_publisher.compare(body.before, body.after)
    if changes is None:
        raise ApiError(422, "flow_invalid", "One of the two cannot be read: check it first.")
    return answer(Changes(changes=tuple(changes)))


@router.post("/import")
@gives(Read)
async def import_flow(body: Yaml, request: Request) -> Response:  # noqa: ARG001
    return answer(await asyncio.to_thread(_read, body.source))  # it may be large


@router.post("/export")
@gives(Source)
async def export_flow(body: Document, request: Request) -> Response:
    """As YAML, for Git."""
    check, flow = await services_of(request).flow_publisher.check(body.document)
    if flow is None:
        return _unfit(check)
    return answer(Source(source=await asyncio.to_thread(write_flow, flow)))


# -- putting in force -------------------------------------------------------------------------


@router.post("/{flow}/publish")
@gives(Version)
async def publish_flow(
    flow: str, body: NewVersion, request: Request, if_match: Annotated[str | None, Header()] = None
) -> Response:
    """A new version, if it has no errors and its tests pass; ``If-Match`` is the newest seen."""
    _must_be_named(flow, body.document)
    services, replaces = services_of(request), seen_version(if_match)
    check, decoded = await services.flow_publisher.check(body.document)
    if decoded is None or not check.ok:
        return _unfit(check)
    if body.point:
        await _must_suit_callers(request, decoded, replaces + 1, body.point)
    by, command = identity_of(request).user.id, command_id(request)
    accepted(
        await services.flow_publisher.publish(decoded, replaces, body.note, command=command, by=by)
    )
    if body.point:
        now = services.state.flows[flow].aliases.get(body.point, 0)
        pointed = services.flow_publisher.point(
            flow, body.point, replaces + 1, now, command=f"{command}/point", by=by
        )
        accepted(await pointed)
    return answer(Version(version=replaces + 1), {"ETag": f'"{replaces + 1}"'})


@router.put("/{flow}/aliases/{alias}")
@gives(Version)
async def point_flow_alias(
    flow: str,
    alias: str,
    body: Pointed,
    request: Request,
    if_match: Annotated[str | None, Header()] = None,
) -> Response:
    """To a version, forward or back; ``If-Match`` is the one it points to, "0" for a new alias."""
    outcome = await services_of(request).flow_publisher.point(
        flow,
        alias,
        body.version,
        seen_version(if_match),
        command=command_id(request),
        by=identity_of(request).user.id,
    )
    accepted(outcome)
    return answer(Version(version=body.version), {"ETag": f'"{body.version}"'})


# ---------------------------------------------------------------------------------------------


def _read(source: str) -> Read:
    read = read_flow(source)
    problems = tuple(str(one) for one in read.problems)
    return Read(document=encode(read.flow) if read.flow else None, problems=problems)


def _in_flows(state: State) -> Counter[str]:
    """How many contacts are in each flow, counted once for all of them."""
    contacts = state.contacts.values()
    return Counter(one.flow for one in contacts if one.state is ContactState.IN_FLOW)


def _summary(name: str, state: State, draft: DraftMark | None, contacts: int) -> FlowSummary:
    known = state.flows.get(name)
    points = state.catalog.entry_points.values()
    return FlowSummary(
        flow=name,
        newest=known.newest if known is not None else 0,
        aliases=known.aliases if known is not None else {},
        draft=draft,
        contacts=contacts,
        entry_points=tuple(one.id for one in points if one.flow == name),
    )


async def _draft(request: Request, flow: str) -> FlowDraft | None:
    kept = await services_of(request).flow_drafts.load(flow)
    if kept is None:
        return None
    document = msgspec.Raw(kept.content.encode())
    return FlowDraft(revision=kept.revision, at=kept.at, by=kept.by, document=document)


async def _version(request: Request, flow: str, version: int) -> Flow:
    within = 0 < version <= NEWEST_VERSION
    publisher = services_of(request).flow_publisher
    found = await publisher.version(flow, version) if within else None
    if found is None:
        raise not_found(f"version of {flow!r}", str(version))
    return found


def _must_be_named(flow: str, document: dict[str, Any]) -> None:
    """What cannot be published under its name is not kept under it either."""
    if not re.fullmatch(NAME, flow):
        fit = "1 to 64 small letters, digits, '_', '-' and '.', first a letter or digit"
        raise ApiError(422, "flow_invalid", f"A flow's name has {fit}.")
    if flow in TAKEN:
        raise ApiError(422, "flow_invalid", f"No flow can be named {flow!r}: choose another name.")
    if document.get("flow") != flow:
        raise ApiError(
            422, "flow_invalid", f"The document must say 'flow: {flow}', as the address does."
        )


async def _must_suit_callers(request: Request, flow: Flow, version: int, alias: str) -> None:
    """Nothing is published that was to be in force and cannot be."""
    refused = await services_of(request).flow_publisher.broken(flow, version, alias)
    if refused is not None:
        raise rejected(refused)


async def _draft_conflict(request: Request, flow: str) -> ApiError:
    draft = await services_of(request).flow_drafts.load(flow)
    who = f"{draft.by} has saved revision {draft.revision}" if draft else "There is no draft"
    return ApiError(412, "conflict", f"{who}: load it before you save.")


def _unfit(check: FlowCheck) -> Response:
    """The usual error, with everything that was found beside it."""
    return answer(
        {"error": {"code": "flow_invalid", "message": check.why}, "check": check}, status=422
    )
