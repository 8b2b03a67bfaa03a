#!/usr/bin/env python3
"""Makes tiny random models of every architecture with Hugging Face transformers, and what they answer.

usage: make_families.py [NAME...]          (all when none is named)

Each gets a folder in Families/ with config.json and model.safetensors, as it would be published (weights in half
precision), and expected.bin: what transformers makes of it in single precision.

decoders   u32 tokens, u32 vocabulary, i32 ids[tokens], f32 logits[tokens, vocabulary], u32 greedy, i32 ids[greedy]
encoders   u32 sequences, u32 width, then for each: u32 tokens, u32 second segment, i32 ids[tokens], f32 values[width]
           (the unit vector of the sequence, or the scores of a pair)

Needs the packages torch and transformers.
"""
import json
import pathlib
import struct
import sys

import torch
import transformers
from transformers import AutoModel, AutoModelForCausalLM, AutoModelForSequenceClassification

here = pathlib.Path(__file__).parent / "Families"
VOCABULARY = 64
base = dict(vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
            num_key_value_heads=2, max_position_embeddings=128, bos_token_id=1, eos_token_id=2, pad_token_id=0)
experts = dict(num_experts_per_tok=2)
deepseek = dict(base, num_hidden_layers=3, num_key_value_heads=4, first_k_dense_replace=1, n_shared_experts=2,
                moe_intermediate_size=16, qk_nope_head_dim=8, qk_rope_head_dim=4, v_head_dim=6, kv_lora_rank=12,
                n_routed_experts=8, num_experts_per_tok=3, rope_interleave=True)
encoder = dict(vocab_size=VOCABULARY, hidden_size=32, intermediate_size=48, num_hidden_layers=2,
               num_attention_heads=4, max_position_embeddings=80)

DECODERS = {
    "llama2": ("llama", dict(base, num_key_value_heads=4, tie_word_embeddings=False)),
    "llama3": ("llama", dict(base, head_dim=16, tie_word_embeddings=True, rope_parameters=dict(
        rope_type="llama3", rope_theta=500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
        original_max_position_embeddings=32))),
    "smollm2": ("llama", dict(base, num_attention_heads=4, num_key_value_heads=1, tie_word_embeddings=True)),
    "mistral": ("mistral", dict(base, sliding_window=7)),
    "mixtral": ("mixtral", dict(base, num_local_experts=4, sliding_window=None, **experts)),
    "qwen25": ("qwen2", dict(base, tie_word_embeddings=True)),
    "qwen3": ("qwen3", dict(base, head_dim=16, tie_word_embeddings=True)),
    "qwen3moe": ("qwen3_moe", dict(base, head_dim=16, moe_intermediate_size=16, num_experts=6, norm_topk_prob=True,
                                   **experts)),
    "phi3": ("phi3", dict(base, sliding_window=9)),
    "phi3long": ("phi3", dict(base, sliding_window=None, original_max_position_embeddings=16, rope_parameters=dict(
        rope_type="longrope", rope_theta=10000.0, original_max_position_embeddings=16,
        short_factor=[1.0, 1.1, 1.2, 1.3], long_factor=[1.0, 1.5, 2.5, 4.0]))),
    "gemma2": ("gemma2", dict(base, head_dim=8, sliding_window=6, query_pre_attn_scalar=8, num_hidden_layers=3)),
    "gemma3": ("gemma3_text", dict(base, head_dim=8, sliding_window=6, query_pre_attn_scalar=8, num_hidden_layers=7)),
    "gpt2": ("gpt2", dict(vocab_size=VOCABULARY, n_embd=32, n_layer=2, n_head=4, n_positions=64, n_ctx=64,
                          bos_token_id=1, eos_token_id=2)),
    "falcon7": ("falcon", dict(vocab_size=VOCABULARY, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                               multi_query=True, parallel_attn=True, new_decoder_architecture=False, alibi=False,
                               bias=False, bos_token_id=1, eos_token_id=2)),
    "falcon40": ("falcon", dict(vocab_size=VOCABULARY, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                                num_kv_heads=2, new_decoder_architecture=True, parallel_attn=True, alibi=False,
                                bias=False, bos_token_id=1, eos_token_id=2)),
    "deepseek2": ("deepseek_v2", dict(deepseek, q_lora_rank=None, topk_method="greedy",
                                      routed_scaling_factor=1.0, norm_topk_prob=False)),
    "deepseek2big": ("deepseek_v2", dict(deepseek, q_lora_rank=10, topk_method="group_limited_greedy", n_group=4,
                                         topk_group=2, routed_scaling_factor=2.0, norm_topk_prob=False)),
    "deepseek3": ("deepseek_v3", dict(
        deepseek, q_lora_rank=10, n_group=4, topk_group=2, routed_scaling_factor=2.5, norm_topk_prob=True,
        rope_parameters=dict(rope_type="yarn", rope_theta=10000.0, factor=4.0, mscale=1.0, mscale_all_dim=1.0,
                             original_max_position_embeddings=32, beta_fast=32, beta_slow=1))),
}

