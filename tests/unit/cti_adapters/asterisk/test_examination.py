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
    return replace(SETTINGS, sounds=tmp_path / "patchbay", sounds_there="/sounds/patchbay")


async def sentences(settings, manager, verdict, catalog=DEMO):
    assert catalog is None or isinstance(catalog, Catalog)
    return [
        one.sentence async for one in examine(settings, manager, catalog) if one.verdict == verdict
    ]


async def test_all_is_right(manager, prompts):
    assert await sentences(prompts, manager, "missing") == []
    assert await sentences(prompts, manager, "unknown") == []
    assert await sentences(prompts, manager, "right") == [
        "Asterisk 22.10.1+dfsg let the user of the manager in.",
        "The manager's user may do everything that is needed.",
        "The context 'patchbay' gives its calls to Patchbay.",
        "14 of the 14 agents who take calls have a telephone.",
        "Asterisk knows the trunk 'trunk'.",
        f"Prompts can be kept in {prompts.sounds}.",
        "Asterisk sees the folder /sounds/patchbay.",
    ]


async def missing(settings, manager, catalog=DEMO):
    (only,) = await sentences(settings, manager, "missing", catalog)
    return only


async def test_an_old_asterisk(manager, prompts):
    manager.version = "16.2.1"
    assert "16.2.1 is too old" in await missing(prompts, manager)


async def test_a_version_of_another_form(manager, prompts):
    manager.version = "GIT-master-abc"
    (only,) = await sentences(prompts, manager, "unknown")
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
    (only,) = await sentences(prompts, manager, "unknown")
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
    (only,) = await sentences(other, manager, "unknown")
    assert "cannot be asked" in only


async def test_sounds_that_asterisk_does_not_see(manager, prompts):
    manager.values["STAT(e,/sounds/patchbay)"] = "0"
    assert "sees no folder /sounds/patchbay" in await missing(prompts, manager)
    manager.values["STAT(e,/sounds/patchbay)"] = ""
    (only,) = await sentences(prompts, manager, "unknown")
    assert "does not say" in only


async def test_sounds_that_cannot_be_made(manager, prompts, monkeypatch):
    monkeypatch.setattr(examination.shutil, "which", lambda _: None)
    assert "not spoken without espeak-ng: install it" in await missing(prompts, manager)
    monkeypatch.undo()
    lost = replace(prompts, sounds=Path("/proc/none/patchbay"))
    assert "Nothing can be written into" in (await sentences(lost, manager, "missing"))[0]


async def test_no_sounds_at_all_is_said(manager):
    (only,) = await sentences(SETTINGS, manager, "unknown")
    assert "there is no folder 'sounds'" in only
