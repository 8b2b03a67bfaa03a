// Block-quantised weights as they are stored, read into vectors; for files that are compiled for AVX-512 with VNNI.
//
// Every format is read as w = d·u + m with unsigned digits u, where m is stored or is -d·offset. Weights come in groups of
// 16 blocks of 32, whose scales fill a vector, and a group in chunks of four blocks, whose digits fill two: one holds the
// first 16 of each block, the other the last 16. Blocks of 256 count as eight blocks of 32. Where scales belong to 16
// weights (`has_halves`), those of the first and of the last 16 of each block lie apart in the same way.
#ifndef VNNI_WEIGHTS_H
#define VNNI_WEIGHTS_H
#include "block_types.h"

#include <immintrin.h>

#define ALWAYS static inline __attribute__((always_inline))

enum {
    block = 32,
    chunk = 4,   // blocks whose digits fill two vectors
    group = 16,  // blocks whose scales fill a vector
};

typedef struct {
    __m512 scale[2], minimum[2];  // the second ones only where a format has halves
} group_scales;

ALWAYS bool has_halves(const ck_type type) { return type == CK_Q2_K || type == CK_Q3_K || type == CK_Q6_K; }

ALWAYS bool has_minimum(const ck_type type) {
    return type == CK_Q4_1 || type == CK_Q5_1 || type == CK_Q2_K || type == CK_Q4_K || type == CK_Q5_K;
}

// What is taken from a digit to make it signed, where no minimum is stored.
ALWAYS int digit_offset(const ck_type type) {
    return type == CK_Q4_0 ? 8 : type == CK_Q5_0 ? 16 : type == CK_Q3_K ? 4 : type == CK_Q6_K ? 32
           : has_minimum(type) ? 0 : 128;
}

ALWAYS bool is_large(const ck_type type) { return type == CK_IQ4_XS || (type >= CK_Q2_K && type <= CK_Q6_K); }

#define block_bytes ck_block_bytes_of

// Bytes of so many blocks of 32, a multiple of eight where blocks are large.
ALWAYS size_t bytes_of_blocks(const ck_type type, size_t blocks) {
    return (is_large(type) ? blocks / 8 : blocks) * block_bytes(type);
}

// ---- scales ----

// The first `words` 32-bit words, at most 16.
ALWAYS __m512i load_words(const uint8_t *source, size_t words) {
    return words >= 16 ? _mm512_loadu_si512(source)
                       : _mm512_maskz_loadu_epi32((__mmask16)((1u << words) - 1), source);
}

// d and m of up to 16 blocks of Q4_1; zero beyond `count`.
ALWAYS void load_scales_q4_1(const uint8_t *blocks, size_t count, group_scales *out) {
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
    out->scale[0] = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(headers));
    out->minimum[0] = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(_mm512_srli_epi32(headers, 16)));
}

ALWAYS void load_scales_small(const ck_type type, const uint8_t *blocks, size_t count, group_scales *out) {
    const __m512i steps = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __m512i offsets = _mm512_mullo_epi32(steps, _mm512_set1_epi32((int)block_bytes(type)));
    __mmask16 mask = count >= group ? 0xffff : (__mmask16)((1u << count) - 1);
    __m512i headers = _mm512_mask_i32gather_epi32(_mm512_setzero_si512(), mask, offsets, blocks, 1);
    out->scale[0] = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(headers));
    if (type == CK_Q5_1) out->minimum[0] = _mm512_cvtph_ps(_mm512_cvtepi32_epi16(_mm512_srli_epi32(headers, 16)));
}

// A half-precision number of one block of 256, and of the next if it counts, each for eight blocks of 32.
ALWAYS __m512 load_pair(const uint8_t *place, size_t stride, bool both) {
    __m512 first = _mm512_set1_ps(ck_block_scale_fast(place));
    return _mm512_mask_mov_ps(first, 0xff00, _mm512_set1_ps(both ? ck_block_scale_fast(place + stride) : 0));
}

static inline uint32_t word_at(const uint8_t *place) {
    uint32_t word;
    memcpy(&word, place, 4);
    return word;
}

