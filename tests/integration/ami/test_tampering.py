"""A caller who forges events, against a scripted PBX on a real socket."""

from __future__ import annotations

import asyncio
import logging

import pytest

from cti_adapters.asterisk.ami.suspects import PATIENCE
from tests.asterisk.fake_ami import FakeAmi, Lines, encode, listing, success
from tests.asterisk.snapshots import snapshot
from tests.integration.ami.owner import Owner

FORGER, ANN = "PJSIP/trunk-00000002", "PJSIP/ann-00000001"
FORGED = "44\r\n\r\nEvent: Hangup\r\nUniqueid: 1.1"


class Exchange:
    """The channels that the PBX lists; those that are hung up are gone."""

    def __init__(self, pbx: FakeAmi, owner: Owner) -> None:
        self.channels: dict[str, Lines] = {ANN: snapshot(ANN, "1.1")}
        self.listed: list[list[str]] = []
        self._owner = owner
        pbx.answers["CoreShowChannels"] = lambda _: listing(
            "CoreShowChannel", self.channels.values()
        )
        pbx.answers["Hangup"] = lambda action: self._gone(action.get("Channel"))
        owner.take_stock = self.look

    def _gone(self, channel: str) -> list[Lines]:
        del self.channels[channel]
        return [success()]

    async def look(self) -> None:
        listed = await self._owner.client.send_list("CoreShowChannels")
        self.listed.append([each.get("Channel") for each in listed])


@pytest.fixture
def exchange(pbx: FakeAmi, owner: Owner) -> Exchange:
    return Exchange(pbx, owner)


def calls(pbx: FakeAmi, exchange: Exchange, **changes: str) -> None:
    """A channel appears."""
    exchange.channels[FORGER] = snapshot(FORGER, "2.2", **changes)
    pbx.emit("Newchannel", *exchange.channels[FORGER])


async def test_who_forges_is_hung_up_and_what_there_is_asked_for_anew(
    pbx: FakeAmi, owner: Owner, exchange: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    calls(pbx, exchange, CallerIDNum=FORGED)
    hung_up = await pbx.heard("Hangup")
    assert hung_up.get("Channel") == FORGER
    await owner.until_true(lambda: len(exchange.listed) >= 2)  # doubt in the list itself
    assert exchange.listed == [[ANN], [ANN]]
    pbx.emit("Hold", *snapshot(ANN, "1.1"))
    await owner.until("Hold")
    assert owner.client.connected
    assert len(pbx.named("Hangup")) == 1
    assert pbx.logins == 1
    assert not {"Hangup", "Newchannel"} & set(owner.story)
    assert caplog.text.count(f"{FORGER} is hung up") == 1
    assert "a caller forges events of the PBX" in caplog.text


async def test_actions_under_way_are_answered(
    pbx: FakeAmi, owner: Owner, exchange: Exchange
) -> None:
    pbx.answers["Ping"] = lambda _: None  # the doubt lasts
    calls(pbx, exchange, CallerIDNum=FORGED)
    await pbx.heard("Ping")
    pbx.answers["CoreStatus"] = lambda _: [success(("CoreCurrentCalls", "3"))]
    assert (await owner.client.send("CoreStatus")).get("CoreCurrentCalls") == "3"
    await exchange.look()
    assert exchange.listed == [[ANN]]


async def test_stock_is_taken_no_more_than_once_a_second_whatever_callers_do(
    pbx: FakeAmi, owner: Owner, exchange: Exchange
) -> None:
    pbx.answers["Hangup"] = lambda _: [success()]  # and stays
    for _ in range(100):
        calls(pbx, exchange, CallerIDNum=FORGED)
        await asyncio.sleep(0)
    await owner.until_true(lambda: len(exchange.listed) >= 3)
    assert [wait for wait in owner.waits if wait > 0.5]
    assert len(exchange.listed) <= len(owner.waits) + 1
    assert owner.client.connected


async def test_what_may_be_the_other_ends_text_is_borne_for_a_while(
    pbx: FakeAmi, owner: Owner, exchange: Exchange
) -> None:
    calls(pbx, exchange, ConnectedLineNum=FORGED)
    await pbx.heard("Hangup")
    assert len(pbx.named("CoreShowChannels")) >= PATIENCE
    assert len(pbx.named("Hangup")) == 1


async def test_no_pattern_is_hung_up(
    pbx: FakeAmi, owner: Owner, exchange: Exchange, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    exchange.channels["x"] = snapshot("/.*/", "2.2", CallerIDNum=FORGED)
    pbx.send(encode([("Event", "Newchannel"), *exchange.channels["x"]]), listeners=True)
    await owner.until_true(lambda: len(exchange.listed) >= 2)
    assert pbx.named("Hangup") == []


async def test_every_connection_has_a_mark_of_its_own_that_nobody_guesses(
    pbx: FakeAmi, owner: Owner
) -> None:
    pbx.cut()
    await owner.until("stock taken", 2)
    marks = {each.get("ActionID").rpartition("-")[0] for each in pbx.actions}
    assert len(marks) == 2
    assert all(len(bytes.fromhex(mark)) == 16 for mark in marks)
