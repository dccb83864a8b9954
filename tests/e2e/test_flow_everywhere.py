"""One flow for telephone and chat: drawn in the studio, followed by a real call through Asterisk
and by a visitor's browser, replaced while both are in it, and rolled back with one click.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, expect

from server.roles import Role
from tests.asterisk.baresip import Phone
from tests.asterisk.hearing import besides
from tests.asterisk.server import MUSIC, AsteriskServer
from tests.e2e.centre import until
from tests.e2e.people import SLOW
from tests.e2e.phone.conftest import asterisk, browser, cleared
from tests.e2e.phone.desk import CALLER, PhoneDesk, ann_at
from tests.e2e.phone_centre import NUMBER, SPOKEN, SYSTEMS, PhoneCentre
from tests.e2e.studio_hands import Hands
from tests.e2e.windows import Windows, picture
from tests.integration.asterisk.test_spoken_prompts import requires_speech

__all__ = ["asterisk", "browser", "cleared"]  # fixtures of the tests with telephones

pytestmark = requires_speech

CATALOG = """
time_zone: Europe/London
skills: {english: English}
hours:
  always: {open: {mon-sun: 00:00-24:00}}
queues:
  service: {label: Service desk, wrap_up: 30s, dispositions: [Solved], offer_for: 60s, callback: {}}
  business: {label: Business desk, wrap_up: 30s, dispositions: [Solved], offer_for: 60s}
profiles:
  all: {label: Everything, queues: [service, business], capacity: {voice: 1, chat: 3}}
agents:
  ann: {name: Ann Lindqvist, profile: all, skills: {english: 9}}
  ben: {name: Ben Okafor, profile: all, skills: {english: 7}}
entry_points:
  line: {label: Customer line, channel: voice, queue: service, flow: front_door}
  website:
    label: Chat on our website
    channel: chat
    queue: service
    flow: front_door
    choices: {help: {queue: service, label: Help}}
"""
ACCOUNT = "18042739"
STRANGER = "+442079460018"
MARIA = {
    "name": "María Díaz",
    "tier": "gold",
    "identities": [{"kind": "phone", "value": CALLER}],
}
DIALS = """    trunk: PJSIP/{{number}}@trunk
    outbound: {{allow: ["+4420"]}}
