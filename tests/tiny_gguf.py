"""A .gguf file of a few thousand weights, as converters write them."""

from __future__ import annotations

from pathlib import Path

import gguf
import numpy as np

from tests.tiny import CHATML

WIDTH, HEADS, HIDDEN, LAYERS = 32, 2, 64, 2


def tiny_gguf(file: Path, *, template: str = CHATML) -> Path:
    """Write a Llama of two layers with a byte-level tokenizer; return the file."""
    writer = gguf.GGUFWriter(file, "llama")
    writer.add_context_length(256)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    tokens = _add_tokenizer(writer)
    writer.add_vocab_size(tokens)
    writer.add_chat_template(template)
    for name, shape in _shapes(tokens).items():
        writer.add_tensor(name, np.random.default_rng(len(name)).normal(0, 0.1, shape).astype(np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return file


def _add_tokenizer(writer: gguf.GGUFWriter) -> int:
    tokens = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *map(chr, range(33, 127)), "Ġ", "Ċ", "he"]
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list(tokens)
    writer.add_token_types([gguf.TokenType.CONTROL] * 3 + [gguf.TokenType.NORMAL] * (len(tokens) - 3))
    writer.add_token_merges(["h e"])
    writer.add_eos_token_id(2)
    writer.add_bos_token_id(1)
    return len(tokens)


def _shapes(tokens: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {"token_embd.weight": (tokens, WIDTH), "output_norm.weight": (WIDTH,)}
    for layer in range(LAYERS):
        here = f"blk.{layer}"
        shapes |= {f"{here}.attn_{name}.weight": (WIDTH, WIDTH) for name in ("q", "k", "v", "output")}
        shapes |= {f"{here}.{name}_norm.weight": (WIDTH,) for name in ("attn", "ffn")}
        shapes |= {f"{here}.ffn_{name}.weight": (HIDDEN, WIDTH) for name in ("gate", "up")}
        shapes[f"{here}.ffn_down.weight"] = (WIDTH, HIDDEN)
    return shapes
