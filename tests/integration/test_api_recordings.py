"""Recordings of prompts over HTTP: uploaded, played, replaced, taken back, and never by others."""

import asyncio
import io
import wave
from urllib.parse import quote

import httpx
import pytest

from server import recording_files
from server.api import recordings as api
from tests.integration.conftest import settings_in
from tests.unit.ivr.test_uploads import HOSTILE, tone, wav

WELCOME = "/api/v1/prompts/welcome/en"


def heard(body):
    with wave.open(io.BytesIO(body)) as reading:
        return reading.getframerate(), reading.getnframes()


async def upload(client, hertz=440, seen=0, address=WELCOME, **more):
    body = wav(tone(hertz, seconds=0.25))
    return await client.put(address, content=body, headers={"If-Match": f'"{seen}"'}, **more)


@pytest.fixture
async def admin(centre):
    return await centre.signed_in("admin")


async def listed(admin):
    return (await admin.get("/api/v1/prompts")).json()["recordings"]


def on_disk(centre):
    folder = centre.patchbay.settings.recordings_folder
    return [file.name for file in folder.rglob("*") if file.is_file()]


async def publish(admin, said="welcome", newest=0):
    end = {"kind": "hang_up", "say": {"en": {"audio": said, "text": "Hello."}}}
    document = {"flow": "main", "languages": ["en"], "safe_queue": "help", "start": "end"}
    return await admin.post(
        "/api/v1/flows/main/publish",
        json={"document": {**document, "nodes": {"end": end}}, "point": "live"},
        headers={"If-Match": f'"{newest}"'},
    )


async def test_what_was_uploaded_is_listed_and_played(admin):
    assert await listed(admin) == []
    saved = await upload(admin, params={"label": "Welcome  欢迎\u202e"})
    assert (saved.status_code, saved.json(), saved.headers["etag"]) == (200, {"version": 1}, '"1"')
    (one,) = await listed(admin)
    assert {**one, "at": 0} == {
        "name": "welcome",
        "language": "en",
        "label": "Welcome 欢迎",
        "length": 250_000,
        "version": 1,
        "at": 0,
        "by": "adam",
        "used_in": [],
    }
    played = await admin.get(f"{WELCOME}/audio")
    assert heard(played.content) == (16_000, 4_000)
    assert played.headers["content-type"] == "audio/wav"
    assert played.headers["x-content-type-options"] == "nosniff"
    assert played.headers["content-disposition"] == 'inline; filename="welcome-en.wav"'
    assert "default-src 'none'" in played.headers["content-security-policy"]
    part = await admin.get(f"{WELCOME}/audio", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, b"RIFF"), "a player can seek"


async def test_replacing_is_seen_in_its_history_and_taken_back(admin):
    await upload(admin)
    first = (await admin.get(f"{WELCOME}/audio")).content
    assert (await upload(admin, 880, seen=1)).json() == {"version": 2}
    assert (await admin.get(f"{WELCOME}/audio")).content != first
    assert (await admin.get(f"{WELCOME}/audio?version=1")).content == first
    back = await admin.post(f"{WELCOME}/restore", json={"version": 1}, headers={"If-Match": '"2"'})
    assert back.json() == {"version": 3}
    assert (await admin.get(f"{WELCOME}/audio")).content == first
    history = await admin.get(WELCOME)
    assert history.headers["etag"] == '"3"'
    assert [one["version"] for one in history.json()["versions"]] == [3, 2, 1]


async def test_a_label_is_changed_without_the_sound(admin):
    await upload(admin)
    renamed = await admin.put(
        f"{WELCOME}/label", json={"label": " Day\nwelcome "}, headers={"If-Match": '"1"'}
    )
    assert renamed.json() == {"version": 2}
    assert (await listed(admin))[0]["label"] == "Day welcome"


async def test_one_that_was_deleted_is_not_there_until_it_is_restored(admin):
    await upload(admin)
    assert (await admin.delete(WELCOME, headers={"If-Match": '"1"'})).json() == {"version": 2}
    assert await listed(admin) == []
    assert (await admin.get(f"{WELCOME}/audio")).status_code == 404
    assert (await admin.get(WELCOME)).json()["versions"][0]["deleted"]
    again = await admin.post(f"{WELCOME}/restore", json={"version": 1}, headers={"If-Match": '"2"'})
    assert again.json() == {"version": 3}
    assert (await admin.get(f"{WELCOME}/audio")).status_code == 200


async def test_what_a_flow_in_force_says_cannot_be_deleted(admin):
    await upload(admin)
    await upload(admin, address="/api/v1/prompts/welcome/zh")
    assert (await publish(admin)).status_code == 200
    used = {(one["name"], one["language"]): one["used_in"] for one in await listed(admin)}
    assert used == {
        ("welcome", "en"): [{"flow": "main", "version": 1}],
        ("welcome", "zh"): [],
    }
    refused = await admin.delete(WELCOME, headers={"If-Match": '"1"'})
    assert refused.status_code == 409
    assert refused.json()["error"] == {
        "code": "in_use",
        "message": "The flow main says it: let it say something else first.",
    }
    free = await admin.delete("/api/v1/prompts/welcome/zh", headers={"If-Match": '"1"'})
    assert free.status_code == 200
    assert (await publish(admin, said="other", newest=1)).status_code == 200
    assert (await admin.delete(WELCOME, headers={"If-Match": '"1"'})).status_code == 200


