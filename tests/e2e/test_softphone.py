"""The telephone in the desk, against a real Asterisk: it rings, is answered, is heard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.asterisk import hearing
from tests.asterisk.installed import require_asterisk
from tests.asterisk.manager import Manager, Message
from tests.asterisk.media import packets
from tests.asterisk.server import AsteriskServer
from tests.asterisk.tones import RATE, Samples
from tests.e2e.centre import until
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.people import SLOW, Desk
from tests.e2e.phone_centre import PhoneCentre, password_of
from tests.e2e.test_looks import AXE, Eye
from tests.e2e.windows import Windows, picture

PLAN = """
[from-trunk]
exten => _X.,1,Hangup()
[from-agents]
exten => _X.,1,Hangup()
[tests]
exten => talk,1,MixMonitor(,r(${HEARD}.wav))
 same => n,Milliwatt(m)
"""
PHONE = """
[{agent}]
type=endpoint
context=from-agents
aors={agent}
auth={agent}
webrtc=yes
disallow=all
allow=ulaw,alaw
[{agent}]
type=auth
auth_type=userpass
username={agent}
password={password}
[{agent}]
type=aor
max_contacts=1
remove_existing=yes
"""
# Causes of Q.850; Asterisk has none for a call that was simply ended
NORMAL, DECLINED, OUT_OF_ORDER = "0", "21", "27"
GOOD = re.compile("Sound: *good")
MICROPHONE = {"permissions": ["microphone"]}
# Lets a test look at what the browser counts.
CONNECTIONS = """
window.connections = [];
const Original = window.RTCPeerConnection;
window.RTCPeerConnection = class extends Original {
  constructor(...given) { super(...given); window.connections.push(this); }
};
"""
ENERGY = """async () => {
  const report = await window.connections.at(-1)?.getStats() ?? new Map();
  for (const one of report.values()) if (one.type === 'inbound-rtp') return one.totalAudioEnergy;
  return 0;
}"""


@pytest.fixture(scope="module")
def asterisk() -> Iterator[AsteriskServer]:
    require_asterisk()
    accounts = {"ann": password_of("ann"), "ben": "another than the service's"}
    phones = "".join(PHONE.format(agent=name, password=word) for name, word in accounts.items())
    extra = {"pjsip.conf": phones}
    with AsteriskServer(PLAN, agents=(), browsers=(), extra=extra) as server:
        yield server


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """With a microphone that beeps, which a page gets only when its window was given it."""
    if CHROMIUM is None:
        pytest.skip("needs Chromium: install it so that `chromium` is on the PATH")
    flags = [*FLAGS, "--use-fake-device-for-media-stream"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=flags)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def centre(
    asterisk: AsteriskServer, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[PhoneCentre]:
    centre = PhoneCentre(tmp_path_factory.mktemp("phones"), asterisk.websocket)
    centre.start()
    yield centre
    centre.stop()


class PhoneDesk(Desk):
    """A desk that is a telephone."""

    def __init__(self, page: Page) -> None:
        super().__init__(page)
        self.chip = page.locator("header button[aria-keyshortcuts=A]")
        self.phone = page.get_by_role("region", name="Phone")
        self.keys = page.keyboard

    def shows(self, word: str) -> None:
        expect(self.chip).to_contain_text(word, timeout=SLOW)


@pytest.fixture
def judge(asterisk: AsteriskServer) -> Iterator[Manager]:
    with asterisk.judge() as judge:
        yield judge


def ann_at(windows: Windows, **options: object) -> PhoneDesk:
    window = windows.window("ann", **(MICROPHONE | options))
    window.add_init_script(CONNECTIONS)
    return PhoneDesk(window.new_page())


@pytest.fixture
def ann(windows: Windows, asterisk: AsteriskServer) -> Iterator[PhoneDesk]:
    desk = ann_at(windows)
    desk.open()
    desk.shows("Phone ready")
    yield desk
    with asterisk.judge() as judge:
        for channel in asterisk.channels():
            judge.do("Hangup", Channel=channel)


def ring(judge: Manager, contact: str = "", heard: str = "heard") -> None:
    """As the adapter rings an agent: the contact goes with the call, unless it is a private one.

    What the agent says is recorded as ``heard``; they hear a tone.
    """
    header = f",PJSIP_HEADER(add,X-Patchbay-Contact)={contact}" if contact else ""
    judge.do(
        "Originate",
        Channel="PJSIP/ann",
        Context="tests",
        Exten="talk",
        Priority="1",
        CallerID="María Díaz <+441632960001>",
        Async="true",
        Variable=f"HEARD={heard}{header}",
    )


def cause_of_end(judge: Manager) -> str:
    """Q.850's, of the next call to end."""
    seen = len(judge.seen)
    ended: Message = judge.wait(
        lambda event: event["Event"] == "Hangup" and event in judge.seen[seen:], "end of the call"
    )
    return ended["Cause"]


