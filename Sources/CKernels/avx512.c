// AVX-512 (F, BW, DQ, VL).
#if defined(__x86_64__)
#include "kernels.h"

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c,popcnt"))), \
                             apply_to = function)
#define SUFFIX avx512
#define VECTOR_BYTES 64
#define TILE_ROWS 14
#include "vector_template.h"
#include "matrix_template.h"
#include "attention_template.h"
#include "bits_template.h"
#define BLOCK_SCALE(block) ck_block_scale_fast(block)
#include "blocks_template.h"

#include <immintrin.h>

int32_t ck_dot_i8_avx512(const int8_t *a, const int8_t *b, size_t count) {
    __m512i sum = _mm512_setzero_si512();
    size_t i = 0;
    for (; i + 32 <= count; i += 32) {
        __m512i x = _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(a + i)));
        __m512i y = _mm512_cvtepi8_epi16(_mm256_loadu_si256((const __m256i *)(b + i)));
        sum = _mm512_add_epi32(sum, _mm512_madd_epi16(x, y));
    }
    return _mm512_reduce_add_epi32(sum) + ck_dot_i8_scalar(a + i, b + i, count - i);
}

void ck_dots_i8_avx512(const int8_t *query, const int8_t *const *rows, size_t rowCount, size_t count, int32_t *results) {
    for (size_t i = 0; i < rowCount; i++) results[i] = ck_dot_i8_avx512(query, rows[i], count);
}

#pragma clang attribute pop
#endif
