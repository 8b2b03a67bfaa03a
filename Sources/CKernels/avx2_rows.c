// Products of a few rows with block-quantised weights as they are stored, with AVX2.
//
// Activations are rounded in blocks of 32 to 16 bits, x ≈ s·q: the instruction multiplies pairs of 16-bit numbers, and digits
// are widened as they are loaded. What holds this is port 5, which widens and converts: three of it for a block of Q4_0.
#if defined(__x86_64__)
#include "kernels.h"

#include <immintrin.h>

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,popcnt"))), apply_to = function)

#include "avx2_weights.h"

enum {
    most_rows = 4,
    largest_digit = 32512,
    ahead = 3072,  // bytes by which weights are asked for before they are used
};

// ---- activations: 16-bit digits, then scales s of blocks, sums s·Σq of blocks, sums of their halves ----

static inline size_t padded(size_t inputs) { return (inputs / block + large - 1) / large * large; }
static inline size_t row_bytes_of(size_t inputs) { return padded(inputs) * (2 * block + 4 * sizeof(float)); }
static size_t activation_bytes(size_t rows, size_t inputs) { return rows * row_bytes_of(inputs); }

typedef struct {
    const int16_t *digits;
    const float *scales, *sums, *halves;
} packed_row;

ALWAYS packed_row row_at(const void *activations, size_t row, size_t inputs) {
    const char *base = (const char *)activations + row * row_bytes_of(inputs);
    const float *scales = (const float *)(base + padded(inputs) * 2 * block);
    return (packed_row){(const int16_t *)base, scales, scales + padded(inputs), scales + 2 * padded(inputs)};
}

static void pack_row(const float *input, size_t inputs, char *out) {
    float *scales = (float *)(out + padded(inputs) * 2 * block), *sums = scales + padded(inputs), *halves = sums + padded(inputs);
    for (size_t b = 0; b < inputs / block; b++, input += block, out += 2 * block) {
        float largest = largest_of(input);
        __m256 inverse = _mm256_set1_ps(largest > 0 ? largest_digit / largest : 0);
        scales[b] = largest / largest_digit;
        for (size_t h = 0; h < 2; h++) {
            __m256i low = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(input + 16 * h), inverse));
            __m256i high = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(input + 16 * h + 8), inverse));
            __m256i digits = _mm256_permute4x64_epi64(_mm256_packs_epi32(low, high), 0xd8);
            _mm256_storeu_si256((__m256i *)(out + block * h), digits);
            halves[2 * b + h] = scales[b] * (float)sum_of(low, high);
        }
        sums[b] = halves[2 * b] + halves[2 * b + 1];
    }
}

static void pack_activations(const float *input, size_t first, size_t rows, size_t inputs, float outliers,
                             void *packed) {
    (void)outliers;
    for (size_t r = first; r < first + rows; r++) pack_row(input + r * inputs, inputs, (char *)packed + r * row_bytes_of(inputs));
}

// ---- weights ----

// Digits of the first 16 inputs of a block and of the last, 16 bits each.
typedef struct {
    __m256i first, last;
} words;

// The compiler would rather take bytes apart first and widen twice, on the port that has most to do: it is not to see through.
ALWAYS __m256i widened(const uint8_t *place) {
    __m256i bytes = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)place));
    __asm__("" : "+x"(bytes));
    return bytes;
}

// The low or the high half of each byte.
ALWAYS __m256i nibbles(__m256i bytes, bool high) {
    return high ? _mm256_srli_epi16(bytes, 4) : _mm256_and_si256(bytes, _mm256_set1_epi16(15));
}

// Two bits of each byte, times 16.
ALWAYS __m256i upper_bits(__m256i bytes, size_t quarter) {
    __m256i moved = quarter < 2 ? _mm256_slli_epi16(bytes, 4 - 2 * (int)quarter) : _mm256_srli_epi16(bytes, 2 * (int)quarter - 4);
    return _mm256_and_si256(moved, _mm256_set1_epi16(48));
}

