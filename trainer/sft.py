"""Supervised fine-tuning of a LoRA adapter on a curated split, with trl and peft.

trl gets rows that are encoded already (`trainer.rows.encode`), so what the guards looked at is what is trained on.
Defaults come from what was observed of these libraries: no added tokens, all linear layers, a learning rate of LoRA's
own size. Several devices work through `accelerate launch -m trainer sft DIR`; the main process alone writes and prints.
"""

from __future__ import annotations

import functools
import json
import shutil
from pathlib import Path
from typing import Any

import torch
from accelerate import PartialState
from peft import LoraConfig
from transformers import PrinterCallback
from trl.trainer.sft_config import SFTConfig
from trl.trainer.sft_trainer import SFTTrainer

from schemas.training import (
    ADAPTER,
    CHECKPOINTS,
    ENCODED,
    MERGED,
    PLOT,
    TrainingConfig,
    TrainingRecord,
    learning_rate_of,
    read_record,
)
from trainer.drafts import told_when_full
from trainer.errors import BadInput
from trainer.plot import draw_loss
from trainer.prepared import Prepared, prepare
from trainer.progress import Display
from trainer.recording import Recorder, read_metrics
from trainer.saving import hash_of, now, save_adapter, save_merged, save_record, versions
from trainer.stopping import Stopping
from trainer.students import device_and_dtype, load_model, loading_options
from trainer.summary import summary
from trainer.tokens import begin_as_written, grow, trained_rows

LOGGED, SAVED = 0.005, 0.02
"""Shares of all steps after which the loss is written down, and a checkpoint kept."""
KEPT_CHECKPOINTS = 2
"""A killed process may leave the newest one half-written."""
_SCHEDULES = {
    "cosine": ("cosine_with_min_lr", {"min_lr_rate": 0.1}),
    "linear": ("linear", {}),
    "constant": ("constant_with_warmup", {}),
}


def train(folder: Path, *, merge: bool, dry_run: bool) -> None:
    """Train what `folder` describes, from its last checkpoint on; what is there already is not made again.

    Args:
        folder: The folder of a training, see `schemas.training`.
        merge: Whether to write the merged model too.
        dry_run: Whether to stop before the weights are loaded.

    Raises:
        BadInput: Something in it cannot be used.
        TrainerError: It cannot go on; what was reached is kept.
        KeyboardInterrupt: The user ended it; a checkpoint of the last step is kept.
    """
    with Display(quiet=not PartialState().is_main_process) as display:
        record = read_record(folder)
        if record is None:
            prepared = prepare(folder, display.say)
            if dry_run:
                return
            record = _trained(prepared, display)
        else:
            display.say(f"trained already: {record.steps:,} steps on {record.rows:,} rows")
        if merge and not (folder / MERGED).is_dir() and PartialState().is_main_process:
            difference = save_merged(Path(record.base_folder), folder)
            display.say(f"merged: no logit differs by more than {difference:.1g} from the adapter's")


def _trained(prepared: Prepared, display: Display) -> TrainingRecord:
    """Train and save; the record is written last."""
    folder, stopping = prepared.folder, Stopping()
    checkpoint = last_checkpoint(folder / CHECKPOINTS)
    device, dtype = device_and_dtype()
    model = _student(prepared, dtype)
    rate = learning_rate_of(prepared.config, prepared.parameters)
    trainer = SFTTrainer(
        model=model,
        args=_arguments(prepared, device, dtype, rate, resumed=checkpoint is not None),
        train_dataset=prepared.train,
        eval_dataset=prepared.test,
        processing_class=prepared.tokenizer,
        peft_config=_lora(prepared, model),
        callbacks=[Recorder(folder), display, stopping],
    )
    trainer.remove_callback(PrinterCallback)
    if checkpoint:
        display.say(f"going on from {checkpoint.name}")
    _mend(trainer.model)
    with told_when_full(folder / CHECKPOINTS):
        trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
    if stopping.asked and trainer.state.global_step < trainer.state.max_steps:
        display.say(f"kept: step {trainer.state.global_step:,}; the same command goes on from there")
        raise KeyboardInterrupt
    if trainer.is_world_process_zero():
        _save(prepared, trainer, rate, device, dtype)
    PartialState().wait_for_everyone()
    record = read_record(folder)
    assert record is not None
    return record


def _student(prepared: Prepared, dtype: torch.dtype) -> Any:
    model = load_model(prepared.base, dtype, **loading_options(prepared.config, dtype))
    model.config.use_cache = False
    grow(model, prepared.tokenizer)
    if prepared.new_tokens:
        begin_as_written(model, prepared.new_tokens)
    return model