// The eight six-bit scales and minima of Q4_K and Q5_K as bytes.
ALWAYS void unpack_six_bits(const uint8_t *packed, int64_t *scales, int64_t *minima) {
    uint32_t a = word_at(packed), b = word_at(packed + 4), c = word_at(packed + 8);
    uint64_t low = a & 0x3f3f3f3f, high = (c & 0x0f0f0f0f) | (a >> 2 & 0x30303030);
    *scales = (int64_t)(low | high << 32);
    low = b & 0x3f3f3f3f, high = (c >> 4 & 0x0f0f0f0f) | (b >> 2 & 0x30303030);
    *minima = (int64_t)(low | high << 32);
}

ALWAYS void load_scales_q45_k(const ck_type type, const uint8_t *blocks, bool both, group_scales *out) {
    size_t bytes = block_bytes(type);
    int64_t scales[2] = {0}, minima[2] = {0};
    unpack_six_bits(blocks + 4, &scales[0], &minima[0]);
    if (both) unpack_six_bits(blocks + bytes + 4, &scales[1], &minima[1]);
    __m512 s = _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_set_epi64x(scales[1], scales[0])));
    __m512 m = _mm512_cvtepi32_ps(_mm512_cvtepu8_epi32(_mm_set_epi64x(minima[1], minima[0])));
    out->scale[0] = _mm512_mul_ps(s, load_pair(blocks, bytes, both));
    out->minimum[0] = _mm512_mul_ps(m, _mm512_sub_ps(_mm512_setzero_ps(), load_pair(blocks + 2, bytes, both)));
}

// Small signed numbers, one for each 16 weights of two blocks of 256, as those of the first and of the last 16 of 32.
ALWAYS void spread_halves(__m256i numbers, __m512 factor, __m512 *halves) {
    __m256i even = _mm256_srai_epi16(_mm256_slli_epi16(numbers, 8), 8), odd = _mm256_srai_epi16(numbers, 8);
    halves[0] = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(even)), factor);
    halves[1] = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_cvtepi16_epi32(odd)), factor);
}

ALWAYS __m256i load_sixteens(const uint8_t *place, size_t stride, bool both) {
    __m128i first = _mm_loadu_si128((const __m128i *)place);
    return _mm256_set_m128i(both ? _mm_loadu_si128((const __m128i *)(place + stride)) : _mm_setzero_si128(), first);
}

// The sixteen six-bit scales of Q3_K as signed bytes.
ALWAYS __m128i unpack_scales_q3_k(const uint8_t *packed) {
    uint32_t a = word_at(packed), b = word_at(packed + 4), c = word_at(packed + 8);
    __m128i low = _mm_setr_epi32((int)a, (int)b, (int)(a >> 4), (int)(b >> 4));
    __m128i high = _mm_setr_epi32((int)(c << 4), (int)(c << 2), (int)c, (int)(c >> 2));
    __m128i all = _mm_or_si128(_mm_and_si128(low, _mm_set1_epi8(15)), _mm_and_si128(high, _mm_set1_epi8(48)));
    return _mm_sub_epi8(all, _mm_set1_epi8(32));
}

ALWAYS __m256i unpack_scales_iq4_xs(const uint8_t *packed) {
    uint16_t high;
    memcpy(&high, packed, 2);
    const __m256i twice = _mm256_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14);
    __m256i low = _mm256_srlv_epi32(_mm256_set1_epi32((int)word_at(packed + 2)), _mm256_slli_epi32(twice, 1));
    __m256i upper = _mm256_slli_epi32(_mm256_srlv_epi32(_mm256_set1_epi32(high), twice), 4);
    low = _mm256_and_si256(low, _mm256_set1_epi32(15)), upper = _mm256_and_si256(upper, _mm256_set1_epi32(48));
    return _mm256_sub_epi32(_mm256_or_si256(low, upper), _mm256_set1_epi32(32));
}

