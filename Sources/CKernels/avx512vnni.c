// AVX-512 with VNNI, VBMI and VPOPCNTDQ: Intel since Ice Lake, AMD since Zen 4.
#if defined(__x86_64__)
#include "kernels.h"

#include <immintrin.h>

#pragma clang attribute push(                                                                                       \
    __attribute__((target(                                                                                          \
        "avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx512vbmi,avx512vpopcntdq,avx2,fma,f16c,popcnt"))),         \
    apply_to = function)

// The instruction multiplies unsigned by signed bytes: a + 128 is unsigned, and 128 * sum(b) too much.
int32_t ck_dot_i8_avx512vnni(const int8_t *a, const int8_t *b, size_t count) {
    const __m512i flip = _mm512_set1_epi8((char)0x80), ones = _mm512_set1_epi8(1);
    __m512i sum = _mm512_setzero_si512(), excess = sum;
    for (size_t i = 0; i < count; i += 64) {
        __mmask64 mask = count - i < 64 ? (1ULL << (count - i)) - 1 : ~0ULL;
        __m512i x = _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, a + i), flip);
        __m512i y = _mm512_maskz_loadu_epi8(mask, b + i);
        sum = _mm512_dpbusd_epi32(sum, x, y);
        excess = _mm512_dpbusd_epi32(excess, ones, y);
    }
    return _mm512_reduce_add_epi32(_mm512_sub_epi32(sum, _mm512_slli_epi32(excess, 7)));
}

// The four sums of four vectors' lanes.
static inline __m128i sums_of(__m512i a, __m512i b, __m512i c, __m512i d) {
    __m512i ab = _mm512_add_epi32(_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
    __m512i cd = _mm512_add_epi32(_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
    __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
    __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
    return _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

// Four rows at a time, so that one's sum does not wait for another's. Here the rows are made unsigned, since what is then
// too much, 128 * sum(query), is the same for all.
void ck_dots_i8_avx512vnni(const int8_t *query, const int8_t *const *rows, size_t rowCount, size_t count,
                           int32_t *results) {
    const __m512i flip = _mm512_set1_epi8((char)0x80), ones = _mm512_set1_epi8(1);
    __m512i total = _mm512_setzero_si512();
    for (size_t i = 0; i < count; i += 64) {
        __mmask64 mask = count - i < 64 ? (1ULL << (count - i)) - 1 : ~0ULL;
        total = _mm512_dpbusd_epi32(total, ones, _mm512_maskz_loadu_epi8(mask, query + i));
    }
    // Sums wrap around in 32 bits and back: only the result has to fit.
    const __m128i excess = _mm_slli_epi32(_mm_set1_epi32(_mm512_reduce_add_epi32(total)), 7);
    for (size_t row = 0; row < rowCount; row += 4) {
        size_t last = rowCount - 1;
        const int8_t *a = rows[row], *b = rows[row + 1 < last ? row + 1 : last];
        const int8_t *c = rows[row + 2 < last ? row + 2 : last], *d = rows[row + 3 < last ? row + 3 : last];
        __m512i sa = _mm512_setzero_si512(), sb = sa, sc = sa, sd = sa;
        size_t i = 0;
        for (; i + 64 <= count; i += 64) {
            __m512i q = _mm512_loadu_si512(query + i);
            sa = _mm512_dpbusd_epi32(sa, _mm512_xor_si512(_mm512_loadu_si512(a + i), flip), q);
            sb = _mm512_dpbusd_epi32(sb, _mm512_xor_si512(_mm512_loadu_si512(b + i), flip), q);
            sc = _mm512_dpbusd_epi32(sc, _mm512_xor_si512(_mm512_loadu_si512(c + i), flip), q);
            sd = _mm512_dpbusd_epi32(sd, _mm512_xor_si512(_mm512_loadu_si512(d + i), flip), q);
        }
        if (i < count) {
            __mmask64 mask = (1ULL << (count - i)) - 1;
            __m512i q = _mm512_maskz_loadu_epi8(mask, query + i);
            sa = _mm512_dpbusd_epi32(sa, _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, a + i), flip), q);
            sb = _mm512_dpbusd_epi32(sb, _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, b + i), flip), q);
            sc = _mm512_dpbusd_epi32(sc, _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, c + i), flip), q);
            sd = _mm512_dpbusd_epi32(sd, _mm512_xor_si512(_mm512_maskz_loadu_epi8(mask, d + i), flip), q);
        }
        __m128i sums = _mm_sub_epi32(sums_of(sa, sb, sc, sd), excess);
        size_t left = rowCount - row;
        _mm_mask_storeu_epi32(results + row, left < 4 ? (__mmask8)((1u << left) - 1) : (__mmask8)0xf, sums);
    }
}

uint32_t ck_hamming_avx512vnni(const uint8_t *a, const uint8_t *b, size_t bytes) {
    __m512i sum = _mm512_setzero_si512();
    for (size_t i = 0; i < bytes; i += 64) {
        __mmask64 mask = bytes - i < 64 ? (1ULL << (bytes - i)) - 1 : ~0ULL;
        __m512i x = _mm512_maskz_loadu_epi8(mask, a + i), y = _mm512_maskz_loadu_epi8(mask, b + i);
        sum = _mm512_add_epi64(sum, _mm512_popcnt_epi64(_mm512_xor_si512(x, y)));
    }
    return (uint32_t)_mm512_reduce_add_epi64(sum);
}


