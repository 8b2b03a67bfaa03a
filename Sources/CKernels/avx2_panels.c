// Products of many rows with block-quantised weights, on processors with AVX2 and no VNNI.
//
// Weights are unpacked once for all rows into panels of eight outputs: unsigned digits times signed bytes, added up in 16 bits
// for as many steps as cannot overflow. Activations are rounded in blocks of 32 to x ≈ s·q with q = 254·h + l, and have the
// second digit where it is worth most (see vnni_activations.h; 254 keeps both digits within ±127, so that they can change sign).
#if defined(__x86_64__)
#include "panel_engine.h"

#include <immintrin.h>
#include <math.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,popcnt"))), apply_to = function)

#include "avx2_weights.h"

enum {
    panel_width = 8,
    panel_rows = 4,
    line = panel_width * 4,
};

// ---- activations: first digits; second ones, if there are any; scales 254·s of blocks; sums s·Σq of their halves; for each
// block, whether it has second digits ----

static const float digit_base = 254;
// Products that take twice the time for all blocks are not worth it here, whatever the weights.
static const float least_outliers = 6;

static inline size_t padded(size_t inputs) { return (inputs / block + 7) / 8 * 8; }
ALWAYS size_t row_bytes_of(const size_t digits, size_t inputs) { return padded(inputs) * (digits * block + 16); }

typedef struct {
    const char *digits, *second;
    const float *scales, *sums;
    const uint8_t *has_second;
} packed_row;

ALWAYS packed_row row_at(const size_t digits, const void *activations, size_t row, size_t inputs) {
    const char *base = (const char *)activations + row * row_bytes_of(digits, inputs);
    const float *scales = (const float *)(base + padded(inputs) * digits * block);
    return (packed_row){base, base + padded(inputs) * (digits - 1) * block, scales, scales + padded(inputs),
                        (const uint8_t *)(scales + 3 * padded(inputs))};
}

// Packing goes by halves of a vector: groups of four digits of 0, 4, 1, 5 … eighths.
ALWAYS void store_digits(const __m256i *q, char *out) {
    __m256i all = _mm256_packs_epi16(_mm256_packs_epi32(q[0], q[1]), _mm256_packs_epi32(q[2], q[3]));
    all = _mm256_permutevar8x32_epi32(all, _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7));
    _mm256_storeu_si256((__m256i *)out, all);
}

// Splits q into first digits, in place of it, and second ones.
ALWAYS void split_digits(__m256i *q, __m256i *second) {
    for (size_t i = 0; i < 4; i++) {
        __m256i high = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_cvtepi32_ps(q[i]), _mm256_set1_ps(1 / digit_base)));
        second[i] = _mm256_sub_epi32(q[i], _mm256_mullo_epi32(high, _mm256_set1_epi32((int)digit_base)));
        q[i] = high;
    }
}

// Blocks whose largest value is above `most` get second digits.
ALWAYS void pack_row(const size_t digits, const float *input, size_t inputs, float most, char *out) {
    size_t blocks = padded(inputs);
    float *scales = (float *)(out + blocks * digits * block), *sums = scales + blocks;
    uint8_t *has_second = (uint8_t *)(scales + 3 * blocks);
    char *second_out = out + blocks * block;
    for (size_t b = 0; b < inputs / block; b++, input += block, out += block, second_out += block) {
        float largest = largest_of(input);
        bool both = digits == 2 && largest > most;
        float base = both ? digit_base : 1, scale = largest / (127 * base);
        __m256 inverse = _mm256_set1_ps(largest > 0 ? 127 * base / largest : 0);
        __m256i q[4], second[4] = {};
        for (size_t i = 0; i < 4; i++) q[i] = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(input + 8 * i), inverse));
        sums[2 * b] = scale * (float)sum_of(q[0], q[1]), sums[2 * b + 1] = scale * (float)sum_of(q[2], q[3]);
        if (both) split_digits(q, second);
        scales[b] = largest / 127, has_second[b] = both;
        store_digits(q, out);
        if (digits == 2) store_digits(second, second_out);
    }
}