ENCODERS = {
    "roberta": ("roberta", "mean", dict(encoder, pad_token_id=1, type_vocab_size=1)),
    "xlmr": ("xlm-roberta", "cls", dict(encoder, pad_token_id=1, type_vocab_size=1)),
    "nomic": ("nomic_bert", "mean", dict(encoder, pad_token_id=0, type_vocab_size=2)),
    "modernbert": ("modernbert", "cls", dict(
        encoder, num_hidden_layers=4, global_attn_every_n_layers=3, local_attention=6, pad_token_id=0,
        bos_token_id=1, eos_token_id=2, cls_token_id=1, sep_token_id=2)),
    "qwen3embed": ("qwen3", "last", dict(base, head_dim=16, tie_word_embeddings=True)),
    "xlmrrank": ("xlm-roberta", "rank", dict(encoder, pad_token_id=1, type_vocab_size=1, num_labels=1)),
    "bertrank": ("bert", "rank", dict(encoder, pad_token_id=0, type_vocab_size=2, num_labels=1)),
}


def make_config(kind, options):
    config = transformers.AutoConfig.for_model(kind, **options)
    config._attn_implementation = "eager"
    return config


def randomise(model, seed):
    """Weights that matter: default ones are so small that every layer is nearly the identity."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in list(model.named_parameters()) + list(model.named_buffers()):
        if not parameter.dtype.is_floating_point or "inv_freq" in name or "embed_scale" in name:
            continue
        noise = torch.randn(parameter.shape, generator=generator)
        if parameter.ndim >= 2:
            value = noise * (0.7 if "embed" in name or "wte" in name else 0.25)
        elif "norm" in name.lower() or "ln_" in name:
            value = parameter.detach() + noise * 0.2
        else:
            value = noise * 0.1
        parameter.data.copy_(value.half().float())


def tokens(count, seed):
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(3, VOCABULARY, (count,), generator=generator).tolist()


def put_ids(ids):
    return struct.pack(f"<I{len(ids)}i", len(ids), *ids)


def save(model, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.is_file():
            old.unlink()
    model.half().save_pretrained(folder)
    model.float()
    for extra in folder.glob("generation_config.json"):
        extra.unlink()


@torch.no_grad()
def make_decoder(name):
    kind, options = DECODERS[name]
    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_config(make_config(kind, options), dtype=torch.float32).eval()
    randomise(model, 7)
    save(model, here / name)
    model = AutoModelForCausalLM.from_pretrained(here / name, dtype=torch.float32, attn_implementation="eager").eval()
    ids = tokens(24, 11)
    logits = model(torch.tensor([ids])).logits[0]
    greedy, smallest = list(ids), 1e9
    for _ in range(16):
        last = model(torch.tensor([greedy])).logits[0, -1]
        best = last.topk(2).values
        smallest = min(smallest, float(best[0] - best[1]))
        greedy.append(int(last.argmax()))
    with open(here / name / "expected.bin", "wb") as out:
        out.write(struct.pack("<II", len(ids), logits.shape[1]))
        out.write(struct.pack(f"<{len(ids)}i", *ids))
        out.write(logits.contiguous().numpy().astype("<f4").tobytes())
        out.write(put_ids(greedy[len(ids):]))
    print(f"{name}: logits within {float(logits.abs().max()):.2f}, closest greedy choice {smallest:.4f}")


def framed(first, seed, length):
    return [first] + tokens(length, seed) + [2]


@torch.no_grad()
def make_encoder(name):
    kind, pooling, options = ENCODERS[name]
    torch.manual_seed(1)
    config = make_config(kind, options)
    ranks = pooling == "rank"
    auto = AutoModelForSequenceClassification if ranks else AutoModel
    arguments = {} if not ranks and kind in ("qwen3", "modernbert", "nomic_bert") or ranks else dict(
        add_pooling_layer=False)
    model = auto.from_config(config, dtype=torch.float32, **arguments).eval()
    randomise(model, 7)
    save(model, here / name)
    model = auto.from_pretrained(here / name, dtype=torch.float32, attn_implementation="eager").eval()
    if pooling in ("mean", "cls", "last"):
        (here / name / "1_Pooling").mkdir(exist_ok=True)
        modes = {"mean": "pooling_mode_mean_tokens", "cls": "pooling_mode_cls_token", "last": "pooling_mode_lasttoken"}
        (here / name / "1_Pooling/config.json").write_text(json.dumps(
            {"word_embedding_dimension": 32, **{mode: key == pooling for key, mode in modes.items()}}))
    rows, values = [], []
    for index, length in enumerate([5, 1, 17, 30]):
        # 1 is RoBERTa's padding, which would not count as a position.
        ids = framed(0 if "roberta" in kind else 1, 20 + index, length)
        second = len(ids)
        options = {}
        if ranks:
            second = len(ids)
            ids = ids + ([2] if kind != "bert" else []) + tokens(length + 2, 40 + index) + [2]
            if kind == "bert":
                options["token_type_ids"] = torch.tensor([[0] * second + [1] * (len(ids) - second)])
        output = model(torch.tensor([ids]), **options)
        if ranks:
            vector = output.logits[0]
        else:
            hidden = output.last_hidden_state[0]
            vector = {"mean": hidden.mean(0), "cls": hidden[0], "last": hidden[-1]}[pooling]
            vector = vector / vector.norm()
        rows.append((ids, second))
        values.append(vector.numpy().astype("<f4"))
    with open(here / name / "expected.bin", "wb") as out:
        out.write(struct.pack("<II", len(rows), len(values[0])))
        for (ids, second), value in zip(rows, values):
            out.write(struct.pack(f"<II{len(ids)}i", len(ids), second, *ids))
            out.write(value.tobytes())
    print(f"{name}: {[round(float(v), 3) for v in values[2][:3]]}")


if __name__ == "__main__":
    for name in sys.argv[1:] or [*DECODERS, *ENCODERS]:
        (make_decoder if name in DECODERS else make_encoder)(name)
