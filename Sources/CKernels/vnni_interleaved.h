// Block-quantised weights of 16 outputs interleaved, so that a vector holds the same inputs of all of them: sums then need
// neither be spread over blocks nor be added up across lanes. For files that are compiled for AVX-512 with VNNI.
//
// First come the digits of all blocks of 32 inputs, then scales. Digits u are unsigned, as vnni_weights.h has them, and four
// inputs of each output fill a vector: eight steps make a block. In formats of 4 bits the lower halves of bytes are steps 0 to
// 3, the upper ones 4 to 7; in Q6_K two vectors with the upper bits of four steps each follow those.
//
// Scales are kept as stored: half-precision d, and m if there is one, of each output and block; in Q4_K and Q6_K, d (and
// dmin) of eight blocks, then the small numbers that they multiply, block by block.
#ifndef VNNI_INTERLEAVED_H
#define VNNI_INTERLEAVED_H
#include "vnni_weights.h"

enum {
    set = CK_INTERLEAVED_OUTPUTS,
    steps = 8,  // of four inputs in a block
    vector = 64,
    superblock = 8,  // blocks of 32 in one of 256
};

// Calls `function` with a constant for each type that can be interleaved.
#define FOR_INTERLEAVED(type, function, ...)                        \
    switch (type) {                                                 \
    case CK_Q4_0: function(CK_Q4_0, __VA_ARGS__); break;            \
    case CK_Q4_1: function(CK_Q4_1, __VA_ARGS__); break;            \
    case CK_Q8_0: function(CK_Q8_0, __VA_ARGS__); break;            \
    case CK_Q4_K: function(CK_Q4_K, __VA_ARGS__); break;            \
    case CK_Q6_K: function(CK_Q6_K, __VA_ARGS__); break;            \
    default: break;                                                 \
    }

ALWAYS size_t interleaved_digits(const ck_type type) {
    return type == CK_Q8_0 ? 8 * vector : type == CK_Q6_K ? 6 * vector : 4 * vector;
}

// Bytes of scales of a superblock, or of a block where there are none.
ALWAYS size_t interleaved_scales(const ck_type type) {
    return type == CK_Q4_K ? 2 * 2 * set + superblock * 2 * set
           : type == CK_Q6_K ? 2 * set + superblock * 2 * set
           : type == CK_Q4_1 ? 4 * set : 2 * set;
}

ALWAYS size_t interleaved_size(const ck_type type, size_t inputs) {
    size_t blocks = inputs / block, scaled = is_large(type) ? blocks / superblock : blocks;
    return blocks * interleaved_digits(type) + scaled * interleaved_scales(type);
}

ALWAYS __m512 load_half_precision(const uint8_t *place) {
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)place));
}

ALWAYS __m512 load_small_unsigned(const uint8_t *place) {
    return _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_loadu_si128((const __m128i *)place)));
}

ALWAYS __m512 load_small_signed(const uint8_t *place) {
    return _mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128((const __m128i *)place)));
}

// Scales of block `b`, whose digits mean d·u + m: of its first and last 16 inputs where these differ.
ALWAYS void load_interleaved_scales(const ck_type type, const uint8_t *scales, size_t b, group_scales *out) {
    if (type == CK_Q4_K || type == CK_Q6_K) {
        const uint8_t *head = scales + b / superblock * interleaved_scales(type);
        const uint8_t *own = head + (type == CK_Q4_K ? 4 * set : 2 * set) + b % superblock * 2 * set;
        __m512 d = load_half_precision(head);
        if (type == CK_Q4_K) {
            __m512 least = _mm512_sub_ps(_mm512_setzero_ps(), load_half_precision(head + 2 * set));
            out->scale[0] = _mm512_mul_ps(load_small_unsigned(own), d);
            out->minimum[0] = _mm512_mul_ps(load_small_unsigned(own + set), least);
            return;
        }
        for (size_t h = 0; h < 2; h++) out->scale[h] = _mm512_mul_ps(load_small_signed(own + h * set), d);
    } else {
        const uint8_t *own = scales + b * interleaved_scales(type);
        out->scale[0] = load_half_precision(own);
        if (type == CK_Q4_1) {
            out->minimum[0] = load_half_precision(own + 2 * set);
            return;
        }
    }
    const __m512 offset = _mm512_set1_ps((float)-digit_offset(type));
    for (size_t h = 0; h < (has_halves(type) ? 2 : 1); h++) out->minimum[h] = _mm512_mul_ps(out->scale[h], offset);
}

// The eight steps of a block.
ALWAYS void load_interleaved_digits(const ck_type type, const uint8_t *digits, __m512i *out) {
    if (type == CK_Q8_0) {
        for (size_t s = 0; s < steps; s++) out[s] = _mm512_loadu_si512(digits + s * vector);
        return;
    }
    for (size_t s = 0; s < 4; s++) {
        __m512i pairs = _mm512_loadu_si512(digits + s * vector);
        out[s] = low_nibbles(pairs), out[s + 4] = high_nibbles(pairs);
    }
    if (type != CK_Q6_K) return;
    const __m512i upper = _mm512_set1_epi8(0x30);
    enum { masked_or = 0xf8 };  // a | b & c
    for (size_t h = 0; h < 2; h++) {
        __m512i bits = _mm512_loadu_si512(digits + (4 + h) * vector), *four = out + 4 * h;
        four[0] = _mm512_ternarylogic_epi64(four[0], _mm512_slli_epi16(bits, 4), upper, masked_or);
        four[1] = _mm512_ternarylogic_epi64(four[1], _mm512_slli_epi16(bits, 2), upper, masked_or);
        four[2] = _mm512_ternarylogic_epi64(four[2], bits, upper, masked_or);
        four[3] = _mm512_ternarylogic_epi64(four[3], _mm512_srli_epi16(bits, 2), upper, masked_or);
    }
}

#endif
