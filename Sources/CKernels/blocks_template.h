// Block-quantised numbers to floats, whose text is the same for all instruction sets. The including file defines NAME and
// BLOCK_SCALE, which reads the half-precision number at the start of a block.
//
// Layouts are GGML's (ggml-common.h). Each element is computed with the same roundings as in the `gguf` package's
// reference, so that results are equal in every bit: a product and a sum are two roundings, never one.
#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#endif

// Levels of IQ4_NL and IQ4_XS.
static const int8_t NAME(levels)[16] = {-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113};

static void NAME(dequantize_q4_0)(const uint8_t *block, float *out) {
    float scale = BLOCK_SCALE(block);
    for (size_t i = 0; i < 16; i++) out[i] = scale * (float)((block[2 + i] & 15) - 8);
    for (size_t i = 0; i < 16; i++) out[i + 16] = scale * (float)((block[2 + i] >> 4) - 8);
}

static void NAME(dequantize_q4_1)(const uint8_t *block, float *out) {
    float scale = BLOCK_SCALE(block), minimum = BLOCK_SCALE(block + 2);
    for (size_t i = 0; i < 16; i++) out[i] = scale * (float)(block[4 + i] & 15) + minimum;
    for (size_t i = 0; i < 16; i++) out[i + 16] = scale * (float)(block[4 + i] >> 4) + minimum;
}

// The fifth bits lie together in a word.
static void NAME(digits_of_5_bits)(const uint8_t *fifths, const uint8_t *nibbles, int *digits) {
    uint32_t bits;
    memcpy(&bits, fifths, 4);
    for (uint32_t i = 0; i < 16; i++) digits[i] = (int)((nibbles[i] & 15u) | (bits >> i & 1) << 4);
    for (uint32_t i = 0; i < 16; i++) digits[i + 16] = (int)((nibbles[i] >> 4) | (bits >> (i + 16) & 1) << 4);
}

static void NAME(dequantize_q5_0)(const uint8_t *block, float *out) {
    int digits[32];
    float scale = BLOCK_SCALE(block);
    NAME(digits_of_5_bits)(block + 2, block + 6, digits);
    for (size_t i = 0; i < 32; i++) out[i] = scale * (float)(digits[i] - 16);
}

static void NAME(dequantize_q5_1)(const uint8_t *block, float *out) {
    int digits[32];
    float scale = BLOCK_SCALE(block), minimum = BLOCK_SCALE(block + 2);
    NAME(digits_of_5_bits)(block + 4, block + 8, digits);
    for (size_t i = 0; i < 32; i++) out[i] = scale * (float)digits[i] + minimum;
}

static void NAME(dequantize_q8_0)(const uint8_t *block, float *out) {
    float scale = BLOCK_SCALE(block);
    for (size_t i = 0; i < 32; i++) out[i] = scale * (float)(int8_t)block[2 + i];
}

static void NAME(dequantize_iq4_nl)(const uint8_t *block, float *out) {
    float scale = BLOCK_SCALE(block);
    for (size_t i = 0; i < 16; i++) out[i] = scale * (float)NAME(levels)[block[2 + i] & 15];
    for (size_t i = 0; i < 16; i++) out[i + 16] = scale * (float)NAME(levels)[block[2 + i] >> 4];
}

// 16 sub-blocks of 16; a byte of each holds its scale and its minimum. Quarters of 32 share the bytes of a half.
static void NAME(dequantize_q2_k)(const uint8_t *block, float *out) {
    const uint8_t *digits = block + 16;
    float scale = BLOCK_SCALE(block + 80), minimum = BLOCK_SCALE(block + 82);
    for (size_t s = 0; s < 16; s++, out += 16) {
        float d = scale * (float)(block[s] & 15), m = minimum * (float)(block[s] >> 4);
        const uint8_t *bytes = digits + s / 8 * 32 + s % 2 * 16;
        for (size_t i = 0; i < 16; i++) out[i] = d * (float)(bytes[i] >> s % 8 / 2 * 2 & 3) - m;
    }
}

// 16 sub-blocks of 16. The third bit of a digit lies apart, and so do the upper two of the six of a scale.
static void NAME(dequantize_q3_k)(const uint8_t *block, float *out) {
    const uint8_t *thirds = block, *digits = block + 32, *scales = block + 96;
    float scale = BLOCK_SCALE(block + 108);
    for (size_t s = 0; s < 16; s++, out += 16) {
        int low = s < 8 ? scales[s] & 15 : scales[s - 8] >> 4;
        int high = scales[8 + s % 4] >> s / 4 * 2 & 3;
        float d = scale * (float)((low | high << 4) - 32);
        const uint8_t *bytes = digits + s / 8 * 32 + s % 2 * 16, *bits = thirds + s % 2 * 16;
        for (size_t i = 0; i < 16; i++)
            out[i] = d * (float)((bytes[i] >> s % 8 / 2 * 2 & 3) - (bits[i] >> s / 2 & 1 ? 0 : 4));
    }
}

// The six-bit scale and minimum of sub-block s of Q4_K and Q5_K: 12 bytes for eight of each.
static void NAME(scale_and_minimum)(const uint8_t *packed, size_t s, int *scale, int *minimum) {
    if (s < 4) {
        *scale = packed[s] & 63;
        *minimum = packed[s + 4] & 63;
    } else {
        *scale = (packed[s + 4] & 15) | packed[s - 4] >> 6 << 4;
        *minimum = packed[s + 4] >> 4 | packed[s] >> 6 << 4;
    }
}

