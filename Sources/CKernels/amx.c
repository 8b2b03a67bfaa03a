// AMX: products of 16×16 tiles in bfloat16, with AVX-512 around them (Intel since Sapphire Rapids).
#if defined(__x86_64__)
#include "kernels.h"

#pragma clang attribute push(__attribute__((target("amx-tile,amx-bf16,amx-int8,avx512f,avx512bw,avx512dq,avx512vl,"  \
                                                   "avx512bf16,avx512vnni,avx512vbmi,avx2,fma,f16c,popcnt"))),       \
                             apply_to = function)
#include "amx_tiles.h"

// A tile holds 16 rows of 64 bytes: 32 elements of 16 rows of activations, or 16 pairs of neighbouring elements of 16
// outputs of a weight matrix. One instruction multiplies them: 16 rows by 16 outputs by 32 elements.
enum {
    panel_width = 2 * tile_rows,
    // Steps whose part of a panel stays in the first-level cache while all rows pass.
    chunk = 16,
    // Bytes of the next panel that are asked for at each step, so that all of it is there after 128 rows.
    fetch = 512,
};

static size_t steps_of(size_t inputs) { return (inputs + tile_inputs - 1) / tile_inputs; }

static size_t panel_bytes(ck_type type, size_t inputs) {
    (void)type;
    return steps_of(inputs) * 2 * tile;
}

static size_t activation_bytes(size_t rows, size_t inputs) {
    return (rows + tile_rows - 1) / tile_rows * steps_of(inputs) * tile;
}

static __m512bh to_bf16_part(const float *values, size_t count) {
    float part[tile_inputs] = {0};
    memcpy(part, values, count * sizeof(float));
    return to_bf16(part);
}

// Tiles in the order [16 rows][step]; missing rows and elements are zero.
static void pack_activations(const float *input, size_t first, size_t rows, size_t inputs, float outliers,
                             void *packed) {
    (void)outliers;
    size_t steps = steps_of(inputs), whole = inputs / tile_inputs;
    for (size_t r = first; r < (first + rows + tile_rows - 1) / tile_rows * tile_rows; r++) {
        char *out = (char *)packed + (r / tile_rows * steps * tile_rows + r % tile_rows) * 64;
        const float *row = input + r * inputs;
        if (r >= first + rows) {
            for (size_t s = 0; s < steps; s++) _mm512_storeu_si512(out + s * tile, _mm512_setzero_si512());
            continue;
        }
        for (size_t s = 0; s < whole; s++)
            _mm512_storeu_si512(out + s * tile, (__m512i)to_bf16(row + s * tile_inputs));
        if (whole < steps)
            _mm512_storeu_si512(out + whole * tile,
                                (__m512i)to_bf16_part(row + whole * tile_inputs, inputs - whole * tile_inputs));
    }
}

// 32 stored elements of one output in bfloat16. For quantised types the 32 elements are one block.
static inline __attribute__((always_inline)) __m512i stored_to_bf16(const ck_type type, const char *source) {
    if (type == CK_BF16) return _mm512_loadu_si512(source);
    if (type == CK_F32) return (__m512i)to_bf16((const float *)source);
    if (type == CK_F16)
        return (__m512i)_mm512_cvtne2ps_pbh(
            _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)source + 1)),
            _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)source)));
    __m512 scale = _mm512_set1_ps(ck_block_scale_fast(source)), low, high;
    if (type == CK_Q8_0) {
        const __m128i *bytes = (const __m128i *)(source + 2);
        low = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(bytes))), scale);
        high = _mm512_mul_ps(_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(_mm_loadu_si128(bytes + 1))), scale);
        return (__m512i)_mm512_cvtne2ps_pbh(high, low);
    }
    __m512 minimum = type == CK_Q4_1 ? _mm512_set1_ps(ck_block_scale_fast(source + 2))
                                     : _mm512_mul_ps(scale, _mm512_set1_ps(-8));
    __m128i nibbles = _mm_loadu_si128((const __m128i *)(source + (type == CK_Q4_1 ? 4 : 2)));
    __m512i words = _mm512_cvtepu8_epi32(nibbles);
    low = _mm512_cvtepi32_ps(_mm512_and_si512(words, _mm512_set1_epi32(15)));
    high = _mm512_cvtepi32_ps(_mm512_srli_epi32(words, 4));
    return (__m512i)_mm512_cvtne2ps_pbh(_mm512_fmadd_ps(high, scale, minimum), _mm512_fmadd_ps(low, scale, minimum));
}

static inline __attribute__((always_inline)) void pack_panel_of(const ck_type type, const char *weight, size_t count,
                                                                size_t inputs, char *panel) {
    size_t row_bytes = ck_type_bytes(type, inputs), step_bytes = ck_type_bytes(type, tile_inputs);
    size_t whole = inputs / tile_inputs, steps = steps_of(inputs);
    for (size_t s = 0; s < steps; s++)
        for (size_t half = 0; half < 2; half++, panel += tile) {
            __m512i rows[tile_rows];
            for (size_t n = 0; n < tile_rows; n++) {
                const char *source = weight + (half * tile_rows + n) * row_bytes + s * step_bytes;
                if (half * tile_rows + n >= count) rows[n] = _mm512_setzero_si512();
                else if (s < whole) rows[n] = stored_to_bf16(type, source);
                else {
                    float part[tile_inputs] = {0};
                    ck_dequantize_scalar(type, source, part, inputs - whole * tile_inputs);
                    rows[n] = (__m512i)to_bf16(part);
                }
            }
            store_transposed(rows, panel);
        }
}

