"""How well a model foretells the completions of a dataset: the validation loss of before and after."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch.nn import functional

from schemas.training import LossReport
from trainer.errors import BadInput
from trainer.rows import IGNORED, Encoded, encode, read_rows
from trainer.saving import load_adapted
from trainer.students import adapter_of, base_of, device_and_dtype, find_student, load_model, load_tokenizer
from trainer.templates import mend_template

BATCH_TOKENS = 4096
"""Most tokens of a batch, padding included, unless one row is longer."""


class _Sum(NamedTuple):
    nats: float
    tokens: int


def measure_loss(name: str, file: Path, *, whole_text: bool = False) -> LossReport:
    """Measure the loss of a model on the rows of `file`, over all counted tokens alike.

    Args:
        name: A model as `find_student` takes it, or an adapter's folder.
        file: Rows of the format `prompt-completion`.
        whole_text: Whether the prompt counts too.

    Raises:
        BadInput: There is no such model, or no row that fits into its context.
    """
    adapter = adapter_of(name)
    base = base_of(adapter) if adapter else find_student(name)
    tokenizer = load_tokenizer(adapter or base)
    mend_template(tokenizer, None)
    device, dtype = device_and_dtype()
    model = load_adapted(base, adapter, dtype) if adapter else load_model(base, dtype).eval()
    model.to(device)
    rows = list(read_rows(file))
    encoded = [encode(row, tokenizer, whole_text=whole_text) for row in rows]
    context = model.config.get_text_config().max_position_embeddings
    fitting = [(row, one) for row, one in zip(rows, encoded, strict=True) if len(one.input_ids) <= context]
    if not fitting:
        raise BadInput(f"{file} holds no row that fits into the {context:,} tokens of {name}")
    sums = [_batch(model, batch, tokenizer.eos_token_id) for batch in _batches([one for _, one in fitting])]
    tokens = sum(one.tokens for one in sums)
    return LossReport(
        loss=sum(one.nats for one in sums) / tokens,
        tokens=tokens,
        characters=sum(len(row.text) for row, _ in fitting),
        rows=len(fitting),
        left_out=len(rows) - len(fitting),
        parameters=sum(weight.numel() for weight in model.parameters()),
        bytes=sum(file.stat().st_size for folder in {base, adapter or base} for file in folder.glob("*.safetensors")),
    )


def _batches(rows: Sequence[Encoded]) -> Iterator[list[Encoded]]:
    """Put rows of like length together, the longest first: too little memory is found at once."""
    batch: list[Encoded] = []
    for row in sorted(rows, key=lambda row: -len(row.input_ids)):
        if batch and (len(batch) + 1) * len(batch[0].input_ids) > BATCH_TOKENS:
            yield batch
            batch = []
        batch.append(row)
    yield batch


@torch.inference_mode()
def _batch(model: Any, batch: Sequence[Encoded], padding: int) -> _Sum:
    device = model.device
    ids = _padded([row.input_ids for row in batch], padding).to(device)
    labels = _padded([row.labels for row in batch], IGNORED).to(device)[:, 1:]
    mask = _padded([[1] * len(row.input_ids) for row in batch], 0).to(device)
    logits = model(input_ids=ids, attention_mask=mask, use_cache=False).logits[:, :-1]
    counted = labels != IGNORED
    nats = functional.cross_entropy(logits[counted].float(), labels[counted], reduction="sum")
    return _Sum(float(nats), int(counted.sum()))


def _padded(rows: Sequence[Sequence[int]], value: int) -> torch.Tensor:
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[value] * (longest - len(row))] for row in rows])