ALWAYS void load_scales_large(const ck_type type, const uint8_t *blocks, bool both, group_scales *out) {
    size_t bytes = block_bytes(type);
    if (type == CK_Q4_K || type == CK_Q5_K) return load_scales_q45_k(type, blocks, both, out);
    if (type == CK_Q6_K) {
        spread_halves(load_sixteens(blocks + 192, bytes, both), load_pair(blocks + 208, bytes, both), out->scale);
    } else if (type == CK_Q3_K) {
        __m128i second = both ? unpack_scales_q3_k(blocks + bytes + 96) : _mm_setzero_si128();
        spread_halves(_mm256_set_m128i(second, unpack_scales_q3_k(blocks + 96)), load_pair(blocks + 108, bytes, both),
                      out->scale);
    } else if (type == CK_Q2_K) {
        const __m256i mask = _mm256_set1_epi8(15);
        __m256i all = load_sixteens(blocks, bytes, both);
        __m512 m = _mm512_sub_ps(_mm512_setzero_ps(), load_pair(blocks + 82, bytes, both));
        spread_halves(_mm256_and_si256(all, mask), load_pair(blocks + 80, bytes, both), out->scale);
        spread_halves(_mm256_and_si256(_mm256_srli_epi16(all, 4), mask), m, out->minimum);
    } else if (type == CK_IQ4_XS) {
        __m256i second = both ? unpack_scales_iq4_xs(blocks + bytes + 2) : _mm256_setzero_si256();
        __m512i all = _mm512_inserti64x4(_mm512_castsi256_si512(unpack_scales_iq4_xs(blocks + 2)), second, 1);
        out->scale[0] = _mm512_mul_ps(_mm512_cvtepi32_ps(all), load_pair(blocks, bytes, both));
    }
}

// Scales of up to 16 blocks, zero beyond `count`; minima only where they are stored.
ALWAYS void load_scales(const ck_type type, const uint8_t *blocks, size_t count, group_scales *out) {
    if (is_large(type)) load_scales_large(type, blocks, count > 8, out);
    else if (type == CK_Q4_1) load_scales_q4_1(blocks, count, out);
    else load_scales_small(type, blocks, count, out);
}

// ---- digits ----

// 16 bytes of each of `count` blocks, at most 4; zero beyond.
ALWAYS __m512i load_quarters(const uint8_t *source, size_t stride, size_t count) {
    __m512i all = _mm512_zextsi128_si512(_mm_loadu_si128((const __m128i *)source));
    if (count > 1) all = _mm512_mask_broadcast_i32x4(all, 0x00f0, _mm_loadu_si128((const __m128i *)(source + stride)));
    if (count > 2)
        all = _mm512_mask_broadcast_i32x4(all, 0x0f00, _mm_loadu_si128((const __m128i *)(source + 2 * stride)));
    if (count > 3)
        all = _mm512_mask_broadcast_i32x4(all, 0xf000, _mm_loadu_si128((const __m128i *)(source + 3 * stride)));
    return all;
}

ALWAYS __m512i low_nibbles(__m512i pairs) { return _mm512_and_si512(pairs, _mm512_set1_epi8(15)); }
ALWAYS __m512i high_nibbles(__m512i pairs) { return low_nibbles(_mm512_srli_epi16(pairs, 4)); }

// Levels of IQ4_NL and IQ4_XS, 128 above their values.
ALWAYS __m512i levels_of(__m512i digits) {
    const __m128i levels = _mm_setr_epi8(1, 24, 45, 63, 79, 93, 106, 118, (char)129, (char)141, (char)153, (char)166,
                                         (char)181, (char)197, (char)217, (char)241);
    return _mm512_shuffle_epi8(_mm512_broadcast_i32x4(levels), digits);
}

// Fifth bits: 16 for the first halves and 16 for the last ones in a word of each block.
ALWAYS void add_fifth_bits(const uint8_t *words, size_t stride, size_t count, __m512i *first, __m512i *last) {
    uint64_t low = 0, high = 0;
    for (size_t i = 0; i < count; i++) {
        uint64_t bits = word_at(words + i * stride);
        low |= (bits & 0xffff) << 16 * i, high |= (bits >> 16) << 16 * i;
    }
    const __m512i fifth = _mm512_set1_epi8(16);
    *first = _mm512_mask_add_epi8(*first, (__mmask64)low, *first, fifth);
    *last = _mm512_mask_add_epi8(*last, (__mmask64)high, *last, fifth);
}

ALWAYS void load_digits_small(const ck_type type, const uint8_t *blocks, size_t count, __m512i *first, __m512i *last) {
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
        pairs = load_quarters(blocks + bytes - 16, bytes, count);
    }
    *first = low_nibbles(pairs), *last = high_nibbles(pairs);
    if (type == CK_IQ4_NL) *first = levels_of(*first), *last = levels_of(*last);
    if (type == CK_Q5_0 || type == CK_Q5_1) add_fifth_bits(blocks + bytes - 20, bytes, count, first, last);
}

