"""The configuration of an Asterisk for tests: one text for each of its files.

It loads what Patchbay needs and no more, so that it is ready within a second, and listens on
loopback only. Everything that differs between two servers is in ``Site``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from cti_adapters.asterisk.provisioning import READ, WRITE
from cti_adapters.asterisk.unread import event_filters

MODULES: Final = """
res_agi res_crypto res_fax res_fax_spandsp res_http_websocket res_manager_devicestate
res_musiconhold res_mutestream res_parking res_pjproject res_pjsip res_pjsip_acl
res_pjsip_authenticator_digest res_pjsip_caller_id res_pjsip_diversion res_pjsip_dtmf_info
res_pjsip_endpoint_identifier_anonymous res_pjsip_endpoint_identifier_ip
res_pjsip_endpoint_identifier_user res_pjsip_header_funcs res_pjsip_nat res_pjsip_pubsub
res_pjsip_refer res_pjsip_registrar res_pjsip_rfc3326 res_pjsip_sdp_rtp res_pjsip_session
res_pjsip_t38 res_pjsip_transport_websocket res_rtp_asterisk res_sorcery_astdb res_sorcery_config
res_sorcery_memory res_speech res_srtp res_timing_timerfd
pbx_config
codec_a_mu codec_alaw codec_g722 codec_gsm codec_resample codec_ulaw
format_gsm format_pcm format_sln format_wav
chan_pjsip
bridge_builtin_features bridge_holding bridge_native_rtp bridge_simple bridge_softmix
app_bridgeaddchan app_bridgewait app_chanspy app_confbridge app_controlplayback app_dial app_echo
app_exec app_milliwatt app_mixmonitor app_originate app_playback app_playtones app_queue app_read
app_record app_senddtmf app_stack app_transfer app_userevent app_verbose app_while
func_base64 func_callerid func_channel func_cut func_db func_devstate func_global func_groupcount
func_hangupcause func_jitterbuffer func_logic func_math func_periodic_hook func_pjsip_aor
func_pjsip_contact func_pjsip_endpoint func_rand func_sprintf func_strings func_timeout func_uri
func_uuid func_volume
"""

# What `patchbay asterisk manager` prints for an admin.
ROUTER_READ: Final = ",".join(READ)
ROUTER_WRITE: Final = ",".join(WRITE)
FILTERS: Final = "\n".join(f"eventfilter={one}" for one in event_filters())


@dataclass(frozen=True)
class Ports:
    """Every port a server listens on, all of 127.0.0.1."""

    sip: int
    """UDP and TCP."""
    ami: int
    http: int
    """Also the websocket: ``ws://127.0.0.1:{http}/ws``."""


@dataclass(frozen=True)
class User:
    name: str
    secret: str


@dataclass(frozen=True)
class Site:
    """What differs between two servers."""

    folder: Path
    modules: Path
    """Where Asterisk's own shared objects are."""
    ports: Ports
    agents: tuple[str, ...] = ("ann", "ben", "chi")
    """Each has an endpoint of this name that registers with its ``password``."""
    browsers: tuple[str, ...] = ("web-ann",)
    """The same over the websocket, with WebRTC's media."""
    passwords: Mapping[str, str] = field(default_factory=dict)
    """Those that are not ``{name}-secret``."""
    dialplan: str = ""
    """Text of ``extensions.conf``; callers arrive in ``from-trunk``, agents in ``from-agents``."""
    router: User = User("patchbay", "router-secret")
    router_read: str = ROUTER_READ
    router_write: str = ROUTER_WRITE
    judge: User = User("judge", "judge-secret")
    """Another user, for tests alone, who may do and see everything."""
    rtp: tuple[int, int] = (17_000, 31_999)
    """Shared with other servers: a port that is taken is passed over."""
    qualify: int = 0
    """Seconds between two looks at whether a phone is still there; 0 never looks."""
    extra: Mapping[str, str] = field(default_factory=dict)
    """Added to the end of the file that is named, or a file of its own."""

    def password(self, name: str) -> str:
        return self.passwords.get(name, f"{name}-secret")


