"""A user with ten sums, traces of them from a scripted teacher, and a student of 100,000 weights."""

from __future__ import annotations

from pathlib import Path

from tests.conftest import User

TRACE = "<think>{0} and {0} are {1}.</think><answer>{1}</answer>"


def summing_user(folder: Path) -> User:
    """Sample and curate: `sums` holds two of the ten problems out; the student lies in `student`."""
    from tests.tiny import tiny_student  # noqa: PLC0415 - it needs torch, which may be missing

    user = User(folder)
    user.env |= {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    tiny_student(user.folder / "student")
    sums = {f"What is {n}+{n}?": n for n in range(10)}
    user.writes("script.jsonl", [{"prompt": p, "replies": [TRACE.format(n, 2 * n)]} for p, n in sums.items()])
    user.writes("sums.jsonl", [{"prompt": p, "answer": str(2 * n)} for p, n in sums.items()])
    user.does("sample", "sums.jsonl", "--n", 1, "--teacher", "scripted:script.jsonl")
    user.does("curate", "sums", "--test-fraction", 0.2)
    return user
