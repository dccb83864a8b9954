import pytest

from cti_adapters.asterisk.settings import IceServer, PbxSettings, Softphone
from server.phones import BadWebsocket, Phones, websocket_origin

KEY = bytes(32)
WEBSOCKET = "wss://pbx.example:8089/ws"


def system(pbx="pbx", websocket=WEBSOCKET, **given):
    phone = {name: given.pop(name) for name in ("domain", "agents", "ice_servers") if name in given}
    return PbxSettings(id=pbx, softphone=Softphone(websocket=websocket, **phone), **given)


def test_an_agent_registers_at_the_websockets_host_under_the_name_their_phone_has():
    account = Phones([system()], KEY).of("ann")
    assert account.websocket == WEBSOCKET
    assert account.uri == "sip:ann@pbx.example"
    assert account.username == "ann"


def test_the_domain_may_be_another_than_the_host():
    assert Phones([system(domain="sip.example")], KEY).of("ann").uri == "sip:ann@sip.example"


def test_helpers_for_browsers_behind_firewalls_are_passed_on():
    helper = IceServer(urls=("stun:stun.example",))
    assert Phones([system(ice_servers=(helper,))], KEY).of("ann").ice_servers == (helper,)


def test_agents_have_passwords_of_their_own():
    phones = Phones([system()], KEY)
    assert phones.of("ann").password != phones.of("ben").password
    assert phones.of("ann").password != Phones([system("branch")], KEY).of("ann").password
    assert phones.of("ann").password != Phones([system()], bytes([1]) * 32).of("ann").password


def test_an_agent_with_a_desk_phone_has_no_softphone():
    phones = Phones([system(phones={"ben": "PJSIP/1001"})], KEY)
    assert phones.of("ben") is None
    assert phones.of("ann") is not None


def test_where_agents_are_named_they_alone_have_softphones():
    phones = Phones([system(agents=("ben",), phones={"ben": "PJSIP/1001"})], KEY)
    assert phones.of("ben").uri == "sip:1001@pbx.example"
    assert phones.of("ann") is None


@pytest.mark.parametrize(
    "pattern", ["SIP/{agent}", "PJSIP/{agent}@trunk", "Local/{agent}@x", "PJSIP/"]
)
def test_what_no_browser_can_register_as_is_no_softphone(pattern):
    assert Phones([system(phone=pattern)], KEY).of("ann") is None


@pytest.mark.parametrize("agent", ["a b", "a@b", "a;transport=udp", "a\r\nb", "李", "", "a" * 65])
def test_an_id_that_means_something_in_an_address_is_no_softphone(agent):
    assert Phones([system()], KEY).of(agent) is None


def test_of_several_systems_the_first_with_a_softphone_is_used():
    phones = Phones([PbxSettings(id="old"), system("a", "wss://a/ws"), system("b", "wss://b/ws")])
    assert phones.of("ann").websocket == "wss://a/ws"
    assert phones.origins == ("wss://a", "wss://b")


def test_without_systems_nobody_has_a_softphone():
    assert Phones().of("ann") is None
    assert Phones().origins == ()


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        (WEBSOCKET, "wss://pbx.example:8089"),
        ("ws://127.0.0.1:8088/ws", "ws://127.0.0.1:8088"),
        ("wss://PBX.example/ws?x=1", "wss://pbx.example"),
        ("wss://[::1]:8089/ws", "wss://[::1]:8089"),
    ],
)
def test_the_page_may_connect_to_the_websockets_origin(address, origin):
    assert websocket_origin(address) == origin


@pytest.mark.parametrize(
    "address",
    [
        "",
        "pbx.example:8089",
        "https://pbx.example/ws",
        "wss://",
        "wss:///ws",
        "wss://*/ws",
        "wss://*.example/ws",
        "wss://a;script-src/ws",
        "wss://a b/ws",
        "wss://a,b/ws",
        "wss://ann:secret@pbx.example/ws",
        "wss://pbx.example:99999/ws",
        "wss://pbx.example/ws\r\nSet-Cookie: x",
        "wss://pbx.example/ws#x",
        "wss://[::1]evil/ws",
        "wss://'self'/ws",
    ],
)
def test_what_could_widen_the_policy_is_refused_with_an_example(address):
    with pytest.raises(BadWebsocket, match="wss://host:port/ws"):
        websocket_origin(address)
    with pytest.raises(BadWebsocket):
        Phones([system(websocket=address)])