ALWAYS void pack_rows(const size_t digits, const float *input, size_t first, size_t rows, size_t inputs, float outliers,
                      char *packed) {
    for (size_t r = first; r < first + rows; r++) {
        const float *row = input + r * inputs;
        float square = digits == 1 ? 0 : mean_square_of(row, inputs);
        float most = (outliers > least_outliers ? outliers : least_outliers) * sqrtf(square);
        pack_row(digits, row, inputs, most, packed + r * row_bytes_of(digits, inputs));
    }
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

// Σ w·q of a part, digits at `place` of all rows.
ALWAYS void multiply_part(const ck_type type, const char *const *place, const size_t rows, const char *words, __m256i *sum) {
    const __m256i ones = _mm256_set1_epi16(1);
    const size_t steps = part_inputs(type) / 4, some = steps_together(type);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) sum[r] = _mm256_setzero_si256();
#pragma clang loop unroll(full)
    for (size_t s = 0; s < steps; s += some) {
        __m256i narrow[panel_rows];
#pragma clang loop unroll(full)
        for (size_t i = 0; i < some; i++) {
            __m256i w = bytes_at((const uint8_t *)words + (s + i) * line), size = _mm256_abs_epi8(w);
#pragma clang loop unroll(full)
            for (size_t r = 0; r < rows; r++) {
                int32_t four;
                memcpy(&four, place[r] + (s + i) * 4, 4);
                __m256i x = _mm256_set1_epi32(four);
                __m256i pairs = is_signed(type) ? _mm256_maddubs_epi16(size, _mm256_sign_epi8(x, w))
                                                : _mm256_maddubs_epi16(w, x);
                narrow[r] = i ? _mm256_add_epi16(narrow[r], pairs) : pairs;
            }
        }
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) sum[r] = _mm256_add_epi32(sum[r], _mm256_madd_epi16(narrow[r], ones));
    }
}

ALWAYS void add_scaled(const __m256i *sum, __m256 scale, const packed_row *row, const size_t rows, size_t b, __m256 *total) {
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++)
        total[r] = _mm256_fmadd_ps(_mm256_mul_ps(_mm256_cvtepi32_ps(sum[r]), scale), _mm256_set1_ps(row[r].scales[b]),
                                   total[r]);
}

ALWAYS bool any_has_second(const packed_row *row, const size_t rows, size_t b) {
    uint8_t any = 0;
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) any |= row[r].has_second[b];
    return any;
}

ALWAYS void multiply_rows(const ck_type type, const size_t digits, const void *activations, size_t first,
                          const size_t rows, const char *panel, size_t inputs, float *results) {
    packed_row row[panel_rows];
    __m256 total[panel_rows];
    for (size_t r = 0; r < rows; r++)
        row[r] = row_at(digits, activations, first + r, inputs), total[r] = _mm256_setzero_ps();
    const size_t parts = block / part_inputs(type);
    for (size_t p = 0; p < inputs / part_inputs(type); p++, panel += part_bytes(type)) {
        const size_t b = p / parts, offset = p * part_inputs(type);
        const char *place[panel_rows], *words = panel + 2 * line;
        __m256i sum[panel_rows];
        __m256 scale = _mm256_loadu_ps((const float *)panel), minimum = _mm256_loadu_ps((const float *)(panel + line));
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) place[r] = row[r].digits + offset;
        multiply_part(type, place, rows, words, sum);
        add_scaled(sum, scale, row, rows, b, total);
        if (digits == 2 && any_has_second(row, rows, b)) {
#pragma clang loop unroll(full)
            for (size_t r = 0; r < rows; r++) place[r] = row[r].second + offset;
            multiply_part(type, place, rows, words, sum);
            add_scaled(sum, _mm256_mul_ps(scale, _mm256_set1_ps(1 / digit_base)), row, rows, b, total);
        }
        if (is_signed(type)) continue;
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) {
            const float *sums = row[r].sums + 2 * p / parts;
            total[r] = _mm256_fmadd_ps(minimum, _mm256_set1_ps(has_halves(type) ? sums[0] : sums[0] + sums[1]), total[r]);
        }
    }
    for (size_t r = 0; r < rows; r++) _mm256_storeu_ps(results + r * panel_width, total[r]);
}

ALWAYS void multiply_of(const ck_type type, const size_t digits, const void *activations, size_t first, size_t rows,
                        const char *panel, size_t inputs, float *results) {
    for (; rows >= 4; rows -= 4, first += 4, results += 4 * panel_width)
        multiply_rows(type, digits, activations, first, 4, panel, inputs, results);
    for (; rows > 0; rows--, first++, results += panel_width)
        multiply_rows(type, digits, activations, first, 1, panel, inputs, results);
}

// Four shapes of panels serve all types.
ALWAYS void multiply(const size_t digits, const void *activations, size_t first, size_t rows, ck_type type,
                     const void *panel, size_t inputs, float *results) {
    bool four = type == CK_Q4_0 || type == CK_Q4_1 || type == CK_Q4_K;
    if (has_halves(type)) multiply_of(CK_Q6_K, digits, activations, first, rows, panel, inputs, results);
    else if (is_signed(type)) multiply_of(CK_Q8_0, digits, activations, first, rows, panel, inputs, results);
    else if (four) multiply_of(CK_Q4_1, digits, activations, first, rows, panel, inputs, results);
    else multiply_of(CK_Q5_1, digits, activations, first, rows, panel, inputs, results);
}

PANEL_ENGINE(ck_engine_q8_avx2, 1, 64, NULL)
PANEL_ENGINE(ck_engine_q16_avx2, 2, 64, NULL)

#pragma clang attribute pop
#endif
