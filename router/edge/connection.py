"""One connection to the broker, as long as it lasts.

``aiomqtt`` does the talking. What it has no words for is asked of the client underneath: that a
command is confirmed when it has been dealt with and not before, and whether the broker refused
what it was sent, which it says in its confirmation. The names that takes are private to aiomqtt 2;
pyproject.toml keeps it below 3.
"""

from __future__ import annotations

import asyncio
import logging
import re
import secrets
import socket
import ssl
from collections.abc import Callable
from typing import Any, Final

import aiomqtt
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode
from paho.mqtt.subscribeoptions import SubscribeOptions

from router.edge.messages import Outgoing
from router.edge.settings import EdgeSettings, Tls
from router.tasks import heeded

KEEP_ALIVE: Final = 15  # seconds; a broker that says nothing for about twice that is gone
PATIENCE: Final = 10.0  # seconds for one answer of the broker
SESSION_LASTS: Final = 24 * 3_600  # seconds for which the broker keeps commands while we are away
COMMANDS_AT_ONCE: Final = 64  # that the broker sends before one is confirmed
_UNCONFIRMED_MOST: Final = 256  # messages at QoS 0, which the broker sends as fast as it likes
_SENT_NEVER: Final = 2  # retained messages of a subscription
_SILENT: Final = frozenset({"", "Unspecified error"})  # says nothing
_CODE: Final = re.compile(r"^\[code:\d+\]")

log = logging.getLogger(__name__)


class BrokerLost(Exception):
    """The connection is over; the text says why."""


class BrokerRefuses(Exception):
    """The broker did not take a message, and would not the next time; the text says why."""


class _Incoming(asyncio.Queue[aiomqtt.Message]):
    """Those at QoS 1 are as many as may be unconfirmed; of others no more than that are kept."""

    def put_nowait(self, item: aiomqtt.Message) -> None:
        if item.qos == 0 and self.qsize() >= _UNCONFIRMED_MOST:
            raise asyncio.QueueFull
        super().put_nowait(item)


class Connection(aiomqtt.Client):
    """Enter it to connect. ``on_retained`` is told the topics of what was retained before."""

    def __init__(
        self,
        settings: EdgeSettings,
        client_id: str,
        will: Outgoing | None = None,
        on_retained: Callable[[str], None] = lambda _topic: None,
        *,
        lasting: bool = True,
    ) -> None:
        """``lasting``: the broker keeps commands for us while we are away."""
        connect = _properties(PacketTypes.CONNECT)
        connect.SessionExpiryInterval = SESSION_LASTS if lasting else 0
        connect.ReceiveMaximum = COMMANDS_AT_ONCE
        super().__init__(
            settings.host,
            settings.port,
            username=settings.username or None,
            password=settings.password or None,
            identifier=client_id,
            protocol=aiomqtt.ProtocolVersion.V5,
            clean_start=not lasting,
            properties=connect,
            will=None if will is None else _will(will),
            timeout=PATIENCE,
            keepalive=KEEP_ALIVE,
            queue_type=_Incoming,
            max_inflight_messages=settings.in_flight,
            tls_context=None if settings.tls is None else tls_context(settings.tls),
            logger=_silent(),
            socket_options=((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),),
        )
        self._client.manual_ack_set(on=True)
        self._on_retained = on_retained
        self._at_once = settings.in_flight
        self._room = asyncio.Semaphore(self._at_once)
        self._unconfirmed: dict[int, asyncio.Future[None]] = {}

    async def open(self) -> None:
        """Raises ``BrokerLost``."""
        try:
            with heeded():
                await self.__aenter__()
        except (aiomqtt.MqttError, OSError, ValueError) as problem:
            self._client.disconnect()  # a broker that answers nothing still holds the socket
            raise BrokerLost(_in_words(problem)) from None
        except BaseException:
            self._client.disconnect()
            raise
        self._room = asyncio.Semaphore(self._at_once)

    @property
    def lost(self) -> bool:
        return self._disconnected.done()

    async def close(self) -> None:
        """End it in order, without a will, if there is still one. Raises nothing."""
        for future in self._unconfirmed.values():
            future.cancel()
        self._unconfirmed.clear()
        if self.lost:
            self._disconnected.exception()  # known already
        try:
            await self.__aexit__(None, None, None)
        except aiomqtt.MqttError as problem:
            log.debug("the connection to the broker did not end in order: %s", problem)

    async def listen(self, topic: str, *, own: bool = False) -> None:
        """Subscribe, to retained messages of our ``own`` or at QoS 1 to what others send from now
        on. Raises ``BrokerLost`` or ``BrokerRefuses``.
        """
        options = SubscribeOptions(qos=0, noLocal=True) if own else SubscribeOptions(qos=1)
        if not own:
            options.retainHandling = _SENT_NEVER
        for code in await self._subscribed(topic, options):
            if isinstance(code, ReasonCode) and code.is_failure:
                raise BrokerRefuses(f"it does not let Patchbay listen to {topic} ({code})")

    async def _subscribed(self, topic: str, options: SubscribeOptions) -> list[Any]:
        """How the broker answers. aiomqtt's own way waits by ``asyncio.wait_for``, which before
        Python 3.12 may forget that it was cancelled.
        """
        code, number = self._client.subscribe(topic, options=options)
        if code != MQTTErrorCode.MQTT_ERR_SUCCESS or number is None:
            raise BrokerLost("the connection is over")
        granted: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._pending_subscribes[number] = granted
        try:
            async with asyncio.timeout(PATIENCE):
                return list(await granted)
        except TimeoutError:
            raise BrokerLost("it answers nothing") from None
        finally:
            self._pending_subscribes.pop(number, None)

    async def send(
        self, message: Outgoing, correlation: bytes | None = None
    ) -> asyncio.Future[None]:
        """Send it after those before it, as soon as there is room. The future is done when the
        broker has it, with ``BrokerRefuses`` when it will not. Raises ``BrokerLost``.
        """
        await self._room.acquire()
        properties = _properties(PacketTypes.PUBLISH)
        properties.ContentType = message.content_type
        if correlation is not None:
            properties.CorrelationData = correlation
        sent = self._client.publish(
            message.topic, message.payload, qos=1, retain=message.retain, properties=properties
        )
        if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
            raise BrokerLost("the connection is over")
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._unconfirmed[sent.mid] = future
        return future

    async def told(self, message: Outgoing, correlation: bytes | None = None) -> None:
        """Return when the broker has it. Raises ``BrokerRefuses`` or ``BrokerLost``."""
        await (await self.send(message, correlation))

    async def receive(self) -> aiomqtt.Message:
        """The next command. Raises ``BrokerLost``."""
        try:
            return await anext(aiter(self.messages))
        except aiomqtt.MqttError as problem:
            raise _broken(problem.__cause__ or problem) from None

    async def ends(self) -> None:
        """Wait until it is over, whoever else waits for what. Raises ``BrokerLost``."""
        await asyncio.wait({self._disconnected})
        raise _broken(self._disconnected.exception())

    def confirm(self, message: aiomqtt.Message) -> None:
        """It has been dealt with: the broker may forget it."""
        if message.qos:
            self._client.ack(message.mid, message.qos)

    # -- called by the client underneath ------------------------------------------------------

    def _on_connect(self, client: Any, userdata: Any, flags: Any, *given: Any) -> None:  # noqa: ANN401
        """The broker says how much it takes at a time."""
        properties = given[1] if len(given) > 1 else None
        self._at_once = min(getattr(properties, "ReceiveMaximum", self._at_once), self._at_once)
        super()._on_connect(client, userdata, flags, *given)

    def _on_publish(
        self,
        client: Any,  # noqa: ANN401
        userdata: Any,  # noqa: ANN401
        mid: int,
        reason_code: ReasonCode,
        properties: Properties,
    ) -> None:
        future = self._unconfirmed.pop(mid, None)
        if future is None:
            super()._on_publish(client, userdata, mid, reason_code, properties)
            return
        self._room.release()
        if future.done():
            return
        if reason_code.is_failure:
            future.set_exception(
                BrokerRefuses(f"it does not take what Patchbay says ({reason_code})")
            )
        else:
            future.set_result(None)

    def _on_socket_register_write(self, client: Any, userdata: Any, sock: Any) -> None:  # noqa: ANN401, ARG002
        """As aiomqtt, which takes every socket for open; by then it may be closed."""

        def write() -> None:
            try:
                client.loop_write()
            except Exception as problem:  # noqa: BLE001 - whatever it is, the connection is over
                if not self._disconnected.done():
                    self._disconnected.set_exception(problem)

        def begin() -> None:
            if (number := sock.fileno()) >= 0:
                self._loop.add_writer(number, write)

        self._loop.call_soon_threadsafe(begin)

    def _on_message(self, client: Any, userdata: Any, message: Any) -> None:  # noqa: ANN401
        if message.retain:
            self._on_retained(message.topic)
            self._client.ack(message.mid, message.qos)
        else:
            super()._on_message(client, userdata, message)


