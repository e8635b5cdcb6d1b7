"""A server program that we start never outlives us, however one of us ends."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from curator.errors import CuratorError, UsageError
from curator.teacher.launch import ServerProcess, fill, free_port, new_log

PROGRAM = Path(__file__).with_name("fake_server.py")
HOLDER = """
import asyncio, sys
from pathlib import Path
from curator.teacher.launch import ServerProcess

async def main():
    server = await ServerProcess.start(sys.argv[2:], Path(sys.argv[1]))
    print(server.pid, flush=True)
    await server.ended

asyncio.run(main())
"""


def command(*options: str) -> list[str]:
    return [sys.executable, str(PROGRAM), str(free_port()), "m", *options]


async def logged(log: Path, word: str) -> str:
    """Wait for a line that begins with `word`; return the rest of it."""
    async with asyncio.timeout(20):
        while True:
            for line in log.read_text().splitlines():
                if line.startswith(word):
                    return line.removeprefix(word).strip()
            await asyncio.sleep(0.02)


def start_and(story, log: Path, *options: str, grace_s: float = 20.0):
    """Start the program, wait until it is up, and do `story` with it."""

    async def run():
        server = await ServerProcess.start(command(*options), log, grace_s)
        try:
            await logged(log, "ready")
            return await story(server)
        finally:
            await server.stop()

    return asyncio.run(run())


@pytest.fixture
def log() -> Path:
    path = new_log("test")
    yield path
    path.unlink()


def test_placeholders_are_filled_word_by_word() -> None:
    """No shell is asked, JSON among the arguments stays as it is, a model's spaces split nothing."""
    words = fill("""serve {model} --x='{"a": {"b": 1}}' --port={port}""", {"model": "a b; rm c", "port": "8"}, "cmd")
    assert words == ["serve", "a b; rm c", '--x={"a": {"b": 1}}', "--port=8"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("serve {modle} {port}", r"unknown placeholder \{modle\}"),
        ("serve {model} --port 8000", r"has no \{port\}"),
        ("serve '{port}", "cannot be split"),
        ("", r"has no \{port\}"),
    ],
)
def test_a_command_that_makes_no_sense_is_refused(text, words) -> None:
    """What is wrong is said, and what to write instead."""
    with pytest.raises(UsageError, match=words) as caught:
        fill(text, {"model": "m", "port": "1"}, "cmd")
    assert caught.value.hint


def test_a_program_that_is_not_there(log) -> None:
    """The operating system's reason reaches the user."""
    with pytest.raises(CuratorError, match="cannot start 'no-such-vllm': No such file or directory"):
        asyncio.run(ServerProcess.start(["no-such-vllm"], log))


def test_a_program_is_ended_and_its_log_kept(log) -> None:
    """It is asked first; what it printed is in a file that only its user can read."""

    async def story(server):
        await server.stop()
        return server.pid, server.ended.result()

    pid, how = start_and(story, log)
    assert (psutil.pid_exists(pid), how) == (False, "SIGTERM")
    assert "ready" in log.read_text()
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_program_that_will_not_end_is_killed(log) -> None:
    """After the grace period nothing is asked any more."""

    async def story(server):
        await server.stop()
        return server.ended.result()

    assert start_and(story, log, "--stubborn", grace_s=0.2) == "SIGKILL, perhaps for lack of memory"


def test_children_that_went_their_own_way_end_too(log) -> None:
    """A worker in another session may hold the GPU."""

    async def story(server):
        child = int(await logged(log, "child"))
        os.kill(server.pid, signal.SIGKILL)
        await server.ended
        return child

    assert not psutil.pid_exists(start_and(story, log, "--child"))


def test_the_program_ends_when_we_are_killed(log) -> None:
    """Nobody is left to stop it but its keeper."""
    words = [sys.executable, "-c", HOLDER, str(log), *command()]
    with subprocess.Popen(words, stdout=subprocess.PIPE) as holder:
        server = psutil.Process(int(holder.stdout.readline()))
        holder.kill()
    server.wait(timeout=20)


def test_the_program_ends_when_its_keeper_is_killed(log) -> None:
    """The kernel tells it, and we know that it is gone."""

    async def story(server):
        program = psutil.Process(server.pid)
        program.parent().kill()
        how = await server.ended
        await asyncio.to_thread(program.wait, 20)
        return how

    assert start_and(story, log) == "its keeper was killed"


def test_the_last_words_are_fit_for_a_terminal(log) -> None:
    """Only the end of a long log, long lines cut, terminal escapes made visible."""
    log.write_text("first\n" + "x" * 5000 + "\n" * 9 + "\n".join(f"line {i}" for i in range(13)) + "\n\x1b[31mred\n")

    async def story(server):
        return server.last_words()

    told = start_and(story, log).splitlines()
    assert str(log) in told[0]
    assert len(told) == 16
    assert told[-2:] == ["  \\x1b[31mred", "  ready"]
    assert "first" not in told
