"""The catalog while it is being worked on: its draft, and changing it by what it says."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Header, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from config.catalog import Problem
from config.catalog.schema import form_schema
from config.yaml_edits import MAX_EDITS, MAX_KEY, Edit, Edited, Read, edited, read
from config.yaml_nodes import MAX_BYTES, MAX_DEPTH
from server.answers import NEWEST_VERSION, answer, gives, seen_version
from server.catalog_publishing import CatalogCheck
from server.drafts import Draft
from server.errors import ApiError, not_found
from server.guard import GuardedRoute, identity_of, services_of

router = APIRouter(prefix="/api/v1/catalog", route_class=GuardedRoute, tags=["catalog"])

NAME = "catalog"  # there is one

Key = Annotated[str, Field(max_length=MAX_KEY)]


# -- what is given ----------------------------------------------------------------------------


class Given(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class CatalogText(Given):
    source: str = Field(max_length=MAX_BYTES)


class CatalogEdit(Given):
    """``value`` is put at ``path``, or what is there is removed, or its key becomes ``rename``."""

    path: list[Key | int] = Field(min_length=1, max_length=MAX_DEPTH)
    value: Any = None
    remove: bool = False
    rename: Key = ""


class CatalogEdits(CatalogText):
    edits: list[CatalogEdit] = Field(default=[], max_length=MAX_EDITS)


class CatalogSources(Given):
    before: str = Field(max_length=MAX_BYTES)
    after: str = Field(max_length=MAX_BYTES)


# -- what is answered -------------------------------------------------------------------------


class CatalogDraft(msgspec.Struct, frozen=True, kw_only=True):
    """``version`` is in force now."""

    version: int
    draft: Draft | None


class CatalogSaved(msgspec.Struct, frozen=True, kw_only=True):
    revision: int
    source: str
    check: CatalogCheck


class CatalogSource(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    source: str


class CatalogChanges(msgspec.Struct, frozen=True, kw_only=True):
    changes: tuple[str, ...]


# ---------------------------------------------------------------------------------------------


@router.get("/schema")
@gives(dict[str, Any])
async def show_catalog_schema(request: Request) -> Response:  # noqa: ARG001
    """With the ``kind`` of each value, so that a form knows a duration from a name."""
    return answer(form_schema())


@router.get("/draft")
@gives(CatalogDraft)
async def show_catalog_draft(request: Request) -> Response:
    services = services_of(request)
    draft = await services.catalog_drafts.load(NAME)
    body = CatalogDraft(version=services.publisher.current.version, draft=draft)
    return answer(body, {"ETag": f'"{draft.revision if draft else 0}"'})


@router.put("/draft")
@gives(CatalogSaved)
async def save_catalog_draft(
    body: CatalogEdits, request: Request, if_match: Annotated[str | None, Header()] = None
) -> Response:
    """``source`` with ``edits`` done to it, imperfect or not; ``If-Match`` is the revision that was
    seen, "0" for none yet.
    """
    services, replaces = services_of(request), seen_version(if_match)
    source = body.source
    if body.edits:
        made = await _edited(body)
        if made.problems:
            return answer(_refusal(made.problems), status=422)
        source = made.source
    by = identity_of(request).user.id
    revision = await services.catalog_drafts.save(NAME, source, replaces=replaces, by=by)
    if revision is None:
        raise await _conflict(request)
    check, _ = await services.publisher.check(source)
    saved = CatalogSaved(revision=revision, source=source, check=check)
    return answer(saved, {"ETag": f'"{revision}"'})


@router.delete("/draft", status_code=204)
async def discard_catalog_draft(
    request: Request, if_match: Annotated[str | None, Header()] = None
) -> Response:
    """With ``If-Match`` only that revision."""
    revision = None if if_match is None else seen_version(if_match)
    if not await services_of(request).catalog_drafts.discard(NAME, revision=revision):
        raise await _conflict(request)
    return Response(status_code=204)


@router.post("/read")
@gives(Read)
async def read_catalog(body: CatalogText, request: Request) -> Response:  # noqa: ARG001
    """What a text says, as nested values; every single one is text, as it was written."""
    return answer(await asyncio.to_thread(read, body.source))


@router.post("/edit")
@gives(Edited)
async def edit_catalog(body: CatalogEdits, request: Request) -> Response:  # noqa: ARG001
    """Single values changed, and the rest of the text left as it is."""
    return answer(await _edited(body))


@router.post("/compare")
@gives(CatalogChanges)
async def compare_catalogs(body: CatalogSources, request: Request) -> Response:
    words = await services_of(request).publisher.compare(body.before, body.after)
    if words is None:
        raise ApiError(
            422, "catalog_invalid", "One of the two has errors: mend it before you compare."
        )
    return answer(CatalogChanges(changes=tuple(words)))


@router.get("/versions/{version}")
@gives(CatalogSource)
async def show_catalog_version(version: int, request: Request) -> Response:
    within = 0 <= version <= NEWEST_VERSION
    source = await services_of(request).versions.source(version) if within else None
    if source is None:
        raise not_found("catalog version", str(version))
    return answer(CatalogSource(version=version, source=source))


async def _edited(body: CatalogEdits) -> Edited:
    edits = tuple(
        Edit(path=tuple(one.path), value=one.value, remove=one.remove, rename=one.rename)
        for one in body.edits
    )
    # A large source takes long to read, and nobody else should wait for it.
    return await asyncio.to_thread(edited, body.source, edits)


async def _conflict(request: Request) -> ApiError:
    draft = await services_of(request).catalog_drafts.load(NAME)
    who = f"{draft.by} has saved revision {draft.revision}" if draft else "There is no draft"
    return ApiError(412, "conflict", f"{who}: load it before you save.")


def _refusal(problems: tuple[Problem, ...]) -> dict[str, object]:
    """The usual error, with every problem beside it."""
    error = {"code": "catalog_invalid", "message": f"{problems[0].what}; {problems[0].fix}."}
    return {"error": error, "problems": problems}
