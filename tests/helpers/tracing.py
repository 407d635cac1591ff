"""Which hosts a program tries to reach, as the kernel sees it."""

import re
import shutil
import subprocess
from functools import cache

import pytest

TRACE = ("strace", "-f", "-qq", "-e", "trace=connect,sendto,sendmsg,sendmmsg", "-o")
ADDRESS = re.compile(r'inet_addr\("([^"]+)"\)|inet_pton\(AF_INET6, "([^"]+)"')


@cache
def works():
    """Whether this computer has strace and lets it look."""
    if shutil.which("strace") is None:
        return False
    return subprocess.run([*TRACE, "/dev/null", "true"], capture_output=True, check=False).returncode == 0


def traced(log):
    """What stands before a command so that `outside(log)` can tell later."""
    if not works():
        pytest.skip("needs strace")
    return [*TRACE, str(log)]


def outside(log):
    """Addresses of other computers that were tried; a question to a name server is one."""
    found = {four or six for four, six in ADDRESS.findall(log.read_text(encoding="utf-8", errors="replace"))}
    return {address for address in found if not address.startswith("127.") and address not in ("::1", "0.0.0.0", "::")}
