"""``webchat.filing``: files become lines, within limits, once."""

from contextlib import suppress

import msgspec
import pytest

from cti_adapters.webchat.filing import MAX_AT_ONCE
from cti_adapters.webchat.hub import ChatHub
from cti_adapters.webchat.speaking import Refused
from router.core.durations import MINUTE
from router.core.model import ContactState
from router.files import FilesUnavailable, MemoryFiles, name_of

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
ID = "file-0123456789abcdef"


@pytest.fixture
def files():
    return MemoryFiles()


@pytest.fixture
def settings(settings):
    return msgspec.structs.replace(
        settings, file_size=1_000, files_per_chat=3, file_bytes_per_chat=2_000
    )


@pytest.fixture
def hub(centre, settings, files):
    made = ChatHub(centre, centre.intake, centre.replica, centre.clock, settings, files=files)
    centre.adapters.append(made)
    return made


async def send(hub, tab, content, name="photo.png", ident=ID):
    return await hub.sharing.visitor_file(hub.of_token(tab.token), ident, name, content)


async def test_a_file_is_a_line_that_everybody_sees_and_its_content_is_kept(
    centre, hub, files, browser
):
    tab, other = browser(), browser()
    await tab.start()
    await other.resume(tab.token)
    file = await send(hub, tab, PNG, "../photo.PNG")
    await tab.look()
    await other.look()
    assert (file.id, file.name, file.content_type, file.size) == (
        name_of(PNG),
        "photo.png",
        "image/png",
        len(PNG),
    )
    assert await files.content(file.id) == PNG
    for page in (tab, other):
        line = page.of("line_added")[-1]["line"]
        assert line["files"] == [msgspec.to_builtins(file)]
        assert line["text"] == "photo.png"
    kept = centre.contact(tab.contact).messages[-1]
    assert (kept.author, kept.text, kept.files) == ("customer", "photo.png", (file,))


async def test_the_same_file_sent_again_is_one_line(centre, hub, browser):
    tab = browser()
    await tab.start()
    first = await send(hub, tab, PNG)
    await tab.look()
    assert await send(hub, tab, PNG) == first
    assert len(centre.contact(tab.contact).messages) == 2


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<svg onload=alert(1)>", "file_type"),
        (b"<html><script>", "file_type"),
        (b"MZ\x90\0", "file_type"),
        (b"PK\x03\x04", "file_type"),  # known, but not among the settings' kinds
        (b"", "file_type"),
        (PNG + b"\0" * 1_000, "file_too_large"),
    ],
)
async def test_what_is_not_taken_is_neither_kept_nor_shown(
    centre, hub, files, browser, content, code
):
    tab = browser()
    await tab.start()
    with pytest.raises(Refused) as refused:
        await send(hub, tab, content)
    assert refused.value.code == code
    assert await files.content(name_of(content)) is None
    assert len(centre.contact(tab.contact).messages) == 1


async def test_each_side_may_send_so_many_files_and_so_much(centre, hub, browser):
    tab = browser()
    centre.ready("ann", "ben", "chi")
    await tab.start()
    agent = centre.accept(tab.contact)
    for number in range(3):
        await send(hub, tab, PNG, ident=f"{ID}-{number}")
    with pytest.raises(Refused, match="too_many_files"):
        await send(hub, tab, PNG, ident=f"{ID}-4")
    content = PNG + b"\0" * 900
    for number in range(2):
        await hub.sharing.agent_file(tab.contact, agent, f"{number}", "x.png", content)
    with pytest.raises(Refused, match="too_many_files"):
        await hub.sharing.agent_file(tab.contact, agent, "3", "x.png", content)
    await tab.look()
    assert tab.of("line_added")[-1]["line"]["author"] == "agent"


async def test_what_is_announced_too_large_is_refused_before_it_comes(hub, browser):
    tab = browser()
    await tab.start()
    chat = hub.of_token(tab.token)
    with pytest.raises(Refused, match="file_too_large"), hub.sharing.receiving(chat, "", 10**12):
        pass


async def test_only_so_many_files_come_in_at_once_and_each_makes_room_again(hub, browser):
    tabs = [browser(f"192.0.2.{number}") for number in range(MAX_AT_ONCE + 1)]
    for number, tab in enumerate(tabs):
        await tab.start(f"start-0123456789abc{number}")
    entered = []
    for tab in tabs[:MAX_AT_ONCE]:
        one = hub.sharing.receiving(hub.of_token(tab.token), tab.connection.source, 10)
        one.__enter__()
        entered.append(one)
    last = hub.sharing.receiving(hub.of_token(tabs[-1].token), "192.0.2.99", 10)
    with pytest.raises(Refused, match="overloaded"), last:
        pass
    for one in entered:
        one.__exit__(None, None, None)
    assert hub.filing.under_way == 0


async def test_a_flood_of_files_is_stopped_before_they_are_read(hub, browser):
    tab = browser()
    await tab.start()
    chat, taken = hub.of_token(tab.token), 0
    for _ in range(10_000):
        with suppress(Refused), hub.sharing.receiving(chat, "192.0.2.1", 10):
            taken += 1
    assert taken <= hub.settings.source_files.burst


async def test_a_full_disk_is_said_and_nothing_is_shown(centre, hub, files, browser, monkeypatch):
    async def full(content):
        raise FilesUnavailable("no space")

    tab = browser()
    await tab.start()
    monkeypatch.setattr(files, "keep", full)
    with pytest.raises(Refused, match="overloaded"):
        await send(hub, tab, PNG)
    assert len(centre.contact(tab.contact).messages) == 1


async def test_nothing_is_sent_into_a_chat_that_is_over(centre, hub, browser):
    tab = browser()
    await tab.start()
    token = tab.token
    await tab.send("leave_chat")
    assert centre.contact(tab.contact) is None or (
        centre.contact(tab.contact).state is ContactState.ABANDONED
    )
    with pytest.raises(Refused, match="chat_over"):
        await hub.sharing.visitor_file(hub.of_token(token), ID, "x.png", PNG)
    centre.pass_time(60 * MINUTE)
    await hub.sweep()
    with pytest.raises(Refused, match="unknown_chat"):
        hub.of_token(token)


@pytest.mark.parametrize("token", ["", "x", "\0", "A" * 5_000, "é"])
async def test_a_made_up_token_opens_nothing(hub, token):
    with pytest.raises(Refused, match="unknown_chat"):
        hub.of_token(token)