def talk(ann: PhoneDesk, centre: PhoneCentre, judge: Manager, contact: str) -> None:
    """An offer whose call rings, accepted with the keyboard."""
    ann.be_ready()
    centre.call(contact)
    expect(ann.offer).to_be_visible(timeout=SLOW)
    ring(judge, contact, heard=contact)
    ann.shows("Phone rings")
    ann.accept()
    ann.shows("On the phone")


def hears(ann: PhoneDesk) -> None:
    """The browser plays what comes from Asterisk."""
    before = ann.page.evaluate(ENERGY)
    until(lambda: ann.page.evaluate(ENERGY) > before + 0.01, within=10, what="sound arrives")


def finish(ann: PhoneDesk) -> None:
    """The contact, and with it the call: here the test hangs up what the adapter would."""
    ann.keys.press("e")
    ann.keys.press("Enter")
    expect(ann.outcome).to_be_visible(timeout=SLOW)
    ann.wrap_up("Solved")


def test_accepting_the_offer_answers_the_phone_and_both_sides_hear_each_other(
    ann: PhoneDesk, centre: PhoneCentre, judge: Manager, asterisk: AsteriskServer
) -> None:
    talk(ann, centre, judge, "pbx-both")
    hears(ann)
    said = asterisk.recordings / "pbx-both.wav"

    def loud(since: int) -> bool:
        return not hearing.is_silent(hearing.read(said)[since:])

    until(lambda: said.exists() and loud(0), within=10, what="the microphone is heard")
    (count,) = packets(asterisk).values()
    assert count.received > 0
    expect(ann.phone).to_contain_text(GOOD, timeout=SLOW)
    ann.keys.press("m")
    expect(ann.phone).to_contain_text("You are muted")
    # What was on its way may still arrive; after that nothing does.
    quiet = until(lambda: _quiet_from(hearing.read(said)), within=10, what="silence")
    ann.keys.press("m")
    until(lambda: loud(quiet), within=10, what="the microphone is heard again")
    finish(ann)


def _quiet_from(samples: Samples) -> int | None:
    """A sample two seconds before the end, when all since then is silence: beeps are closer."""
    start = len(samples) - 2 * RATE
    return start if start > 0 and hearing.is_silent(samples[start:]) else None


def test_digits_go_to_asterisk_and_to_no_key_of_the_desk(
    ann: PhoneDesk, centre: PhoneCentre, judge: Manager
) -> None:
    talk(ann, centre, judge, "pbx-digits")
    ann.keys.press("#")
    expect(ann.phone.get_by_role("group", name="Keypad")).to_be_visible()
    ann.keys.type("4e2#")
    ann.phone.get_by_role("button", name="7", exact=True).click()
    expect(ann.phone.get_by_label("Digits sent")).to_have_text("42#7")
    expect(ann.page.get_by_role("dialog")).to_have_count(0)  # E is a key of the desk
    ann.keys.press("Escape")
    expect(ann.phone.get_by_role("group", name="Keypad")).to_have_count(0)
    judge.wait(lambda event: event["Event"] == "DTMFEnd" and event["Digit"] == "7", "last digit")
    arrived = [event["Digit"] for event in judge.seen if event["Event"] == "DTMFEnd"]
    assert arrived == ["4", "2", "#", "7"]
    finish(ann)


def test_a_private_call_waits_for_the_person_and_is_ended_by_them(
    ann: PhoneDesk, judge: Manager
) -> None:
    ring(judge)
    expect(ann.phone).to_contain_text("María Díaz calls your phone", timeout=SLOW)
    ann.shows("Phone rings")
    ann.keys.press("p")
    expect(ann.phone).to_contain_text("Talking with María Díaz", timeout=SLOW)
    hears(ann)
    ann.keys.press("Shift+P")
    ann.shows("Phone ready")
    assert cause_of_end(judge) == NORMAL
    ring(judge)
    expect(ann.phone).to_contain_text("calls your phone", timeout=SLOW)
    ann.keys.press("Shift+P")
    ann.shows("Phone ready")
    assert cause_of_end(judge) == DECLINED


def test_a_call_survives_a_reload_of_the_page(
    ann: PhoneDesk, centre: PhoneCentre, judge: Manager, windows: Windows
) -> None:
    talk(ann, centre, judge, "pbx-reload")
    ann.keys.press("m")
    windows.leave(ann.page)
    ann.page.reload()
    # For the telephone system a phone was lost, and nobody has hung up.
    assert cause_of_end(judge) == OUT_OF_ORDER
    ann.shows("Phone ready")
    expect(ann.phone).to_contain_text("The call comes back to your phone", timeout=SLOW)
    ring(judge, "pbx-reload")
    ann.shows("On the phone")
    expect(ann.phone).to_contain_text("You are muted")
    finish(ann)