def files(site: Site) -> dict[str, str]:
    """File name to text, for the folder ``site.folder / "etc"``."""
    texts = {
        "asterisk.conf": _asterisk(site),
        "modules.conf": _modules(),
        "logger.conf": "[general]\ndateformat=%T.%3q\n[logfiles]\nfull => notice,warning,error\n",
        "manager.conf": _manager(site),
        "http.conf": f"[general]\nenabled=yes\nbindaddr=127.0.0.1\nbindport={site.ports.http}\n",
        "pjsip.conf": _pjsip(site),
        "rtp.conf": f"[general]\nrtpstart={site.rtp[0]}\nrtpend={site.rtp[1]}\nicesupport=yes\n",
        "musiconhold.conf": f"[default]\nmode=files\ndirectory={site.folder}/data/moh\n",
        "extensions.conf": f"[general]\nstatic=yes\nwriteprotect=yes\n\n{site.dialplan}\n",
        "res_parking.conf": "[general]\nparkeddynamic=no\n[default]\n"
        "parkext=700\nparkpos=701-720\ncontext=parked\nparkingtime=45\n",
        "confbridge.conf": "[general]\n[default_bridge]\ntype=bridge\n"
        "[default_user]\ntype=user\nquiet=yes\nmusic_on_hold_when_empty=no\n",
        "features.conf": "[general]\n[featuremap]\n",
        "queues.conf": "[general]\n",
        "queuerules.conf": "[general]\n",
        "cdr.conf": "[general]\nenable=no\n",
        "cel.conf": "[general]\nenable=no\n",
        "res_fax.conf": "[general]\nmaxrate=14400\nminrate=4800\nstatusevents=yes\n",
        "udptl.conf": "[general]\nudptlstart=32000\nudptlend=32700\n",
        "stasis.conf": "[threadpool]\n",
        "ccss.conf": "[general]\n",
        "pjproject.conf": "",
        "acl.conf": "",
        "indications.conf": "[general]\ncountry=us\n[us]\ndescription=US\nringcadence=2000,4000\n"
        "dial=350+440\nbusy=480+620/500,0/500\nring=440+480/2000,0/4000\n"
        "congestion=480+620/250,0/250\n",
    }
    for name, text in site.extra.items():
        texts[name] = texts.get(name, "") + "\n" + text
    return texts


def _asterisk(site: Site) -> str:
    own = site.folder
    return f"""[directories]
astetcdir => {own}/etc
astmoddir => {site.modules}
astdatadir => {own}/data
astvarlibdir => {own}/lib
astdbdir => {own}/lib
astkeydir => {own}/lib
astcachedir => {own}/cache
astagidir => {own}/lib
astspooldir => {own}/spool
astrundir => {own}/run
astlogdir => {own}/log
[options]
defaultlanguage = en
documentation_language = en_US
transmit_silence = yes
"""


def _modules() -> str:
    return "[modules]\nautoload=no\n" + "".join(f"load={name}.so\n" for name in MODULES.split())


def _manager(site: Site) -> str:
    return f"""[general]
enabled=yes
bindaddr=127.0.0.1
port={site.ports.ami}
allowmultiplelogin=yes
[{site.router.name}]
secret={site.router.secret}
read={site.router_read}
write={site.router_write}
{FILTERS}
[{site.judge.name}]
secret={site.judge.secret}
read=all
write=all
"""


def _pjsip(site: Site) -> str:
    sip = site.ports.sip
    parts = [
        "[global]\ntype=global\nuser_agent=Asterisk\nendpoint_identifier_order=username,ip\n",
        f"[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:{sip}\n",
        f"[tcp]\ntype=transport\nprotocol=tcp\nbind=127.0.0.1:{sip}\n",
        "[ws]\ntype=transport\nprotocol=ws\nbind=127.0.0.1\n",
        "[trunk]\ntype=endpoint\ncontext=from-trunk\naors=trunk\n" + _MEDIA,
        "[trunk]\ntype=aor\n",
        "[trunk]\ntype=identify\nendpoint=trunk\nmatch=127.0.0.1\n",
    ]
    parts += [_phone(site, name) for name in site.agents]
    parts += [_phone(site, name, "webrtc=yes\n") for name in site.browsers]
    return "\n".join(parts)


_MEDIA: Final = """disallow=all
allow=ulaw,alaw
direct_media=no
media_address=127.0.0.1
bind_rtp_to_media_address=yes
rtp_symmetric=yes
"""


def _phone(site: Site, name: str, more: str = "") -> str:
    return f"""[{name}]
type=endpoint
context=from-agents
aors={name}
auth={name}
callerid={name} <{name}>
{_MEDIA}{more}
[{name}]
type=auth
auth_type=userpass
username={name}
password={site.password(name)}

[{name}]
type=aor
max_contacts=1
remove_existing=yes
qualify_frequency={site.qualify}
"""
