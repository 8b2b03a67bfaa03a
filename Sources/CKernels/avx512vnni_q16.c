// Products of block-quantised weights with activations rounded to 16 bits, with AVX-512 VNNI.
//
// Activations are rounded in the weights' blocks of 32 to x ≈ s·q with q = 256·h + l, and the instruction multiplies the
// weights with the high and with the low digits. For a few rows, as in decoding, it is reading the weights that takes the
// time, and the second digit costs nothing; for many it costs half the speed, and buys what 8 bits lose: the most likely
// token of a small model differs from plain arithmetic at 0.1% of positions instead of 4%.
#if defined(__x86_64__)
#include "kernels.h"

#pragma clang attribute push(                                                                                       \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"))), apply_to = function)
#include "vnni_panels.h"

enum {
    chunk = 4,   // blocks whose digits fill two vectors
    group = 16,  // blocks whose scales fill a vector
    chunk_bytes = 2 * chunk * block,
    most_rows = 4,
    outputs_at_once = 4,
    largest_digit = 127 * 256,  // so that the high digit of none becomes 128
    panel_rows = 6,
    ahead = 3072,               // bytes by which weights are asked for before they are used
};

static size_t chunks_of(size_t inputs) { return (inputs / block + chunk - 1) / chunk; }
static size_t groups_of(size_t inputs) { return (inputs / block + group - 1) / group; }

// A packed row: chunks of digits; then for each group 16 scales s; then for each group 16 sums s·Σq. A chunk holds the
// high digits of the first 16 inputs of its four blocks, those of the last 16, then the low digits in the same order:
// a byte of 4-bit weights holds one of the first and one of the last.
static size_t row_bytes_of(size_t inputs) { return chunks_of(inputs) * chunk_bytes + groups_of(inputs) * 2 * group * 4; }

typedef struct {
    const int8_t *digits;
    const float *scales, *sums;
} packed_row;

static inline packed_row row_at(const void *activations, size_t row, size_t inputs) {
    const char *base = (const char *)activations + row * row_bytes_of(inputs);
    const float *scales = (const float *)(base + chunks_of(inputs) * chunk_bytes);
    return (packed_row){(const int8_t *)base, scales, scales + groups_of(inputs) * group};
}

static size_t activation_bytes(size_t rows, size_t inputs) { return rows * row_bytes_of(inputs); }

static inline void store_digits(__m512i values, char *out) {
    __m512i upper = _mm512_srai_epi32(_mm512_add_epi32(values, _mm512_set1_epi32(128)), 8);
    __m512i lower = _mm512_sub_epi32(values, _mm512_slli_epi32(upper, 8));
    _mm_storeu_si128((__m128i *)out, _mm512_cvtepi32_epi8(upper));
    _mm_storeu_si128((__m128i *)(out + chunk_bytes / 2), _mm512_cvtepi32_epi8(lower));
}

static void pack_row(const float *input, size_t inputs, char *out) {
    size_t blocks = inputs / block;
    float *scales = (float *)(out + chunks_of(inputs) * chunk_bytes), *sums = scales + groups_of(inputs) * group;
    if (blocks % chunk) memset(out + blocks / chunk * chunk_bytes, 0, chunk_bytes);
    memset(scales, 0, groups_of(inputs) * 2 * group * sizeof(float));
    for (size_t b = 0; b < blocks; b++, input += block) {
        __m512 first = _mm512_loadu_ps(input), last = _mm512_loadu_ps(input + 16);
        float largest = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(first), _mm512_abs_ps(last)));
        __m512 inverse = _mm512_set1_ps(largest > 0 ? largest_digit / largest : 0);
        __m512i a = _mm512_cvtps_epi32(_mm512_mul_ps(first, inverse));
        __m512i c = _mm512_cvtps_epi32(_mm512_mul_ps(last, inverse));
        char *digits = out + b / chunk * chunk_bytes + b % chunk * 16;
        store_digits(a, digits);
        store_digits(c, digits + chunk * 16);
        scales[b] = largest / largest_digit;
        sums[b] = scales[b] * (float)_mm512_reduce_add_epi32(_mm512_add_epi32(a, c));
    }
}

static void pack_activations(const float *input, size_t first, size_t rows, size_t inputs, void *packed) {
    for (size_t r = first; r < first + rows; r++)
        pack_row(input + r * inputs, inputs, (char *)packed + r * row_bytes_of(inputs));
}