def test_a_call_survives_a_restart_of_the_telephone_system(
    ann: PhoneDesk, centre: PhoneCentre, judge: Manager, asterisk: AsteriskServer
) -> None:
    talk(ann, centre, judge, "pbx-restart")
    asterisk.restart()
    ann.shows("On the phone")  # nobody has told the phone
    with asterisk.judge() as again:
        registered = lambda: "ann/sip:" in again.command("pjsip show contacts")  # noqa: E731
        until(registered, within=20, what="the phone registers again")
        ring(again, "pbx-restart")
        hears(ann)
        assert len(asterisk.channels()) == 1
    finish(ann)


def test_without_a_microphone_one_sentence_says_what_to_do(
    windows: Windows, judge: Manager, asterisk: AsteriskServer
) -> None:
    ann = ann_at(windows, permissions=[])
    ann.open()
    ann.shows("Phone ready")
    notice = ann.phone.get_by_text("The browser blocks your microphone: allow it")
    expect(notice).to_be_visible()
    ring(judge)
    expect(ann.phone).to_contain_text("calls your phone", timeout=SLOW)
    ann.keys.press("p")
    expect(notice).to_be_visible()
    ann.shows("Phone rings")
    picture(ann.page, "look-phone-no-microphone")
    ann.page.context.grant_permissions(["microphone"])
    expect(notice).to_have_count(0)
    ann.keys.press("p")
    ann.shows("On the phone")


def test_a_phone_that_the_telephone_system_refuses_says_so(windows: Windows) -> None:
    ben = PhoneDesk(windows.window("ben", **MICROPHONE).new_page())
    ben.open()
    ben.shows("Phone refused")
    expect(ben.phone).to_contain_text("The telephone system refuses your phone")


def test_of_two_tabs_one_is_the_phone_and_the_other_takes_over(
    ann: PhoneDesk, judge: Manager
) -> None:
    other = PhoneDesk(ann.page.context.new_page())
    other.open()
    expect(other.page.get_by_role("button", name="Another tab of this browser")).to_be_visible()
    ann.page.close()
    other.shows("Phone ready")
    ring(judge)
    expect(other.phone).to_contain_text("calls your phone", timeout=SLOW)


def test_the_phone_speaks_chinese(windows: Windows, judge: Manager) -> None:
    page = windows.window("ann", locale="zh-CN", **MICROPHONE).new_page()
    page.goto("/desk")
    ann = PhoneDesk(page)
    phone = page.get_by_role("region", name="电话")
    ann.shows("电话就绪")
    ring(judge)
    expect(phone).to_contain_text("María Díaz 正在拨打您的电话", timeout=SLOW)
    ann.keys.press("p")
    expect(phone).to_contain_text("正在与 María Díaz 通话", timeout=SLOW)
    expect(phone).to_contain_text(re.compile("音质： *良好"), timeout=SLOW)
    picture(page, "look-phone-talking-zh")
    ann.keys.press("m")
    expect(phone).to_contain_text("您已静音")
    ann.keys.press("Shift+P")
    ann.shows("电话就绪")


def test_the_phone_looks_well(
    windows: Windows, centre: PhoneCentre, judge: Manager, asterisk: AsteriskServer
) -> None:
    eyes = {theme: Eye(windows, AXE, theme) for theme in ("light", "dark")}
    page = eyes["light"].page("ann", **MICROPHONE)

    def look(name: str) -> None:
        for theme, eye in eyes.items():
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            eye.look(page, f"look-phone-{name}")

    ann = PhoneDesk(page)
    ann.open()
    ann.shows("Phone ready")
    look("registered")
    ring(judge)
    expect(ann.phone).to_contain_text("calls your phone", timeout=SLOW)
    look("rings")
    ann.keys.press("Shift+P")
    ann.shows("Phone ready")
    talk(ann, centre, judge, "pbx-looks")
    expect(ann.phone).to_contain_text(GOOD, timeout=SLOW)
    look("talking")
    ann.keys.press("m")
    ann.keys.press("#")
    ann.keys.type("42")
    look("keypad")
    page.set_viewport_size({"width": 320, "height": 640})
    ann.keys.press("Escape")
    look("320")
    page.set_viewport_size({"width": 1280, "height": 720})
    ann.keys.press("a")
    expect(page.get_by_role("dialog")).to_be_visible()
    look("devices")
    ann.keys.press("Escape")
    ann.keys.press("h")
    ann.shows("On hold")
    ann.keys.press("h")
    finish(ann)
    for channel in asterisk.channels():
        judge.do("Hangup", Channel=channel)
