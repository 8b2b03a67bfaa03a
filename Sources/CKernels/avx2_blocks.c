// Products with block-quantised weights on processors with AVX2 and no VNNI.
//
// A few rows are multiplied from weights as they are stored, with activations rounded to 16 bits: the instruction takes
// pairs of 16-bit numbers, and widening digits costs little beside reading them. Many rows go through panels of eight
// outputs, with activations rounded to 8 bits: unsigned digits times signed bytes, added up in 16 bits for as many steps
// as cannot overflow.
#if defined(__x86_64__)
#include "kernels.h"

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,popcnt"))), apply_to = function)

#include "avx2_weights.h"

enum {
    panel_width = 8,
    panel_rows = 4,
    line = panel_width * 4,
    ahead = 3072,  // bytes by which weights are asked for before they are used
};

// ---- activations: `digits` bytes for each, then scales of blocks, then sums s·Σq of their halves ----

static inline size_t padded(size_t inputs) { return (inputs / block + 7) / 8 * 8; }
ALWAYS size_t row_bytes_of(const size_t digits, size_t inputs) { return padded(inputs) * (digits * block + 12); }

typedef struct {
    const char *digits;
    const float *scales, *sums;
} packed_row;

ALWAYS packed_row row_at(const size_t digits, const void *activations, size_t row, size_t inputs) {
    const char *base = (const char *)activations + row * row_bytes_of(digits, inputs);
    const float *scales = (const float *)(base + padded(inputs) * digits * block);
    return (packed_row){base, scales, scales + padded(inputs)};
}

ALWAYS float largest_of(const float *x) {
    __m256 largest = _mm256_setzero_ps(), sign = _mm256_set1_ps(-0.0f);
    for (size_t i = 0; i < block; i += 8) largest = _mm256_max_ps(largest, _mm256_andnot_ps(sign, _mm256_loadu_ps(x + i)));
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(largest), _mm256_extractf128_ps(largest, 1));
    four = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
}

ALWAYS void pack_row(const size_t digits, const float *input, size_t inputs, char *out) {
    const float most = digits == 1 ? 127 : 32512;
    float *scales = (float *)(out + padded(inputs) * digits * block), *sums = scales + padded(inputs);
    for (size_t b = 0; b < inputs / block; b++, input += block, out += digits * block) {
        float largest = largest_of(input), inverse = largest > 0 ? most / largest : 0;
        scales[b] = largest / most;
        int sum[2] = {0};
        for (size_t i = 0; i < block; i++) {
            int q = _mm_cvtss_si32(_mm_set_ss(input[i] * inverse));
            sum[i / 16] += q;
            if (digits == 1) ((int8_t *)out)[i] = (int8_t)q;
            else ((int16_t *)(void *)out)[i] = (int16_t)q;
        }
        sums[2 * b] = scales[b] * (float)sum[0], sums[2 * b + 1] = scales[b] * (float)sum[1];
    }
}

// ---- a few rows ----

// Σ digit·q of 32 inputs: four lanes of the first 16, then four of the last.
ALWAYS __m256i multiply_block(const ck_type type, __m256i digits, const char *q) {
    __m128i low = _mm256_castsi256_si128(digits), high = _mm256_extracti128_si256(digits, 1);
    __m256i first = is_signed(type) ? _mm256_cvtepi8_epi16(low) : _mm256_cvtepu8_epi16(low);
    __m256i last = is_signed(type) ? _mm256_cvtepi8_epi16(high) : _mm256_cvtepu8_epi16(high);
    first = _mm256_madd_epi16(first, _mm256_loadu_si256((const __m256i *)q));
    last = _mm256_madd_epi16(last, _mm256_loadu_si256((const __m256i *)(q + 32)));
    if (!has_halves(type)) return _mm256_add_epi32(first, last);
    __m128i a = _mm_add_epi32(_mm256_castsi256_si128(first), _mm256_extracti128_si256(first, 1));
    __m128i b = _mm_add_epi32(_mm256_castsi256_si128(last), _mm256_extracti128_si256(last, 1));
    return _mm256_set_m128i(b, a);
}

ALWAYS float add_lanes(__m256 sum) {
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
    four = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
}

