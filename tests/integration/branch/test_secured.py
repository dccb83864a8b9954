"""A branch at a broker as ``deploy/mosquitto`` ships it: TLS, passwords, its own topics alone."""

from __future__ import annotations

import ssl

from router.branch.messages import Hello, up_topic, write
from router.core.model import ContactState
from router.edge.settings import EdgeSettings, Tls
from tests.branch.world import world
from tests.mqtt.centre import Peer, comes
from tests.mqtt.server import Mosquitto, require_mosquitto

PASSWORDS = {name: f"secret of {name}" for name in ("patchbay", "leeds", "wallboard")}


async def test_a_branch_speaks_under_its_own_name_alone(tmp_path):
    require_mosquitto()
    with Mosquitto(PASSWORDS) as broker:

        def reach(name):
            return EdgeSettings(
                host="localhost",
                port=broker.port,
                tls=Tls(ca_file=broker.folder / "ca.pem"),
                username=name,
                password=PASSWORDS[name],
            )

        async with world(reach, tmp_path, ("ann",)) as (centre, branch):
            await branch.working()
            branch.asterisk.call()
            await comes(lambda: centre.with_state(ContactState.QUEUED))
            stranger = Peer("wallboard", broker.port)
            stranger.client.username_pw_set("wallboard", PASSWORDS["wallboard"])
            stranger.client.tls_set(str(broker.folder / "ca.pem"), cert_reqs=ssl.CERT_REQUIRED)
            try:
                await stranger.begin("patchbay/main/branches/wallboard/down")
                hello = write(Hello(session=2**50, position=0, at=0, floor=1))
                stranger.client.publish(up_topic("main", "leeds"), hello, qos=1)
                await comes(lambda: stranger.refused == ["Not authorized"])
                assert centre.branches.away() == []
                assert branch.process.site.connected
            finally:
                stranger.end()
