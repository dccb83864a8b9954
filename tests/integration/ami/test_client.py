"""The AMI client against a scripted PBX on a real socket: up, down, and up again."""

from __future__ import annotations

import asyncio
import logging

import pytest

from cti_adapters.asterisk.ami.client import (
    ActionFailed,
    ActionTimedOut,
    AmiDown,
    UnsafeValue,
)
from cti_adapters.asterisk.ami.settings import EventFilter
from router.core.durations import MILLISECOND, SECOND
from tests.asterisk.fake_ami import FakeAmi, error, listing, success
from tests.asterisk.snapshots import snapshot
from tests.integration.ami.owner import Owner


class TestActions:
    async def test_an_action_is_answered(self, pbx: FakeAmi, owner: Owner) -> None:
        pbx.answers["CoreStatus"] = lambda _: [success(("CoreCurrentCalls", "3"))]
        assert owner.client.connected
        assert (await owner.client.send("CoreStatus")).get("CoreCurrentCalls") == "3"

    async def test_headers_arrive_as_they_were_given(self, pbx: FakeAmi, owner: Owner) -> None:
        pbx.answers["Originate"] = lambda _: [success()]
        variables = [("Variable", "A=1"), ("Variable", "B=zwei: drei")]
        await owner.client.send("Originate", variables)
        [sent] = pbx.named("Originate")
        assert sent.all("Variable") == ["A=1", "B=zwei: drei"]

    async def test_a_refusal_is_raised(self, pbx: FakeAmi, owner: Owner) -> None:
        pbx.answers["Hangup"] = lambda _: [error("No such channel")]
        with pytest.raises(ActionFailed, match="No such channel") as refused:
            await owner.client.send("Hangup", [("Channel", "PJSIP/ann-1")])
        assert refused.value.message.get("Message") == "No such channel"

    async def test_a_list_is_gathered_and_its_entries_are_no_events(
        self, pbx: FakeAmi, owner: Owner
    ) -> None:
        channels = [snapshot(f"PJSIP/{n}") for n in range(200)]
        pbx.answers["CoreShowChannels"] = lambda _: listing("CoreShowChannel", channels)
        listed = await owner.client.send_list("CoreShowChannels")
        assert [each.get("Channel") for each in listed] == [f"PJSIP/{n}" for n in range(200)]
        assert await owner.client.send_list("CoreShowChannels") != []
        assert "CoreShowChannel" not in owner.story

    async def test_many_at_once_each_get_their_own(self, pbx: FakeAmi, owner: Owner) -> None:
        pbx.answers["Getvar"] = lambda action: [success(("Value", action.get("Variable")))]
        asked = [owner.client.send("Getvar", [("Variable", str(n))]) for n in range(200)]
        assert [each.get("Value") for each in await asyncio.gather(*asked)] == [
            str(n) for n in range(200)
        ]

    async def test_no_answer_is_a_time_out_and_the_connection_stands(
        self, pbx: FakeAmi, owner: Owner
    ) -> None:
        pbx.answers["Hangup"] = lambda _: None
        with pytest.raises(ActionTimedOut):
            await owner.client.send("Hangup", timeout=20 * MILLISECOND)
        assert (await owner.client.send("Ping")).get("Ping") == "Pong"
        assert owner.client.connected

    async def test_nothing_unsafe_is_sent(self, pbx: FakeAmi, owner: Owner) -> None:
        with pytest.raises(UnsafeValue):
            await owner.client.send("Hangup", [("Channel", "x\r\nAction: Command")])
        await owner.client.send("Ping")
        assert [each.name for each in pbx.actions] == ["Challenge", "Login", "Ping"]

    async def test_what_is_posted_is_sent_in_order_and_its_failure_logged(
        self, pbx: FakeAmi, owner: Owner, caplog: pytest.LogCaptureFixture
    ) -> None:
        pbx.answers["Hangup"] = lambda _: [error("No such channel")]
        owner.client.post("Hangup", [("Channel", "number-one")])
        owner.client.post("Hangup", [("Channel", "bad\r\none")])
        await owner.client.send("Ping")
        assert [each.name for each in pbx.actions[2:]] == ["Hangup", "Ping"]
        assert "Asterisk refuses Hangup: No such channel" in caplog.text
        assert "Hangup was not sent to the PBX: The value of Channel has control" in caplog.text
        assert "number-one" not in caplog.text
        assert "bad" not in caplog.text

    async def test_events_before_an_answer_are_handled_before_it_and_others_after(
        self, pbx: FakeAmi, owner: Owner
    ) -> None:
        def answer(_: object) -> list[list[tuple[str, str]]]:
            return [[("Event", "Before")], success(), [("Event", "After")]]

        pbx.answers["Hangup"] = answer
        for _ in range(50):
            await owner.client.send("Hangup")
            owner.story.append("answered")
        await owner.until("After", 50)
        assert owner.story[-150:] == ["Before", "answered", "After"] * 50


