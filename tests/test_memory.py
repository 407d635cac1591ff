"""Many threads hold no more memory than a few."""

import subprocess
import sys

import pytest

PROGRAM = """
import re, sys, threading
from fer_core import memory

if sys.argv[1] == "yes":
    memory.share_pools()
together = threading.Barrier(12)

def visit():
    together.wait()
    held = [bytes(100_000) for _ in range(50)]
    together.wait()

threads = [threading.Thread(target=visit) for _ in range(12)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
import ctypes, os
system = ctypes.CDLL(None)
system.fdopen.restype = ctypes.c_void_p
reader, writer = os.pipe()
stream = ctypes.c_void_p(system.fdopen(writer, b"w"))
system.malloc_info(0, stream)
system.fclose(stream)
print(len(re.findall(b"<heap nr", os.read(reader, 1_000_000))))
"""


def pools(shared):
    """How many pools glibc tells of after twelve threads."""
    command = [sys.executable, "-c", PROGRAM, "yes" if shared else "no"]
    return int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's own ways")
def test_threads_share_two_pools():
    assert pools(shared=False) > 4
    assert pools(shared=True) == 2
