"""A small blocking AMI client, with which tests look into Asterisk behind the router's back.

Deliberately none of the router's code: it judges it.
"""

from __future__ import annotations

import itertools
import os
import socket
import time
from collections.abc import Callable
from typing import Self

Message = dict[str, str]


class Manager:
    def __init__(self, port: int, name: str, secret: str, *, timeout: float = 5) -> None:
        """Raises OSError, when nobody answers, and PermissionError, when the login is refused."""
        self._socket = socket.create_connection(("127.0.0.1", port), timeout)
        self._lines = self._socket.makefile("r", encoding="utf-8", errors="replace", newline="\r\n")
        # Asterisk tells every connection how a call began, by the id of whoever asked for it.
        name_of_this = os.urandom(4).hex()
        self._ids = (f"judge-{name_of_this}-{number}" for number in itertools.count(1))
        self.greeting = self._lines.readline().strip()
        self.seen: list[Message] = []
        """Every event so far, in order; a header that is repeated is joined with newlines."""
        if self.do("Login", Username=name, Secret=secret)["Response"] != "Success":
            self.close()
            raise PermissionError(f"Asterisk refuses the login of {name}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._lines.close()
        self._socket.close()

    def do(self, action: str, **headers: str) -> Message:
        """The response; the events that come before it are kept in ``seen``."""
        mark = next(self._ids)
        fields = {"Action": action, "ActionID": mark, **headers}
        text = "".join(f"{key}: {value}\r\n" for key, value in fields.items())
        self._socket.sendall(text.encode() + b"\r\n")
        while True:
            message = self._read()
            if "Response" in message and message.get("ActionID") == mark:
                return message
            self.seen.append(message)

    def list(self, action: str, **headers: str) -> list[Message]:
        """The entries of an action that answers with a list, as CoreShowChannels does."""
        mark = self.do(action, **headers).get("ActionID")
        entries: list[Message] = []
        while True:
            message = self._read()
            if message.get("ActionID") != mark:
                self.seen.append(message)
            elif message.get("EventList") == "Complete":
                return entries
            else:
                entries.append(message)

    def command(self, line: str) -> str:
        return self.do("Command", Command=line).get("Output", "")

    def wait(self, wanted: Callable[[Message], bool], what: str, *, timeout: float = 5) -> Message:
        """The first event that fits, seen before or to come; TimeoutError names ``what``."""
        end = time.monotonic() + timeout
        known = 0
        while True:
            for message in self.seen[known:]:
                if wanted(message):
                    return message
            known = len(self.seen)
            left = end - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"Asterisk told of no {what} in {timeout:g} s")
            self._receive(left)

    def _receive(self, seconds: float) -> None:
        self._socket.settimeout(seconds)
        try:
            self.seen.append(self._read())
        except TimeoutError:
            pass
        finally:
            self._socket.settimeout(5)

    def _read(self) -> Message:
        message: Message = {}
        while line := self._lines.readline():
            text = line.rstrip("\r\n")
            if not text and message:
                return message
            key, _, value = text.partition(":")
            value = value.removeprefix(" ")
            message[key] = f"{message[key]}\n{value}" if key in message else value
        raise ConnectionError("Asterisk closed the manager connection")
