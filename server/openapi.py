"""The OpenAPI document: FastAPI's, completed with the schemas of our answers and errors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from server.answers import MARK

REF = "#/components/schemas/{name}"
DESCRIPTION = (
    'Errors are `{"error": {"code", "message"}}`. Writes need an `Origin` header with an allowed '
    "address and take an `Idempotency-Key`: the same key again has no further effect. 503 means "
    "that nothing was done; 504 `outcome_unknown` that it may have been, or may still be: the same "
    "again with the same key tells. Times and durations are integer microseconds, times since 1970 "
    "in UTC."
)


class ErrorDetail(msgspec.Struct, frozen=True, kw_only=True):
    """``code`` is stable, ``message`` one sentence for people."""

    code: str
    message: str


class ErrorBody(msgspec.Struct, frozen=True, kw_only=True):
    error: ErrorDetail


def openapi_document(app: FastAPI, routes: Sequence[APIRoute]) -> dict[str, Any]:
    """The whole document as plain JSON values; ``routes`` are those that are described."""
    document = get_openapi(
        title="Patchbay", version="1", description=DESCRIPTION, routes=app.routes
    )
    kinds = {r.name: getattr(r.endpoint, MARK) for r in routes if hasattr(r.endpoint, MARK)}
    schemas, components = msgspec.json.schema_components(
        [*kinds.values(), ErrorBody], ref_template=REF
    )
    by_name = dict(zip(kinds, schemas, strict=False))
    for route in routes:
        _describe(document, route, by_name.get(route.name))
    parts = document.setdefault("components", {}).setdefault("schemas", {})
    parts.update(json.loads(msgspec.json.encode(components)))
    for replaced in ("HTTPValidationError", "ValidationError"):
        parts.pop(replaced, None)
    return document


def _describe(document: dict[str, Any], route: APIRoute, schema: dict[str, Any] | None) -> None:
    for method in route.methods or ():
        operation = document["paths"][route.path_format].get(method.lower())
        if operation is None:
            continue
        responses = operation["responses"]
        responses.pop("422", None)
        responses["default"] = _content(_error_schema(), "An error")
        if schema is not None:
            responses[str(route.status_code or 200)] = _content(schema, "Success")


def _error_schema() -> dict[str, Any]:
    return {"$ref": REF.format(name="ErrorBody")}


def _content(schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
