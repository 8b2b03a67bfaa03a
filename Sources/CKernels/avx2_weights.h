// Block-quantised weights as they are stored, read into vectors a block of 32 at a time; for files that are compiled for
// AVX2. Blocks of 256 count as eight blocks of 32.
#include "block_types.h"

#include <immintrin.h>

#define ALWAYS static inline __attribute__((always_inline))

enum {
    block = 32,
    large = 8,  // blocks of 32 in one of 256
};

ALWAYS bool has_halves(const ck_type type) { return type == CK_Q2_K || type == CK_Q3_K || type == CK_Q6_K; }
ALWAYS bool is_signed(const ck_type type) { return type == CK_Q8_0 || type == CK_IQ4_NL || type == CK_IQ4_XS; }
ALWAYS bool is_large(const ck_type type) { return type == CK_IQ4_XS || (type >= CK_Q2_K && type <= CK_Q6_K); }

// The largest magnitude of 32 numbers.
ALWAYS float largest_of(const float *x) {
    __m256 largest = _mm256_setzero_ps(), sign = _mm256_set1_ps(-0.0f);
    for (size_t i = 0; i < block; i += 8) largest = _mm256_max_ps(largest, _mm256_andnot_ps(sign, _mm256_loadu_ps(x + i)));
    __m128 four = _mm_max_ps(_mm256_castps256_ps128(largest), _mm256_extractf128_ps(largest, 1));
    four = _mm_max_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_max_ss(four, _mm_movehdup_ps(four)));
}

// `count` is a multiple of 8.
ALWAYS float mean_square_of(const float *x, size_t count) {
    __m256 sum = _mm256_setzero_ps();
    for (size_t i = 0; i < count; i += 8) sum = _mm256_fmadd_ps(_mm256_loadu_ps(x + i), _mm256_loadu_ps(x + i), sum);
    __m128 four = _mm_add_ps(_mm256_castps256_ps128(sum), _mm256_extractf128_ps(sum, 1));
    four = _mm_add_ps(four, _mm_movehl_ps(four, four));
    return _mm_cvtss_f32(_mm_add_ss(four, _mm_movehdup_ps(four))) / (float)count;
}

ALWAYS int32_t sum_of(__m256i a, __m256i b) {
    a = _mm256_add_epi32(a, b);
    __m128i four = _mm_add_epi32(_mm256_castsi256_si128(a), _mm256_extracti128_si256(a, 1));
    four = _mm_add_epi32(four, _mm_unpackhi_epi64(four, four));
    return _mm_cvtsi128_si32(four) + _mm_extract_epi32(four, 1);
}

// Blocks of 32 whose scales are read at once.
ALWAYS size_t blocks_at_once(const ck_type type) { return is_large(type) ? large : 1; }

// Scales and minima of those blocks: of each, or of its first and its last 16 weights.
typedef struct {
    float scale[2 * large], minimum[2 * large];
} block_scales;

ALWAYS void six_bit_scales(const uint8_t *stored, block_scales *out) {
    uint32_t word[3], bytes[4];
    memcpy(word, stored + 4, 12);
    bytes[0] = word[0] & 0x3f3f3f3f, bytes[1] = (word[2] & 0x0f0f0f0f) | (word[0] >> 2 & 0x30303030);
    bytes[2] = word[1] & 0x3f3f3f3f, bytes[3] = (word[2] >> 4 & 0x0f0f0f0f) | (word[1] >> 2 & 0x30303030);
    __m128i all = _mm_loadu_si128((const __m128i *)bytes);
    __m256 scales = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(all));
    __m256 minima = _mm256_cvtepi32_ps(_mm256_cvtepu8_epi32(_mm_srli_si128(all, 8)));
    _mm256_storeu_ps(out->scale, _mm256_mul_ps(scales, _mm256_set1_ps(ck_block_scale_fast(stored))));
    _mm256_storeu_ps(out->minimum, _mm256_mul_ps(minima, _mm256_set1_ps(-ck_block_scale_fast(stored + 2))));
}

// Small signed numbers of the sixteen parts of a block.
ALWAYS void spread(__m128i numbers, float factor, float *out) {
    __m256 f = _mm256_set1_ps(factor);
    _mm256_storeu_ps(out, _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(numbers)), f));
    numbers = _mm_srli_si128(numbers, 8);
    _mm256_storeu_ps(out + 8, _mm256_mul_ps(_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(numbers)), f));
}

ALWAYS __m128i scales_q3_k(const uint8_t *packed) {
    uint32_t word[3];
    memcpy(word, packed, 12);
    __m128i low = _mm_setr_epi32((int)word[0], (int)word[1], (int)(word[0] >> 4), (int)(word[1] >> 4));
    __m128i high = _mm_setr_epi32((int)(word[2] << 4), (int)(word[2] << 2), (int)word[2], (int)(word[2] >> 2));
    __m128i all = _mm_or_si128(_mm_and_si128(low, _mm_set1_epi8(15)), _mm_and_si128(high, _mm_set1_epi8(48)));
    return _mm_sub_epi8(all, _mm_set1_epi8(32));
}

ALWAYS void offset_minima(const float *scale, float offset, size_t count, float *minimum) {
    for (size_t i = 0; i < count; i++) minimum[i] = -offset * scale[i];
}

