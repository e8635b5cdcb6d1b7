"""`--push-to-hub`, with a hub on loopback that keeps what it is sent."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from typing import Any

import pyarrow.parquet as pq
import pytest

pytestmark = pytest.mark.skipif(not find_spec("huggingface_hub"), reason="needs the extra hf")
OLD = ["README.md", "train-00002-of-00003.parquet", "training/mine.parquet", "notes.txt"]
"""What a dataset of that name holds on the hub already."""


class Hub(ThreadingHTTPServer):
    """Remembers the datasets it was asked to make, and the files and deletions of the commits."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answers)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.made: list[dict[str, Any]] = []
        self.files: dict[str, bytes] = {}
        self.deleted: list[str] = []
        self.tokens: set[str | None] = set()


class Answers(BaseHTTPRequestHandler):
    """As much of the hub's API as an upload asks for; `locked` belongs to somebody else."""

    server: Hub

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        self.server.tokens.add(self.headers["Authorization"])
        if self.headers["Authorization"] == "Bearer wrong":
            self.reply(401, {"error": "Invalid credentials"})
        elif "/locked/" in self.path:
            self.reply(403, {"error": "You don't have the rights"})
        elif self.path == "/api/repos/create":
            self.create(json.loads(body))
        elif "/preupload/" in self.path:
            asked = [one["path"] for one in json.loads(body)["files"]]
            modes = [{"path": path, "uploadMode": "regular", "shouldIgnore": False} for path in asked]
            self.reply(200, {"files": modes})
        elif "/commit/" in self.path:
            self.commit([json.loads(line) for line in body.splitlines()])
        else:
            self.reply(200, {"errors": [], "warnings": []})

    def do_GET(self) -> None:
        listed = [{"type": "file", "path": path, "size": 1, "oid": "0" * 40} for path in OLD]
        siblings = [{"rfilename": path} for path in OLD]
        self.reply(200, listed if "/tree/" in self.path else {"id": "me/traces", "sha": "a" * 40, "siblings": siblings})

    def create(self, asked: dict[str, Any]) -> None:
        self.server.made.append(asked)
        self.reply(200, {"url": f"{self.server.url}/datasets/{asked['organization']}/{asked['name']}"})

    def commit(self, lines: list[dict[str, Any]]) -> None:
        for line in lines:
            if line["key"] == "file":
                self.server.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
            elif line["key"] == "deletedFile":
                self.server.deleted.append(line["value"]["path"])
        self.reply(
            200, {"success": True, "commitOid": "b" * 40, "commitUrl": f"{self.server.url}/datasets/me/traces/commit/b"}
        )

    def reply(self, status: int, value: object) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  the base class's name
        """Keep quiet."""


@pytest.fixture
def hub() -> Iterator[Hub]:
    with Hub() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def push(shelf, hub: str, format_: str, *words: str, token: str = "right", before: str = ""):
    """Type the command in a process of its own, because `huggingface_hub` reads its settings once."""
    env = {**os.environ, "HF_ENDPOINT": hub, "HF_TOKEN": token, "HF_HOME": str(shelf.folder / "home")}
    code = f"{before}\nfrom curator.cli.main import main; main()"
    command = ["export", "solved", "--format", format_, "--to", shelf.folder / "out", "--store", shelf.file, *words]
    done = subprocess.run([sys.executable, "-c", code, *command], env=env, capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr and (not token or token not in done.stderr), done.stderr
    return done


def test_an_export_goes_up_whole(shelf, hub) -> None:
    """Every file of the folder, byte for byte, in a dataset that is made; the report says where it is."""
    done = push(shelf, hub.url, "messages", "--push-to-hub", "me/traces", "--json")
    assert json.loads(done.stdout)["hub"] == f"{hub.url}/datasets/me/traces"
    assert hub.files == {path.name: path.read_bytes() for path in (shelf.folder / "out").iterdir()}
    assert [(made["type"], made["organization"], made["name"]) for made in hub.made] == [("dataset", "me", "traces")]
    assert hub.tokens == {"Bearer right"}


def test_old_shards_do_not_stay(shelf, hub) -> None:
    """`load_dataset` would read them too; what is no export's stays."""
    push(shelf, hub.url, "parquet", "--push-to-hub", "me/traces")
    assert hub.deleted == ["train-00002-of-00003.parquet"]


def test_hf_goes_up_as_parquet(shelf, hub) -> None:
    """The hub's `load_dataset` does not read `save_to_disk`; the folder here stays what was asked for."""
    done = push(shelf, hub.url, "hf", "--push-to-hub", "me/traces", "--private")
    assert "on the hub: " in done.stdout and hub.made[0]["visibility"] == "private"
    assert {"train-00000-of-00001.parquet", "test-00000-of-00001.parquet", "README.md"} < set(hub.files)
    (shelf.folder / "test.parquet").write_bytes(hub.files["test-00000-of-00001.parquet"])
    assert pq.read_table(shelf.folder / "test.parquet")["problem_id"].to_pylist() == ["frog"]
    assert json.loads(hub.files["export.json"])["format"] == "parquet"
    assert {path.name for path in shelf.folder.iterdir()} == {"out", "test.parquet", "home"}
    assert (shelf.folder / "out" / "dataset_dict.json").exists()


def test_a_refused_upload_leaves_the_export(shelf, hub) -> None:
    """No token, a wrong one, somebody else's place, no hub: one line each, and the folder is there."""
    told = [
        (push(shelf, hub.url, "messages", "--push-to-hub", "me/x", token=""), 2, "there is no token"),
        (push(shelf, hub.url, "messages", "--push-to-hub", "me/x", "--overwrite", token="wrong"), 2, "the token"),
        (push(shelf, hub.url, "messages", "--push-to-hub", "locked/x", "--overwrite"), 2, "may not write there"),
        (
            push(shelf, "http://127.0.0.1:9", "messages", "--push-to-hub", "me/x", "--overwrite"),
            1,
            "the upload failed: ",
        ),
    ]
    for done, code, said in told:
        assert done.returncode == code and said in done.stderr and "the export in" in done.stderr, done.stderr
    assert (shelf.folder / "out" / "train.jsonl").exists() and hub.files == {}


def test_what_cannot_go_up_is_said_before_the_work(shelf) -> None:
    """No such name, or no package: nothing is written."""
    name = push(shelf, "http://127.0.0.1:9", "messages", "--push-to-hub", "me/x/y")
    missing = "import sys; sys.modules['huggingface_hub'] = None"
    package = push(shelf, "http://127.0.0.1:9", "messages", "--push-to-hub", "me/x", before=missing)
    assert "expected OWNER/NAME" in name.stderr and "pip install 'r1-curator[hf]'" in package.stderr
    assert (name.returncode, package.returncode) == (2, 2) and list(shelf.folder.iterdir()) == []
