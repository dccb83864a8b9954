"""Files that callers left behind are brought in once, and never one that is still written to."""

import asyncio

import pytest

from cti_adapters.asterisk.collecting import Collecting
from cti_adapters.asterisk.left_behind import NEW, LeftBehind
from router.core.events import Rejected
from router.ports import Accepted, Overloaded

LEFT = LeftBehind(call="main:17.0", channel="voicemail", box="box", number="+442079460001")


class Door:
    """``answers`` one after the other, the last for ever."""

    def __init__(self, *answers):
        self.answers = list(answers) or [Accepted(position=1)]
        self.received = []
        self.live = set()

    async def receive(self, arrival):
        self.received.append(arrival)
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def collecting(self, folder):
        return Collecting(folder, self.receive, lambda call: call in self.live)


@pytest.fixture
def message(tmp_path):
    file = tmp_path / (NEW + LEFT.file)
    file.write_bytes(bytes(2_000))
    return file


async def test_a_message_is_brought_in_and_loses_its_mark(tmp_path, message):
    door = Door()
    for _ in range(2):
        await door.collecting(tmp_path).look("main")
    assert door.received == [LEFT.arrival()]
    assert [file.name for file in tmp_path.iterdir()] == [LEFT.file]


async def test_a_message_that_is_still_recorded_stays_as_it_is(tmp_path, message):
    door = Door()
    door.live.add(LEFT.call)
    await door.collecting(tmp_path).look("main")
    assert door.received == []
    assert message.exists()


async def test_a_message_of_another_telephone_system_is_not_ours(tmp_path, message):
    door = Door()
    await door.collecting(tmp_path).look("mai")
    assert door.received == []
    assert message.exists()


async def test_a_router_that_is_busy_is_asked_again_later(tmp_path, message):
    door = Door(Overloaded("Try later."), Accepted(position=1))
    collecting = door.collecting(tmp_path)
    await collecting.look("main")
    assert message.exists()
    await collecting.look("main")
    assert len(door.received) == 2
    assert not message.exists()


async def test_a_message_without_a_way_in_is_kept_and_told_of_once(tmp_path, message, caplog):
    door = Door(Rejected(code="no_entry", reason="There is no such box."))
    collecting = door.collecting(tmp_path)
    for _ in range(3):
        await collecting.look("main")
    assert message.exists()
    assert [record.levelname for record in caplog.records] == ["WARNING"]


async def test_a_file_with_nothing_in_it_is_removed(tmp_path, message):
    message.write_bytes(b"RIFF")
    door = Door()
    await door.collecting(tmp_path).look("main")
    assert door.received == []
    assert list(tmp_path.iterdir()) == []


async def test_what_is_no_message_is_left_alone(tmp_path):
    names = ["new-", "new-../x.wav".replace("/", "_"), "notes.txt", LEFT.file, f"{NEW}a__b__c.wav"]
    for name in names:
        (tmp_path / name).write_bytes(bytes(2_000))
    door = Door()
    await door.collecting(tmp_path).look("main")
    assert door.received == []
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(names)


@pytest.mark.parametrize("folder", ["none", "missing"])
async def test_without_a_folder_there_is_nothing_to_look_at(tmp_path, folder):
    door = Door()
    await door.collecting(None if folder == "none" else tmp_path / "missing").look("main")
    assert door.received == []


async def test_a_file_that_cannot_be_renamed_is_brought_in_once(tmp_path, message, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(message), "rename", refuse)
    door = Door()
    collecting = door.collecting(tmp_path)
    for _ in range(3):
        await collecting.look("main")
    assert door.received == [LEFT.arrival()]


async def test_nobody_looks_while_somebody_is_looking(tmp_path, message):
    door = Door()
    collecting = door.collecting(tmp_path)
    await asyncio.gather(*(collecting.look("main") for _ in range(3)))
    assert door.received == [LEFT.arrival()]
