"""Real programs in real sandboxes: what they can reach, what they may use, and what is left of them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from schemas.verdict import Reason
from verifiers.program import plain
from verifiers.program.confined import FRESH, WARM, Sandbox, close_idle, sandbox
from verifiers.program.running import Fault, Limits

pytestmark = pytest.mark.usefixtures("namespaces")

LIMITS = Limits(cpu_s=1, memory_mb=128, output_bytes=1 << 20, idle_s=1, wall_s=60)


@pytest.fixture(scope="module", params=[WARM, FRESH])
def wrapped(namespaces: None, request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """One with namespaces."""
    shared = Sandbox(request.param)
    yield shared
    shared.close()


def ran(box: Sandbox, program: str, limits: Limits = LIMITS, stdin: str = "") -> tuple[Fault | None, str]:
    """What a program did wrong, and what it printed."""
    with box.run("main", program, limits, stdin.encode()) as running:
        fault = running.end()
    return fault, running.output.decode()


def test_a_program_reads_and_prints(box: Sandbox) -> None:
    """In UTF-8, through any of the usual ways."""
    program = (
        "import sys\na = input()\nprint(a, sys.stdin.read().strip())\nopen('/dev/stdout', 'a').write('完')\nexit()"
    )
    assert ran(box, program, stdin="北京\né\n")[1].split() in (["北京", "é", "完"], ["完北京", "é"])


def test_nothing_of_the_machine_is_seen(box: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No files, no keys, no processes, and nobody to talk to."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    (tmp_path / "secret").write_text("gold")
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        program = (
            "import os, socket\n"
            "def can(attempt, *arguments):\n"
            "    try: return bool(attempt(*arguments)) or True\n"
            "    except OSError: return False\n"
            f"print(can(os.listdir, {str(tmp_path)!r}), can(open, '/etc/passwd'), can(os.listdir, '/home'))\n"
            f"print(os.environ.get('OPENAI_API_KEY'), os.getuid() > 60000, can(os.kill, {os.getpid()}, 0))\n"
            f"print(can(socket.create_connection, ('127.0.0.1', {port})))\n"
        )
        assert ran(box, program)[1].split() == ["False", "False", "False", "None", "True", "False", "False"]


def test_nothing_but_tmp_can_be_written(wrapped: Sandbox) -> None:
    """And of that only so much."""
    program = (
        "import os\n"
        "for path in ('/x', '/usr/x', '/dev/x', '/harness/x', os.__file__, '/proc/sys/kernel/hostname'):\n"
        "    try: open(path, 'w'); print(path)\n"
        "    except OSError: pass\n"
        "try:\n"
        "    for number in range(999): open(f'/tmp/{number}', 'wb').write(bytes(1 << 20))\n"
        "except OSError: print(number < 100)\n"
    )
    assert ran(wrapped, program) == (None, "True\n")


def test_no_privileges_can_be_had(box: Sandbox) -> None:
    """No capabilities, and no user namespace to get some in."""
    program = (
        "import ctypes\nlibc = ctypes.CDLL(None)\n"
        "print(libc.unshare(0x10000000), libc.mount(b'none', b'/tmp', b'tmpfs', 0, 0), libc.setuid(0))"
    )
    assert ran(box, program)[1] == "-1 -1 -1\n"


ENDS: dict[str, tuple[str, Reason | None]] = {
    "loop": ("while True: pass", Reason.TIME_LIMIT),
    "naps": ("import time\nwhile True: time.sleep(.01)", Reason.TIME_LIMIT),
    "several loops": ("import os\nfor _ in range(3): os.fork()\nwhile True: pass", Reason.TIME_LIMIT),
    "work of orphans": (
        "import os, time\nr, w = os.pipe()\nfor _ in range(3):\n  if not os.fork():\n    if os.fork(): os._exit(0)\n"
        "    while time.process_time() < .6: pass\n    os._exit(0)\nos.close(w)\nos.read(r, 1)",
        Reason.TIME_LIMIT,
    ),
    "parent of a sleeper": ("import ctypes, time\nc = ctypes.CDLL(None)\nc.vfork() or c.pause()", Reason.TIME_LIMIT),
    "leader that left": (
        "import ctypes, threading, time\nthreading.Thread(target=time.sleep, args=(99,)).start()\n"
        "ctypes.CDLL(None).syscall(60, 0)",
        Reason.TIME_LIMIT,
    ),
    "deaf loop": ("import signal\nsignal.signal(signal.SIGXCPU, signal.SIG_IGN)\nwhile True: pass", Reason.TIME_LIMIT),
    "large object": ("x = bytearray(1 << 30)", Reason.MEMORY_LIMIT),
    "large family": (
        "import os, time\nfor _ in range(4): os.fork() or (b'x' * (60 << 20), time.sleep(9))\ntime.sleep(9)",
        Reason.MEMORY_LIMIT,
    ),
    "nameless files": ("import os\nos.memfd_create('m')", Reason.RUNTIME_ERROR),
    "flood": ("while True: print('x' * 999)", Reason.OUTPUT_LIMIT),
    "complaints": ("import sys\nwhile True: sys.stderr.write('x' * 999)", Reason.OUTPUT_LIMIT),
    "exception": ("1 / 0", Reason.RUNTIME_ERROR),
    "exit status": ("import sys\nsys.exit('no')", Reason.RUNTIME_ERROR),
    "crash": ("import ctypes\nctypes.string_at(0)", Reason.RUNTIME_ERROR),
    "odd signal": ("import os\nos.kill(os.getpid(), 35)", Reason.RUNTIME_ERROR),
    "suicide": ("import os\nos.killpg(0, 9)", Reason.RUNTIME_ERROR),
    "syntax": ("def f(:", Reason.COMPILE_ERROR),
    "nul": ("x = 1\0", Reason.COMPILE_ERROR),
    "surrogate": ("x = '\ud800'", Reason.COMPILE_ERROR),
    "regicide": (
        "import os\nfor process in (1, os.getppid()):\n try: os.kill(process, 9)\n except OSError: pass",
        None,
    ),
    "noise": ("import sys\nprint('noise' * 9999, file=sys.stderr)\nsys.exit(0)", None),
    "thread": ("import threading\nthreading.stack_size(64 << 20)\nthreading.Thread(target=print).start()", None),
    "child": ("import subprocess, tempfile, dataclasses\nsubprocess.run(['true'], check=True)", None),
    "future": ("from __future__ import annotations\nquit()", None),
}


def test_a_thread_at_work_is_no_sleep(box: Sandbox) -> None:
    """A main thread that waits for another may wait for as long as that one computes."""
    program = (
        "import threading, time\ndef work():\n    while time.process_time() < .8: pass\n"
        "thread = threading.Thread(target=work)\nthread.start()\nthread.join()"
    )
    assert ran(box, program, replace(LIMITS, cpu_s=2, idle_s=0.3)) == (None, "")


@pytest.mark.parametrize(("program", "expected"), ENDS.values(), ids=ENDS)
def test_how_a_program_ends_has_a_reason(box: Sandbox, program: str, expected: Reason | None) -> None:
    """Each limit has its own, and what harmless programs do has none."""
    fault, _ = ran(box, program)
    assert (fault and fault.reason) is expected


def test_processes_are_counted(box: Sandbox) -> None:
    """A fork bomb ends at the first fork too many, with no harm to the next program."""
    program = "import os, time\ntry:\n    for n in range(99): os.fork() or time.sleep(9)\nexcept OSError: print(n)"
    fault, printed = ran(box, program, replace(LIMITS, memory_mb=1024))
    assert fault is None
    assert int(printed) < 32


def test_the_sandbox_serves_on_after_each_of_them(box: Sandbox) -> None:
    """Whatever a program did, the next one begins with nothing of it running."""
    ran(box, "print(1)")
    before = set(psutil.Process().children(recursive=True))
    ran(box, "import os, time\nif os.fork() == 0:\n    os.setsid()\n    time.sleep(99)")
    left = set(psutil.Process().children(recursive=True)) - before
    assert ran(box, "print(1)") == (None, "1\n")
    assert [process for process in left if process.is_running()] == []


def test_no_program_finds_what_another_left(box: Sandbox) -> None:
    """Files go with the program that made them, also from folders that it has locked."""
    leave = (
        "import os, tempfile\nhome = tempfile.gettempdir()\nos.makedirs(home + '/a/b')\nopen(home + '/a/b/c', 'w')\n"
        "os.chmod(home + '/a/b', 0)\nos.chmod(home + '/a', 0)\nprint(sorted(os.listdir(home)))"
    )
    assert ran(box, leave) == (None, "['a', 'program.py']\n")
    assert ran(box, "import os, tempfile\nprint(os.listdir(tempfile.gettempdir()))") == (None, "['program.py']\n")


def test_a_compile_error_is_quoted(box: Sandbox) -> None:
    """The user reads what the interpreter would say."""
    fault = ran(box, "x = (")[0]
    assert fault == Fault(Reason.COMPILE_ERROR, "SyntaxError: '(' was never closed (program.py, line 1)")


def test_output_beyond_its_limit_is_not_kept(box: Sandbox) -> None:
    """A flood costs neither memory nor time."""
    fault, printed = ran(box, "while True: print('x' * 9999)", replace(LIMITS, output_bytes=4096))
    assert fault
    assert len(printed) < 200_000


def test_a_program_that_serves_answers_calls(box: Sandbox) -> None:
    """Values cross; what it prints meanwhile goes nowhere."""
    program = "def double(x):\n    print('hello')\n    return x + x"
    with box.run("serve", program, LIMITS) as running:
        assert running.receive() == plain.frame({"ready": True})
        running.send(plain.frame({"solve": "double", "style": None, "args": [[1]]}))
        reply = running.receive()
        assert reply is not None
        assert json.loads(reply[4:])["value"] == [1, 1]
        assert running.finish() is None


def test_a_returned_flood_is_refused_by_its_length(box: Sandbox) -> None:
    """A frame that claims gigabytes is not waited for."""
    program = "import os\nfor fd in range(3, 9):\n try: os.write(fd, b'\\x7f' * 8)\n except OSError: pass\nwhile 1: 0"
    with box.run("serve", program, LIMITS) as running:
        assert running.receive() is None
        fault = running.end()
    assert fault is not None
    assert fault.reason is Reason.OUTPUT_LIMIT


def test_no_process_is_left(rung: int) -> None:
    """A sandbox that is closed, even under a program at work, leaves neither processes nor zombies."""
    before = set(psutil.Process().children(recursive=True))
    with sandbox(rung) as busy, busy.run("main", "while True: pass", LIMITS):
        assert set(psutil.Process().children(recursive=True)) - before
    close_idle()
    assert set(psutil.Process().children(recursive=True)) <= before


def test_no_sandbox_outlives_who_started_it(rung: int) -> None:
    """`kill -9` of a worker takes its sandbox and the program with it."""
    script = (
        "from verifiers.program.confined import sandbox\nfrom verifiers.program.running import Limits\n"
        f"with sandbox({rung}) as box, box.run('main', 'while True: pass', Limits(60, 128, 99, 60, 60)):\n"
        "    print('ready', flush=True)\n    input()\n"
    )
    root = Path(__file__).parents[3]
    with subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=root,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"ready\n"
        inside = psutil.Process(worker.pid).children(recursive=True)
        worker.send_signal(signal.SIGKILL)
    assert inside
    _, alive = psutil.wait_procs(inside, timeout=10)
    assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
