// Products of many rows with block-quantised weights, on processors with AVX2 and no VNNI.
//
// Weights are unpacked once for all rows into panels of eight outputs, activations rounded to 8 bits: unsigned digits times
// signed bytes, added up in 16 bits for as many steps as cannot overflow.
#if defined(__x86_64__)
#include "kernels.h"

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,popcnt"))), apply_to = function)

#include "avx2_weights.h"

enum {
    panel_width = 8,
    panel_rows = 4,
    line = panel_width * 4,
};

// ---- activations: 8-bit digits, then scales of blocks, then sums s·Σq of their halves ----

static inline size_t padded(size_t inputs) { return (inputs / block + 7) / 8 * 8; }
static inline size_t row_bytes_of(size_t inputs) { return padded(inputs) * (block + 12); }
static size_t activation_bytes(size_t rows, size_t inputs) { return rows * row_bytes_of(inputs); }

typedef struct {
    const char *digits;
    const float *scales, *sums;
} packed_row;

ALWAYS packed_row row_at(const void *activations, size_t row, size_t inputs) {
    const char *base = (const char *)activations + row * row_bytes_of(inputs);
    const float *scales = (const float *)(base + padded(inputs) * block);
    return (packed_row){base, scales, scales + padded(inputs)};
}

static void pack_row(const float *input, size_t inputs, char *out) {
    float *scales = (float *)(out + padded(inputs) * block), *sums = scales + padded(inputs);
    for (size_t b = 0; b < inputs / block; b++, input += block, out += block) {
        float largest = largest_of(input);
        __m256 inverse = _mm256_set1_ps(largest > 0 ? 127 / largest : 0);
        __m256i q[4];
        for (size_t i = 0; i < 4; i++) q[i] = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(input + 8 * i), inverse));
        scales[b] = largest / 127;
        sums[2 * b] = scales[b] * (float)sum_of(q[0], q[1]), sums[2 * b + 1] = scales[b] * (float)sum_of(q[2], q[3]);
        // Packing goes by halves of a vector: groups of four digits of 0, 4, 1, 5 … eighths.
        __m256i all = _mm256_packs_epi16(_mm256_packs_epi32(q[0], q[1]), _mm256_packs_epi32(q[2], q[3]));
        all = _mm256_permutevar8x32_epi32(all, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
        _mm256_storeu_si256((__m256i *)out, all);
    }
}

static void pack_activations(const float *input, size_t first, size_t rows, size_t inputs, float outliers,
                             void *packed) {
    (void)outliers;
    for (size_t r = first; r < first + rows; r++) pack_row(input + r * inputs, inputs, (char *)packed + r * row_bytes_of(inputs));
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
    for (size_t r = 0; r < rows; r++) row[r] = row_at(activations, first + r, inputs), total[r] = _mm256_setzero_ps();
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

const ck_engine_kernels ck_engine_q8_avx2 = {
    .panel_outputs = panel_width,
    .rows_at_once = 64,
    .panel_bytes = panel_bytes,
    .pack_panel = pack_panel,
    .activation_bytes = activation_bytes,
    .pack_activations = pack_activations,
    .multiply = multiply,
};

#pragma clang attribute pop
#endif
