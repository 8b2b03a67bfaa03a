// NEON, which every 64-bit ARM processor has.
#if defined(__aarch64__)
#include "kernels.h"

#include <arm_neon.h>

#define SUFFIX neon
#define VECTOR_BYTES 16
#define TILE_ROWS 8
#include "vector_template.h"
#include "matrix_template.h"
#include "attention_template.h"
#include "bits_template.h"
#define BLOCK_SCALE(block) ck_block_scale_fast(block)
#include "blocks_template.h"

int32_t ck_dot_i8_neon(const int8_t *a, const int8_t *b, size_t count) {
    int32x4_t sum = vdupq_n_s32(0);
    size_t i = 0;
    for (; i + 16 <= count; i += 16) {
        int8x16_t x = vld1q_s8(a + i), y = vld1q_s8(b + i);
        sum = vpadalq_s16(sum, vmull_s8(vget_low_s8(x), vget_low_s8(y)));
        sum = vpadalq_s16(sum, vmull_s8(vget_high_s8(x), vget_high_s8(y)));
    }
    return vaddvq_s32(sum) + ck_dot_i8_scalar(a + i, b + i, count - i);
}

void ck_dots_i8_neon(const int8_t *query, const int8_t *const *rows, size_t rowCount, size_t count, int32_t *results) {
    for (size_t i = 0; i < rowCount; i++) results[i] = ck_dot_i8_neon(query, rows[i], count);
}
#endif
