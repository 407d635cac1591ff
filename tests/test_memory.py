"""What was freed leaves the process, also where a later block lies above it."""

import subprocess
import sys

import pytest

PROGRAM = """
import os, resource, sys
import numpy as np
from fer_core import memory

def megabytes():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize() / 1e6

if sys.argv[1] == "yes":
    memory.give_back()
np.ones(30_000_000, np.uint8)  # freed at once: from here on glibc keeps blocks of this size
before = megabytes()
photos = [np.ones(4_000_000, np.uint8) for _ in range(40)]
above = np.ones(2_000_000, np.uint8)
del photos
print(megabytes() - before)
"""


def kept(given_back):
    command = [sys.executable, "-c", PROGRAM, "yes" if given_back else "no"]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="glibc's own ways")
def test_large_blocks_go_back_to_the_system():
    assert kept(given_back=False) > 100
    assert kept(given_back=True) < 20
