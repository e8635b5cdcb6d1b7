"""Programs that try to stay, to break what judges them, or to take what others need; each with its right verdicts.

Each is given one line of numbers and should print `RIGHT`; some do, and are to be accepted, for what they try beside it
comes to nothing.
"""

from __future__ import annotations

from typing import NamedTuple

from schemas.verdict import Reason

RIGHT = "12"
_TIME, _MEMORY, _CRASH = Reason.TIME_LIMIT, Reason.MEMORY_LIMIT, Reason.RUNTIME_ERROR


class Hostile(NamedTuple):
    """A program, and what may be said of it."""

    program: str
    reasons: frozenset[Reason]


def _hostile(program: str, *reasons: Reason) -> Hostile:
    return Hostile(program, frozenset(reasons or (Reason.OK,)))


_FORKED = "import os, time\nif os.fork() == 0:\n"
HOSTILE = {
    "fork bomb": _hostile("import os\nwhile True:\n    try: os.fork()\n    except OSError: pass", _TIME, _MEMORY),
    "daemon": _hostile(
        f"{_FORKED}    os.setsid()\n    if os.fork() == 0:\n        os.chdir('/')\n        time.sleep(999)\n"
        "    os._exit(0)\nprint(12)"
    ),
    "runner": _hostile(
        f"{_FORKED}    while True:\n        try:\n            if os.fork(): os._exit(0)\n"
        "        except OSError: pass\nprint(12)"
    ),
    "unreaped": _hostile("import os\nfor _ in range(20):\n    if os.fork() == 0: os._exit(0)\nprint(12)"),
    "held output": _hostile(f"{_FORKED}    time.sleep(999)\nprint(12)"),
    "hog": _hostile("held = []\nwhile True: held.append(b'x' * (1 << 20))", _MEMORY),
    "family of hogs": _hostile(
        "import os, time\nfor _ in range(4):\n    if os.fork() == 0:\n        held = b'x' * (60 << 20)\n"
        "        time.sleep(999)\ntime.sleep(999)",
        _MEMORY,
    ),
    "full disk": _hostile(
        "try:\n    for number in range(999): open(f'/tmp/{number}', 'wb').write(bytes(1 << 20))\n"
        "except OSError: pass\nprint(12)"
    ),
    "deep folders": _hostile("import os\nfor _ in range(200):\n    os.mkdir('d')\n    os.chdir('d')\nprint(12)"),
    "many files": _hostile("for number in range(300): open(f'{number}', 'w')\nprint(12)"),
    "shared memory": _hostile(
        "try: open('/dev/shm/left', 'wb').write(bytes(1 << 20))\nexcept OSError: pass\nprint(12)"
    ),
    "flood": _hostile("while True: print('x' * 9999)", Reason.OUTPUT_LIMIT),
    "flood of errors": _hostile("import sys\nwhile True: sys.stderr.write('x' * 9999)", Reason.OUTPUT_LIMIT),
    "loop": _hostile("while True: pass", _TIME),
    "deaf loop": _hostile(
        "import signal\nfor number in range(1, 65):\n    try: signal.signal(number, signal.SIG_IGN)\n"
        "    except (OSError, ValueError): pass\nwhile True: pass",
        _TIME,
    ),
    "sleeper": _hostile("import time\ntime.sleep(999)", _TIME),
    "stopped": _hostile("import os\nos.kill(os.getpid(), 19)", _TIME),
    "last words": _hostile("import atexit\n@atexit.register\ndef loop():\n    while True: pass\nprint(12)", _TIME),
    "regicide": _hostile(
        "import os\nfor process in (1, os.getppid(), -1):\n    try: os.kill(process, 9)\n    except OSError: pass\n"
        "print(12)"
    ),
    "tracer": _hostile(
        "import ctypes, os\nfor process in (1, os.getppid()): ctypes.CDLL(None).ptrace(16, process, 0, 0)\nprint(12)"
    ),
    "all closed": _hostile("import os\nos.closerange(0, 999)\nwhile True: pass", _TIME),
    "all opened": _hostile("held = []\nwhile True: held.append(open('/dev/null'))", _CRASH),
    "another program": _hostile("import os\nos.execv('/bin/sh', ['sh', '-c', 'sleep 999 & echo 12'])"),
    "threads": _hostile(
        "import threading, time\nfor _ in range(999): threading.Thread(target=time.sleep, args=(999,)).start()",
        _TIME,
        _CRASH,
        _MEMORY,
    ),
    "crash": _hostile("import ctypes\nctypes.string_at(0)", _CRASH),
}
