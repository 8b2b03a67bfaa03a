"""Blocks of every stored number format with random contents, and what the `gguf` package reads in them.

usage: make_blocks_golden.py OUTPUT        (python3 -m pip install gguf numpy)
For each type: its number, the count of elements, the count of bytes (u32 each), the bytes, the elements (f32).
"""

import struct
import sys

import gguf
import numpy

# Where a block's half-precision numbers lie.
HALVES = {
    "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82], "Q3_K": [108],
    "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "IQ4_NL": [0], "IQ4_XS": [0],
}
ELEMENTS = 768

rng = numpy.random.default_rng(4)
with open(sys.argv[1], "wb") as out:
    for name in ["F32", "F16", "BF16", *HALVES]:
        kind = gguf.GGMLQuantizationType[name]
        elements, size = gguf.GGML_QUANT_SIZES[kind]
        if name == "F32":
            blocks = rng.standard_normal(ELEMENTS, dtype=numpy.float32).view(numpy.uint8).reshape(ELEMENTS, 4)
        elif name in HALVES:
            blocks = rng.integers(0, 256, (ELEMENTS // elements, size), dtype=numpy.uint8)
            for at in HALVES[name]:
                scales = rng.standard_normal(len(blocks)).astype(numpy.float16)
                scales[0] = numpy.float16(3e-6)  # a subnormal
                blocks[:, at:at + 2] = scales.view(numpy.uint8).reshape(-1, 2)
        else:
            values = rng.standard_normal(ELEMENTS, dtype=numpy.float32)
            values[:4] = [0, -0.0, 1e-7, -6e4]
            if name == "F16":
                blocks = values.astype(numpy.float16).view(numpy.uint8).reshape(ELEMENTS, 2)
            else:
                blocks = (values.view(numpy.uint32) >> 16).astype(numpy.uint16).view(numpy.uint8).reshape(ELEMENTS, 2)
        expected = gguf.quants.dequantize(numpy.ascontiguousarray(blocks.reshape(-1)), kind)
        if name == "F32":
            expected = blocks.reshape(-1).view(numpy.float32)
        data = blocks.tobytes()
        out.write(struct.pack("<III", int(kind), ELEMENTS, len(data)) + data + expected.astype("<f4").tobytes())