ALWAYS size_t block_bytes(const ck_type type) { return type == CK_Q4_0 ? 18 : type == CK_Q4_1 ? 20 : 34; }

// The first `words` 32-bit words, at most 16.
ALWAYS __m512i load_words(const uint8_t *source, size_t words) {
    return words >= 16 ? _mm512_loadu_si512(source)
                       : _mm512_maskz_loadu_epi32((__mmask16)((1u << words) - 1), source);
}

// d and m of up to 16 blocks; zero beyond `count`.
ALWAYS void load_scales_q4_1(const uint8_t *blocks, size_t count, __m512 *scale, __m512 *minimum) {
    // 64 bytes hold the headers of 4 blocks, d and m in half precision, at words 0, 5, 10 and 15.
    const __m512i four = _mm512_setr_epi32(0, 5, 10, 15, 16, 21, 26, 31, 0, 5, 10, 15, 16, 21, 26, 31);
    __m512i headers;
    if (count <= chunk) {
        headers = _mm512_maskz_permutexvar_epi32(0x000f, four, load_words(blocks, count * 5));
    } else {
        __m512i part[4];
        for (size_t i = 0; i < 4; i++)
            part[i] = load_words(blocks + i * 80, count <= 4 * i ? 0 : (count - 4 * i) * 5);
        __m512i low = _mm512_permutex2var_epi32(part[0], four, part[1]);
        __m512i high = _mm512_permutex2var_epi32(part[2], four, part[3]);
        headers = _mm512_inserti64x4(low, _mm512_castsi512_si256(high), 1);
    }
    *scale = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(headers));
    *minimum = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(_mm512_srli_epi32(headers, 16)));
}

ALWAYS void load_scales(const ck_type type, const uint8_t *blocks, size_t count, __m512 *scale, __m512 *minimum) {
    if (type == CK_Q4_1) return load_scales_q4_1(blocks, count, scale, minimum);
    const __m512i steps = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i offsets = _mm512_mullo_epi32(steps, _mm512_set1_epi32((int)block_bytes(type)));
    __mmask16 mask = count >= group ? 0xffff : (__mmask16)((1u << count) - 1);
    __m512i headers = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), mask, offsets, blocks, 1);
    *scale = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(headers));
    *minimum = _mm512_mul_ps(*scale, _mm512_set1_ps(type == CK_Q4_0 ? -8 : -128));
}

// 16 bytes of each of `count` blocks, at most 4; zero beyond.
ALWAYS __m512i load_quarters(const uint8_t *source, size_t stride, size_t count) {
    __m512i all = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)source));
    if (count < chunk) all = _mm512_zextsi128_si512(_mm_loadu_si128((const __m128i *)source));
    if (count > 1) all = _mm512_mask_broadcast_i32x4(all, 0x00f0, _mm_loadu_si128((const __m128i *)(source + stride)));
    if (count > 2)
        all = _mm512_mask_broadcast_i32x4(all, 0x0f00, _mm_loadu_si128((const __m128i *)(source + 2 * stride)));
    if (count > 3)
        all = _mm512_mask_broadcast_i32x4(all, 0xf000, _mm_loadu_si128((const __m128i *)(source + 3 * stride)));
    return all;
}

// Unsigned digits u of the first 16 inputs of up to 4 blocks, and of their last 16.
ALWAYS void load_weights(const ck_type type, const uint8_t *blocks, size_t count, __m512i *first, __m512i *last) {
    size_t bytes = block_bytes(type);
    if (type == CK_Q8_0) {
        const __m512i flip = _mm512_set1_epi8((char)0x80);
        *first = _mm512_xor_si512(load_quarters(blocks + 2, bytes, count), flip);
        *last = _mm512_xor_si512(load_quarters(blocks + 18, bytes, count), flip);
        return;
    }
    __m512i pairs;
    if (type == CK_Q4_1 && count == chunk) {
        const __m512i digits = _mm512_setr_epi32(1, 2, 3, 4, 6, 7, 8, 9, 11, 12, 13, 14, 16, 17, 18, 19);
        __m512i rest = _mm512_castsi128_si512(_mm_loadu_si128((const __m128i *)(blocks + 64)));
        pairs = _mm512_permutex2var_epi32(_mm512_loadu_si512(blocks), digits, rest);
    } else {
        pairs = load_quarters(blocks + (type == CK_Q4_1 ? 4 : 2), bytes, count);
    }
    const __m512i mask = _mm512_set1_epi8(15);
    *first = _mm512_and_si512(pairs, mask);
    *last = _mm512_and_si512(_mm512_srli_epi16(pairs, 4), mask);
}

