"""The baseline of `benchmarks.training`: the same rows and settings with trl alone, as its documentation has it.

Run as `python -m benchmarks.plain_trl DIR`, DIR the folder of a training; prints seconds, tokens and peak memory.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import torch
from datasets import Dataset
from peft import LoraConfig
from trl import SFTConfig, SFTTrainer

from schemas.training import DATASET, learning_rate_of
from trainer.folder import read_config
from trainer.students import device_and_dtype, find_student, load_model, load_tokenizer
from trainer.summary import peak_memory


def main() -> None:
    """Train, and say what it took."""
    folder = Path(sys.argv[1])
    config = read_config(folder)
    device, dtype = device_and_dtype()
    base = find_student(config.model)
    model = load_model(base, dtype)
    with tempfile.TemporaryDirectory() as out:
        args = SFTConfig(
            output_dir=out,
            max_steps=config.max_steps or -1,
            num_train_epochs=config.epochs,
            learning_rate=learning_rate_of(config, model.num_parameters()),
            per_device_train_batch_size=config.batch_size,
            gradient_accumulation_steps=config.accumulate,
            max_length=config.max_length,
            packing=config.packing,
            activation_checkpointing=device == "cuda",
            bf16=dtype is torch.bfloat16,
            use_cpu=device == "cpu",
            logging_steps=1,
            report_to="none",
            disable_tqdm=True,
            seed=config.seed,
        )
        lora = LoraConfig(task_type="CAUSAL_LM", r=config.rank, lora_alpha=config.alpha, target_modules="all-linear")
        rows = Dataset.from_json(str(folder / DATASET / "train.jsonl"), cache_dir=out)
        trainer = SFTTrainer(
            model=model, args=args, train_dataset=rows, processing_class=load_tokenizer(base), peft_config=lora
        )
        trainer.train()
    logged = trainer.state.log_history
    found = {
        "seconds": logged[-1]["train_runtime"],
        "tokens": max(line.get("num_tokens", 0) for line in logged),
        "loss": logged[-2]["loss"],
        "peak_bytes": peak_memory(),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
