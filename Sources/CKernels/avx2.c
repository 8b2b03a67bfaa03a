// AVX2 with FMA and F16C: x86 processors since 2013 (Intel) and 2015 (AMD).
#if defined(__x86_64__)
#include "kernels.h"

#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,popcnt"))), apply_to = function)
#define SUFFIX avx2
#define VECTOR_BYTES 32
#define TILE_ROWS 6
#include "vector_template.h"
#include "matrix_template.h"
#include "attention_template.h"
#include "bits_template.h"
#define BLOCK_SCALE(block) ck_block_scale_fast(block)
#include "blocks_template.h"

#include <immintrin.h>

int32_t ck_dot_i8_avx2(const int8_t *a, const int8_t *b, size_t count) {
    __m256i sum = _mm256_setzero_si256();
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        __m256i x = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(a + i)));
        __m256i y = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(b + i)));
        sum = _mm256_add_epi32(sum, _mm256_madd_epi16(x, y));
    }
    int32_t parts[8], total = 0;
    _mm256_storeu_si256((__m256i *)parts, sum);
    for (int j = 0; j < 8; j++) total += parts[j];
    return total + ck_dot_i8_scalar(a + i, b + i, count - i);
}

void ck_dots_i8_avx2(const int8_t *query, const int8_t *const *rows, size_t rowCount, size_t count, int32_t *results) {
    for (size_t i = 0; i < rowCount; i++) results[i] = ck_dot_i8_avx2(query, rows[i], count);
}

#pragma clang attribute pop
#endif