async def trouble_with(settings: EdgeSettings) -> str:
    """Why the broker cannot be used now, as far as connecting tells; empty when it can."""
    connection = Connection(settings, f"patchbay-doctor-{secrets.token_hex(4)}", lasting=False)
    try:
        await connection.open()
    except BrokerLost as problem:
        return str(problem)
    await connection.close()
    return ""


class _ClosedWhenRefused(ssl.SSLSocket):
    """The client underneath forgets a connection that it could not secure, and leaves it open."""

    def do_handshake(self, block: bool = False) -> None:  # noqa: FBT001, FBT002 - ssl's own
        try:
            super().do_handshake(block)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except OSError:
            self.close()
            raise


def tls_context(tls: Tls) -> ssl.SSLContext:
    """Certificates and host names are checked. Raises ``OSError``."""
    context = ssl.create_default_context(cafile=None if tls.ca_file is None else str(tls.ca_file))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _ClosedWhenRefused
    if tls.certificate is not None:
        context.load_cert_chain(tls.certificate, tls.key)
    return context


def _silent() -> logging.Logger:
    """What goes wrong is raised here, and told once."""
    quiet = logging.getLogger(f"{__name__}.underneath")
    quiet.setLevel(logging.CRITICAL + 1)
    return quiet


def _will(message: Outgoing) -> aiomqtt.Will:
    properties = _properties(PacketTypes.WILLMESSAGE)
    properties.ContentType = message.content_type
    return aiomqtt.Will(message.topic, message.payload, 1, message.retain, properties)


def _properties(packet: int) -> Properties:
    return Properties(packet)  # type: ignore[no-untyped-call]


def _broken(why: BaseException | None) -> BrokerLost:
    words = "" if why is None else _in_words(why)
    return BrokerLost(f"the connection broke{f' ({words})' if words not in _SILENT else ''}")


def _in_words(problem: BaseException) -> str:
    flat = " ".join(_CODE.sub("", str(problem)).split())[:200]
    return flat or type(problem).__name__


def all_of(problems: BaseExceptionGroup[BaseException]) -> list[BaseException]:
    """Each problem by itself, whatever groups are within groups."""
    flat: list[BaseException] = []
    stack: list[BaseException] = [problems]
    while stack:
        one = stack.pop()
        if isinstance(one, BaseExceptionGroup):
            stack.extend(one.exceptions)
        else:
            flat.append(one)
    return flat