class TestLogin:
    @pytest.mark.parametrize("challenge", [True, False])
    async def test_the_secret_is_sent_only_when_asked_to(
        self, pbx: FakeAmi, challenge: bool
    ) -> None:
        owner = Owner(port=pbx.port, challenge=challenge, event_mask="call,agi")
        await owner.client.start()
        await pbx.login()
        await owner.client.stop()
        login = await pbx.heard("Login")
        assert login.get("Secret") == ("" if challenge else "not-a-secret")
        assert login.get("Events") == "call,agi"
        assert len(pbx.named("Challenge")) == int(challenge)

    async def test_filters_are_set_before_anything_else(self, pbx: FakeAmi) -> None:
        one, other = EventFilter(match="!Event: RTCP"), EventFilter(criteria="name(VarSet)")
        owner = Owner(port=pbx.port, filters=(one, other))
        owner.take_stock = lambda: owner.client.send("CoreStatus")
        pbx.answers["CoreStatus"] = lambda _: [success()]
        await owner.client.start()
        await owner.until("stock taken")
        await owner.client.stop()
        asked = [each.name for each in pbx.actions]
        assert asked[:5] == ["Challenge", "Login", "Filter", "Filter", "CoreStatus"]
        assert pbx.named("Filter")[0].get("Filter") == "!Event: RTCP"
        assert pbx.named("Filter")[1].get("MatchCriteria") == "name(VarSet)"

    async def test_a_wrong_secret_is_said_once_and_tried_again_slowly(
        self, pbx: FakeAmi, caplog: pytest.LogCaptureFixture
    ) -> None:
        caplog.set_level(logging.DEBUG)
        owner = Owner(port=pbx.port, secret="hush", challenge=False)
        await owner.client.start()
        await pbx.heard("Login", 4)
        assert not owner.client.connected
        assert len(owner.story) == 1
        assert owner.story[0].startswith("down: The PBX at 127.0.0.1")
        assert "refuses the user 'patchbay'" in owner.story[0]
        assert all(wait >= 0.025 for wait in owner.waits)
        pbx.secret = "hush"
        await owner.until("stock taken")
        await owner.client.stop()
        assert "hush" not in caplog.text + "".join(owner.story)


