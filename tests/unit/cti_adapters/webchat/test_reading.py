"""Read marks: each side sees what the other has got and read, and the journal hears nothing."""

import pytest


@pytest.fixture
async def talking(centre, hub, browser):
    """A tab in conversation with an agent, and what the desk was told."""
    told = []
    hub.attention.on_visitor_seen = lambda contact, received, read: told.append((received, read))
    centre.ready("ann", "ben", "chi")
    tab = browser()
    await tab.start()
    centre.accept(tab.contact)
    await tab.look()
    tab.told = told
    return tab


def at(tab):
    return tab.connection.chat.thread.lines[-1].at


async def test_the_desk_hears_once_what_the_visitor_has_got_and_read(centre, hub, talking):
    entries = len(centre.entries)
    for received, read in [(at(talking), 0), (at(talking), 0), (at(talking), at(talking)), (0, 0)]:
        assert (await talking.send("visitor_seen", received=received, read=read))["ok"]
    assert talking.told == [(at(talking), 0), (at(talking), at(talking))]
    assert hub.attention.seen(talking.contact) == (at(talking), at(talking))
    assert len(centre.entries) == entries


@pytest.mark.parametrize(("received", "read"), [(10**18, 10**18), (-5, 10**18), (-1, -1)])
async def test_nobody_has_read_what_is_not_there_yet(hub, talking, received, read):
    await talking.send("visitor_seen", received=received, read=read)
    got, seen = hub.attention.seen(talking.contact)
    assert 0 <= seen <= got <= at(talking)


async def test_every_tab_hears_that_the_agent_has_read_and_a_reload_still_knows(
    centre, hub, browser, talking
):
    hub.attention.agent_read(talking.contact, at(talking))
    hub.attention.agent_read(talking.contact, at(talking))
    hub.attention.agent_read(talking.contact, 10**18)
    await talking.look()
    assert [one["until"] for one in talking.of("agent_read")] == [at(talking)]
    again = browser()
    await again.resume(talking.token)
    assert again.of("session")[-1]["read_until"] == at(talking)


async def test_an_unknown_chat_is_no_trouble(hub):
    hub.attention.agent_read("chat-of-nobody", 5)
    assert hub.attention.seen("chat-of-nobody") == (0, 0)
