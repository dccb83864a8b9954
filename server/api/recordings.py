"""Recordings of prompts: uploading, listening, replacing, and taking it back."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import msgspec
from fastapi import APIRouter, Header, Query, Request, Response
from fastapi import Path as InPath
from fastapi.responses import FileResponse
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.requests import ClientDisconnect

from ivr.core.values import AUDIO, LANGUAGE, primary
from ivr.uploads import MAX_BYTES, TOO_LARGE, UnusableRecording
from router.files import FilesUnavailable
from router.text import one_line
from server.answers import NEWEST_VERSION, answer, gives, seen_version
from server.errors import ApiError, not_found
from server.guard import GuardedRoute, identity_of, services_of
from server.recording_files import TooManyAtOnce
from server.recordings import Key, RecordingStore, RecordingVersion, TooManyRecordings, Versions
from server.services import Services

router = APIRouter(prefix="/api/v1/prompts", route_class=GuardedRoute, tags=["prompts"])

MAX_LABEL = 80  # characters
PART = 1024 * 1024  # bytes written at once
STALLS_FOR = 30.0  # seconds without a byte, before an upload is given up

Name = Annotated[str, InPath(pattern=AUDIO, max_length=80)]
Language = Annotated[str, InPath(pattern=LANGUAGE, max_length=20)]
Label = Annotated[str, AfterValidator(one_line)]
Seen = Annotated[str | None, Header()]


class Renamed(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    label: Label = Field(max_length=MAX_LABEL)


class PointedBack(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    version: int = Field(ge=1, le=NEWEST_VERSION)


class FlowUsing(msgspec.Struct, frozen=True, kw_only=True):
    flow: str
    version: int


class RecordingShown(msgspec.Struct, frozen=True, kw_only=True):
    """``length`` is microseconds; ``used_in`` are versions in force that say it."""

    name: str
    language: str
    label: str
    length: int
    version: int
    at: int
    by: str
    used_in: tuple[FlowUsing, ...]


class RecordingList(msgspec.Struct, frozen=True, kw_only=True):
    recordings: tuple[RecordingShown, ...]


class PastRecording(msgspec.Struct, frozen=True, kw_only=True):
    """One that was ``deleted`` has no sound."""

    version: int
    label: str
    length: int
    at: int
    by: str
    deleted: bool


class RecordingHistory(msgspec.Struct, frozen=True, kw_only=True):
    """Newest first."""

    name: str
    language: str
    versions: tuple[PastRecording, ...]
    used_in: tuple[FlowUsing, ...]


class RecordingSaved(msgspec.Struct, frozen=True, kw_only=True):
    version: int


# -- looking --------------------------------------------------------------------------------------


@router.get("")
@gives(RecordingList)
async def list_prompt_recordings(request: Request) -> Response:
    services = services_of(request)
    users = _users(services)
    shown = [_shown(key, one, users) for key, one in services.recordings.in_force()]
    return answer(RecordingList(recordings=tuple(shown)))


@router.get("/{recording}/{language}")
@gives(RecordingHistory)
async def show_prompt_recording(recording: Name, language: Language, request: Request) -> Response:
    services, key = services_of(request), (recording, language)
    versions = _versions(key, services.recordings)
    body = RecordingHistory(
        name=recording,
        language=language,
        versions=tuple(_past(one) for one in reversed(versions)),
        used_in=_users(services).get(_use(key), ()),
    )
    return answer(body, {"ETag": f'"{versions[-1].version}"'})


@router.get("/{recording}/{language}/audio", response_class=FileResponse)
async def play_prompt_recording(
    recording: Name,
    language: Language,
    request: Request,
    version: Annotated[int | None, Query(ge=1, le=NEWEST_VERSION)] = None,
) -> FileResponse:
    """A WAV file: of the ``version`` that is asked for, else of the one in force."""
    store = services_of(request).recordings
    versions = _versions((recording, language), store)
    found = [one for one in versions if one.version == (version or versions[-1].version)]
    path = store.files.path(found[0].content) if found else None
    if path is None or not await asyncio.to_thread(path.is_file):
        raise not_found("recording", f"{recording} ({language})")
    return FileResponse(
        path,
        media_type="audio/wav",
        filename=f"{recording}-{language}.wav",
        content_disposition_type="inline",
    )


# -- changing -------------------------------------------------------------------------------------


@router.put("/{recording}/{language}")
@gives(RecordingSaved)
async def upload_prompt_recording(
    recording: Name,
    language: Language,
    request: Request,
    label: Annotated[Label | None, Query(max_length=MAX_LABEL)] = None,
    if_match: Seen = None,
) -> Response:
    """The body is a WAV file. ``If-Match`` is the version it replaces, "0" for a new one."""
    store, seen = services_of(request).recordings, seen_version(if_match)
    key, by = (recording, language), identity_of(request).user.id
    try:
        async with store.files.coming() as upload:
            await _receive(request, upload, store)
            saved = await store.add(key, upload, label=label, replaces=seen, by=by)
    except UnusableRecording as error:
        raise ApiError(422, "recording_unusable", str(error)) from None
    except TooManyRecordings as error:
        raise ApiError(409, "too_many", str(error)) from None
    except TooManyAtOnce as error:
        raise ApiError(503, "overloaded", str(error), {"Retry-After": "5"}) from None
    except FilesUnavailable as error:
        raise ApiError(503, "not_kept", str(error), {"Retry-After": "60"}) from None
    return _saved(saved)


@router.put("/{recording}/{language}/label")
@gives(RecordingSaved)
async def rename_prompt_recording(
    recording: Name, language: Language, body: Renamed, request: Request, if_match: Seen = None
) -> Response:
    store, seen = services_of(request).recordings, seen_version(if_match)
    key, by = (recording, language), identity_of(request).user.id
    _versions(key, store)
    return _saved(await store.rename(key, body.label, replaces=seen, by=by))


@router.post("/{recording}/{language}/restore")
@gives(RecordingSaved)
async def restore_prompt_recording(
    recording: Name, language: Language, body: PointedBack, request: Request, if_match: Seen = None
) -> Response:
    """What ``version`` was is in force again; ``If-Match`` is the newest version."""
    store, seen = services_of(request).recordings, seen_version(if_match)
    key, by = (recording, language), identity_of(request).user.id
    if not any(one.version == body.version and one.content for one in _versions(key, store)):
        raise not_found(f"version of {recording!r}", str(body.version))
    return _saved(await store.restore(key, body.version, replaces=seen, by=by))


@router.delete("/{recording}/{language}")
@gives(RecordingSaved)
async def delete_prompt_recording(
    recording: Name, language: Language, request: Request, if_match: Seen = None
) -> Response:
    """Not while a version in force says it. Restoring takes it back."""
    services, key, seen = services_of(request), (recording, language), seen_version(if_match)
    _versions(key, services.recordings)
    for one in _users(services).get(_use(key), ()):
        message = f"The flow {one.flow} says it: let it say something else first."
        raise ApiError(409, "in_use", message)
    by = identity_of(request).user.id
    return _saved(await services.recordings.delete(key, replaces=seen, by=by))


async def _receive(request: Request, upload: Path, store: RecordingStore) -> None:
    part, size, chunks = bytearray(), 0, aiter(request.stream())
    try:
        while (chunk := await asyncio.wait_for(anext(chunks, None), STALLS_FOR)) is not None:
            size += len(chunk)
            if size > MAX_BYTES:
                raise UnusableRecording(TOO_LARGE)
            part += chunk
            if len(part) >= PART:
                await store.files.append(upload, bytes(part))
                part.clear()
    except (ClientDisconnect, TimeoutError):
        raise ApiError(400, "incomplete", "The upload was broken off: try again.") from None
    await store.files.append(upload, bytes(part))


# -------------------------------------------------------------------------------------------------


def _versions(key: Key, store: RecordingStore) -> Versions:
    """Oldest first. Raises ``ApiError`` when there never was one."""
    versions = store.versions(key)
    if not versions:
        raise not_found("recording", f"{key[0]} ({key[1]})")
    return versions


def _saved(saved: RecordingVersion | None) -> Response:
    if saved is None:
        message = "Somebody else has changed this recording: look at it again."
        raise ApiError(412, "conflict", message)
    return answer(RecordingSaved(version=saved.version), {"ETag": f'"{saved.version}"'})


def _users(services: Services) -> dict[Key, tuple[FlowUsing, ...]]:
    """The versions in force that say a recording, by ``_use``."""
    found: dict[Key, tuple[FlowUsing, ...]] = {}
    for one in services.flow_library.standing():
        using = FlowUsing(flow=one.flow.id, version=one.version)
        said = services.flow_library.recordings_in((one.flow.id, one.version))
        for use in sorted({_use(key) for key in said}):
            found[use] = (*found.get(use, ()), using)
    return found


def _use(key: Key) -> Key:
    """Whoever says it in Mexican Spanish may hear the Spanish one."""
    return key[0], primary(key[1])


def _shown(
    key: Key, one: RecordingVersion, users: dict[Key, tuple[FlowUsing, ...]]
) -> RecordingShown:
    return RecordingShown(
        name=key[0],
        language=key[1],
        label=one.label,
        length=one.length,
        version=one.version,
        at=one.at,
        by=one.by,
        used_in=users.get(_use(key), ()),
    )


def _past(one: RecordingVersion) -> PastRecording:
    return PastRecording(
        version=one.version,
        label=one.label,
        length=one.length,
        at=one.at,
        by=one.by,
        deleted=not one.content,
    )
