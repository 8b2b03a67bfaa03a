"""Writes small random decoders as GGUF, one for each way in which models of the family differ.

usage: make_tiny_models.py FOLDER   (called by make_llama_golden.sh)
"""

import sys

import gguf
import numpy

VOCABULARY, LAYERS, FEED_FORWARD = 96, 2, 56

# width, query heads, key/value heads, elements of a head, options
MODELS = {
    "tiny_qwen2": dict(arch="qwen2", width=64, heads=4, kv=2, head=16, bias=True),
    "tiny_llama3": dict(arch="llama", width=48, heads=4, kv=1, head=24, factors=True, output=True),
    "tiny_linear": dict(arch="llama", width=32, heads=2, kv=2, head=16, scale=4.0, base=5000.0),
}


def write(path, arch, width, heads, kv, head, bias=False, factors=False, output=False, scale=None, base=10000.0):
    rng = numpy.random.default_rng(7)
    writer = gguf.GGUFWriter(path, arch)
    writer.add_context_length(512)
    writer.add_embedding_length(width)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(heads)
    writer.add_head_count_kv(kv)
    writer.add_key_length(head)
    writer.add_value_length(head)
    writer.add_rope_dimension_count(head)
    writer.add_rope_freq_base(base)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(VOCABULARY)
    if scale:
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(scale)
    writer.add_tokenizer_model("none")

    def matrix(name, outputs, inputs, spread=None):
        values = rng.standard_normal((outputs, inputs)) * (spread or 1.5 * inputs**-0.5)
        writer.add_tensor(name, values.astype(numpy.float32))

    def vector(name, count, centre, spread):
        writer.add_tensor(name, (centre + spread * rng.standard_normal(count)).astype(numpy.float32))

    matrix("token_embd.weight", VOCABULARY, width, 0.5)
    vector("output_norm.weight", width, 1, 0.2)
    if output:
        matrix("output.weight", VOCABULARY, width)
    if factors:
        writer.add_tensor("rope_freqs.weight", numpy.linspace(1, 8, head // 2).astype(numpy.float32))
    for index in range(LAYERS):
        block = f"blk.{index}."
        vector(block + "attn_norm.weight", width, 1, 0.2)
        vector(block + "ffn_norm.weight", width, 1, 0.2)
        for name, count in (("q", heads), ("k", kv), ("v", kv)):
            matrix(block + f"attn_{name}.weight", count * head, width)
            if bias:
                vector(block + f"attn_{name}.bias", count * head, 0, 0.5)
        matrix(block + "attn_output.weight", width, heads * head)
        matrix(block + "ffn_gate.weight", FEED_FORWARD, width)
        matrix(block + "ffn_up.weight", FEED_FORWARD, width)
        matrix(block + "ffn_down.weight", width, FEED_FORWARD)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


for name, options in MODELS.items():
    # Not called .gguf: files of that name are models, which the repository does not hold.
    write(f"{sys.argv[1]}/{name}.bin", **options)
