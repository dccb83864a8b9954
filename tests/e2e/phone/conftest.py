"""A real Asterisk, a service with softphones over it, and a browser that has a microphone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from cti_adapters.asterisk.dialplan import dialplan
from cti_adapters.asterisk.settings import PbxSettings
from tests.asterisk.baresip import Phone
from tests.asterisk.installed import require_asterisk
from tests.asterisk.manager import Manager
from tests.asterisk.server import AsteriskServer
from tests.e2e.conftest import CHROMIUM, FLAGS
from tests.e2e.phone.desk import CALLER, PhoneDesk, ann_at
from tests.e2e.phone_centre import PhoneCentre, password_of
from tests.e2e.windows import Windows

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


@pytest.fixture
def ann(windows: Windows, cleared: None) -> PhoneDesk:
    desk = ann_at(windows)
    desk.open()
    desk.shows("Phone ready")
    return desk
