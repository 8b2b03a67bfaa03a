// The functions that Swift calls: each goes to the kernel of the instruction set in use.
#include "kernels.h"

float ck_dot_f32(const float *a, const float *b, size_t count) { return ck_kernels.dot_f32(a, b, count); }

float ck_squared_distance_f32(const float *a, const float *b, size_t count) {
    return ck_kernels.squared_distance_f32(a, b, count);
}

float ck_dot_f32_f16(const float *a, const uint16_t *b, size_t count) { return ck_kernels.dot_f32_f16(a, b, count); }

int32_t ck_dot_i8(const int8_t *a, const int8_t *b, size_t count) { return ck_kernels.dot_i8(a, b, count); }

uint32_t ck_hamming(const uint8_t *a, const uint8_t *b, size_t bytes) { return ck_kernels.hamming(a, b, bytes); }

float ck_quantize_i8(const float *values, size_t count, int8_t *quantized) {
    return ck_kernels.quantize_i8(values, count, quantized);
}

// Rows of an index lie anywhere in memory and are seldom in a cache: ask for them this far ahead.
enum { ahead = 3, line = 64 };

static inline void fetch(const void *row, size_t bytes) {
    for (size_t i = 0; i < bytes; i += line) __builtin_prefetch((const char *)row + i);
}

#define DEFINE_BATCH(name, kernel, query_type, row_type, result_type)                                        \
    void name(const query_type *query, const row_type *const *rows, size_t rowCount, size_t count,           \
              result_type *results) {                                                                        \
        size_t bytes = count * sizeof(row_type);                                                             \
        for (size_t i = 0; i < rowCount && i < ahead; i++) fetch(rows[i], bytes);                            \
        for (size_t i = 0; i < rowCount; i++) {                                                              \
            if (i + ahead < rowCount) fetch(rows[i + ahead], bytes);                                         \
            results[i] = ck_kernels.kernel(query, rows[i], count);                                           \
        }                                                                                                    \
    }

DEFINE_BATCH(ck_dots_f32, dot_f32, float, float, float)
DEFINE_BATCH(ck_dots_f32_f16, dot_f32_f16, float, uint16_t, float)

void ck_dots_i8(const int8_t *query, const int8_t *const *rows, size_t rowCount, size_t count, int32_t *results) {
    ck_kernels.dots_i8(query, rows, rowCount, count, results);
}

void ck_dots_i8_signs(const int8_t *query, const uint8_t *const *rows, size_t rowCount, size_t count, int32_t *results) {
    ck_kernels.dots_i8_signs(query, rows, rowCount, count, results);
}

size_t ck_insert_u64(uint64_t *sorted, size_t count, uint64_t key) { return ck_kernels.insert_u64(sorted, count, key); }

DEFINE_BATCH(ck_squared_distances_f32, squared_distance_f32, float, float, float)
DEFINE_BATCH(ck_hammings, hamming, uint8_t, uint8_t, uint32_t)