// Σ u·q in 16 lanes, four for each block of a chunk; below 2²⁷.
ALWAYS __m512 multiply_digits(__m512i first, __m512i last, const int8_t *digits) {
    __m512i high = _mm512_dpbusd_epi32(_mm512_setzero_si512(), first, _mm512_loadu_si512(digits));
    high = _mm512_slli_epi32(_mm512_dpbusd_epi32(high, last, _mm512_loadu_si512(digits + 64)), 8);
    __m512i all = _mm512_dpbusd_epi32(high, first, _mm512_loadu_si512(digits + 128));
    return _mm512_cvtepi32_ps(_mm512_dpbusd_epi32(all, last, _mm512_loadu_si512(digits + 192)));
}

// Adds the products of up to 16 blocks of one output; `rows`, and `count` where it is 16, are constants at each use.
ALWAYS void multiply_group(const ck_type type, const uint8_t *weight, size_t count, const packed_row *row, size_t b,
                           const size_t rows, __m512 *sum) {
    const __m512i lanes = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    __m512 scale, minimum, scales[most_rows];
    load_scales(type, weight, count, &scale, &minimum);
    for (size_t r = 0; r < rows; r++) {
        scales[r] = _mm512_mul_ps(scale, _mm512_loadu_ps(row[r].scales + b));
        sum[r] = _mm512_fmadd_ps(minimum, _mm512_loadu_ps(row[r].sums + b), sum[r]);
    }
    for (size_t c = 0; c < count; c += chunk) {
        __m512i first, last, lane = _mm512_add_epi32(lanes, _mm512_set1_epi32((int)c));
        load_weights(type, weight + c * block_bytes(type), count - c < chunk ? count - c : chunk, &first, &last);
        for (size_t r = 0; r < rows; r++) {
            __m512 product = multiply_digits(first, last, row[r].digits + (b + c) / chunk * chunk_bytes);
            sum[r] = _mm512_fmadd_ps(product, _mm512_permutexvar_ps(lane, scales[r]), sum[r]);
        }
    }
}

// One output for `rows` rows, as sums that are still to be added up across lanes.
ALWAYS void multiply_output(const ck_type type, const uint8_t *weight, const packed_row *row, size_t blocks,
                            const size_t rows, __m512 *sum) {
    size_t bytes = block_bytes(type), b = 0;
    for (size_t i = 0; i < blocks * bytes; i += 64) _mm_prefetch((const char *)weight + ahead + i, _MM_HINT_T0);
    for (size_t r = 0; r < rows; r++) sum[r] = _mm512_setzero_ps();
    for (; b + group <= blocks; b += group) multiply_group(type, weight + b * bytes, group, row, b, rows, sum);
    if (b < blocks) multiply_group(type, weight + b * bytes, blocks - b, row, b, rows, sum);
}

// The sums of four vectors' lanes.
ALWAYS __m128 add_lanes(__m512 a, __m512 b, __m512 c, __m512 d) {
    __m512 ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
    __m512 cd = _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
    __m512d x = _mm512_castps_pd(ab), y = _mm512_castps_pd(cd);
    __m512 all = _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(x, y)), _mm512_castpd_ps(_mm512_unpackhi_pd(x, y)));
    __m256 half = _mm256_add_ps(_mm512_castps512_ps256(all), _mm512_extractf32x8_ps(all, 1));
    return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}

ALWAYS void multiply_outputs(const ck_type type, const void *activations, size_t first, const size_t rows,
                             const uint8_t *weight, size_t inputs, size_t count, float *results) {
    packed_row row[most_rows];
    for (size_t r = 0; r < rows; r++) row[r] = row_at(activations, first + r, inputs);
    size_t blocks = inputs / block, bytes = blocks * block_bytes(type), n = 0;
    results += first * count;
    for (; n + outputs_at_once <= count; n += outputs_at_once, weight += outputs_at_once * bytes) {
        __m512 sums[outputs_at_once][most_rows];
#pragma clang loop unroll(full)
        for (size_t i = 0; i < outputs_at_once; i++)
            multiply_output(type, weight + i * bytes, row, blocks, rows, sums[i]);
        for (size_t r = 0; r < rows; r++)
            _mm_storeu_ps(results + r * count + n, add_lanes(sums[0][r], sums[1][r], sums[2][r], sums[3][r]));
    }
    for (; n < count; n++, weight += bytes) {
        __m512 sum[most_rows];
        multiply_output(type, weight, row, blocks, rows, sum);
        for (size_t r = 0; r < rows; r++) results[r * count + n] = _mm512_reduce_add_ps(sum[r]);
    }
}