// The same through single precision, for the formats that have no way of their own.
static void pack_panel_of_blocks(ck_type type, const char *weight, size_t count, size_t inputs, char *panel) {
    enum { most = 256 };
    float values[panel_width][most] = {{0}};
    size_t elements = ck_block_elements(type), row_bytes = ck_type_bytes(type, inputs);
    for (size_t k = 0; k < inputs; k += elements) {
        for (size_t n = 0; n < count; n++)
            ck_kernels.dequantize(type, weight + n * row_bytes + ck_type_bytes(type, k), values[n], elements);
        for (size_t i = 0; i < elements; i += tile_inputs)
            for (size_t half = 0; half < 2; half++, panel += tile) {
                __m512i rows[tile_rows];
                for (size_t n = 0; n < tile_rows; n++) rows[n] = (__m512i)to_bf16(values[half * tile_rows + n] + i);
                store_transposed(rows, panel);
            }
    }
}

static void pack_panel(ck_type type, const void *weight, size_t count, size_t inputs, void *panel) {
    switch (type) {
    case CK_F32: pack_panel_of(CK_F32, weight, count, inputs, panel); break;
    case CK_F16: pack_panel_of(CK_F16, weight, count, inputs, panel); break;
    case CK_BF16: pack_panel_of(CK_BF16, weight, count, inputs, panel); break;
    case CK_Q4_0: pack_panel_of(CK_Q4_0, weight, count, inputs, panel); break;
    case CK_Q4_1: pack_panel_of(CK_Q4_1, weight, count, inputs, panel); break;
    case CK_Q8_0: pack_panel_of(CK_Q8_0, weight, count, inputs, panel); break;
    default: pack_panel_of_blocks(type, weight, count, inputs, panel); break;
    }
}

// 32 rows by 32 outputs: four tiles of sums (0 to 3), two of activations (4, 5), two of weights (6, 7).
static inline __attribute__((always_inline)) void multiply_2x2(const char *upper, const char *lower, const char *panel,
                                                               size_t steps, int continued, const char *next,
                                                               float *results) {
    const size_t stride = panel_width * sizeof(float);
    if (continued) {
        _tile_loadd(0, results, stride);
        _tile_loadd(1, results + 16, stride);
        _tile_loadd(2, results + 16 * panel_width, stride);
        _tile_loadd(3, results + 16 * panel_width + 16, stride);
    } else {
        _tile_zero(0);
        _tile_zero(1);
        _tile_zero(2);
        _tile_zero(3);
    }
    for (size_t s = 0; s < steps; s++, upper += tile, lower += tile, panel += 2 * tile, next += fetch) {
        for (size_t i = 0; i < fetch; i += 64) _mm_prefetch(next + i, _MM_HINT_T1);
        _tile_loadd(6, panel, 64);
        _tile_loadd(4, upper, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(7, panel + tile, 64);
        _tile_dpbf16ps(1, 4, 7);
        _tile_loadd(5, lower, 64);
        _tile_dpbf16ps(2, 5, 6);
        _tile_dpbf16ps(3, 5, 7);
    }
    _tile_stored(0, results, stride);
    _tile_stored(1, results + 16, stride);
    _tile_stored(2, results + 16 * panel_width, stride);
    _tile_stored(3, results + 16 * panel_width + 16, stride);
}

static inline __attribute__((always_inline)) void multiply_1x2(const char *upper, const char *panel, size_t steps,
                                                               int continued, float *results) {
    const size_t stride = panel_width * sizeof(float);
    if (continued) {
        _tile_loadd(0, results, stride);
        _tile_loadd(1, results + 16, stride);
    } else {
        _tile_zero(0);
        _tile_zero(1);
    }
    for (size_t s = 0; s < steps; s++, upper += tile, panel += 2 * tile) {
        _tile_loadd(4, upper, 64);
        _tile_loadd(6, panel, 64);
        _tile_dpbf16ps(0, 4, 6);
        _tile_loadd(7, panel + tile, 64);
        _tile_dpbf16ps(1, 4, 7);
    }
    _tile_stored(0, results, stride);
    _tile_stored(1, results + 16, stride);
}

static void multiply(const void *activations, size_t first, size_t rows, ck_type type, const void *panel,
                     size_t inputs, float *results) {
    _tile_loadconfig(&tile_configuration);
    size_t steps = steps_of(inputs), band = steps * tile;
    const char *bands = (const char *)activations + first / tile_rows * band;
    const char *next = (const char *)panel + panel_bytes(type, inputs);
    for (size_t s = 0; s < steps; s += chunk) {
        size_t some = steps - s < chunk ? steps - s : chunk;
        const char *part = (const char *)panel + s * 2 * tile;
        const char *upper = bands + s * tile;
        float *out = results;
        size_t r = 0;
        for (; r + tile_rows < rows; r += 2 * tile_rows, upper += 2 * band, out += 2 * tile_rows * panel_width) {
            multiply_2x2(upper, upper + band, part, some, s > 0, next, out);
            next += some * fetch;
        }
        if (r < rows) multiply_1x2(upper, part, some, s > 0, out);
    }
}

static void leave(void) { _tile_release(); }

const ck_engine_kernels ck_engine_bf16_amx = {
    .panel_outputs = panel_width,
    .rows_at_once = 128,
    .panel_bytes = panel_bytes,
    .pack_panel = pack_panel,
    .activation_bytes = activation_bytes,
    .pack_activations = pack_activations,
    .multiply = multiply,
    .leave = leave,
};

#pragma clang attribute pop
#endif
