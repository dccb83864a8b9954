"""Sends one message to a hook: ``HOOK=… SECRET=… python webhook_connector.py FROM TEXT``."""

import hashlib
import hmac
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

HOOK, SECRET = os.environ["HOOK"], os.environ["SECRET"]


def signed(body: bytes) -> dict[str, str]:
    timestamp = str(int(time.time()))
    mac = hmac.new(SECRET.encode(), f"{timestamp}.".encode() + body, hashlib.sha256)
    return {
        "Content-Type": "application/json",
        "X-Timestamp": timestamp,
        "X-Signature": "sha256=" + mac.hexdigest(),
    }


def send(event: dict[str, str], tries: int = 5) -> None:
    body = json.dumps(event).encode()
    for attempt in range(tries):  # the same id again has no further effect
        request = urllib.request.Request(HOOK, body, signed(body))  # noqa: S310
        try:
            with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310
                print(response.status, response.read().decode())
                return
        except urllib.error.HTTPError as error:
            if error.code not in (429, 500, 502, 503, 504):
                sys.exit(f"{error.code}: {error.read().decode()}")
        except OSError as error:
            print(f"not reached: {error}", file=sys.stderr)
        time.sleep(2**attempt)
    sys.exit("given up")


sender, text = sys.argv[1:]
send({"type": "message", "id": str(uuid.uuid4()), "from": sender, "text": text})
