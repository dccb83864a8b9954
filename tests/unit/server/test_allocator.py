"""``server.allocator``: large buffers go back to the system."""

import ctypes
import subprocess
import sys

import pytest

from server import allocator

KEPT = """
import ctypes
from server.allocator import LARGE, keep_together
libc = ctypes.CDLL(None)
libc.malloc.restype = ctypes.c_void_p
libc.free.argtypes = [ctypes.c_void_p]
class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena b c d mapped e f used free top".split()]
libc.mallinfo2.restype = Info
assert keep_together()
for size in range(2, 9):
    before = libc.mallinfo2()
    kept = libc.malloc(size * LARGE)
    assert libc.mallinfo2().mapped >= before.mapped + size * LARGE, size
    libc.free(kept)
    assert libc.mallinfo2().mapped == before.mapped
"""


def has(function):
    return hasattr(ctypes.CDLL(None), function)


@pytest.mark.skipif(not (has("mallopt") and has("mallinfo2")), reason="another C library")
def test_a_large_buffer_goes_back_to_the_system_however_many_there_were_before():
    subprocess.run([sys.executable, "-c", KEPT], check=True, timeout=60)


def test_another_c_library_is_left_as_it_is(monkeypatch):
    monkeypatch.setattr(allocator.ctypes, "CDLL", lambda name: object())
    assert not allocator.keep_together()