class TestTakingStock:
    async def test_it_begins_before_the_first_event_and_events_go_on_meanwhile(
        self, pbx: FakeAmi
    ) -> None:
        owner = Owner(port=pbx.port)
        goes_on = asyncio.Event()
        owner.take_stock = goes_on.wait
        await owner.client.start()
        await owner.until("FullyBooted")
        pbx.emit("Newchannel", *snapshot("PJSIP/ann-1"))
        await owner.until("Newchannel")
        goes_on.set()
        await owner.until("stock taken")
        await owner.client.stop()
        assert owner.story == ["up", "FullyBooted", "Newchannel", "stock taken"]

    async def test_when_it_fails_it_is_done_again_on_another_connection(self, pbx: FakeAmi) -> None:
        owner = Owner(port=pbx.port)
        owner.take_stock = lambda: owner.client.send("CoreStatus")
        await owner.client.start()
        await owner.until("down: Taking stock of the PBX failed. Asterisk refuses CoreStatus")
        pbx.answers["CoreStatus"] = lambda _: [success()]
        await owner.until("stock taken")
        assert owner.client.connected
        await owner.client.stop()

    async def test_a_fault_of_its_own_is_no_end_either(
        self, pbx: FakeAmi, caplog: pytest.LogCaptureFixture
    ) -> None:
        owner = Owner(port=pbx.port)

        async def fail() -> None:
            owner.take_stock = lambda: asyncio.sleep(0)
            raise KeyError("hush")

        owner.take_stock = fail
        await owner.client.start()
        await owner.until("stock taken")
        await owner.client.stop()
        assert "down: Taking stock of the PBX failed: KeyError." in owner.story

    async def test_a_cut_in_the_middle_ends_it_before_the_next(self, pbx: FakeAmi) -> None:
        owner = Owner(port=pbx.port)

        async def stock() -> None:
            try:
                await owner.client.send_list("CoreShowChannels")
            finally:
                owner.story.append("left")

        pbx.answers["CoreShowChannels"] = lambda _: None
        owner.take_stock = stock
        await owner.client.start()
        for count in (1, 2, 3):
            await pbx.heard("CoreShowChannels", count)
            pbx.cut()
        await owner.until("down", 3)
        await owner.client.stop()
        told = [each.split(":")[0] for each in owner.story if each != "FullyBooted"]
        assert told[:9] == ["up", "left", "down"] * 3