def _lora(prepared: Prepared, model: Any) -> LoraConfig:
    """Describe the adapter.

    Raises:
        BadInput: The student has no layer of a name that was given.
    """
    config, wanted = prepared.config, prepared.config.target_modules
    layers = {name.rpartition(".")[2] for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)}
    if unknown := [] if wanted == ("all-linear",) else sorted(set(wanted) - layers):
        hint = f"it has: {', '.join(sorted(layers - {'lm_head'}))}; or all-linear for all of these"
        raise BadInput(
            f"--target-modules {','.join(unknown)}: {config.model} has no linear layer of that name", hint=hint
        )
    return LoraConfig(
        task_type="CAUSAL_LM",
        r=config.rank,
        lora_alpha=config.alpha,
        lora_dropout=config.dropout,
        target_modules="all-linear" if wanted == ("all-linear",) else list(wanted),
        trainable_token_indices=trained_rows(model, prepared.new_tokens) if prepared.new_tokens else None,
    )


def _arguments(prepared: Prepared, device: str, dtype: torch.dtype, rate: float, *, resumed: bool) -> SFTConfig:
    config = prepared.config
    schedule, details = _SCHEDULES[config.schedule]
    twice = config.gradient_checkpointing
    return SFTConfig(
        output_dir=str(prepared.folder / CHECKPOINTS),
        num_train_epochs=config.epochs,
        max_steps=config.max_steps or -1,
        learning_rate=rate,
        lr_scheduler_type=schedule,
        lr_scheduler_kwargs=details,
        warmup_steps=config.warmup,  # below 1 it is a share
        per_device_train_batch_size=config.batch_size,
        per_device_eval_batch_size=config.batch_size,
        gradient_accumulation_steps=config.accumulate,
        max_length=prepared.max_length if config.packing else None,  # longer rows are left out already
        packing=config.packing,
        eval_packing=False,
        shuffle_dataset=config.packing,
        activation_checkpointing=device == "cuda" if twice is None else twice,
        bf16=dtype is torch.bfloat16,
        fp16=dtype is torch.float16,
        use_cpu=device == "cpu",
        dataloader_pin_memory=device == "cuda",
        logging_steps=LOGGED,
        logging_first_step=True,
        save_steps=SAVED,
        save_total_limit=KEPT_CHECKPOINTS,
        eval_strategy="epoch" if prepared.test is not None else "no",
        eval_on_start=prepared.test is not None and not resumed,
        report_to="none",
        disable_tqdm=True,
        seed=config.seed,
    )


def _mend(model: Any) -> None:
    """Let added tokens train, and checkpoints stay small.

    trl's fused head asks the head for a bias, which peft's wrapper of trained tokens does not pass on; and peft would
    save the whole embedding matrix with every checkpoint because it has grown.
    """
    head = model.get_output_embeddings()
    if not hasattr(head, "bias"):
        head.bias = None
    model.save_pretrained = functools.partial(model.save_pretrained, save_embedding_layers=False)


def _save(prepared: Prepared, trainer: Any, rate: float, device: str, dtype: torch.dtype) -> None:
    folder, config = prepared.folder, prepared.config
    model = trainer.accelerator.unwrap_model(trainer.model)
    model.peft_config["default"].base_model_name_or_path = base_name(config, prepared.base)
    save_adapter(model, prepared.tokenizer, folder)
    record = TrainingRecord(
        config=config,
        base_folder=str(prepared.base),
        **prepared.manifest.model_dump(),
        rows=len(prepared.train),
        learning_rate=rate,
        parameters=prepared.parameters,
        trainable_parameters=sum(weight.numel() for weight in model.parameters() if weight.requires_grad),
        steps=trainer.state.global_step,
        device=torch.cuda.get_device_name() if device == "cuda" else device,
        dtype=str(dtype).removeprefix("torch."),
        weights=hash_of(folder / ADAPTER),
        versions=versions(),
        guards={**prepared.guards.as_json(), "memory": prepared.memory.as_json()},
        metrics=summary(folder),
        created_at=now(),
    )
    draw_loss(read_metrics(folder), folder / PLOT, title=f"{Path(config.model).name} on {record.split}")
    save_record(folder, record)
    for done in (CHECKPOINTS, ENCODED):
        shutil.rmtree(folder / done, ignore_errors=True)


def base_name(config: TrainingConfig, base: Path) -> str:
    """Return what an adapter calls its base: the hub's name where it has one, else the folder."""
    return config.model if config.model.count("/") == 1 and not Path(config.model).exists() else str(base)


def last_checkpoint(folder: Path) -> Path | None:
    """Find the newest whole checkpoint, and remove what a killed process left half-written.

    The state of the trainer is the last file of a checkpoint that is written.
    """
    found = sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.rpartition("-")[2]), reverse=True)
    for path in found:
        try:
            json.loads((path / "trainer_state.json").read_bytes())
        except (OSError, ValueError):
            shutil.rmtree(path)
        else:
            return path
    return None