#include "vnni_panels.h"

// Products of block-quantised weights with activations rounded to 8 bits.
// Activations are rounded in the weights' blocks of 32 to x ≈ s·q. A block's product is then d·s·Σuq + m·s·Σq, where the
// first sum is what the instruction computes from unsigned and signed bytes.

enum {
    group = 16,  // blocks whose scales fill a vector
    most_rows = 6,
};

static size_t groups_of(size_t inputs) { return (inputs / block + group - 1) / group; }

// A packed row: inputs rounded up to 64 as bytes, then for each group 16 scales s, then for each group 16 sums s·Σq.
static size_t row_bytes_of(size_t inputs) { return (inputs + 63) / 64 * 64 + groups_of(inputs) * 2 * group * 4; }

typedef struct {
    const int8_t *digits;
    const float *scales;
    const float *sums;
} packed_row;

static inline packed_row row_at(const void *activations, size_t row, size_t inputs) {
    const char *base = (const char *)activations + row * row_bytes_of(inputs);
    const float *scales = (const float *)(base + (inputs + 63) / 64 * 64);
    return (packed_row){(const int8_t *)base, scales, scales + groups_of(inputs) * group};
}

static size_t activation_bytes(size_t rows, size_t inputs) { return rows * row_bytes_of(inputs); }

static void pack_row(const float *input, size_t inputs, char *out) {
    size_t padded = (inputs + 63) / 64 * 64, blocks = inputs / block;
    float *scales = (float *)(out + padded), *sums = scales + groups_of(inputs) * group;
    memset(out + inputs, 0, row_bytes_of(inputs) - inputs);
    for (size_t b = 0; b < blocks; b++, input += block, out += block) {
        __m512 low = _mm512_loadu_ps(input), high = _mm512_loadu_ps(input + 16);
        float largest = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(low), _mm512_abs_ps(high)));
        __m512 inverse = _mm512_set1_ps(largest > 0 ? 127 / largest : 0);
        __m512i a = _mm512_cvtps_epi32(_mm512_mul_ps(low, inverse));
        __m512i c = _mm512_cvtps_epi32(_mm512_mul_ps(high, inverse));
        _mm_storeu_si128((__m128i *)out, _mm512_cvtepi32_epi8(a));
        _mm_storeu_si128((__m128i *)(out + 16), _mm512_cvtepi32_epi8(c));
        scales[b] = largest / 127;
        sums[b] = scales[b] * (float)_mm512_reduce_add_epi32(_mm512_add_epi32(a, c));
    }
}

static void pack_activations(const float *input, size_t first, size_t rows, size_t inputs, void *packed) {
    for (size_t r = first; r < first + rows; r++)
        pack_row(input + r * inputs, inputs, (char *)packed + r * row_bytes_of(inputs));
}

// `rows` rows, a constant at each place of use, by the 32 outputs of a panel.
ALWAYS void multiply_rows(const void *activations, size_t first, const size_t rows, const char *panel, size_t inputs,
                          float *results) {
    const int8_t *digits[most_rows];
    const float *scales[most_rows], *sums[most_rows];
    __m512 left[most_rows], right[most_rows];
    for (size_t r = 0; r < rows; r++) {
        packed_row row = row_at(activations, first + r, inputs);
        digits[r] = row.digits, scales[r] = row.scales, sums[r] = row.sums;
        left[r] = right[r] = _mm512_setzero_ps();
    }
    for (size_t b = 0; b < inputs / block; b++, panel += panel_block) {
        __m512i low[most_rows], high[most_rows];
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) low[r] = high[r] = _mm512_setzero_si512();
        const char *words = panel + 2 * panel_width * 4;
#pragma clang loop unroll(full)
        for (size_t s = 0; s < 8; s++, words += panel_width * 4) {
            __m512i w0 = _mm512_loadu_si512(words), w1 = _mm512_loadu_si512(words + 64);
#pragma clang loop unroll(full)
            for (size_t r = 0; r < rows; r++) {
                int32_t four;
                memcpy(&four, digits[r] + b * block + s * 4, 4);
                __m512i x = _mm512_set1_epi32(four);
                low[r] = _mm512_dpbusd_epi32(low[r], w0, x);
                high[r] = _mm512_dpbusd_epi32(high[r], w1, x);
            }
        }
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) {
            left[r] = add_block((const float *)panel, low[r], scales[r][b], sums[r][b], left[r]);
            right[r] = add_block((const float *)panel + 16, high[r], scales[r][b], sums[r][b], right[r]);
        }
    }
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        _mm512_storeu_ps(results + r * panel_width, left[r]);
        _mm512_storeu_ps(results + r * panel_width + 16, right[r]);
    }
}

const ck_engine_kernels ck_engine_q8_avx512vnni = {
    .panel_outputs = panel_width,
    .rows_at_once = 48,
    .panel_bytes = panel_bytes,
    .pack_panel = pack_panel,
    .activation_bytes = activation_bytes,
    .pack_activations = pack_activations,
    .multiply = multiply,
};

#pragma clang attribute pop
#endif
