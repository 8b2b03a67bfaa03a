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
