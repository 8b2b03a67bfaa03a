// Panels of block-quantised weights, for engines that multiply them with VNNI.
//
// All three formats are read as w = d·u + m with unsigned u: Q4_1 as it stands; Q4_0 with m = -8d; Q8_0 with its sign bits
// flipped and m = -128d.
#include <immintrin.h>

#define ALWAYS static inline __attribute__((always_inline))

enum {
    block = 32,
    panel_width = 32,
};

// Panels of 32 outputs: for each block 32 d, 32 m, then digits in the order [8 steps][32 outputs][4 inputs].
enum { panel_block = 2 * panel_width * 4 + block * panel_width };

static size_t panel_bytes(size_t inputs) { return inputs / block * panel_block; }

static void pack_panel(ck_type type, const void *weight, size_t count, size_t inputs, void *panel) {
    size_t blocks = inputs / block, bytes = ck_type_bytes(type, block);
    memset(panel, 0, panel_bytes(inputs));
    for (size_t n = 0; n < count; n++) {
        const uint8_t *source = (const uint8_t *)weight + n * blocks * bytes;
        for (size_t b = 0; b < blocks; b++, source += bytes) {
            float *scales = (float *)((char *)panel + b * panel_block);
            uint8_t *digits = (uint8_t *)(scales + 2 * panel_width) + n * 4;
            __m256i all;
            float scale = ck_block_scale_fast(source);
            scales[n] = scale;
            if (type == CK_Q8_0) {
                scales[panel_width + n] = -128 * scale;
                all = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)(source + 2)),
                                       _mm256_set1_epi8((char)0x80));
            } else {
                scales[panel_width + n] = type == CK_Q4_1 ? ck_block_scale_fast(source + 2) : -8 * scale;
                __m128i pair = _mm_loadu_si128((const __m128i *)(source + (type == CK_Q4_1 ? 4 : 2)));
                all = _mm256_set_m128i(_mm_srli_epi16(pair, 4), pair);
                all = _mm256_and_si256(all, _mm256_set1_epi8(15));
            }
            uint32_t words[8];
            _mm256_storeu_si256((__m256i *)words, all);
            for (size_t s = 0; s < 8; s++) memcpy(digits + s * panel_width * 4, &words[s], 4);
        }
    }
}

// Adds a block's products with 16 outputs: d·s·Σuq + m·s·Σq. `scales` holds their d, and 32 places on their m.
ALWAYS __m512 add_block(const float *scales, __m512i products, float scale, float sum, __m512 total) {
    __m512 d = _mm512_loadu_ps(scales), m = _mm512_loadu_ps(scales + panel_width);
    return _mm512_fmadd_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(products), d), _mm512_set1_ps(scale),
                           _mm512_fmadd_ps(m, _mm512_set1_ps(sum), total));
}

// Each engine's own: `rows` rows, a constant at each place of use, by the 32 outputs of a panel.
ALWAYS void multiply_rows(const void *activations, size_t first, const size_t rows, const char *panel, size_t inputs,
                          float *results);

static void multiply(const void *activations, size_t first, size_t rows, const void *panel, size_t inputs,
                     float *results) {
    for (; rows >= 6; rows -= 6, first += 6, results += 6 * panel_width)
        multiply_rows(activations, first, 6, panel, inputs, results);
    for (; rows >= 2; rows -= 2, first += 2, results += 2 * panel_width)
        multiply_rows(activations, first, 2, panel, inputs, results);
    if (rows) multiply_rows(activations, first, 1, panel, inputs, results);
}