async def test_a_flow_is_told_of_recordings_that_are_not_there(admin):
    await upload(admin, params={"label": "Welcome"})
    assert (await admin.get("/api/v1/flows/known")).json()["recordings"] == {"welcome": "Welcome"}
    end = {"kind": "hang_up", "say": {"en": {"audio": "welcom", "text": "Hello."}}}
    document = {"flow": "main", "languages": ["en"], "safe_queue": "help", "start": "end"}
    checked = await admin.post(
        "/api/v1/flows/check", json={"document": {**document, "nodes": {"end": end}}}
    )
    (problem,) = checked.json()["problems"]
    assert problem["severity"] == "warning"
    assert "there is no recording 'welcom'" in problem["what"]
    assert problem["fix"] == "did you mean 'welcome'?"


async def test_nobody_overwrites_what_they_have_not_seen(admin):
    await upload(admin)
    assert (await admin.put(WELCOME, content=wav(tone()))).status_code == 428
    for seen in (0, 2):
        refused = await upload(admin, 880, seen=seen)
        assert (refused.status_code, refused.json()["error"]["code"]) == (412, "conflict")
        gone = await admin.delete(WELCOME, headers={"If-Match": f'"{seen}"'})
        assert gone.status_code == 412
    assert (await listed(admin))[0]["version"] == 1


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_is_no_recording_is_refused_in_one_sentence_and_leaves_nothing(
    centre, admin, name
):
    body, why = HOSTILE[name]
    refused = await admin.put(WELCOME, content=body, headers={"If-Match": '"0"'})
    error = refused.json()["error"]
    assert (refused.status_code, error["code"]) == (422, "recording_unusable")
    assert why in error["message"]
    assert on_disk(centre) == []


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "..%2F..%2Fetc%2Fpasswd",
        "a/../b",
        "a\0b",
        "welcome\n",
        "<b>",
        "a..b",
        ".wav",
        "Welcome",
        "欢迎",
        "a" * 81,
        "a&b",
    ],
)
async def test_no_name_leads_anywhere_else(centre, admin, name):
    for address in (
        f"/api/v1/prompts/{quote(name, safe='')}/en",
        f"/api/v1/prompts/welcome/{quote(name, safe='')}",
    ):
        assert (await upload(admin, address=address)).status_code in {404, 422}
        assert (await admin.get(f"{address}/audio")).status_code in {404, 422}
    assert on_disk(centre) == []


async def test_what_is_too_large_is_refused_while_it_comes(centre, admin, monkeypatch):
    monkeypatch.setattr(api, "MAX_BYTES", 100_000)
    taken = 0

    async def without_end():
        nonlocal taken
        while taken < 10_000:
            taken += 1
            yield b"\0" * 10_000

    refused = await admin.put(WELCOME, content=without_end(), headers={"If-Match": '"0"'})
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "recording_unusable")
    assert "larger than" in refused.json()["error"]["message"]
    assert taken < 20
    assert on_disk(centre) == []


async def test_an_upload_that_is_broken_off_leaves_nothing(centre, admin, monkeypatch):
    monkeypatch.setattr(api, "STALLS_FOR", 0.01)

    async def stalls():
        yield b"RIFF"
        await asyncio.sleep(3600)

    refused = await admin.put(WELCOME, content=stalls(), headers={"If-Match": '"0"'})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "incomplete")
    assert on_disk(centre) == []


async def test_a_full_disk_is_said_so_and_what_was_there_stays(admin, monkeypatch):
    await upload(admin)

    def full(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(recording_files.tempfile, "mkstemp", full)
    refused = await upload(admin, 880, seen=1)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "not_kept")
    assert "free some space" in refused.json()["error"]["message"]
    assert (await admin.get(f"{WELCOME}/audio")).status_code == 200


async def test_one_whose_file_is_lost_is_not_found(centre, admin):
    await upload(admin)
    store = centre.patchbay.stores.recordings
    store.files.path(store.versions(("welcome", "en"))[0].content).unlink()
    assert (await admin.get(f"{WELCOME}/audio")).status_code == 404
    assert len(await listed(admin)) == 1


async def test_the_service_goes_on_while_one_is_converted(centre, admin):
    """A long one takes a while; what others ask meanwhile is answered before."""
    long = asyncio.create_task(
        admin.put(
            WELCOME, content=wav(tone(rate=48_000, seconds=60), 48_000), headers={"If-Match": '"0"'}
        )
    )
    asked: list[httpx.Response] = []
    while not long.done():
        asked.append(await admin.get("/healthz"))
        await asyncio.sleep(0)
    assert (await long).status_code == 200
    assert len(asked) > 5


def test_they_are_kept_where_the_settings_say(tmp_path):
    assert settings_in(tmp_path).recordings_folder == tmp_path / "recordings"
    other = settings_in(tmp_path, recordings_path=tmp_path / "other")
    assert other.recordings_folder == tmp_path / "other"