// Eight sub-blocks of 32, two by two in 32 bytes.
static void NAME(dequantize_q4_k)(const uint8_t *block, float *out) {
    float d = BLOCK_SCALE(block), m = BLOCK_SCALE(block + 2);
    for (size_t s = 0; s < 8; s++, out += 32) {
        int scale, minimum;
        NAME(scale_and_minimum)(block + 4, s, &scale, &minimum);
        const uint8_t *bytes = block + 16 + s / 2 * 32;
        float step = d * (float)scale, offset = m * (float)minimum;
        for (size_t i = 0; i < 32; i++) out[i] = step * (float)(bytes[i] >> s % 2 * 4 & 15) - offset;
    }
}

static void NAME(dequantize_q5_k)(const uint8_t *block, float *out) {
    float d = BLOCK_SCALE(block), m = BLOCK_SCALE(block + 2);
    const uint8_t *fifths = block + 16;
    for (size_t s = 0; s < 8; s++, out += 32) {
        int scale, minimum;
        NAME(scale_and_minimum)(block + 4, s, &scale, &minimum);
        const uint8_t *bytes = block + 48 + s / 2 * 32;
        float step = d * (float)scale, offset = m * (float)minimum;
        for (size_t i = 0; i < 32; i++)
            out[i] = step * (float)((bytes[i] >> s % 2 * 4 & 15) | (fifths[i] >> s & 1) << 4) - offset;
    }
}

// 16 sub-blocks of 16. Of a half's four quarters of 32, two lie in the low nibbles of 64 bytes and two in the high ones;
// their upper two bits share 32 bytes.
static void NAME(dequantize_q6_k)(const uint8_t *block, float *out) {
    const int8_t *scales = (const int8_t *)block + 192;
    float d = BLOCK_SCALE(block + 208);
    for (size_t s = 0; s < 16; s++, out += 16) {
        size_t half = s / 8, quarter = s % 8 / 2, at = s % 2 * 16;
        const uint8_t *low = block + half * 64 + quarter % 2 * 32 + at, *high = block + 128 + half * 32 + at;
        float step = d * (float)scales[s];
        for (size_t i = 0; i < 16; i++)
            out[i] = step * (float)(((low[i] >> quarter / 2 * 4 & 15) | (high[i] >> quarter * 2 & 3) << 4) - 32);
    }
}

static void NAME(dequantize_iq4_xs)(const uint8_t *block, float *out) {
    float d = BLOCK_SCALE(block);
    uint16_t high;
    memcpy(&high, block + 2, 2);
    for (size_t s = 0; s < 8; s++, out += 32) {
        int scale = (block[4 + s / 2] >> s % 2 * 4 & 15) | (high >> 2 * s & 3) << 4;
        const uint8_t *bytes = block + 8 + s * 16;
        float step = d * (float)(scale - 32);
        for (size_t i = 0; i < 16; i++) out[i] = step * (float)NAME(levels)[bytes[i] & 15];
        for (size_t i = 0; i < 16; i++) out[i + 16] = step * (float)NAME(levels)[bytes[i] >> 4];
    }
}

void NAME(ck_dequantize)(ck_type type, const void *source, float *destination, size_t count) {
    const uint8_t *block = source;
    size_t elements = ck_block_elements(type), bytes = ck_block_bytes(type);
#define EACH_BLOCK(decode) \
    for (size_t i = 0; i < count; i += elements, block += bytes) decode(block, destination + i)
    switch (type) {
    case CK_F32: memcpy(destination, source, count * sizeof(float)); break;
    case CK_F16: NAME(ck_convert_f16_to_f32)(source, destination, count); break;
    case CK_BF16:
        for (size_t i = 0; i < count; i++) {
            uint16_t half;
            memcpy(&half, block + 2 * i, 2);
            uint32_t bits = (uint32_t)half << 16;
            memcpy(&destination[i], &bits, 4);
        }
        break;
    case CK_Q4_0: EACH_BLOCK(NAME(dequantize_q4_0)); break;
    case CK_Q4_1: EACH_BLOCK(NAME(dequantize_q4_1)); break;
    case CK_Q5_0: EACH_BLOCK(NAME(dequantize_q5_0)); break;
    case CK_Q5_1: EACH_BLOCK(NAME(dequantize_q5_1)); break;
    case CK_Q8_0: EACH_BLOCK(NAME(dequantize_q8_0)); break;
    case CK_Q2_K: EACH_BLOCK(NAME(dequantize_q2_k)); break;
    case CK_Q3_K: EACH_BLOCK(NAME(dequantize_q3_k)); break;
    case CK_Q4_K: EACH_BLOCK(NAME(dequantize_q4_k)); break;
    case CK_Q5_K: EACH_BLOCK(NAME(dequantize_q5_k)); break;
    case CK_Q6_K: EACH_BLOCK(NAME(dequantize_q6_k)); break;
    case CK_IQ4_NL: EACH_BLOCK(NAME(dequantize_iq4_nl)); break;
    case CK_IQ4_XS: EACH_BLOCK(NAME(dequantize_iq4_xs)); break;
    }
#undef EACH_BLOCK
}

#if defined(__clang__)
#pragma STDC FP_CONTRACT DEFAULT
#endif