static inline float float_from_bits(uint32_t bits) {
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

float ck_f16_to_f32(uint16_t half) {
    uint32_t sign = (uint32_t)(half & 0x8000) << 16, rest = half & 0x7fff;
    if (rest >= 0x7c00) return float_from_bits(sign | 0x7f800000 | (rest & 0x3ff) << 13);  // infinity, NaN
    // Moved into a float's place, the exponent is 112 too small: one exact product corrects it, subnormals too.
    return float_from_bits(sign | rest << 13) * 0x1p112f;
}

uint16_t ck_f32_to_f16(float value) {
    uint32_t bits;
    memcpy(&bits, &value, 4);
    uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
    bits &= 0x7fffffff;
    if (bits > 0x7f800000) return sign | 0x7e00;   // NaN
    if (bits >= 0x47800000) return sign | 0x7c00;  // 2^16 and above, infinity
    if (bits < 0x38800000) {                       // below 2^-14: adding 0.5 leaves units of 2^-24
        value = float_from_bits(bits) + 0.5f;
        memcpy(&bits, &value, 4);
        return sign | (uint16_t)(bits - 0x3f000000);
    }
    bits += 0xfff + (bits >> 13 & 1);  // to nearest even; a carry may reach the exponent, up to infinity
    return sign | (uint16_t)((bits - 0x38000000) >> 13);
}

size_t ck_block_elements(ck_type type) {
    switch (type) {
    case CK_F32:
    case CK_F16:
    case CK_BF16: return 1;
    case CK_Q4_0:
    case CK_Q4_1:
    case CK_Q5_0:
    case CK_Q5_1:
    case CK_Q8_0:
    case CK_IQ4_NL: return 32;
    case CK_Q2_K:
    case CK_Q3_K:
    case CK_Q4_K:
    case CK_Q5_K:
    case CK_Q6_K:
    case CK_IQ4_XS: return 256;
    }
    return 1;
}

size_t ck_block_bytes(ck_type type) { return ck_block_bytes_of(type); }

size_t ck_type_bytes(ck_type type, size_t count) { return count / ck_block_elements(type) * ck_block_bytes(type); }

void ck_dequantize(ck_type type, const void *source, float *destination, size_t count) {
    ck_kernels.dequantize(type, source, destination, count);
}

void ck_quantize_q8_0(const float *source, void *destination, size_t count) {
    uint8_t *block = destination;
    for (size_t i = 0; i < count; i += 32, block += 34) {
        uint16_t scale = ck_f32_to_f16(ck_kernels.quantize_i8(source + i, 32, (int8_t *)block + 2));
        memcpy(block, &scale, 2);
    }
}

void ck_convert_f32_to_f16(const float *source, uint16_t *destination, size_t count) {
    ck_kernels.convert_f32_to_f16(source, destination, count);
}

void ck_convert_f16_to_f32(const uint16_t *source, float *destination, size_t count) {
    ck_kernels.convert_f16_to_f32(source, destination, count);
}

void ck_rms_norm(const float *x, size_t rows, size_t width, const float *weight, float epsilon, float *output) {
    ck_kernels.rms_norm(x, rows, width, weight, epsilon, output);
}

void ck_layer_norm(const float *x, const float *residual, size_t rows, size_t width, const float *weight,
                   const float *bias, float epsilon, float *output) {
    ck_kernels.layer_norm(x, residual, rows, width, weight, bias, epsilon, output);
}

ptrdiff_t ck_largest(const float *x, size_t count) { return ck_kernels.largest(x, count); }
void ck_softmax(float *x, size_t count) { ck_kernels.softmax(x, count); }

void ck_silu_multiply(const float *gate, const float *up, float *output, size_t count) {
    ck_kernels.silu_multiply(gate, up, output, count);
}

void ck_gelu(float *x, size_t count) { ck_kernels.gelu(x, count); }

void ck_gelu_tanh(float *x, size_t count) { ck_kernels.gelu_tanh(x, count); }

void ck_add(float *destination, const float *source, size_t count) {
    ck_kernels.add_scaled(destination, source, 1, count);
}

void ck_add_scaled(float *destination, const float *source, float scale, size_t count) {
    ck_kernels.add_scaled(destination, source, scale, count);
}

void ck_rotate(float *row, size_t heads, size_t headDimension, size_t pairs, int interleaved, const float *cosines,
               const float *sines) {
    ck_kernels.rotate(row, heads, headDimension, pairs, interleaved, cosines, sines);
}

void ck_attention(const float *queries, size_t queryStride, size_t rows, size_t group, ck_head_cache cache,
                  size_t visible, int causal, size_t headDimension, float scale, float *output, size_t outputStride) {
    ck_kernels.attention(queries, queryStride, rows, group, cache, visible, causal, headDimension, scale, output,
                         outputStride);
}

void ck_attention_fast(const float *queries, size_t queryStride, size_t rows, size_t group, ck_head_cache cache,
                       size_t visible, int causal, size_t headDimension, float scale, float *output,
                       size_t outputStride) {
    if (cache.type == CK_Q8_0) {  // no tiles of bytes
        ck_kernels.attention(queries, queryStride, rows, group, cache, visible, causal, headDimension, scale, output,
                             outputStride);
        return;
    }
    ck_kernels.attention_fast(queries, queryStride, rows, group, cache, visible, causal, headDimension, scale, output,
                              outputStride);
}
