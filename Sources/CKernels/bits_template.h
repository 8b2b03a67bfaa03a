// Kernels over words of bits, whose text is the same for all instruction sets.

uint32_t NAME(ck_hamming)(const uint8_t *a, const uint8_t *b, size_t bytes) {
    uint64_t sum = 0;
    size_t i = 0;
    for (; i + 8 <= bytes; i += 8) {
        uint64_t x, y;
        memcpy(&x, a + i, 8);
        memcpy(&y, b + i, 8);
        sum += (uint64_t)__builtin_popcountll(x ^ y);
    }
    for (; i < bytes; i++) sum += (uint64_t)__builtin_popcount(a[i] ^ b[i]);
    return (uint32_t)sum;
}

void NAME(ck_dequantize)(ck_type type, const void *source, float *destination, size_t count) {
    typedef uint8_t bytes __attribute__((vector_size(16), aligned(1), may_alias));
    typedef int8_t signed_bytes __attribute__((vector_size(16), aligned(1), may_alias));
    typedef float wide __attribute__((vector_size(64)));
    typedef float wide_unaligned __attribute__((vector_size(64), aligned(4), may_alias));
    const uint8_t *block = source;
    wide_unaligned *out = (wide_unaligned *)destination;
    switch (type) {
    case CK_Q4_0:
        for (size_t b = 0; b < count; b += 32, block += 18, out += 2) {
            float scale = ck_block_scale_fast(block);
            bytes nibbles = *(const bytes *)(block + 2);
            out[0] = (__builtin_convertvector(nibbles & 15, wide) - 8) * scale;
            out[1] = (__builtin_convertvector(nibbles >> 4, wide) - 8) * scale;
        }
        break;
    case CK_Q4_1:
        for (size_t b = 0; b < count; b += 32, block += 20, out += 2) {
            float scale = ck_block_scale_fast(block), minimum = ck_block_scale_fast(block + 2);
            bytes nibbles = *(const bytes *)(block + 4);
            out[0] = __builtin_convertvector(nibbles & 15, wide) * scale + minimum;
            out[1] = __builtin_convertvector(nibbles >> 4, wide) * scale + minimum;
        }
        break;
    case CK_Q8_0:
        for (size_t b = 0; b < count; b += 32, block += 34, out += 2) {
            float scale = ck_block_scale_fast(block);
            out[0] = __builtin_convertvector(*(const signed_bytes *)(block + 2), wide) * scale;
            out[1] = __builtin_convertvector(*(const signed_bytes *)(block + 18), wide) * scale;
        }
        break;
    case CK_F16: NAME(ck_convert_f16_to_f32)(source, destination, count); break;
    case CK_F32:
    case CK_BF16: ck_dequantize_scalar(type, source, destination, count); break;
    }
}