// Those of block `b`, a constant at each use. Loads and widenings that blocks share are done once.
ALWAYS words load_words(const ck_type type, const uint8_t *stored, size_t b) {
    switch (type) {
    case CK_Q4_0:
    case CK_Q4_1: {
        __m256i pairs = widened(stored + (type == CK_Q4_0 ? 2 : 4));
        return (words){nibbles(pairs, false), nibbles(pairs, true)};
    }
    case CK_Q4_K: {
        const uint8_t *place = stored + 16 + b / 2 * 32;
        return (words){nibbles(widened(place), b % 2), nibbles(widened(place + 16), b % 2)};
    }
    case CK_Q6_K: {
        const uint8_t *low = stored + b / 4 * 64 + b % 2 * 32, *high = stored + 128 + b / 4 * 32;
        size_t quarter = b % 4;
        return (words){
            _mm256_or_si256(nibbles(widened(low), quarter > 1), upper_bits(widened(high), quarter)),
            _mm256_or_si256(nibbles(widened(low + 16), quarter > 1), upper_bits(widened(high + 16), quarter))};
    }
    default: {
        __m256i digits = load_digits(type, stored, b);
        __m128i low = _mm256_castsi256_si128(digits), high = _mm256_extracti128_si256(digits, 1);
        if (is_signed(type)) return (words){_mm256_cvtepi8_epi16(low), _mm256_cvtepi8_epi16(high)};
        return (words){_mm256_cvtepu8_epi16(low), _mm256_cvtepu8_epi16(high)};
    }
    }
}

// ---- products ----

ALWAYS float add_lanes(__m256 sum) {
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
    four = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four)));
}

// Σ digit·q of the first 16 inputs of a block, and of the last, in eight lanes each.
ALWAYS words products_of(words digits, const packed_row *row, size_t b) {
    const __m256i *q = (const __m256i *)(row->digits + b * block);
    return (words){_mm256_madd_epi16(digits.first, _mm256_loadu_si256(q)), _mm256_madd_epi16(digits.last, _mm256_loadu_si256(q + 1))};
}

ALWAYS __m256 whole(words products) { return _mm256_cvtepi32_ps(_mm256_add_epi32(products.first, products.last)); }

// One block of 32 with a scale of its own and, unless digits are signed, an offset: a minimum, or a constant times the scale.
ALWAYS void multiply_small(const ck_type type, const uint8_t *weight, const packed_row *row, size_t b, const size_t rows,
                           __m256 *sum, __m128 *offset) {
    words digits = load_words(type, weight, 0);
    // The scale and, where the format has one, the minimum.
    __m128 pair = _mm_cvtph_ps(_mm_loadu_si32(weight));
    __m256 scale = _mm256_broadcastss_ps(pair);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        __m256 both = _mm256_mul_ps(scale, _mm256_broadcast_ss(row[r].scales + b));
        sum[r] = _mm256_fmadd_ps(whole(products_of(digits, &row[r], b)), both, sum[r]);
        if (!is_signed(type)) offset[r] = _mm_fmadd_ps(pair, _mm_broadcast_ss(row[r].sums + b), offset[r]);
    }
}

// What a row's sum of offsets says of the product.
ALWAYS float offset_of(const ck_type type, __m128 sums) {
    if (type == CK_Q4_1 || type == CK_Q5_1) return _mm_cvtss_f32(_mm_movehdup_ps(sums));
    return (type == CK_Q4_0 ? -8 : -16) * _mm_cvtss_f32(sums);
}

ALWAYS void multiply_output_small(const ck_type type, const uint8_t *weight, const packed_row *row, size_t blocks,
                                  const size_t rows, float *results, size_t stride) {
    const size_t bytes = ck_block_bytes_of(type);
    // Two sums each, so that one block does not wait for the other.
    __m256 even[most_rows], odd[most_rows];
    __m128 offsets[most_rows], odd_offsets[most_rows];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++)
        even[r] = odd[r] = _mm256_setzero_ps(), offsets[r] = odd_offsets[r] = _mm_setzero_ps();
    size_t b = 0;
    for (; b + 2 <= blocks; b += 2, weight += 2 * bytes) {
        multiply_small(type, weight, row, b, rows, even, offsets);
        multiply_small(type, weight + bytes, row, b + 1, rows, odd, odd_offsets);
    }
    if (b < blocks) multiply_small(type, weight, row, b, rows, even, offsets);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        results[r * stride] = add_lanes(_mm256_add_ps(even[r], odd[r]));
        if (!is_signed(type)) results[r * stride] += offset_of(type, _mm_add_ps(offsets[r], odd_offsets[r]));
    }
}

// Sums of one row: two, so that one block of 32 does not wait for the other, and that of offsets.
typedef struct {
    __m256 sum[2], offset;
} row_sums;

