"""Trainings of a few steps that somebody watches, as trl really runs them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer, PrinterCallback, TrainerCallback
from trl import SFTConfig, SFTTrainer

STEPS, SAVED_AT = 8, 4


class PulledPlug(Exception):
    """The process is gone."""


class PullsPlug(TrainerCallback):
    """Ends a training in the middle of a step, as a kill does: nobody is told."""

    def __init__(self, step: int) -> None:
        self._step = step

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step == self._step:
            raise PulledPlug


def train(student: Path, folder: Path, *watchers: TrainerCallback, resume: bool = False) -> None:
    """Train for eight steps, logging each; a checkpoint and an evaluation come after steps 4 and 8."""
    torch.set_num_threads(1)  # so that two trainings give the same numbers
    tokenizer = AutoTokenizer.from_pretrained(student)
    rows = Dataset.from_list([tokenizer(f"What is the sum of {at} and 2? It is {at + 2}.") for at in range(16)])
    args = SFTConfig(
        output_dir=str(folder / "checkpoints"),
        max_steps=STEPS,
        per_device_train_batch_size=2,
        learning_rate=1e-2,
        logging_steps=1,
        disable_tqdm=True,
        report_to="none",
        use_cpu=True,
        bf16=False,
        activation_checkpointing=False,
        dataloader_pin_memory=False,
        eval_strategy="steps",
        eval_steps=SAVED_AT,
        save_steps=SAVED_AT,
    )
    model = AutoModelForCausalLM.from_pretrained(student)
    trainer = SFTTrainer(
        model=model,
        args=args,
        train_dataset=rows,
        eval_dataset=rows.select(range(4)),
        processing_class=tokenizer,
        callbacks=list(watchers),
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train(resume_from_checkpoint=str(folder / "checkpoints" / f"checkpoint-{SAVED_AT}") if resume else None)