"""  # so that callers can be promised a callback
PATIENCE = "Time to answer, after the prompt"
MARKED = {"attribute": "second"}.items()
ENGLISH, CHINESE = "English", "中文"


@pytest.fixture(scope="module")
def centre(
    asterisk: AsteriskServer,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[PhoneCentre]:
    centre = PhoneCentre(
        tmp_path_factory.mktemp("everywhere"),
        asterisk,
        catalog=CATALOG,
        systems=SYSTEMS + SPOKEN + DIALS,
        staff={"adam": Role.ADMIN},
    )
    centre.start()
    yield centre
    centre.stop()


class Call:
    """Somebody with a real telephone, who answers again when nothing comes of it, as people do."""

    def __init__(self, phone: Phone, records: Record) -> None:
        self.phone = phone
        self.mark = 0
        self._records = records

    def dial(self) -> Call:
        self.mark = self.phone.mark()
        self.phone.dial(NUMBER)
        return self

    def answers(self, node: str, keys: str) -> Call:
        """What is asked at this node of the flow, once it was heard."""
        self.is_asked(node)
        passed = self._records.node(node)["passed"]
        for last in (False, False, True):
            self._press(keys)
            try:
                until(
                    lambda: self._records.node(node)["passed"] > passed,
                    within=15,
                    what=f"{keys} is taken at {node}",
                )
            except AssertionError:
                if last:
                    raise
            else:
                return self
        raise AssertionError

    def is_asked(self, node: str) -> Call:
        """Hears somebody speak, and not the music of who waits, since the last key: to the end."""
        until(lambda: self._records.node(node)["now"], within=30, what=f"a call is at {node}")
        until(self._hears_speech, within=30, what="a prompt is heard")
        until(self._hears_no_more, within=30, what="the prompt has ended")
        return self

    def _press(self, keys: str) -> None:
        for key in keys:  # with pauses: without, a busy Asterisk takes one for two
            self.mark = self.phone.mark()
            self.phone.press(key)
            time.sleep(0.4)

    def _hears_speech(self) -> bool:
        return besides(self.phone.heard(self.mark), MUSIC) > 0.3

    def _hears_no_more(self) -> bool:
        """While nothing is played, Asterisk sends nothing."""
        mark = self.phone.mark()
        time.sleep(0.5)
        return self.phone.mark() == mark

    def waits(self) -> Call:
        self.phone.wait_to_hear(MUSIC, timeout=60)
        return self

    def gives_up(self) -> None:
        self.phone.hang_up()
        self.phone.wait_until("idle")


class Chat:
    """Somebody in a browser, in the flow."""

    def __init__(self, windows: Windows, name: str) -> None:
        self.visitor = windows.visitor().start(name, "help", "Hello.")
        self.buttons: Locator = self.visitor.chat.get_by_role("group", name="Choose one")
        self.thread = self.visitor.thread

    def is_offered(self, *words: str) -> Chat:
        expect(self.buttons.get_by_role("button")).to_have_text(list(words), timeout=SLOW)
        return self

    def picks(self, words: str) -> Chat:
        self.buttons.get_by_role("button", name=words, exact=True).click()
        return self

    def types(self, text: str) -> Chat:
        field = self.visitor.page.get_by_label("Your answer", exact=True)
        field.fill(text, timeout=SLOW)
        field.press("Enter")
        return self

    def waits(self) -> Chat:
        expect(self.visitor.status).to_contain_text("You are next", timeout=SLOW)
        return self

    def leaves(self) -> None:
        self.visitor.chat.get_by_role("button", name="End chat").first.click()
        self.visitor.chat.get_by_role("button", name="End chat").last.click()
        expect(self.visitor.status).to_contain_text("This chat has ended", timeout=SLOW)


class Record:
    """What the service's API says of contacts that wait."""

    def __init__(self, centre: PhoneCentre) -> None:
        self._api = centre.api("adam")

    def in_queue(self, queue: str, channel: str) -> dict[str, Any]:
        """The contact that waits there, once it does; there must be no other of the channel."""

        def waiting() -> list[dict[str, Any]]:
            found = self._api.get(f"/api/v1/queues/{queue}/contacts").json()["contacts"]
            return [one for one in map(self._view, found) if one["channel"] == channel]

        (contact,) = until(waiting, within=30, what=f"a {channel} waits in {queue}")
        return contact

    def _view(self, line: dict[str, Any]) -> dict[str, Any]:
        view: dict[str, Any] = self._api.get(f"/api/v1/contacts/{line['contact']}").json()
        return view

    def node(self, node: str) -> dict[str, int]:
        """Who is there ``now``, and how many ``passed``, in all versions together."""
        live = self._api.get("/api/v1/flows/front_door/live").json()["nodes"]
        versions = [figures for name, figures in live.items() if name.endswith(f"/{node}")]
        return {of: sum(figures[of] for figures in versions) for of in ("now", "passed")}

    def aliases(self) -> dict[str, int]:
        found: dict[str, int] = self._api.get("/api/v1/flows/front_door").json()["aliases"]
        return found


