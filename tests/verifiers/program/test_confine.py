"""What a program may ask of the kernel, on each rung: what computing needs, and nothing that reaches further."""

from __future__ import annotations

import json
import platform

import pytest

from verifiers.program.confined import UNSAFE, Sandbox, sandbox
from verifiers.program.running import Limits

X86_64 = pytest.mark.skipif(platform.machine() != "x86_64", reason="the numbers of the calls are those of x86-64")
pytestmark = pytest.mark.usefixtures("namespaces")

LIMITS = Limits(cpu_s=5, memory_mb=512, output_bytes=1 << 20, idle_s=5, wall_s=60)
DENIED = """
import ctypes, json, os, socket, subprocess
libc = ctypes.CDLL(None, use_errno=True)
memory = ctypes.create_string_buffer(4096)
CALLS = {
    "unshare": (272, 0x10000000), "setns": (308, 0, 0), "clone": (56, 0x10000011, 0, 0, 0, 0),
    "clone3": (435, memory, 88),
    "mount": (165, b"none", b"/tmp", b"tmpfs", 0, 0), "pivot_root": (155, b"/", b"/tmp"), "chroot": (161, b"/tmp"),
    "fsopen": (430, b"tmpfs", 0), "open_tree": (428, -100, b"/", 1),
    "ptrace": (101, 16, os.getppid(), 0, 0), "process_vm_writev": (311, os.getppid(), memory, 1, memory, 1, 0),
    "pidfd_getfd": (438, 3, 0, 0), "kcmp": (312, 1, 1, 0, 0, 0), "perf_event_open": (298, memory, 0, -1, -1, 0),
    "bpf": (321, 0, memory, 72), "userfaultfd": (323, 1), "io_uring_setup": (425, 1, memory), "keyctl": (250, 0, -3, 1),
    "add_key": (248, b"user", b"k", b"v", 1, -3), "memfd_create": (319, b"m", 0), "memfd_secret": (447, 0),
    "shmget": (29, 0, 4096, 0o1600), "msgget": (68, 0, 0o1600), "semget": (64, 0, 1, 0o1600),
    "mq_open": (240, b"q", 0o102, 0o600, 0), "setuid": (105, 0), "personality": (135, 0x0040000),
    "syslog": (103, 10, 0, 0),
    "sched_setscheduler": (144, 0, 1, memory), "swapon": (167, b"/tmp", 0), "open_by_handle_at": (304, -100, memory, 0),
    "socket inet": (41, 2, 1, 0), "socket unix": (41, 1, 1, 0), "socket netlink": (41, 16, 3, 0),
    "socketpair inet": (53, 2, 1, 0, memory),
    "ioctl TIOCSTI": (16, 0, 0x5412, memory), "prctl dumpable": (157, 4, 0, 0, 0, 0), "acct": (163, b"/tmp"),
}
def did(name):
    child = os.fork()
    if child == 0:
        os._exit(libc.syscall(*CALLS[name]) >= 0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0
print(json.dumps([name for name in CALLS if did(name)]))
"""
FOREIGN = """
import ctypes, mmap, os
code = bytes.fromhex("b814000000cd80c3")  # getpid as 32-bit programs call it
page = mmap.mmap(-1, 4096, prot=7)
page.write(code)
print(ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(page)))())
"""
HONEST = {
    "threads": "from concurrent.futures import ThreadPoolExecutor as T\nprint(sum(T(8).map(int, '1234')))",
    "asyncio": "import asyncio\nasync def f():\n    await asyncio.sleep(.01)\n    return 10\nprint(asyncio.run(f()))",
    "a shell": "import subprocess\nprint(subprocess.check_output('echo 10 | cat', shell=True).decode())",
    "forks": "import os\nif os.fork():\n    os.wait()\n    print(0)\nelse:\n    os.write(1, b'1')",
    "numpy": "import numpy as np\nprint(int(np.linalg.inv(np.eye(200)).sum()) // 20)",
    "files": (
        "import os, shutil, tempfile\nwith tempfile.TemporaryDirectory() as d:\n    open(d + '/a', 'w').write('10')\n"
        "    shutil.copy2(d + '/a', d + '/b')\n    os.symlink('b', d + '/c')\n    print(open(d + '/c').read())"
    ),
    "a database": "import sqlite3\nd = sqlite3.connect('x.db')\nprint(d.execute('SELECT 10').fetchone()[0])",
    "an alarm": (
        "import signal, time\nsignal.signal(14, lambda *a: print(10))\nsignal.setitimer(0, .01)\ntime.sleep(.1)"
    ),
    "deep recursion": (
        "import sys, threading\nsys.setrecursionlimit(1 << 20)\nthreading.stack_size(256 << 20)\n"
        "def f(n): return n and 1 + f(n - 1)\nthreading.Thread(target=lambda: print(f(10 ** 5) // 10 ** 4)).start()"
    ),
    "a last word": (
        "import atexit, io, sys, threading, time\nout = sys.stdout\nsys.stdout = io.StringIO()\n"
        "atexit.register(lambda: out.write(sys.stdout.getvalue()))\n"
        "threading.Thread(target=lambda: (time.sleep(.05), print(10))).start()"
    ),
    "a file left open": "f = open('/dev/stdout', 'w')\nf.write('10')",
    "an object's end": "class C:\n    def __del__(self): print(10)\nc = C()",
    "exit": "print(10)\nexit(0)",
    "fast output": (
        "import io, os, sys\nclass Fast(io.IOBase):\n    def __init__(self): self.kept = []\n"
        "    def write(self, text): self.kept.append(text)\n"
        "    def flush(self): os.write(1, ''.join(self.kept).encode())\n"
        "sys.stdout = Fast()\nprint(10)"
    ),
    "many threads": (
        "from concurrent.futures import ThreadPoolExecutor\nimport threading\nall_of_them = threading.Barrier(16)\n"
        "print(len([*ThreadPoolExecutor(16).map(lambda n: all_of_them.wait(), range(16))]) - 6)"
    ),
    "its own source": "import inspect\ndef f(): return 10\nprint(inspect.getsource(f).split()[-1])\nopen(__file__)",
}


