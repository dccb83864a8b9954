"""Real calls over HTTP: joining one, pausing its recording, playing what was recorded."""

import pytest

from config.settings import load_settings
from router.core.commands import EditContact
from server.bootstrap import running
from tests.integration.conftest import PEOPLE, Centre, settings_in

PBX = """
pbxs:
  main: {{host: 127.0.0.1, port: 1, username: patchbay, secret: s, recordings: {folder}}}
"""


@pytest.fixture
async def centre(tmp_path):
    """With a telephone system that is out of reach, and a folder of recordings."""
    folder = tmp_path / "recordings"
    folder.mkdir()
    file = tmp_path / "asterisk.yaml"
    file.write_text(PBX.format(folder=folder), encoding="utf-8")
    async with running(settings_in(tmp_path, asterisk_path=file), 8080) as patchbay:
        for user in PEOPLE.values():
            await patchbay.accounts.add_user(user, "no password fits", patchbay.clock.now())
        made = Centre(patchbay, tmp_path / "static")
        made.folder = folder
        yield made


class AtWork:
    """A telephone system that can be asked for everything, and who joined what there."""

    def __init__(self, settings):
        self.settings = settings
        self.problem = ""
        self.joined = []

    def carries(self, contact):
        return contact.startswith("main:")

    def listen(self, contact, who, mode):
        self.joined.append((contact, who, mode))
        return True


@pytest.fixture
def at_work(centre):
    (pbx,) = centre.patchbay.telephony._pbxs
    pbx = AtWork(pbx.settings)
    centre.patchbay.telephony._pbxs = (pbx,)
    return pbx


async def recorded_call(centre):
    await centre.ready("ann")
    await centre.call("main:1")
    await centre.accept("main:1", "ann")
    begun = {"recording": "on", "recording_file": "main_1-call.wav"}
    await centre.do(EditContact(id="e", contact="main:1", attributes=begun))
    return await centre.signed_in("agent"), "/api/v1/contacts/main:1/recording"


async def test_an_agent_pauses_the_recording_of_their_own_call(centre, at_work):
    client, path = await recorded_call(centre)
    assert (await client.post(path, json={"recording": "paused"})).status_code == 200
    attributes = centre.patchbay.replica.state.contacts["main:1"].attributes
    assert attributes["recording"] == "paused"
    assert (await client.post(path, json={"recording": "never"})).status_code == 422


async def test_nobody_is_told_of_a_pause_that_cannot_be_asked_for(centre):
    client, path = await recorded_call(centre)
    answer = await client.post(path, json={"recording": "paused"})
    assert answer.status_code == 409
    assert "out of reach" in answer.json()["error"]["message"]
    attributes = centre.patchbay.replica.state.contacts["main:1"].attributes
    assert attributes["recording"] == "on"


async def test_a_supervisor_joins_and_the_log_says_so(centre, at_work):
    await recorded_call(centre)
    client = await centre.signed_in("supervisor")
    path = "/api/v1/contacts/main:1/listen"
    for _ in range(2):  # a page that asks again is rung once
        answer = await client.post(
            path, json={"mode": "whisper"}, headers={"Idempotency-Key": "one"}
        )
        assert answer.status_code == 204
    assert at_work.joined == [("main:1", "sue", "whisper")]
    timeline = (await client.get("/api/v1/contacts/main:1/timeline")).json()
    assert "monitored" in [line["code"] for line in timeline["lines"]]


@pytest.mark.parametrize("contact", ["call-1", "main:1"])
async def test_a_conversation_that_is_not_recorded_is_not_said_to_be(centre, at_work, contact):
    await centre.ready("ann")
    await centre.call(contact)
    await centre.accept(contact, "ann")
    client = await centre.signed_in("agent")
    answer = await client.post(f"/api/v1/contacts/{contact}/recording", json={"recording": "on"})
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "not_recorded"
    assert "recording" not in centre.patchbay.replica.state.contacts[contact].attributes


async def test_a_message_is_played_to_its_agent_and_to_nobody_else(centre):
    (centre.folder / "x-voicemail.wav").write_bytes(b"RIFF and so on")
    await centre.call("call-1")
    client = await centre.signed_in("agent")
    path = "/api/v1/contacts/call-1/recording"
    assert (await client.get(path)).status_code == 403
    await centre.ready("ann")
    await centre.do(EditContact(id="e", contact="call-1", attributes={"file": "x-voicemail.wav"}))
    answer = await client.get(path)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.content == b"RIFF and so on"
    assert (await client.get("/api/v1/recordings/x-voicemail.wav")).status_code == 403


@pytest.mark.parametrize(
    "name", ["none.wav", "..%2Fjournal.db", "%2E%2E%2Fsecret.key", "x.wav%00", "asterisk.yaml"]
)
async def test_a_supervisor_plays_recordings_and_no_other_file(centre, name):
    client = await centre.signed_in("supervisor")
    assert (await client.get(f"/api/v1/recordings/{name}")).status_code == 404
    (centre.folder / "call.wav").write_bytes(b"sound")
    assert (await client.get("/api/v1/recordings/call.wav")).content == b"sound"


async def test_listening_where_nobody_talks_is_refused_in_one_sentence(centre):
    await centre.call("call-1")
    client = await centre.signed_in("supervisor")
    answer = await client.post("/api/v1/contacts/call-1/listen", json={"mode": "whisper"})
    assert answer.status_code == 409
    assert answer.json()["error"]["code"] == "no_conversation"


async def test_a_telephone_system_out_of_reach_is_a_warning(centre):
    client = await centre.signed_in("admin")
    answer = (await client.get("/readyz")).json()
    assert "main is out of reach" in str(answer)


async def test_a_file_of_telephone_systems_that_is_wrong_stops_the_start(tmp_path):
    from cti_adapters.asterisk.settings_file import PbxsRefused

    file = tmp_path / "asterisk.yaml"
    file.write_text("pbxs: {main: {hots: x}}", encoding="utf-8")
    assert load_settings(asterisk_path=file).asterisk_path == file
    with pytest.raises(PbxsRefused, match="hots"):
        async with running(settings_in(tmp_path, asterisk_path=file), 8080):
            pass