ALWAYS void multiply_stored_of(const ck_type type, const void *activations, size_t rows, const uint8_t *weight,
                               size_t inputs, size_t count, float *results) {
    size_t r = 0;
    for (; r + 4 <= rows; r += 4) multiply_outputs(type, activations, r, 4, weight, inputs, count, results);
    if (rows & 2) multiply_outputs(type, activations, r, 2, weight, inputs, count, results), r += 2;
    if (rows & 1) multiply_outputs(type, activations, r, 1, weight, inputs, count, results);
}

static void multiply_stored(const void *activations, size_t rows, ck_type type, const void *weight, size_t inputs,
                            size_t count, float *results) {
    switch (type) {
    case CK_Q4_0: multiply_stored_of(CK_Q4_0, activations, rows, weight, inputs, count, results); break;
    case CK_Q4_1: multiply_stored_of(CK_Q4_1, activations, rows, weight, inputs, count, results); break;
    case CK_Q8_0: multiply_stored_of(CK_Q8_0, activations, rows, weight, inputs, count, results); break;
    default: break;
    }
}

// One step of a panel's block: four inputs of `rows` rows, whose digits lie at `offset`, with 32 outputs.
ALWAYS void multiply_step(const int8_t *const *digits, size_t offset, const size_t rows, __m512i w0, __m512i w1,
                          __m512i *low, __m512i *high) {
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        int32_t four;
        memcpy(&four, digits[r] + offset, 4);
        __m512i x = _mm512_set1_epi32(four);
        low[r] = _mm512_dpbusd_epi32(low[r], w0, x);
        high[r] = _mm512_dpbusd_epi32(high[r], w1, x);
    }
}

// `rows` rows, a constant at each place of use, by the 32 outputs of a panel.
ALWAYS void multiply_rows(const void *activations, size_t first, const size_t rows, const char *panel, size_t inputs,
                          float *results) {
    const int8_t *digits[panel_rows];
    packed_row row[panel_rows];
    __m512 left[panel_rows], right[panel_rows];
    for (size_t r = 0; r < rows; r++) {
        row[r] = row_at(activations, first + r, inputs);
        digits[r] = row[r].digits;
        left[r] = right[r] = _mm512_setzero_ps();
    }
    for (size_t b = 0; b < inputs / block; b++, panel += panel_block) {
        __m512i low[panel_rows], high[panel_rows];
        size_t at = b / chunk * chunk_bytes + b % chunk * 16;
        const char *words = panel + 2 * panel_width * 4;
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) low[r] = high[r] = _mm512_setzero_si512();
#pragma clang loop unroll(full)
        for (size_t s = 0; s < 8; s++)
            multiply_step(digits, at + s / 4 * chunk * 16 + s % 4 * 4, rows, _mm512_loadu_si512(words + s * 128),
                          _mm512_loadu_si512(words + s * 128 + 64), low, high);
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) low[r] = _mm512_slli_epi32(low[r], 8), high[r] = _mm512_slli_epi32(high[r], 8);
#pragma clang loop unroll(full)
        for (size_t s = 0; s < 8; s++)
            multiply_step(digits, at + chunk_bytes / 2 + s / 4 * chunk * 16 + s % 4 * 4, rows,
                          _mm512_loadu_si512(words + s * 128), _mm512_loadu_si512(words + s * 128 + 64), low, high);
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) {
            left[r] = add_block((const float *)panel, low[r], row[r].scales[b], row[r].sums[b], left[r]);
            right[r] = add_block((const float *)panel + 16, high[r], row[r].scales[b], row[r].sums[b], right[r]);
        }
    }
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        _mm512_storeu_ps(results + r * panel_width, left[r]);
        _mm512_storeu_ps(results + r * panel_width + 16, right[r]);
    }
}

const ck_engine_kernels ck_engine_q16_avx512vnni = {
    .panel_outputs = panel_width,
    .rows_at_once = 48,
    .panel_bytes = panel_bytes,
    .pack_panel = pack_panel,
    .activation_bytes = activation_bytes,
    .pack_activations = pack_activations,
    .multiply = multiply,
    .multiply_stored = multiply_stored,
};

#pragma clang attribute pop
#endif
