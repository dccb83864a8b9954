"""``python -m tests.integration.bad_readers``: a reader that does what the mail tells it to."""

import os
import sys
import time
from pathlib import Path

from cti_adapters.email import reader_worker
from cti_adapters.email.reading import read


def obey(raw):
    match raw.split(b":")[0]:
        case b"hang":
            time.sleep(3_600)
        case b"die":
            os._exit(1)
        case b"once":  # the first time only
            mark = Path(raw.split(b":")[1].decode())
            if not mark.exists():
                mark.touch()
                os._exit(1)
        case b"eat":
            return [b"x" * 1_000_000 for _ in range(10**6)]
        case b"fail":
            raise ValueError
        case b"babble":
            sys.stdout.buffer.write(b"\xff" * 1_000_000)
            sys.stdout.buffer.flush()
    return read(b"From: ann@example.org\n\n" + raw)


if __name__ == "__main__":
    reader_worker.read = obey
    if sys.argv[1] == "1":
        sys.exit(1)
    reader_worker.main(int(sys.argv[1]))
