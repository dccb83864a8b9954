"""The telephone in the desk, against a real Asterisk: it rings, is answered, is heard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from cti_adapters.asterisk.dialplan import dialplan
from cti_adapters.asterisk.settings import PbxSettings
from tests.asterisk import hearing
from tests.asterisk.baresip import Phone
from tests.asterisk.installed import require_asterisk
from tests.asterisk.manager import Manager, Message
from tests.asterisk.media import packets
from tests.asterisk.server import MUSIC, AsteriskServer
from tests.asterisk.tones import RATE
from tests.e2e.centre import until
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.people import SLOW, Desk
from tests.e2e.phone_centre import NUMBER, PhoneCentre, password_of
from tests.e2e.test_looks import AXE, Eye, overflow
from tests.e2e.windows import Windows, picture

PLAN = f"""
{dialplan(PbxSettings())}
[from-trunk]
exten => _X.,1,Goto(patchbay,${{EXTEN}},1)
[from-agents]
exten => _X.,1,Hangup()
[private]
exten => call,1,Milliwatt(m)
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
PATIENCE = 20  # seconds; on a busy machine the browser sends and plays in fits and starts
CALLER = "+441632960001"
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

# The colours of another theme are there when this returns.
PAINTED = """() => new Promise((resolve) => {
  requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 50)));
})"""


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
    centre = PhoneCentre(tmp_path_factory.mktemp("phones"), asterisk)
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


@pytest.fixture
def cleared(asterisk: AsteriskServer) -> Iterator[None]:
    """No call of a test is left to the next."""
    yield
    with asterisk.judge() as judge:
        for channel in asterisk.channels():
            judge.do("Hangup", Channel=channel)


@pytest.fixture
def caller(asterisk: AsteriskServer, cleared: None) -> Iterator[Phone]:
    with Phone(asterisk, CALLER, frequency=440, registers=False) as phone:
        yield phone


def ann_at(windows: Windows, **options: object) -> PhoneDesk:
    window = windows.window("ann", **(MICROPHONE | options))
    window.add_init_script(CONNECTIONS)
    return PhoneDesk(window.new_page())


@pytest.fixture
def ann(windows: Windows, cleared: None) -> PhoneDesk:
    desk = ann_at(windows)
    desk.open()
    desk.shows("Phone ready")
    return desk


def ring(judge: Manager) -> None:
    """Somebody calls Ann's phone itself; she hears a tone."""
    judge.do(
        "Originate",
        Channel="PJSIP/ann",
        Context="private",
        Exten="call",
        Priority="1",
        CallerID=f"María Díaz <{CALLER}>",
        Async="true",
    )


def cause_of_end(judge: Manager) -> str:
    """Q.850's, of the next call of Ann's phone to end."""
    seen = len(judge.seen)
    ended: Message = judge.wait(
        lambda event: (
            event["Event"] == "Hangup"
            and event["Channel"].startswith("PJSIP/ann")
            and event in judge.seen[seen:]
        ),
        "end of the call",
    )
    return ended["Cause"]


def talk(ann: PhoneDesk, caller: Phone) -> None:
    """A customer calls, the phone rings with the offer, the keyboard accepts both."""
    ann.be_ready()
    caller.dial(NUMBER)
    expect(ann.offer).to_contain_text(CALLER, timeout=SLOW)
    ann.shows("Phone rings")
    ann.accept()
    ann.shows("On the phone")


def hears(ann: PhoneDesk) -> None:
    """The browser plays what comes from Asterisk."""
    before = ann.page.evaluate(ENERGY)
    until(lambda: ann.page.evaluate(ENERGY) > before + 0.01, within=PATIENCE, what="sound arrives")


def is_heard_by(caller: Phone) -> None:
    """The browser's microphone, which beeps every second."""
    mark = caller.mark()
    heard = lambda: not hearing.is_silent(caller.heard(mark))  # noqa: E731
    until(heard, within=PATIENCE, what="the microphone is heard")


def is_not_heard_by(caller: Phone) -> None:
    """No more, for longer than it is silent between two beeps."""
    mark, length = caller.mark(), round(1.5 * RATE)

    def silent() -> bool:
        heard = caller.heard(mark)
        return len(heard) >= length and hearing.is_silent(heard[-length:])

    until(silent, within=PATIENCE, what="the microphone is not heard")


def finish(ann: PhoneDesk, caller: Phone) -> None:
    ann.keys.press("e")
    ann.keys.press("Enter")
    expect(ann.outcome).to_be_visible(timeout=SLOW)
    caller.wait_until("idle")
    ann.shows("Phone ready")
    ann.wrap_up("Solved")


