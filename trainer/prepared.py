"""Everything before the weights are loaded: tokenizer with its template, encoded rows, and what the guards say."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accelerate import PartialState, init_empty_weights
from transformers import AutoModelForCausalLM

from schemas.training import DATASET, ENCODED, TrainingConfig, learning_rate_of
from trainer.drafts import told_when_full
from trainer.encoded import fitting, lengths, open_encoded, write_encoded
from trainer.folder import Manifest, read_config, read_manifest
from trainer.guards import Guards, choose_length, inspect
from trainer.memory import Memory, estimate
from trainer.rows import Encoded, encode, read_rows
from trainer.students import device_and_dtype, find_student, load_config, load_tokenizer
from trainer.templates import mend_template
from trainer.tokens import add_tags


@dataclass(frozen=True, slots=True)
class Prepared:
    """A training that can begin."""

    folder: Path
    config: TrainingConfig
    manifest: Manifest
    base: Path
    tokenizer: Any
    new_tokens: Mapping[int, Sequence[int]]
    """Added ones, each with the tokens it was written in before."""
    train: Any
    """Encoded rows as a `datasets.Dataset`; none is longer than `max_length`."""
    test: Any | None
    max_length: int
    parameters: int
    """Of the student."""
    guards: Guards
    memory: Memory


def prepare(folder: Path, say: Callable[[str], None]) -> Prepared:
    """Get everything ready but the weights, and tell what was found and changed on the way.

    Raises:
        BadInput: The configuration, the student or the rows cannot be used.
        TrainerError: The disk is full.
    """
    config, manifest = read_config(folder), read_manifest(folder)
    with PartialState().main_process_first():  # the others find a downloaded or unpacked model
        base = find_student(config.model)
    tokenizer = load_tokenizer(base)
    mended = mend_template(tokenizer, config.chat_template)
    if mended:
        say(mended)
    new_tokens = add_tags(tokenizer) if config.add_think_tokens else {}
    with PartialState().main_process_first():
        rows = {part: _encoded(folder, part, tokenizer, config) for part in ("train", "test")}
    model_config = load_config(base)
    context = model_config.get_text_config().max_position_embeddings
    longest = choose_length(lengths(rows["train"]), config.max_length, context, packing=config.packing)
    guards = inspect(_pairs(folder, rows["train"]), tokenizer, config, longest)
    parameters = _parameters(model_config)
    memory = estimate(
        model_config, parameters, config, longest if config.packing else guards.longest, device_and_dtype()[0]
    )
    for line in (*guards.lines(), _pace(config, guards, parameters), memory.line()):
        say(line)
    test = fitting(rows["test"], context)
    return Prepared(
        folder=folder,
        config=config,
        manifest=manifest,
        base=base,
        tokenizer=tokenizer,
        new_tokens=new_tokens,
        train=fitting(rows["train"], longest),
        test=test if len(test) else None,
        max_length=longest,
        parameters=parameters,
        guards=guards,
        memory=memory,
    )


def _pace(config: TrainingConfig, guards: Guards, parameters: int) -> str:
    """Say how many steps on one device there will be, and how large the first ones are."""
    rate = f"learning rate {learning_rate_of(config, parameters):g}"
    if config.packing:
        return rate
    batches = math.ceil(guards.rows / config.batch_size)
    steps = math.ceil(math.ceil(batches / config.accumulate) * config.epochs)
    return f"{config.max_steps or steps:,} steps of {config.batch_size * config.accumulate:,} rows, {rate}"


def _encoded(folder: Path, part: str, tokenizer: Any, config: TrainingConfig) -> Any:
    """Encode the rows of one part; in the main process, which comes first."""
    place = folder / ENCODED / f"{part}.arrow"
    if PartialState().is_main_process:
        with told_when_full(place):
            place.parent.mkdir(exist_ok=True)
            write_encoded(_encoding(folder, part, tokenizer, config), place)
    return open_encoded(place)


def _encoding(folder: Path, part: str, tokenizer: Any, config: TrainingConfig) -> Iterator[Encoded]:
    file = _file(folder, part)
    if part == "test" and not file.exists():  # a split without held-out problems
        return
    for row in read_rows(file):
        yield encode(row, tokenizer, whole_text=config.whole_text)


def _pairs(folder: Path, rows: Any) -> Iterator[Any]:
    encoded = (Encoded(row["input_ids"], row["labels"]) for row in rows)
    return zip(read_rows(_file(folder, "train")), encoded, strict=True)


def _file(folder: Path, part: str) -> Path:
    return folder / DATASET / f"{part}.jsonl"


def _parameters(config: Any) -> int:
    with init_empty_weights():
        model = AutoModelForCausalLM.from_config(config)  # type: ignore[no-untyped-call]
        return int(model.num_parameters())