ALWAYS void load_scales(const ck_type type, const uint8_t *stored, block_scales *out) {
    switch (type) {
    case CK_Q4_1:
    case CK_Q5_1: out->minimum[0] = ck_block_scale_fast(stored + 2), out->scale[0] = ck_block_scale_fast(stored); break;
    case CK_Q4_K:
    case CK_Q5_K: six_bit_scales(stored, out); break;
    case CK_Q6_K:
        spread(_mm_loadu_si128((const __m128i *)(stored + 192)), ck_block_scale_fast(stored + 208), out->scale);
        offset_minima(out->scale, 32, 16, out->minimum);
        break;
    case CK_Q3_K:
        spread(scales_q3_k(stored + 96), ck_block_scale_fast(stored + 108), out->scale);
        offset_minima(out->scale, 4, 16, out->minimum);
        break;
    case CK_Q2_K: {
        __m128i all = _mm_loadu_si128((const __m128i *)stored), mask = _mm_set1_epi8(15);
        spread(_mm_and_si128(all, mask), ck_block_scale_fast(stored + 80), out->scale);
        spread(_mm_and_si128(_mm_srli_epi16(all, 4), mask), -ck_block_scale_fast(stored + 82), out->minimum);
        break;
    }
    case CK_IQ4_XS: {
        uint16_t high;
        memcpy(&high, stored + 2, 2);
        for (size_t s = 0; s < large; s++) {
            int scale = (stored[4 + s / 2] >> s % 2 * 4 & 15) | (high >> 2 * s & 3) << 4;
            out->scale[s] = ck_block_scale_fast(stored) * (float)(scale - 32);
        }
        break;
    }
    default:
        out->scale[0] = ck_block_scale_fast(stored);
        offset_minima(out->scale, type == CK_Q4_0 ? 8 : type == CK_Q5_0 ? 16 : 0, 1, out->minimum);
    }
}

ALWAYS __m256i bytes_at(const uint8_t *place) { return _mm256_loadu_si256((const __m256i *)place); }

// Low nibbles of 16 bytes, then the high ones.
ALWAYS __m256i nibbles_of(const uint8_t *place) {
    __m128i pairs = _mm_loadu_si128((const __m128i *)place);
    return _mm256_and_si256(_mm256_set_m128i(_mm_srli_epi16(pairs, 4), pairs), _mm256_set1_epi8(15));
}

ALWAYS __m256i levels_of(__m256i digits) {
    const __m128i levels = _mm_setr_epi8(-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113);
    return _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(levels), digits);
}

// 16 where bit i of the word is set, for each of 32 bytes.
ALWAYS __m256i fifth_bits(const uint8_t *place) {
    uint32_t word;
    memcpy(&word, place, 4);
    const __m256i spread_bytes = _mm256_setr_epi64x(0, 0x0101010101010101, 0x0202020202020202, 0x0303030303030303);
    const __m256i masks = _mm256_set1_epi64x((long long)0x8040201008040201);
    __m256i bytes = _mm256_and_si256(_mm256_shuffle_epi8(_mm256_set1_epi32((int)word), spread_bytes), masks);
    return _mm256_and_si256(_mm256_cmpeq_epi8(bytes, masks), _mm256_set1_epi8(16));
}

// Bits `mask` of each byte after a shift to the right, moved `up` afterwards.
ALWAYS __m256i part_of(__m256i bytes, int shift, int mask, int up) {
    __m256i part = _mm256_and_si256(_mm256_srl_epi16(bytes, _mm_cvtsi32_si128(shift)), _mm256_set1_epi8((char)mask));
    return _mm256_sll_epi16(part, _mm_cvtsi32_si128(up));
}

// The 32 digits of block `b`, below `blocks_at_once`, in the order of inputs.
ALWAYS __m256i load_digits(const ck_type type, const uint8_t *stored, size_t b) {
    int half = (int)b / 4, quarter = (int)b % 4;
    switch (type) {
    case CK_Q4_0: return nibbles_of(stored + 2);
    case CK_Q4_1: return nibbles_of(stored + 4);
    case CK_Q5_0: return _mm256_or_si256(nibbles_of(stored + 6), fifth_bits(stored + 2));
    case CK_Q5_1: return _mm256_or_si256(nibbles_of(stored + 8), fifth_bits(stored + 4));
    case CK_Q8_0: return bytes_at(stored + 2);
    case CK_IQ4_NL: return levels_of(nibbles_of(stored + 2));
    case CK_IQ4_XS: return levels_of(nibbles_of(stored + 8 + b * 16));
    case CK_Q4_K: return part_of(bytes_at(stored + 16 + b / 2 * 32), b % 2 * 4, 15, 0);
    case CK_Q5_K:
        return _mm256_or_si256(part_of(bytes_at(stored + 48 + b / 2 * 32), b % 2 * 4, 15, 0),
                               part_of(bytes_at(stored + 16), (int)b, 1, 4));
    case CK_Q6_K:
        return _mm256_or_si256(part_of(bytes_at(stored + half * 64 + quarter % 2 * 32), quarter / 2 * 4, 15, 0),
                               part_of(bytes_at(stored + 128 + half * 32), quarter * 2, 3, 4));
    case CK_Q2_K: return part_of(bytes_at(stored + 16 + half * 32), quarter * 2, 3, 0);
    case CK_Q3_K:
        return _mm256_or_si256(part_of(bytes_at(stored + 32 + half * 32), quarter * 2, 3, 0),
                               part_of(bytes_at(stored), (int)b, 1, 2));
    default: return _mm256_setzero_si256();
    }
}