class TestDown:
    async def test_what_is_cut_comes_back(self, pbx: FakeAmi, owner: Owner) -> None:
        for count in range(2, 7):
            pbx.cut()
            await owner.until("stock taken", count)
        told = [each.split(":")[0] for each in owner.story if each != "FullyBooted"]
        assert told == [*["up", "stock taken", "down"] * 5, "up", "stock taken"]

    async def test_an_action_under_way_is_told_of_the_cut(self, pbx: FakeAmi, owner: Owner) -> None:
        pbx.answers["Hangup"] = lambda _: None
        asked = asyncio.create_task(owner.client.send("Hangup"))
        await pbx.heard("Hangup")
        pbx.cut()
        with pytest.raises(AmiDown):
            await asked

    async def test_a_pbx_that_is_killed_is_found_again(self, pbx: FakeAmi, owner: Owner) -> None:
        await pbx.shut()
        await owner.until("down: Nothing listens")
        assert not owner.client.connected
        with pytest.raises(AmiDown, match="Nothing listens"):
            await owner.client.send("Ping")
        owner.client.post("Ping")
        await pbx.listen()
        await owner.until("stock taken", 2)
        told = [each for each in owner.story if each.startswith("down")]
        assert len(told) == 2

    @pytest.mark.parametrize(
        "odd",
        [{"host": "x" * 300}, {"host": "a..b"}, {"host": "a\x00b"}, {"port": 70_000}, {"port": -1}],
        ids=["long", "empty label", "nul", "high", "negative"],
    )
    async def test_what_is_no_address_is_told_and_tried_on(self, odd: dict[str, object]) -> None:
        owner = Owner(**odd)
        await owner.client.start()
        await owner.until_true(lambda: len(owner.waits) >= 2)
        await owner.client.stop()
        assert len(owner.story) == 1
        assert "is no address" in owner.story[0] or "is not known" in owner.story[0]

    async def test_attempts_come_further_and_further_apart(self) -> None:
        async with FakeAmi() as pbx:
            port = pbx.port
        owner = Owner(port=port, first_wait=10 * MILLISECOND, longest_wait=5 * SECOND)
        await owner.client.start()
        await owner.until_true(lambda: len(owner.waits) >= 11)
        await owner.client.stop()
        wholes = [0.01 * 2**n for n in range(9)] + [5, 5]
        for wait, whole in zip(owner.waits, wholes, strict=False):
            assert whole / 2 <= wait <= whole

    async def test_a_pbx_that_falls_silent_is_left(self, pbx: FakeAmi) -> None:
        owner = Owner(port=pbx.port, ping_every=20 * MILLISECOND, action_timeout=40 * MILLISECOND)
        await owner.client.start()
        await pbx.heard("Ping", 2)
        pbx.silent = True
        await owner.until("down: The PBX at 127.0.0.1")
        assert "fallen silent" in owner.story[-1]
        pbx.silent = False
        await owner.until("stock taken", 2)
        await owner.client.stop()

    async def test_a_pbx_that_never_says_a_word_is_left(self, pbx: FakeAmi) -> None:
        pbx.banner = b""
        owner = Owner(port=pbx.port, connect_timeout=50 * MILLISECOND)
        await owner.client.start()
        await owner.until("down: The PBX at 127.0.0.1")
        assert "does not answer the login" in owner.story[0]
        await owner.client.stop()

    @pytest.mark.parametrize(
        "garbage",
        [b"\x00" * 3_000_000, b"Event: " + b"x" * 200_000 + b"\r\n\r\n", b"a: b\r\n" * 400_000],
        ids=["zeros", "long line", "endless message"],
    )
    async def test_garbage_is_answered_with_a_new_connection(
        self, pbx: FakeAmi, owner: Owner, garbage: bytes
    ) -> None:
        pbx.send(garbage)
        await owner.until("down: Asterisk sent")
        await owner.until("stock taken", 2)

    async def test_another_service_on_the_port_is_recognised(self, pbx: FakeAmi) -> None:
        pbx.banner = b"220 mail.example ESMTP\r\n"
        owner = Owner(port=pbx.port)
        await owner.client.start()
        await owner.until("down: What answers there is not Asterisk's manager interface")
        await owner.client.stop()
        assert pbx.actions == []

    async def test_more_events_than_can_wait_are_answered_with_taking_stock(
        self, pbx: FakeAmi
    ) -> None:
        owner = Owner(port=pbx.port, waiting_bytes=100_000)
        await owner.client.start()
        await owner.until("FullyBooted")
        pbx.send(b"Event: Flood\r\nChannel: PJSIP/ann-1\r\n\r\n" * 50_000)
        await owner.until("down: The PBX at 127.0.0.1")
        assert "faster than they are handled" in next(e for e in owner.story if "down" in e)
        await owner.until("stock taken", 2)
        await owner.client.stop()


class TestStopping:
    async def test_it_logs_off(self, pbx: FakeAmi, owner: Owner) -> None:
        await owner.client.stop()
        await pbx.heard("Logoff")
        await pbx.alone()
        assert not owner.client.connected
        assert not any(each.startswith("down") for each in owner.story)

    async def test_actions_under_way_are_told(self, pbx: FakeAmi, owner: Owner) -> None:
        pbx.answers["Hangup"] = lambda _: None
        asked = asyncio.create_task(owner.client.send("Hangup"))
        await pbx.heard("Hangup")
        await owner.client.stop()
        with pytest.raises(AmiDown):
            await asked
        with pytest.raises(AmiDown):
            await owner.client.send("Ping")

    async def test_it_can_be_stopped_at_any_moment_and_more_than_once(self, pbx: FakeAmi) -> None:
        for pause in (0, 0, 1, 2, 3, 5, 8, 13, 21, 34):
            owner = Owner(port=pbx.port)
            await owner.client.start()
            for _ in range(pause):
                await asyncio.sleep(0)
            await owner.client.stop()
            await owner.client.stop()
        await pbx.alone()

    async def test_it_can_be_started_again(self, pbx: FakeAmi, owner: Owner) -> None:
        await owner.client.start()
        assert len(pbx.connections) == 1
        await owner.client.stop()
        await owner.client.start()
        await owner.until("stock taken", 2)