def test_accepting_the_offer_answers_the_phone_and_both_sides_hear_each_other(
    ann: PhoneDesk, caller: Phone, asterisk: AsteriskServer
) -> None:
    talk(ann, caller)
    hears(ann)
    is_heard_by(caller)
    counted = packets(asterisk).values()
    assert len(counted) == 2
    assert all(count.received and count.sent for count in counted)
    expect(ann.phone).to_contain_text(GOOD, timeout=SLOW)
    ann.keys.press("m")
    expect(ann.phone).to_contain_text("You are muted")
    is_not_heard_by(caller)
    ann.keys.press("m")
    is_heard_by(caller)
    finish(ann, caller)


def test_a_customer_on_hold_hears_music_and_is_taken_back(ann: PhoneDesk, caller: Phone) -> None:
    talk(ann, caller)
    ann.keys.press("h")
    ann.shows("On hold")
    caller.wait_to_hear(MUSIC)
    ann.keys.press("h")
    ann.shows("On the phone")
    is_heard_by(caller)
    hears(ann)
    caller.hang_up()
    ann.shows("Phone ready")
    ann.wrap_up("Solved")


def test_digits_go_to_asterisk_and_to_no_key_of_the_desk(
    ann: PhoneDesk, caller: Phone, judge: Manager
) -> None:
    talk(ann, caller)
    ann.keys.press("#")
    keypad = ann.phone.get_by_role("group", name="Keypad")
    expect(keypad).to_be_visible()
    ann.keys.type("4e2#")
    ann.phone.get_by_role("button", name="7", exact=True).click()
    expect(ann.phone.get_by_label("Digits sent")).to_have_text("42#7")
    expect(ann.page.get_by_role("dialog")).to_have_count(0)  # E is a key of the desk
    ann.keys.press("Escape")
    expect(keypad).to_have_count(0)
    pressed = [("PJSIP/ann", digit) for digit in "42#7"]
    judge.wait(lambda event: _pressed(event) == pressed[-1], "last digit")
    assert [one for event in judge.seen if (one := _pressed(event))[0] == "PJSIP/ann"] == pressed
    finish(ann, caller)


def _pressed(event: Message) -> tuple[str, str]:
    """Whose telephone, which digit."""
    if event["Event"] != "DTMFEnd" or event["Direction"] != "Received":
        return "", ""
    return event["Channel"].partition("-")[0], event["Digit"]


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
    ann: PhoneDesk, caller: Phone, judge: Manager, windows: Windows
) -> None:
    talk(ann, caller)
    ann.keys.press("m")
    windows.leave(ann.page)
    ann.page.reload()
    # For the telephone system a phone was lost, and nobody has hung up: it rings again.
    assert cause_of_end(judge) == OUT_OF_ORDER
    ann.shows("On the phone")
    expect(ann.phone).to_contain_text("You are muted")
    ann.keys.press("m")
    is_heard_by(caller)
    hears(ann)
    finish(ann, caller)


def test_a_phone_comes_back_after_a_restart_of_the_telephone_system(
    ann: PhoneDesk, caller: Phone, asterisk: AsteriskServer
) -> None:
    asterisk.restart()
    ann.shows("Phone connecting…")
    ann.shows("Phone ready")
    # The router has to know it, too, before the next call comes.
    expect(ann.page.get_by_role("banner")).not_to_contain_text("no calls", timeout=SLOW)
    talk(ann, caller)
    is_heard_by(caller)
    finish(ann, caller)


def test_without_a_microphone_one_sentence_says_what_to_do(
    windows: Windows, judge: Manager, cleared: None
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


def test_the_phone_speaks_chinese(windows: Windows, judge: Manager, cleared: None) -> None:
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


def test_the_phone_looks_well(windows: Windows, caller: Phone, judge: Manager) -> None:
    eyes = {theme: Eye(windows, AXE, theme) for theme in ("light", "dark")}
    page = eyes["light"].page("ann", **MICROPHONE)

    def look(name: str, *, closely: bool = False) -> None:
        for theme, eye in eyes.items():
            page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
            page.evaluate(PAINTED)
            if closely:
                eye.look(page, f"look-phone-{name}")
            else:
                picture(page, f"look-phone-{name}-{theme}")
                assert overflow(page) <= 0, name

    ann = PhoneDesk(page)
    ann.open()
    ann.shows("Phone ready")
    look("registered")
    ring(judge)
    expect(ann.phone).to_contain_text("calls your phone", timeout=SLOW)
    look("rings", closely=True)
    ann.keys.press("Shift+P")
    ann.shows("Phone ready")
    talk(ann, caller)
    expect(ann.phone).to_contain_text(GOOD, timeout=SLOW)
    look("talking")
    ann.keys.press("m")
    ann.keys.press("#")
    ann.keys.type("42")
    look("keypad", closely=True)
    page.set_viewport_size({"width": 320, "height": 640})
    ann.keys.press("Escape")
    look("320")
    page.set_viewport_size({"width": 1280, "height": 720})
    ann.keys.press("a")
    expect(page.get_by_role("dialog")).to_be_visible()
    look("devices", closely=True)
    ann.keys.press("Escape")
    finish(ann, caller)
