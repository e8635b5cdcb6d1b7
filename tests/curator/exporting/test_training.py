"""What trl is given is what trl takes: a tiny model of random weights, two steps of each trainer on the CPU."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(
    not all(find_spec(name) for name in ("torch", "trl", "tokenizers")), reason="needs the extra train"
)

TRAIN = """
import json, sys
import datasets, trl
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

SIZES = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
alphabet = ["<pad>", "<end>", *sorted(pre_tokenizers.ByteLevel.alphabet())]
letters = Tokenizer(models.BPE({letter: number for number, letter in enumerate(alphabet)}, []))
letters.pre_tokenizer, letters.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
tokenizer = PreTrainedTokenizerFast(tokenizer_object=letters, pad_token="<pad>", eos_token="<end>")
tokenizer.chat_template = (
    "{% for m in messages %}[{{ m.role }}]{{ m.content }}<end>{% endfor %}"
    "{% if add_generation_prompt %}[assistant]{% endif %}"
)

def model():
    ids = {"vocab_size": len(alphabet), "pad_token_id": 0, "bos_token_id": None, "eos_token_id": 1}
    return LlamaForCausalLM(LlamaConfig(**ids, **SIZES))

def trainer(kind, folder):
    given = {"model": model(), "train_dataset": datasets.load_dataset(folder)["train"], "processing_class": tokenizer}
    options = {"max_steps": 2, "per_device_train_batch_size": 2, "max_length": 512, "output_dir": folder + "-model",
               "use_cpu": True, "bf16": False, "report_to": [], "save_strategy": "no", "disable_tqdm": True}
    if kind == "dpo":
        return trl.DPOTrainer(ref_model=model(), args=trl.DPOConfig(**options), **given)
    return trl.SFTTrainer(args=trl.SFTConfig(**options), **given)

for kind, folder in json.loads(sys.argv[1]).items():
    one = trainer(kind, folder)
    batch = next(iter(one.get_train_dataloader()))
    learned = [tokenizer.decode([i for i in ids if i != -100]) for ids in batch.get("labels", [])]
    seen = [tokenizer.decode(ids, skip_special_tokens=True) for ids in batch["input_ids"]]
    print(json.dumps({"steps": one.train().global_step, "seen": seen, "learned": learned}))
"""


def train(folders: dict[str, Path]) -> list[dict[str, Any]]:
    """Train on each folder in one new process; return what the first batches held."""
    given = json.dumps({kind: str(folder) for kind, folder in folders.items()})
    home = next(iter(folders.values())).parent / "home"
    env = {**os.environ, "HF_HOME": str(home), "HF_HUB_OFFLINE": "1", "CUDA_VISIBLE_DEVICES": ""}
    done = subprocess.run([sys.executable, "-c", TRAIN, given], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"steps"')]


def test_trl_takes_what_is_written_for_it(shelf) -> None:
    """SFT on both of its formats, DPO on pairs; reasoning and answer reach the model, the prompt is not learned."""
    kinds = ("messages", "prompt-completion", "dpo")
    sft, completion, dpo = train({kind: shelf.export(kind).folder for kind in kinds})
    assert [told["steps"] for told in (sft, completion, dpo)] == [2, 2, 2]
    assert all(text.startswith("[user]") and "<think>\nway" in text for text in sft["seen"])
    assert all(text.startswith("[user]") for text in completion["seen"]) and len(completion["learned"]) == 2
    for text in completion["learned"]:
        assert text.startswith("<think>\nway") and "\n</think>\n<answer>\n" in text and "[user]" not in text
    assert sorted(text.partition("<think>\nway ")[2][0] for text in dpo["seen"]) == ["0", "1", "2", "4"]
