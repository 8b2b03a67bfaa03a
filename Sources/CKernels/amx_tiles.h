// What files that use AMX share. A tile holds 16 rows of 64 bytes: 32 elements of 16 rows of the left factor, or 16 pairs
// of neighbouring elements of 16 columns of the right one. One instruction multiplies them and adds 16 by 16 sums.
#include "transpose_avx512.h"

enum {
    tile = 1024,
    tile_rows = 16,
    tile_inputs = 32,
};

// Eight tiles, all of full size.
static const struct {
    uint8_t palette, start_row, reserved[14];
    uint16_t bytes[16];
    uint8_t rows[16];
} __attribute__((aligned(64))) tile_configuration = {
    .palette = 1,
    .bytes = {64, 64, 64, 64, 64, 64, 64, 64},
    .rows = {16, 16, 16, 16, 16, 16, 16, 16},
};

static inline __m512bh to_bf16(const float *values) {
    return _mm512_cvtne2ps_pbh(_mm512_loadu_ps(values + 16), _mm512_loadu_ps(values));
}
