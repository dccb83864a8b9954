"""``asterisk.examination``: plain sentences about what is there and what is missing."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from config.catalog import load_catalog
from cti_adapters.asterisk import examination
from cti_adapters.asterisk.ami.codec import Message
from cti_adapters.asterisk.ami.errors import ActionFailed
from cti_adapters.asterisk.examination import examine
from cti_adapters.asterisk.provisioning import NEEDED
from cti_adapters.asterisk.settings import PbxSettings, Softphone
from router.core.catalog import Catalog

DEMO = load_catalog(Path("config/demo.yaml"), at=0)
SETTINGS = PbxSettings(trunk="PJSIP/{number}@trunk")


def message(**headers):
    return Message(tuple(headers.items()))


class Manager:
    """An Asterisk in which all is right, until a test takes something away."""

    def __init__(self):
        self.version = "22.10.1+dfsg"
        self.actions = {action: f"Something.  (Priv: call,{action},all)" for action in NEEDED}
        self.lines = [message(Application="AGI", AppData="agi:async")]
        self.values = {}
        self.refused = set()

    async def send(self, action, headers=()):
        if action in self.refused:
            raise ActionFailed(action, message(Message="Permission denied"))
        match action:
            case "CoreSettings":
                return message(AsteriskVersion=self.version)
            case "ListCommands":
                return Message((("Response", "Success"), *self.actions.items()))
            case _:
                ((_, function),) = headers
                return message(Value=self.values.get(function, self._usual(function)))

    async def send_list(self, action, headers=()):
        assert (action, *headers) == ("ShowDialPlan", ("Context", "patchbay"))
        if not self.lines:
            raise ActionFailed(action, message(Message="Did not find context patchbay"))
        return self.lines

    def _usual(self, function):
        return {"DEV": "NOT_INUSE", "PJS": "yes", "STA": "1"}[function[:3]]


@pytest.fixture
def manager():
    return Manager()


@pytest.fixture
def prompts(tmp_path, monkeypatch):
    monkeypatch.setattr(examination.shutil, "which", lambda name: f"/usr/bin/{name}")
    recordings = tmp_path / "recordings"
    recordings.mkdir()
    return replace(
        SETTINGS,
        sounds=tmp_path / "patchbay",
        sounds_there="/sounds/patchbay",
        recordings=recordings,
        recordings_there="/recordings",
    )


async def sentences(settings, manager, verdict, catalog=DEMO):
    assert catalog is None or isinstance(catalog, Catalog)
    return [
        one.sentence async for one in examine(settings, manager, catalog) if one.verdict == verdict
    ]


async def test_all_is_right(manager, prompts):
    assert await sentences(prompts, manager, "missing") == []
    assert await unknown(prompts, manager) == []
    assert await sentences(prompts, manager, "right") == [
        "Asterisk 22.10.1+dfsg let the user of the manager in.",
        "The manager's user may do everything that is needed.",
        "The context 'patchbay' gives its calls to Patchbay.",
        "14 of the 14 agents who take calls have a telephone.",
        "Asterisk knows the trunk 'trunk'.",
        f"Prompts can be kept in {prompts.sounds}.",
        "Asterisk sees the folder /sounds/patchbay.",
        f"Patchbay can write into {prompts.recordings}.",
    ]


async def unknown(settings, manager, catalog=DEMO):
    """Beside whether Asterisk may write recordings, which cannot be asked."""
    said = await sentences(settings, manager, "unknown", catalog)
    assert "shows with the first recording" in said.pop()
    return said


async def missing(settings, manager, catalog=DEMO):
    (only,) = await sentences(settings, manager, "missing", catalog)
    return only


async def test_an_old_asterisk(manager, prompts):
    manager.version = "16.2.1"
    assert "16.2.1 is too old" in await missing(prompts, manager)


async def test_a_version_of_another_form(manager, prompts):
    manager.version = "GIT-master-abc"
    (only,) = await unknown(prompts, manager)
    assert "'GIT-master-abc'" in only


async def test_a_right_that_is_lacking(manager, prompts):
    del manager.actions["Originate"], manager.actions["AGI"]
    assert "may not AGI, Originate: write 'write = call,agi,originate,reporting'" in await missing(
        prompts, manager
    )


async def test_the_version_may_not_be_asked_for(manager, prompts):
    manager.refused = {"CoreSettings"}
    assert "give it 'reporting'" in await missing(prompts, manager)


async def test_too_many_rights(manager, prompts):
    manager.actions |= {
        "Command": "Execute Asterisk CLI Command.  (Priv: command,all)",
        "UpdateConfig": "Update basic configuration.  (Priv: config,all)",
        "CoreStatus": "Show PBX core status variables.  (Priv: system,reporting,all)",
    }
    assert "take away command, config." in await missing(prompts, manager)


async def test_a_dialplan_without_the_context(manager, prompts):
    manager.lines = []
    said = await missing(prompts, manager)
    assert said.startswith("The dialplan has no context 'patchbay': add what `patchbay asterisk")


async def test_a_context_that_does_something_else(manager, prompts):
    manager.lines = [message(Application="Queue", AppData="sales")]
    assert "gives no call to Patchbay" in await missing(prompts, manager)


async def test_telephones_that_asterisk_does_not_know(manager, prompts):
    for agent in list(DEMO.agents)[:12]:
        manager.values[f"DEVICE_STATE(PJSIP/{agent})"] = "INVALID"
    said = await missing(prompts, manager)
    assert "knows no telephone of ann, ben, chi" in said
    assert "and 2 more: add" in said
    assert "2 of the 14 agents" in (await sentences(prompts, manager, "right"))[3]


async def test_telephones_that_are_not_registered_are_no_mistake(manager, prompts):
    manager.values["DEVICE_STATE(PJSIP/ann)"] = "UNAVAILABLE"
    (only,) = await unknown(prompts, manager)
    assert only == "Not registered now, so not rung: ann."


async def test_a_telephone_in_the_browser_needs_webrtc(manager, prompts):
    settings = replace(prompts, softphone=Softphone(websocket="wss://x/ws", agents=("ben",)))
    manager.values["PJSIP_ENDPOINT(ben,webrtc)"] = "no"
    assert "No browser can be the telephone of ben" in await missing(settings, manager)


async def test_without_a_catalog_telephones_are_passed_over(manager, prompts):
    manager.values = {f"DEVICE_STATE(PJSIP/{agent})": "INVALID" for agent in DEMO.agents}
    assert await sentences(prompts, manager, "missing", None) == []


async def test_a_trunk_that_asterisk_does_not_know(manager, prompts):
    manager.values["DEVICE_STATE(PJSIP/trunk)"] = "INVALID"
    assert "knows no endpoint 'trunk'" in await missing(prompts, manager)
    other = replace(prompts, trunk="Local/{number}@outside")
    (only,) = await unknown(other, manager)
    assert "cannot be asked" in only


async def test_sounds_that_asterisk_does_not_see(manager, prompts):
    manager.values["STAT(e,/sounds/patchbay)"] = "0"
    assert "sees no folder /sounds/patchbay" in await missing(prompts, manager)
    manager.values["STAT(e,/sounds/patchbay)"] = ""
    (only,) = await unknown(prompts, manager)
    assert "does not say" in only


async def test_sounds_that_cannot_be_made(manager, prompts, monkeypatch):
    monkeypatch.setattr(examination.shutil, "which", lambda _: None)
    assert "not spoken without espeak-ng: install it" in await missing(prompts, manager)
    monkeypatch.undo()
    lost = replace(prompts, sounds=Path("/proc/none/patchbay"))
    assert "Nothing can be written into" in (await sentences(lost, manager, "missing"))[0]


async def test_no_sounds_at_all_is_said(manager):
    sounds, recordings = await sentences(SETTINGS, manager, "unknown")
    assert "there is no folder 'sounds'" in sounds
    assert "there is no folder 'recordings'" in recordings


class Elsewhere(Manager):
    """Another folder is at the place of the recordings, or it is not said."""

    def __init__(self, answer):
        super().__init__()
        self.answer = answer
        self.asked = []

    def _usual(self, function):
        if function.startswith("STAT(e,/recordings/"):
            self.asked.append(function)
            return self.answer
        return super()._usual(function)


async def test_both_sides_see_one_folder_of_recordings(prompts):
    manager = Elsewhere("1")
    said = (await sentences(prompts, manager, "unknown"))[-1]
    assert said.startswith("Asterisk sees the same folder as /recordings; whether it may write")
    (asked,) = manager.asked
    assert asked.startswith("STAT(e,/recordings/patchbay-check-")
    assert list(prompts.recordings.iterdir()) == [], "nothing stays there"
    other = Elsewhere("0")
    assert "sees another folder as /recordings, or none: correct" in await missing(prompts, other)
    (only,) = await sentences(prompts, Elsewhere(""), "unknown")
    assert only.startswith("Whether Asterisk sees /recordings and may write there shows with the")


async def test_recordings_without_a_folder_here(manager, prompts):
    prompts.recordings.rmdir()
    assert f"no folder {prompts.recordings}: make it, or correct" in await missing(prompts, manager)


async def test_recordings_that_cannot_be_written_here(manager, prompts, monkeypatch):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(examination.tempfile, "NamedTemporaryFile", refuse)
    assert "(Permission denied): give it the right" in await missing(prompts, manager)


async def test_a_sticky_folder_keeps_asterisks_files_from_being_renamed(
    manager, prompts, monkeypatch
):
    monkeypatch.setattr(examination.os, "geteuid", lambda: prompts.recordings.stat().st_uid + 1)
    assert await sentences(prompts, manager, "missing") == []
    prompts.recordings.chmod(0o1777)
    assert "take its sticky bit away" in await missing(prompts, manager)