// From digits of blocks (0, 2) and (1, 3), or (0, 1) and (2, 3), to the first and the last 16 of blocks 0 to 3.
ALWAYS void order_digits(bool alternate, __m512i low, __m512i high, __m512i *first, __m512i *last) {
    const __m512i odd = _mm512_setr_epi64(0, 1, 8, 9, 4, 5, 12, 13), even = _mm512_setr_epi64(0, 1, 4, 5, 8, 9, 12, 13);
    const __m512i order = alternate ? odd : even;
    *first = _mm512_permutex2var_epi64(low, order, high);
    *last = _mm512_permutex2var_epi64(low, _mm512_add_epi64(order, _mm512_set1_epi64(2)), high);
}

// 32 bytes twice.
ALWAYS __m512i load_twice(const uint8_t *source) {
    return _mm512_broadcast_i64x4(_mm256_loadu_si256((const __m256i *)source));
}

// Shifts of 16-bit words, one for the lower and one for the upper 32 bytes.
ALWAYS __m512i shifts(int lower, int upper) {
    return _mm512_inserti64x4(_mm512_set1_epi16((short)lower), _mm256_set1_epi16((short)upper), 1);
}

// Half `half` of a block of 256.
ALWAYS void load_digits_large(const ck_type type, const uint8_t *from, size_t half, __m512i *first, __m512i *last) {
    if (type == CK_IQ4_XS) {
        __m512i pairs = _mm512_loadu_si512(from + 8 + half * 64);
        *first = levels_of(low_nibbles(pairs)), *last = levels_of(high_nibbles(pairs));
        return;
    }
    __m512i low, high;
    if (type == CK_Q4_K || type == CK_Q5_K) {
        __m512i pairs = _mm512_loadu_si512(from + (type == CK_Q4_K ? 16 : 48) + half * 64);
        low = low_nibbles(pairs), high = high_nibbles(pairs);
        if (type == CK_Q5_K) {
            const __m512i fifth = _mm512_set1_epi8(16);
            __m512i bits = _mm512_srli_epi16(load_twice(from + 16), (unsigned)half * 4);
            __m512i places = _mm512_inserti64x4(_mm512_set1_epi8(1), _mm256_set1_epi8(4), 1);
            low = _mm512_mask_add_epi8(low, _mm512_test_epi8_mask(bits, places), low, fifth);
            places = _mm512_add_epi8(places, places);
            high = _mm512_mask_add_epi8(high, _mm512_test_epi8_mask(bits, places), high, fifth);
        }
        return order_digits(true, low, high, first, last);
    }
    if (type == CK_Q6_K) {
        const __m512i upper = _mm512_set1_epi8(48);
        __m512i pairs = _mm512_loadu_si512(from + half * 64), bits = load_twice(from + 128 + half * 32);
        low = _mm512_or_si512(low_nibbles(pairs), _mm512_and_si512(_mm512_sllv_epi16(bits, shifts(4, 2)), upper));
        high = _mm512_or_si512(high_nibbles(pairs), _mm512_and_si512(_mm512_srlv_epi16(bits, shifts(0, 2)), upper));
    } else {
        const __m512i two = _mm512_set1_epi8(3);
        __m512i bits = load_twice(from + (type == CK_Q2_K ? 16 : 32) + half * 32);
        low = _mm512_and_si512(_mm512_srlv_epi16(bits, shifts(0, 2)), two);
        high = _mm512_and_si512(_mm512_srlv_epi16(bits, shifts(4, 6)), two);
        if (type == CK_Q3_K) {
            const __m512i third = _mm512_set1_epi8(4);
            __m512i thirds = _mm512_srli_epi16(load_twice(from), (unsigned)half * 4);
            __m512i places = _mm512_inserti64x4(_mm512_set1_epi8(1), _mm256_set1_epi8(2), 1);
            low = _mm512_mask_add_epi8(low, _mm512_test_epi8_mask(thirds, places), low, third);
            places = _mm512_slli_epi16(places, 2);
            high = _mm512_mask_add_epi8(high, _mm512_test_epi8_mask(thirds, places), high, third);
        }
    }
    order_digits(false, low, high, first, last);
}

// Digits of chunk `c` of a group, of which `count` blocks, at most 4, are there.
ALWAYS void load_digits(const ck_type type, const uint8_t *blocks, size_t c, size_t count, __m512i *first,
                        __m512i *last) {
    if (is_large(type)) load_digits_large(type, blocks + c / 2 * block_bytes(type), c % 2, first, last);
    else load_digits_small(type, blocks + c * chunk * block_bytes(type), count, first, last);
}

#endif