ALWAYS void multiply_output(const ck_type type, const uint8_t *weight, const packed_row *row, size_t blocks,
                            const size_t rows, float *results, size_t stride) {
    __m256 sum[panel_rows];
    float minima[panel_rows] = {0};
    size_t bytes = blocks / blocks_at_once(type) * ck_block_bytes_of(type);
    for (size_t i = 0; i < bytes; i += 64) _mm_prefetch((const char *)weight + ahead + i, _MM_HINT_T0);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) sum[r] = _mm256_setzero_ps();
    for (size_t b = 0; b < blocks; b += blocks_at_once(type), weight += ck_block_bytes_of(type)) {
        block_scales scales;
        load_scales(type, weight, &scales);
        for (size_t i = 0; i < blocks_at_once(type); i++) {
            __m256i digits = load_digits(type, weight, i);
            size_t at = has_halves(type) ? 2 * i : i;
            __m256 scale = has_halves(type) ? _mm256_set_m128(_mm_set1_ps(scales.scale[at + 1]), _mm_set1_ps(scales.scale[at]))
                                            : _mm256_set1_ps(scales.scale[at]);
#pragma clang loop unroll(full)
            for (size_t r = 0; r < rows; r++) {
                __m256 product = _mm256_cvtepi32_ps(multiply_block(type, digits, row[r].digits + (b + i) * 2 * block));
                sum[r] = _mm256_fmadd_ps(_mm256_mul_ps(product, scale), _mm256_set1_ps(row[r].scales[b + i]), sum[r]);
                if (is_signed(type)) continue;
                const float *sums = row[r].sums + 2 * (b + i);
                minima[r] += has_halves(type) ? scales.minimum[at] * sums[0] + scales.minimum[at + 1] * sums[1]
                                              : scales.minimum[at] * (sums[0] + sums[1]);
            }
        }
    }
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) results[r * stride] = add_lanes(sum[r]) + minima[r];
}

ALWAYS void multiply_outputs(const ck_type type, const void *activations, size_t first, const size_t rows,
                             const uint8_t *weight, size_t inputs, size_t count, float *results) {
    packed_row row[panel_rows];
    for (size_t r = 0; r < rows; r++) row[r] = row_at(2, activations, first + r, inputs);
    for (size_t n = 0; n < count; n++, weight += ck_type_bytes(type, inputs))
        multiply_output(type, weight, row, inputs / block, rows, results + first * count + n, count);
}

ALWAYS void multiply_stored_of(const ck_type type, const void *activations, size_t rows, const uint8_t *weight,
                               size_t inputs, size_t count, float *results) {
    size_t r = 0;
    for (; r + 4 <= rows; r += 4) multiply_outputs(type, activations, r, 4, weight, inputs, count, results);
    for (; r < rows; r++) multiply_outputs(type, activations, r, 1, weight, inputs, count, results);
}

static void multiply_stored(const void *activations, size_t rows, ck_type type, const void *weight, size_t inputs,
                            size_t count, float *results) {
    FOR_TYPE(type, multiply_stored_of, activations, rows, weight, inputs, count, results)
}

// ---- panels: for each block (or half of one) 8 scales, 8 minima, then digits as [steps of 4 inputs][8 outputs][4] ----

ALWAYS size_t part_inputs(const ck_type type) { return has_halves(type) ? block / 2 : block; }
ALWAYS size_t part_bytes(const ck_type type) { return 2 * line + part_inputs(type) / 4 * line; }

static size_t panel_bytes(ck_type type, size_t inputs) { return inputs / part_inputs(type) * part_bytes(type); }

ALWAYS void pack_block(const ck_type type, __m256i digits, const float *scales, const float *minima, size_t n, char *panel) {
    uint32_t words[8];
    _mm256_storeu_si256((__m256i *)words, digits);
    const size_t parts = block / part_inputs(type), steps = part_inputs(type) / 4;
    for (size_t p = 0; p < parts; p++, panel += part_bytes(type)) {
        memcpy(panel + n * 4, &scales[p], 4);
        if (!is_signed(type)) memcpy(panel + line + n * 4, &minima[p], 4);
        for (size_t s = 0; s < steps; s++) memcpy(panel + (2 + s) * line + n * 4, &words[p * steps + s], 4);
    }
}

ALWAYS void pack_panel_of(const ck_type type, const uint8_t *weight, size_t count, size_t inputs, char *panel) {
    const size_t parts = block / part_inputs(type);
    for (size_t n = 0; n < count; n++)
        for (size_t b = 0; b < inputs / block; b += blocks_at_once(type), weight += ck_block_bytes_of(type)) {
            block_scales scales;
            load_scales(type, weight, &scales);
            for (size_t i = 0; i < blocks_at_once(type); i++)
                pack_block(type, load_digits(type, weight, i), scales.scale + i * parts, scales.minimum + i * parts, n,
                           panel + (b + i) * parts * part_bytes(type));
        }
}

static void pack_panel(ck_type type, const void *weight, size_t count, size_t inputs, void *panel) {
    memset(panel, 0, panel_bytes(type, inputs));
    FOR_TYPE(type, pack_panel_of, weight, count, inputs, panel)
}

// Steps whose sums of products fit into 16 bits: digits below 16, 32 and 64 by 127, and signed ones by 127.
ALWAYS size_t steps_together(const ck_type type) {
    return is_signed(type) ? 1 : has_halves(type) ? 2 : type == CK_Q4_1 ? 8 : 4;
}