def printed(box: Sandbox, program: str) -> str:
    """What a program says that must not fail."""
    with box.run("main", program, LIMITS) as running:
        assert running.end() is None, running.errors
    return running.output.decode().strip()


@X86_64
def test_calls_that_reach_further_do_not_exist(box: Sandbox) -> None:
    """New namespaces, mounts, other processes, sockets, keys, memory that outlives: none can be had."""
    assert json.loads(printed(box, DENIED)) == []


@X86_64
def test_unconfined_some_of_them_do() -> None:
    """What the test above tries can succeed."""
    harmless = ["socket inet", "socket unix", "memfd_create"]
    with sandbox(UNSAFE) as box:
        assert json.loads(printed(box, DENIED.replace("in CALLS", f"in {harmless}"))) == harmless


@X86_64
def test_calls_of_another_instruction_set_end_a_program(box: Sandbox) -> None:
    """The filter cannot be walked around by the numbers of 32-bit programs."""
    with box.run("main", FOREIGN, LIMITS) as running:
        assert running.end() is not None
    assert running.output == b""


@pytest.mark.parametrize("program", HONEST.values(), ids=HONEST)
def test_what_honest_programs_do_works(box: Sandbox, program: str) -> None:
    """Also what they do only after their last line."""
    assert printed(box, program) == "10"


def test_a_program_holds_no_descriptor_of_ours(box: Sandbox) -> None:
    """Only its own streams, and where the interpreter must be reached by one, folders."""
    program = (
        "import os, stat\nfor fd in range(3, 2000):\n  try: kind = os.fstat(fd).st_mode\n  except OSError: continue\n"
        "  if not stat.S_ISDIR(kind): print(fd)"
    )
    assert printed(box, program) == ""