def drawn(studio: Hands) -> None:
    """The first version, with mouse and keyboard: most on the canvas, some in the outline."""
    studio.make("Front door")
    studio.whole.get_by_label("Queue that takes over").select_option("service")
    studio.whole.get_by_role("button", name="Add a language").click()

    hours = studio.add("Opening hours", "Are we open?")
    hours.get_by_role("combobox", name="Opening hours").select_option("always")
    language = studio.add("Menu", "Language")
    language.get_by_label(PATIENCE).fill("3m")  # callers wait while the next version is drawn
    studio.says(language, "For English, press 1.", "中文请按2。")
    for key, words in (("1", ENGLISH), ("2", CHINESE)):
        button = language.get_by_role("group", name=f"Words for key {key}")
        button.get_by_label("English").fill(words)
        button.get_by_label("Chinese").fill(words)
    studio.link("hours", "open", "menu")

    account = studio.add("Question", "Account number")
    account.get_by_label(PATIENCE).fill("3m")
    studio.says(account, "Please enter your account number, then hash.", "请输入您的账号。")
    account.get_by_label("Attribute that keeps the answer").fill("account")
    account.get_by_label("Shortest answer").fill("8")
    account.get_by_label("What it must be").select_option("luhn")
    for exit_name in ("1", "timeout", "invalid"):
        studio.link("menu", exit_name, "collect")

    studio.pick("menu")
    studio.add("Set values", "Speaks Chinese").get_by_label("Language from here").select_option(
        "zh"
    )
    studio.link("menu", "2", "set")
    studio.link("set", "next", "collect")

    studio.pick("collect")
    tier = studio.add("Branch", "Tier")
    tier.get_by_role("button", name="Add a case").click()
    tier.get_by_label("Name of the case").fill("gold")
    tier.get_by_label("Name of the case").press("Enter")
    condition = tier.get_by_role("group", name="Holds when")
    condition.get_by_role("combobox").select_option(label="Customer's tier")
    condition.get_by_role("textbox", name="Customer's tier").fill("gold")
    for exit_name in ("collected", "timeout", "invalid"):
        studio.link("collect", exit_name, "branch")

    business = studio.add("Queue", "Business")
    business.get_by_label("Queue", exact=True).select_option("business")
    studio.link("branch", "gold", "queue")
    studio.pick("branch")
    offer = studio.add("Callback offer", "Call back?")
    offer.get_by_label("Queue", exact=True).select_option("service")
    studio.says(offer, "To be called back, press 1. To wait, press 2.", "回拨请按1，等候请按2。")
    studio.says(offer, "We call you back.", "我们会回拨给您。", about="Said when it is promised")
    studio.link("branch", "otherwise", "callback")


def finished_in_the_outline(studio: Hands) -> None:
    """The last two nodes, and what leads to them."""
    studio.page.get_by_role("link", name="Outline").click()
    service = studio.add_in_outline("Queue", "Service")
    service.get_by_label("Queue", exact=True).select_option("service")
    service.get_by_label("Offer a callback while waiting").select_option("true")
    goodbye = studio.add_in_outline("Message and hang up", "Goodbye")
    studio.says(goodbye, "We are closed.", "我们已下班。")
    exits = studio.opened("Call back?").get_by_role("group", name="Exits")
    exits.get_by_label("Declined").select_option(label="Service (queue_2)")
    exits.get_by_label("Impossible").select_option(label="Service (queue_2)")
    exits = studio.opened("Are we open?").get_by_role("group", name="Exits")
    exits.get_by_label("Closed").select_option(label="Goodbye (hang_up)")
    studio.page.get_by_role("link", name="Canvas").click()


def test_one_flow_is_followed_everywhere_replaced_and_rolled_back(
    centre: PhoneCentre,
    windows: Windows,
    asterisk: AsteriskServer,
    cleared: None,
) -> None:
    centre.api("ann").post("/api/v1/customers", json=MARIA).raise_for_status()
    records = Record(centre)
    window = windows.window("adam", viewport={"width": 1600, "height": 900})
    studio = Hands(window.new_page())
    drawn(studio)
    finished_in_the_outline(studio)
    studio.publish("The first one")
    expect(studio.toasts).to_contain_text("Version 1 is live", timeout=SLOW)

    ann = ann_at(windows)
    ann.open()
    ann.shows("Phone ready")
    with (
        Phone(asterisk, CALLER, frequency=440, registers=False) as first,
        Phone(asterisk, STRANGER, frequency=540, registers=False) as second,
    ):
        gold_caller_comes_to_the_business_desk(ann, Call(first, records), records)
        stranger_chats_with_the_service_desk(ann, Chat(windows, "Mei"), records)

        call, chat = Call(second, records).dial(), Chat(windows, "Oscar")
        call.answers("menu", "1").is_asked("collect")
        chat.is_offered(ENGLISH, CHINESE).picks(ENGLISH)
        expect(chat.thread.last).to_have_text("Please enter your account number, then hash.")
        studio.shows_contacts("Account number", "2 now")
        changed(studio)
        studio.publish("Who is not gold waits at the business desk as well", contacts=2)
        expect(studio.toasts).to_contain_text("Version 2 is live", timeout=SLOW)

        finishes_on_the_old_one(call, chat, records)
        follows_the_new_one(Call(second, records).dial(), Chat(windows, "Petra"), records)
        studio.roll_back()
        assert records.aliases() == {"live": 1}
        follows_the_old_one(Call(second, records).dial(), Chat(windows, "Ravi"), records)