// Block `i`, a constant, of a large one, by one row; `scales` are products of the weights' and the row's unless blocks have halves.
ALWAYS void multiply_part(const ck_type type, words digits, size_t i, const float *scales, const packed_row *row, size_t b,
                          row_sums *sums) {
    words products = products_of(digits, row, b + i);
    __m256 *sum = &sums->sum[i % 2];
    if (!has_halves(type)) {
        *sum = _mm256_fmadd_ps(whole(products), _mm256_broadcast_ss(scales + i), *sum);
        return;
    }
    __m256 scaled = _mm256_mul_ps(_mm256_cvtepi32_ps(products.first), _mm256_broadcast_ss(scales + 2 * i));
    scaled = _mm256_fmadd_ps(_mm256_cvtepi32_ps(products.last), _mm256_broadcast_ss(scales + 2 * i + 1), scaled);
    *sum = _mm256_fmadd_ps(scaled, _mm256_broadcast_ss(row->scales + b + i), *sum);
}

ALWAYS void multiply_large(const ck_type type, const uint8_t *weight, const packed_row *row, size_t b, const size_t rows,
                           row_sums *sums) {
    block_scales scales;
    float both[most_rows][large];
    load_scales(type, weight, &scales);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        if (!has_halves(type))
            _mm256_storeu_ps(both[r], _mm256_mul_ps(_mm256_loadu_ps(scales.scale), _mm256_loadu_ps(row[r].scales + b)));
        if (is_signed(type)) continue;
        const float *offsets = has_halves(type) ? row[r].halves + 2 * b : row[r].sums + b;
        for (size_t i = 0; i < (has_halves(type) ? 2 * large : large); i += 8)
            sums[r].offset = _mm256_fmadd_ps(_mm256_loadu_ps(scales.minimum + i), _mm256_loadu_ps(offsets + i), sums[r].offset);
    }
#pragma clang loop unroll(full)
    for (size_t i = 0; i < large; i++) {
        words digits = load_words(type, weight, i);
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++)
            multiply_part(type, digits, i, has_halves(type) ? scales.scale : both[r], &row[r], b, &sums[r]);
    }
}

ALWAYS void multiply_output_large(const ck_type type, const uint8_t *weight, const packed_row *row, size_t blocks,
                                  const size_t rows, float *results, size_t stride) {
    row_sums sums[most_rows];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) sums[r].sum[0] = sums[r].sum[1] = sums[r].offset = _mm256_setzero_ps();
    for (size_t b = 0; b < blocks; b += large, weight += ck_block_bytes_of(type))
        multiply_large(type, weight, row, b, rows, sums);
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++)
        results[r * stride] = add_lanes(_mm256_add_ps(_mm256_add_ps(sums[r].sum[0], sums[r].sum[1]), sums[r].offset));
}

ALWAYS void multiply_outputs(const ck_type type, const void *activations, size_t first, const size_t rows,
                             const uint8_t *weight, size_t inputs, size_t count, float *results) {
    packed_row row[most_rows];
    const size_t bytes = ck_type_bytes(type, inputs);
    for (size_t r = 0; r < rows; r++) row[r] = row_at(activations, first + r, inputs);
    results += first * count;
    for (size_t n = 0; n < count; n++, weight += bytes, results++) {
        for (size_t i = 0; i < bytes; i += 64) _mm_prefetch((const char *)weight + ahead + i, _MM_HINT_T0);
        if (is_large(type)) multiply_output_large(type, weight, row, inputs / block, rows, results, count);
        else multiply_output_small(type, weight, row, inputs / block, rows, results, count);
    }
}

ALWAYS void multiply_stored_of(const ck_type type, const void *activations, size_t rows, const uint8_t *weight,
                               size_t inputs, size_t count, float *results) {
    size_t r = 0;
    for (; r + most_rows <= rows; r += most_rows) multiply_outputs(type, activations, r, most_rows, weight, inputs, count, results);
    for (; r < rows; r++) multiply_outputs(type, activations, r, 1, weight, inputs, count, results);
}

static void multiply_stored(const void *activations, size_t rows, ck_type type, const void *weight, size_t inputs,
                            size_t count, float *results) {
    FOR_TYPE(type, multiply_stored_of, activations, rows, weight, inputs, count, results)
}

const ck_engine_kernels ck_engine_rows_avx2 = {
    .activation_bytes = activation_bytes,
    .pack_activations = pack_activations,
    .multiply_stored = multiply_stored,
};

#pragma clang attribute pop
#endif
