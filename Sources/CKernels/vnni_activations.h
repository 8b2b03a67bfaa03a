// How activations are rounded for products of bytes, for files that are compiled for AVX-512 with VNNI.
//
// A block of 32 becomes x ≈ s·q with q = 256·h + l, digits of 8 bits. The second digit takes half the time of a product. Most
// of what 8 bits alone lose comes from the few blocks that hold outliers (Dettmers et al. 2022, arXiv:2208.07339), which lie
// in the same places in most rows: where it may, a row keeps the second digit in these alone, and products pass over it where
// no row of theirs has one. A row whose second digits are zero gains nothing by them, so what comes out for it does not depend
// on the rows beside it.
#ifndef VNNI_ACTIVATIONS_H
#define VNNI_ACTIVATIONS_H
#include "vnni_weights.h"

#include <math.h>

enum {
    largest_digit = 127,
    blocks_of_word = 64,  // that a word of bits tells of
};

// What the second digit is worth, of the first.
#define SECOND_DIGIT (1.0f / 256)

typedef struct {
    __m512i first, last;    // q of 16 inputs each
    float scale;            // of the first digit: 256·s
    float left, right;      // s·Σq of each half
    bool has_second_digit;
} rounded_block;

// - parameter most: blocks whose largest value is above it get the second digit.
ALWAYS rounded_block round_block(const float *input, float most) {
    __m512 first = _mm512_loadu_ps(input), last = _mm512_loadu_ps(input + 16);
    float largest = _mm512_reduce_max_ps(_mm512_max_ps(_mm512_abs_ps(first), _mm512_abs_ps(last)));
    bool both = largest > most;
    // The first digit stays within ±127 even where it is rounded up.
    float digits = both ? 256 * largest_digit : largest_digit;
    __m512 inverse = _mm512_set1_ps(largest > 0 ? digits / largest : 0);
    const __m128i shift = _mm_cvtsi32_si128(both ? 0 : 8);
    rounded_block out = {
        .first = _mm512_sll_epi32(_mm512_cvtps_epi32(_mm512_mul_ps(first, inverse)), shift),
        .last = _mm512_sll_epi32(_mm512_cvtps_epi32(_mm512_mul_ps(last, inverse)), shift),
        .scale = largest / largest_digit,
        .has_second_digit = both,
    };
    out.left = out.scale * SECOND_DIGIT * (float)_mm512_reduce_add_epi32(out.first);
    out.right = out.scale * SECOND_DIGIT * (float)_mm512_reduce_add_epi32(out.last);
    return out;
}

// The largest value of a block without a second digit: `outliers` times the root mean square of the row.
ALWAYS float largest_without(const float *input, size_t inputs, float outliers) {
    if (!(outliers > 0)) return 0;
    __m512 sum = _mm512_setzero_ps();
    for (size_t i = 0; i < inputs; i += 16) {
        __m512 x = _mm512_loadu_ps(input + i);
        sum = _mm512_fmadd_ps(x, x, sum);
    }
    return outliers * sqrtf(_mm512_reduce_add_ps(sum) / (float)inputs);
}

// Bits that tell which blocks of a row have a second digit.
static inline size_t bit_words(size_t inputs) { return (inputs / block + blocks_of_word - 1) / blocks_of_word; }
// In whole lines of the cache.
static inline size_t bit_bytes(size_t inputs) { return (bit_words(inputs) + 7) / 8 * 64; }

// Which blocks from `b` on, to the next multiple of 64, have second digits in any of the rows, whose bits lie `stride` bytes apart.
ALWAYS uint64_t second_digits_of(const uint64_t *words, size_t stride, const size_t rows, size_t b) {
    const char *place = (const char *)(words + b / blocks_of_word);
    uint64_t any = 0;
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) any |= *(const uint64_t *)(place + r * stride);
    return any >> b % blocks_of_word;
}

static inline void set_bit(uint64_t *words, size_t b) { words[b / blocks_of_word] |= 1ull << b % blocks_of_word; }

#endif