ALWAYS void multiply_rows(const ck_type type, const void *activations, size_t first, const size_t rows, const char *panel,
                          size_t inputs, float *results) {
    const __m256i ones = _mm256_set1_epi16(1);
    packed_row row[panel_rows];
    __m256 total[panel_rows];
    for (size_t r = 0; r < rows; r++) row[r] = row_at(1, activations, first + r, inputs), total[r] = _mm256_setzero_ps();
    const size_t steps = part_inputs(type) / 4, parts = block / part_inputs(type), some = steps_together(type);
    for (size_t p = 0; p < inputs / part_inputs(type); p++, panel += part_bytes(type)) {
        __m256i sum[panel_rows];
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) sum[r] = _mm256_setzero_si256();
#pragma clang loop unroll(full)
        for (size_t s = 0; s < steps; s += some) {
            __m256i narrow[panel_rows];
#pragma clang loop unroll(full)
            for (size_t i = 0; i < some; i++) {
                __m256i w = bytes_at((const uint8_t *)panel + (2 + s + i) * line), size = _mm256_abs_epi8(w);
#pragma clang loop unroll(full)
                for (size_t r = 0; r < rows; r++) {
                    int32_t four;
                    memcpy(&four, row[r].digits + p * part_inputs(type) + (s + i) * 4, 4);
                    __m256i x = _mm256_set1_epi32(four);
                    __m256i pairs = is_signed(type) ? _mm256_maddubs_epi16(size, _mm256_sign_epi8(x, w))
                                                    : _mm256_maddubs_epi16(w, x);
                    narrow[r] = i ? _mm256_add_epi16(narrow[r], pairs) : pairs;
                }
            }
#pragma clang loop unroll(full)
            for (size_t r = 0; r < rows; r++) sum[r] = _mm256_add_epi32(sum[r], _mm256_madd_epi16(narrow[r], ones));
        }
        __m256 scale = _mm256_loadu_ps((const float *)panel), minimum = _mm256_loadu_ps((const float *)(panel + line));
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) {
            __m256 s = _mm256_set1_ps(row[r].scales[p / parts]);
            total[r] = _mm256_fmadd_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(sum[r]), scale), s, total[r]);
            if (is_signed(type)) continue;
            const float *sums = row[r].sums + 2 * p / parts;
            total[r] = _mm256_fmadd_ps(minimum, _mm256_set1_ps(has_halves(type) ? sums[0] : sums[0] + sums[1]), total[r]);
        }
    }
    for (size_t r = 0; r < rows; r++) _mm256_storeu_ps(results + r * panel_width, total[r]);
}

ALWAYS void multiply_of(const ck_type type, const void *activations, size_t first, size_t rows, const char *panel,
                        size_t inputs, float *results) {
    for (; rows >= 4; rows -= 4, first += 4, results += 4 * panel_width)
        multiply_rows(type, activations, first, 4, panel, inputs, results);
    for (; rows > 0; rows--, first++, results += panel_width)
        multiply_rows(type, activations, first, 1, panel, inputs, results);
}

// Four shapes of panels serve all types.
static void multiply(const void *activations, size_t first, size_t rows, ck_type type, const void *panel, size_t inputs,
                     float *results) {
    bool four = type == CK_Q4_0 || type == CK_Q4_1 || type == CK_Q4_K;
    if (has_halves(type)) multiply_of(CK_Q6_K, activations, first, rows, panel, inputs, results);
    else if (is_signed(type)) multiply_of(CK_Q8_0, activations, first, rows, panel, inputs, results);
    else if (four) multiply_of(CK_Q4_1, activations, first, rows, panel, inputs, results);
    else multiply_of(CK_Q5_1, activations, first, rows, panel, inputs, results);
}

#define ACTIVATIONS(digits)                                                                                         \
    static size_t activation_bytes_##digits(size_t rows, size_t inputs) { return rows * row_bytes_of(digits, inputs); } \
    static void pack_activations_##digits(const float *input, size_t first, size_t rows, size_t inputs, void *packed) { \
        for (size_t r = first; r < first + rows; r++)                                                               \
            pack_row(digits, input + r * inputs, inputs, (char *)packed + r * row_bytes_of(digits, inputs));        \
    }

ACTIVATIONS(1)
ACTIVATIONS(2)

const ck_engine_kernels ck_engine_q8_avx2 = {
    .panel_outputs = panel_width,
    .rows_at_once = 64,
    .panel_bytes = panel_bytes,
    .pack_panel = pack_panel,
    .activation_bytes = activation_bytes_1,
    .pack_activations = pack_activations_1,
    .multiply = multiply,
};

const ck_engine_kernels ck_engine_rows_avx2 = {
    .activation_bytes = activation_bytes_2,
    .pack_activations = pack_activations_2,
    .multiply_stored = multiply_stored,
};

#pragma clang attribute pop
#endif
