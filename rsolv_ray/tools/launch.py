"""How does a tool start so that it dies with us and stays within its limits?

Run as a script, before the tool: it sets the limits on itself and then becomes the tool. Done in a fresh interpreter
rather than between fork and exec, where Python code may deadlock in a process with threads.
Arguments: parent's pid, CPU seconds or `-`, address space in MiB, largest file in MiB, then the tool's own argv.
"""

import ctypes
import os
import resource
import signal
import sys

CANNOT_START = 127
_PR_SET_PDEATHSIG = 1
_MIB = 1 << 20


def _die_with(parent: int) -> None:
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        sys.exit(CANNOT_START)


def _limit(kind: int, soft: int) -> None:
    hard = resource.getrlimit(kind)[1]
    resource.setrlimit(kind, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def main(argv: list[str]) -> None:
    """Become the tool; exit status 127 says that it could not be started."""
    parent, cpu_s, memory, largest, *tool = argv
    _die_with(int(parent))
    if cpu_s != "-":
        _limit(resource.RLIMIT_CPU, int(cpu_s))
    _limit(resource.RLIMIT_AS, int(memory) * _MIB)
    _limit(resource.RLIMIT_FSIZE, int(largest) * _MIB)
    _limit(resource.RLIMIT_CORE, 0)
    try:
        os.execv(tool[0], tool)  # noqa: S606 - no shell is wanted
    except OSError as error:
        sys.stderr.write(f"{tool[0]}: {error.strerror}")
        sys.exit(CANNOT_START)


if __name__ == "__main__":
    main(sys.argv[1:])
