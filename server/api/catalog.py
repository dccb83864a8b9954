"""The catalog: what is in force, its history, and putting another one in force."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Header, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from config.catalog import Problem
from config.yaml_nodes import MAX_BYTES
from router.core.catalog import Catalog
from router.core.events import Rejected
from router.text import lines
from server.answers import NEWEST_VERSION, answer, gives, seen_version
from server.catalog_publishing import CatalogCheck
from server.catalog_versions import CatalogVersion
from server.errors import not_found, rejected
from server.guard import GuardedRoute, command_id, identity_of, services_of

router = APIRouter(prefix="/api/v1/catalog", route_class=GuardedRoute, tags=["catalog"])

MAX_NOTE = 500


class CatalogInForce(msgspec.Struct, frozen=True, kw_only=True):
    """``source`` is the YAML; ``catalog`` what it was compiled to, without the source."""

    version: int
    source: str
    catalog: Catalog


class CatalogVersions(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first."""

    current: int
    versions: tuple[CatalogVersion, ...]


class Published(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    changes: tuple[str, ...]
    problems: tuple[Problem, ...]  # warnings


class SourceGiven(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    source: str = Field(max_length=MAX_BYTES)


class NewCatalog(SourceGiven):
    note: Annotated[str, AfterValidator(lines)] = Field("", max_length=MAX_NOTE)


class EarlierVersion(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    version: int = Field(ge=0, le=NEWEST_VERSION)


@router.get("")
@gives(CatalogInForce)
async def show_catalog(request: Request) -> Response:
    catalog = services_of(request).publisher.current
    body = CatalogInForce(
        version=catalog.version,
        source=catalog.source,
        catalog=msgspec.structs.replace(catalog, source=""),
    )
    return answer(body, {"ETag": f'"{catalog.version}"'})


@router.get("/versions")
@gives(CatalogVersions)
async def list_catalog_versions(request: Request) -> Response:
    services = services_of(request)
    versions = await services.versions.versions()
    current = services.publisher.current.version
    return answer(CatalogVersions(current=current, versions=tuple(versions)))


@router.post("/check")
@gives(CatalogCheck)
async def check_catalog(body: SourceGiven, request: Request) -> Response:
    check, _ = await services_of(request).publisher.check(body.source)
    return answer(check)


@router.post("")
@gives(Published)
async def publish_catalog(
    body: NewCatalog, request: Request, if_match: Annotated[str | None, Header()] = None
) -> Response:
    return await _publish(request, body.source, seen_version(if_match), body.note)


@router.post("/revert")
@gives(Published)
async def revert_catalog(
    body: EarlierVersion, request: Request, if_match: Annotated[str | None, Header()] = None
) -> Response:
    """Publish the source of an earlier version again, as a new version."""
    services = services_of(request)
    seen = services.publisher.current.version if if_match is None else seen_version(if_match)
    source = await services.versions.source(body.version)
    if source is None:
        raise not_found("catalog version", str(body.version))
    return await _publish(request, source, seen, f"Back to version {body.version}")


async def _publish(request: Request, source: str, replaces: int, note: str) -> Response:
    services = services_of(request)
    check, catalog = await services.publisher.check(source)
    if catalog is None:
        return answer(_refusal(check), status=422)
    outcome = await services.publisher.publish(
        catalog,
        replaces,
        note,
        command=command_id(request),
        by=identity_of(request).user.id,
    )
    if isinstance(outcome, Rejected):
        raise rejected(outcome)
    body = Published(version=replaces + 1, changes=check.changes, problems=check.problems)
    return answer(body, {"ETag": f'"{replaces + 1}"'})


def _refusal(check: CatalogCheck) -> dict[str, object]:
    """The usual error, with every problem beside it."""
    first = next(problem for problem in check.problems if problem.severity == "error")
    error = {"code": "catalog_invalid", "message": str(first)}
    return {"error": error, "problems": check.problems}
