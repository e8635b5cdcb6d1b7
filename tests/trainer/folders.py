"""Folders of trainings as `curator train` prepares them: additions in words, and a student of 100,000 weights."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from schemas.training import CONFIG, DATASET, training_config

ROWS = 24


def row(first: int, second: int) -> dict[str, Any]:
    """One exported row of the format `prompt-completion`."""
    total = first + second
    said = f"<think>\n{first} plus {second} makes {total}.\n</think>\n<answer>\n{total}\n</answer>"
    return {
        "prompt": [{"role": "user", "content": f"What is {first} + {second}?"}],
        "completion": [{"role": "assistant", "content": said}],
    }


def training_folder(folder: Path, model: Path, *, rows: int = ROWS, test: int = 4, **settings: Any) -> Path:
    """Write configuration and dataset; settings lie over those of the preset `lora`."""
    data = folder / DATASET
    data.mkdir(parents=True)
    sums = [row(at % 7 + 1, at % 5 + 2) for at in range(rows + test)]
    for part, some in (("train", sums[:rows]), ("test", sums[rows:])):
        if some:
            (data / f"{part}.jsonl").write_text("".join(json.dumps(one) + "\n" for one in some), "utf-8")
    recipe = {"student": {"name": "bare", "template": "{prompt}"}}
    manifest = {"split": "sums", "fingerprint": "b2:1234", "recipe": recipe, "layout": "tags"}
    (data / "export.json").write_text(json.dumps(manifest), "utf-8")
    config = training_config("lora", {"model": str(model), "batch_size": 4, "epochs": 2.0}, settings)
    (folder / CONFIG).write_text(config.model_dump_json(), "utf-8")
    return folder
