"""`hf:OWNER/NAME`, with a hub on loopback; `datasets` reads its settings once, so each reader is a new process."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.skipif(not find_spec("datasets"), reason="needs the extra hf")
ROOT = str(Path(__file__).parents[3])
SHA = "a" * 40
READ = """
import json, sys, time
from curator.errors import UsageError
from curator.reading.problems import ReadOptions, problems, scan
from curator.reading.sources import Choice, open_source
for typed, split, subset, fields in json.loads(sys.argv[1]):
    begun = time.monotonic()
    try:
        source, notes = open_source(typed, Choice(split, subset))
        rows = scan(source, ReadOptions(fields)).rows
        found = [[p.prompt, p.answer, p.source, p.meta] for p in problems(source, ReadOptions(fields))]
        told = {"problems": found, "notes": notes, "rows": rows}
    except UsageError as error:
        told = {"error": error.message, "hint": error.hint}
    print(json.dumps({**told, "seconds": time.monotonic() - begun}))
"""
Ask = tuple[str, str | None, str | None, dict[str, str]]
GSM = [{"question": "2 + 2?", "answer": "It is <<2+2=4>>4.\n#### 4"}, {"question": "Half of 7?", "answer": "#### 3.5"}]


def parquet(rows: list[dict[str, Any]], classes: list[str] | None = None) -> bytes:
    table = pa.Table.from_pylist(rows)
    if classes:
        label = {"names": classes, "_type": "ClassLabel"}
        features = {"prompt": {"dtype": "string", "_type": "Value"}, "answer": label}
        table = table.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})})
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def card(**subsets: list[str]) -> bytes:
    """Write a README that names subsets and splits, as the hub wants it."""
    configs = [
        {"config_name": subset, "data_files": [{"split": split, "path": f"{subset}/{split}-*"} for split in splits]}
        for subset, splits in subsets.items()
    ]
    return f"---\nconfigs: {json.dumps(configs)}\n---\n".encode()


DATASETS = {
    "openai/gsm8k": {
        "README.md": card(main=["train", "test"], socratic=["train", "test"]),
        **{f"{subset}/{split}-00000-of-00001.parquet": parquet(GSM)
           for subset in ("main", "socratic") for split in ("train", "test")},
    },
    "cais/quiz": {
        "README.md": b"# Quiz",
        "data/train-00000-of-00002.parquet": parquet([{"prompt": "A: no B: yes", "answer": 1}], ["A", "B"]),
        "data/train-00001-of-00002.parquet": parquet([{"prompt": "B: no A: yes", "answer": 0}], ["A", "B"]),
    },
}  # fmt: skip


class Hub(BaseHTTPRequestHandler):
    """As much of the hub's API as `datasets` asks for."""

    def do_GET(self) -> None:
        path = unquote(urlsplit(self.path).path).strip("/").removeprefix("api/").removeprefix("datasets/")
        owner, name, what, _, *inside = [*path.split("/"), "", "", ""]
        files = DATASETS.get(f"{owner}/{name}")
        place = "/".join(inside).strip("/")
        if owner == "locked":
            self.reply(401, b"", {"X-Error-Code": "GatedRepo"})
        elif files is None:
            self.reply(404, b"", {"X-Error-Code": "RepoNotFound"})
        elif what != "resolve":
            self.reply(200, json.dumps(self.described(what, place, files)).encode())
        elif place in files:
            self.reply(200, files[place], {"ETag": f'"{zlib.crc32(files[place])}"'})
        else:
            self.reply(404, b"", {"X-Error-Code": "EntryNotFound"})

    def described(self, what: str, place: str, files: dict[str, bytes]) -> object:
        listed = {path: {"type": "file", "path": path, "size": len(files[path]), "oid": "0" * 40} for path in files}
        if what == "paths-info":
            body = unquote(self.rfile.read(int(self.headers["Content-Length"])).decode())
            return [one for path, one in listed.items() if path in body]
        if what != "tree":
            return {"id": "x/y", "sha": SHA, "siblings": [{"rfilename": path} for path in files]}
        start = f"{place}/" if place else ""
        below = {path: one for path, one in listed.items() if path.startswith(start)}
        if "recursive=true" in self.path.lower():
            return list(below.values())
        names = dict.fromkeys(start + path.removeprefix(start).partition("/")[0] for path in below)
        return [listed.get(name, {"type": "directory", "path": name, "oid": "0" * 40}) for name in names]

    def reply(self, status: int, data: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"X-Repo-Commit": SHA, "Content-Length": str(len(data)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    do_HEAD = do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Keep quiet."""


def read(where: str, home: Path, *asks: Ask, before: str = "") -> Iterator[dict[str, Any]]:
    """Read datasets in one new process, with the hub at `where` and its cache in `home`."""
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    env = {**kept, "HF_ENDPOINT": where, "HF_HOME": str(home), "PYTHONPATH": ROOT, "HOME": str(home)}
    command = [sys.executable, "-c", before + READ, json.dumps(asks)]
    done = subprocess.run(command, env=env, cwd=home, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0 and done.stderr == "", done.stderr
    return map(json.loads, done.stdout.splitlines())


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("hf")


def test_what_the_hub_has(hub: str, home: Path) -> None:
    """A subset of GSM8K as it is, and a dataset of two files whose answers are numbered classes."""
    (home / "openai" / "gsm8k").mkdir(parents=True)  # a folder of that name is not what `hf:` means
    asks: list[Ask] = [
        ("hf:openai/gsm8k", None, "main", {"prompt": "question"}),
        ("hf:openai/gsm8k", "test", "socratic", {"prompt": "question"}),
        ("hf:cais/quiz", None, None, {}),
    ]
    main, test, quiz = read(hub, home, *asks)
    assert main["problems"][0] == ["2 + 2?", "4", "openai/gsm8k", {"worked_answer": GSM[0]["answer"]}]
    assert main["notes"] == ["openai/gsm8k: split train taken; --split takes another: test"]
    assert (test["rows"], test["notes"]) == (2, [])
    assert [answer for _, answer, *_ in quiz["problems"]] == ["B", "A"] and quiz["notes"] == []


def test_what_the_hub_has_not(hub: str, home: Path) -> None:
    """A missing choice lists what there is; a dataset that cannot be had is one line with the way out."""
    asks: list[Ask] = [
        ("hf:openai/gsm8k", None, None, {}),
        ("hf:openai/gsm8k", None, "mian", {}),
        ("hf:openai/gsm8k", "dev", "main", {}),
        ("hf:no/such", None, None, {}),
        ("hf:locked/up", None, None, {}),
        ("hf:../folder", None, None, {}),
    ]
    several, subset, split, absent, gated, path = read(hub, home, *asks)
    assert several["error"] == "openai/gsm8k has several subsets: main, socratic"
    assert subset["hint"] == "Did you mean --subset main?"
    assert split["error"] == "--split dev: openai/gsm8k has splits train, test"
    assert absent["error"] == "hf:no/such: there is no such dataset on the hub, or it is private"
    assert gated["error"] == "hf:locked/up: the dataset is gated, and needs a login" and "HF_TOKEN" in gated["hint"]
    assert path["error"] == "hf:../folder: expected hf:OWNER/NAME"


def test_without_a_network(home: Path) -> None:
    """What was read before is read again from the cache; anything else is one line at once, not minutes of retries."""
    asks: list[Ask] = [("hf:openai/gsm8k", None, "main", {"prompt": "question"}), ("hf:a/b", None, None, {})]
    cached, absent = read("http://127.0.0.1:9", home, *asks)
    assert cached["rows"] == 2
    assert cached["notes"][0] == "openai/gsm8k: the hub cannot be reached; read from the cache"
    assert absent["error"].startswith("hf:a/b: the hub cannot be reached") and absent["seconds"] < 5


def test_without_the_package(home: Path) -> None:
    """Without `datasets` the message says how to install it."""
    (told,) = read(
        "http://127.0.0.1:9", home, ("hf:a/b", None, None, {}), before="import sys; sys.modules['datasets'] = None"
    )
    assert told["error"] == "hf:a/b: the package datasets is not installed"
    assert "pip install 'r1-curator[hf]'" in told["hint"]
