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

// 64 bits of a row as they stand are a mask.
static inline uint64_t bits_at(const uint8_t *row, size_t i, size_t count) {
    uint64_t bits = 0;
    if (count - i >= 64) {
        memcpy(&bits, row + i / 8, 8);
        return bits;
    }
    memcpy(&bits, row + i / 8, (count - i + 7) / 8);
    return bits & ((1ULL << (count - i)) - 1);
}

// Ones where a row's bits are set, times the query; four rows at a time.
void ck_dots_i8_signs_avx512vnni(const int8_t *query, const uint8_t *const *rows, size_t rowCount, size_t count, int32_t *results) {
    const __m512i ones = _mm512_set1_epi8(1);
    __m512i total = _mm512_setzero_si512();
    for (size_t i = 0; i < count; i += 64) {
        __mmask64 mask = count - i < 64 ? (1ULL << (count - i)) - 1 : ~0ULL;
        total = _mm512_dpbusd_epi32(total, ones, _mm512_maskz_loadu_epi8(mask, query + i));
    }
    const __m128i all = _mm_set1_epi32(_mm512_reduce_add_epi32(total));
    for (size_t row = 0; row < rowCount; row += 4) {
        size_t last = rowCount - 1;
        const uint8_t *a = rows[row], *b = rows[row + 1 < last ? row + 1 : last];
        const uint8_t *c = rows[row + 2 < last ? row + 2 : last], *d = rows[row + 3 < last ? row + 3 : last];
        __m512i sa = _mm512_setzero_si512(), sb = sa, sc = sa, sd = sa;
        for (size_t i = 0; i < count; i += 64) {
            __mmask64 mask = count - i < 64 ? (1ULL << (count - i)) - 1 : ~0ULL;
            __m512i q = _mm512_maskz_loadu_epi8(mask, query + i);
            sa = _mm512_dpbusd_epi32(sa, _mm512_maskz_mov_epi8(bits_at(a, i, count), ones), q);
            sb = _mm512_dpbusd_epi32(sb, _mm512_maskz_mov_epi8(bits_at(b, i, count), ones), q);
            sc = _mm512_dpbusd_epi32(sc, _mm512_maskz_mov_epi8(bits_at(c, i, count), ones), q);
            sd = _mm512_dpbusd_epi32(sd, _mm512_maskz_mov_epi8(bits_at(d, i, count), ones), q);
        }
        __m128i sums = _mm_sub_epi32(_mm_slli_epi32(sums_of(sa, sb, sc, sd), 1), all);
        size_t left = rowCount - row;
        _mm_mask_storeu_epi32(results + row, left < 4 ? (__mmask8)((1u << left) - 1) : (__mmask8)0xf, sums);
    }
}

// What eight words of a sketch choose of a query, in eight sums.
static inline __m512i chosen_of(const uint64_t *sketch, const uint64_t *planes, size_t words) {
    __m512i bits = _mm512_loadu_si512(sketch);
    __m512i a = _mm512_popcnt_epi64(_mm512_and_si512(bits, _mm512_loadu_si512(planes)));
    __m512i b = _mm512_popcnt_epi64(_mm512_and_si512(bits, _mm512_loadu_si512(planes + words)));
    __m512i c = _mm512_popcnt_epi64(_mm512_and_si512(bits, _mm512_loadu_si512(planes + 2 * words)));
    __m512i d = _mm512_popcnt_epi64(_mm512_and_si512(bits, _mm512_loadu_si512(planes + 3 * words)));
    __m512i low = _mm512_add_epi64(a, _mm512_slli_epi64(b, 1));
    return _mm512_add_epi64(low, _mm512_slli_epi64(_mm512_sub_epi64(c, _mm512_slli_epi64(d, 1)), 2));
}

// Sums of one row in the lower halves of lanes, of another in the upper: none is larger than 32 bits.
static inline __m512i both(__m512i a, __m512i b) { return _mm512_mask_blend_epi32(0xaaaa, a, _mm512_slli_epi64(b, 32)); }

// Four rows at a time. A sketch begins at a line of the cache and fills some: no load is of two, or needs a mask.
void ck_sketch_sums_avx512vnni(const ck_sketch_query *query, const uint64_t *const *sketches, size_t count, int32_t *sums) {
    const __m128i total = _mm_set1_epi32(query->total);
    const size_t words = query->words;
    for (size_t row = 0; row < count; row += 4) {
        size_t last = count - 1;
        const uint64_t *a = sketches[row], *b = sketches[row + 1 < last ? row + 1 : last];
        const uint64_t *c = sketches[row + 2 < last ? row + 2 : last], *d = sketches[row + 3 < last ? row + 3 : last];
        __m512i ab = _mm512_setzero_si512(), cd = ab;
        for (size_t i = 0; i < words; i += 8) {
            const uint64_t *planes = query->planes + i;
            ab = _mm512_add_epi32(ab, both(chosen_of(a + i, planes, words), chosen_of(b + i, planes, words)));
            cd = _mm512_add_epi32(cd, both(chosen_of(c + i, planes, words), chosen_of(d + i, planes, words)));
        }
        __m512i all = _mm512_add_epi32(_mm512_unpacklo_epi64(ab, cd), _mm512_unpackhi_epi64(ab, cd));
        __m256i half = _mm256_add_epi32(_mm512_castsi512_si256(all), _mm512_extracti64x4_epi64(all, 1));
        __m128i chosen = _mm_add_epi32(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
        size_t rows = count - row;
        _mm_mask_storeu_epi32(sums + row, rows < 4 ? (__mmask8)((1u << rows) - 1) : (__mmask8)0xf,
                              _mm_sub_epi32(_mm_slli_epi32(chosen, 1), total));
    }
}

// From the end, eight at a time: those that are not less move on by one.
size_t ck_insert_u64_avx512vnni(uint64_t *sorted, size_t count, uint64_t key) {
    const __m512i keys = _mm512_set1_epi64((long long)key);
    while (count > 0) {
        size_t some = count < 8 ? count : 8, first = count - some;
        __mmask8 there = (__mmask8)((1u << some) - 1);
        __m512i values = _mm512_maskz_loadu_epi64(there, sorted + first);
        __mmask8 moved = _mm512_mask_cmpge_epu64_mask(there, values, keys);
        _mm512_mask_storeu_epi64(sorted + first + 1, moved, values);
        if (moved != there) {
            count -= (size_t)__builtin_popcount(moved);
            break;
        }
        count = first;
    }
    sorted[count] = key;
    return count;
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

#pragma clang attribute pop
#endif