def gold_caller_comes_to_the_business_desk(ann: PhoneDesk, call: Call, records: Record) -> None:
    call.dial().answers("menu", "2").answers("collect", f"{ACCOUNT}#").waits()
    contact = records.in_queue("business", "voice")
    assert contact["attributes"]["account"] == ACCOUNT
    assert contact["attributes"]["language"] == "zh"
    assert contact["customer"]["name"] == "María Díaz"
    ann.be_ready()
    expect(ann.offer).to_contain_text("Business desk", timeout=SLOW)
    expect(ann.offer).to_contain_text("María Díaz")
    picture(ann.page, "desk-call-after-flow")
    ann.accept()
    ann.shows("On the phone")
    expect(ann.work).to_contain_text(ACCOUNT)
    call.gives_up()
    ann.shows("Phone ready")
    ann.wrap_up("Solved")


def stranger_chats_with_the_service_desk(ann: PhoneDesk, chat: Chat, records: Record) -> None:
    chat.is_offered(ENGLISH, CHINESE).picks(CHINESE).types(ACCOUNT)
    lines = ["Hello.", "For English, press 1.", CHINESE, "请输入您的账号。", ACCOUNT]
    expect(chat.thread).to_have_text(lines, timeout=SLOW)
    ann.accept()
    expect(ann.thread).to_have_text(lines, timeout=SLOW)
    expect(ann.work).to_contain_text("Service desk")
    ann.end()
    ann.wrap_up("Solved")
    ann.sign_out()


def changed(studio: Hands) -> None:
    """The second version, while people are in the first."""
    studio.page.keyboard.press("f")
    studio.pick("menu")
    button = studio.form.get_by_role("group", name="Words for key 1")
    button.get_by_label("English").fill("English, please")
    studio.pick("collect")
    mark = studio.add("Set values", "Marked")
    mark.get_by_role("group", name="Attributes").get_by_role("button", name="Add").click()
    mark.get_by_label("Value").fill("second")
    studio.link("set_2", "next", "branch")
    studio.link("collect", "collected", "set_2")
    studio.link("branch", "otherwise", "queue")


def finishes_on_the_old_one(call: Call, chat: Chat, records: Record) -> None:
    call.answers("collect", f"{ACCOUNT}#").answers("callback", "2").waits()
    contact = records.in_queue("service", "voice")
    assert contact["attributes"]["account"] == ACCOUNT
    assert "attribute" not in contact["attributes"]
    call.gives_up()
    chat.types(ACCOUNT).waits()
    contact = records.in_queue("service", "chat")
    assert contact["attributes"]["account"] == ACCOUNT
    assert "attribute" not in contact["attributes"]
    chat.leaves()


def follows_the_new_one(call: Call, chat: Chat, records: Record) -> None:
    call.answers("menu", "1").answers("collect", f"{ACCOUNT}#").waits()
    assert records.in_queue("business", "voice")["attributes"].items() >= MARKED
    call.gives_up()
    chat.is_offered("English, please", CHINESE).picks("English, please").types(ACCOUNT).waits()
    assert records.in_queue("business", "chat")["attributes"].items() >= MARKED
    chat.leaves()


def follows_the_old_one(call: Call, chat: Chat, records: Record) -> None:
    call.answers("menu", "1").answers("collect", f"{ACCOUNT}#").answers("callback", "2").waits()
    assert "attribute" not in records.in_queue("service", "voice")["attributes"]
    call.gives_up()
    chat.is_offered(ENGLISH, CHINESE).picks(ENGLISH).types(ACCOUNT).waits()
    assert "attribute" not in records.in_queue("service", "chat")["attributes"]
    chat.leaves()
