"""``webchat.quoter``: everybody who waits is quoted in turn, and nobody else."""

from cti_adapters.webchat import quoter
from router.core.durations import SECOND


async def test_many_are_quoted_over_several_calls_and_none_is_left_out(
    centre, hub, browser, monkeypatch
):
    monkeypatch.setattr(quoter, "AT_ONCE", 4)
    tabs = [browser(f"192.0.2.{number}") for number in range(10)]
    for number, tab in enumerate(tabs):
        await tab.start(f"start-0123456789-{number}")
    looked = []
    monkeypatch.setattr(hub._quoter, "quote", lambda chat, at, staffed: looked.append(chat.contact))
    hub._quoter._due.clear()
    centre.pass_time(3 * SECOND)
    for _ in range(3):
        await hub.sweep()
    assert sorted(looked) == sorted(tab.contact for tab in tabs)
    await hub.sweep()
    assert len(looked) == 10


async def test_nobody_looks_at_a_chat_without_a_visitor(centre, hub, browser, monkeypatch):
    tab = browser()
    await tab.start()
    hub._quoter._due.clear()
    tab.connection.close()
    looked = []
    monkeypatch.setattr(quoter, "estimate", lambda *_: looked.append(1))
    centre.pass_time(3 * SECOND)
    await hub.sweep()
    assert looked == []


async def test_an_answered_chat_is_quoted_no_more(centre, hub, browser):
    tab = browser()
    await tab.start()
    centre.ready("ann")
    centre.accept(tab.contact)
    await tab.look()
    centre.pass_time(3 * SECOND)
    await hub.sweep()
    await tab.look()
    assert (tab.status["state"], tab.status["position"]) == ("talking", 0)
