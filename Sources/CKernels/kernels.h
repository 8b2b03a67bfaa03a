// The table of kernels that instruction sets fill, and what their files share.
#ifndef KERNELS_H
#define KERNELS_H
#include "CKernels.h"

#include <string.h>

/// One engine's way to pack and multiply with one instruction set.
typedef struct {
    size_t panel_outputs;
    size_t rows_at_once;  // a multiple of 16, or any number where activations are not packed
    size_t (*panel_bytes)(ck_type, size_t inputs);
    void (*pack_panel)(ck_type, const void *weight, size_t count, size_t inputs, void *panel);
    size_t (*activation_bytes)(size_t rows, size_t inputs);  // NULL when rows are taken as they are
    void (*pack_activations)(const float *input, size_t first, size_t rows, size_t inputs, float outliers,
                             void *packed);
    /// results[r * panel_outputs + n]; room for rows rounded up to 16.
    void (*multiply)(const void *activations, size_t first, size_t rows, ck_type, const void *panel, size_t inputs,
                     float *results);
    /// Straight from stored weights, for a few rows: results[r * count + n]. NULL where there is nothing better than
    /// single precision; an engine that has nothing else has no panels.
    void (*multiply_stored)(const void *activations, size_t rows, ck_type, const void *weight, size_t inputs,
                            size_t count, float *results);
    /// Bytes of 16 outputs' weights when their blocks lie interleaved; 0 for types that are not. NULL in engines that have no
    /// such order.
    size_t (*interleaved_bytes)(ck_type, size_t inputs);
    /// Interleaves `count` outputs, at most 16, of stored weights.
    void (*interleave)(ck_type, const void *weight, size_t count, size_t inputs, void *out);
    /// As `multiply_stored`, for `count` outputs from the first one that lies at `weight` on.
    void (*multiply_interleaved)(const void *activations, size_t rows, ck_type, const void *weight, size_t inputs,
                                 size_t count, float *results);
    /// As `pack_panel`, from interleaved weights; NULL where those do not exist.
    void (*pack_interleaved)(ck_type, const void *weight, size_t count, size_t inputs, void *panel);
    void (*leave)(void);  // called on each thread after its last multiplication, or NULL
} ck_engine_kernels;

// Declares every kernel of one instruction set: as functions, and as members of the table.
#define CK_KERNELS(DO)                                                                                               \
    DO(float, dot_f32, (const float *, const float *, size_t))                                                       \
    DO(float, squared_distance_f32, (const float *, const float *, size_t))                                          \
    DO(float, dot_f32_f16, (const float *, const uint16_t *, size_t))                                                \
    DO(int32_t, dot_i8, (const int8_t *, const int8_t *, size_t))                                                    \
    DO(void, dots_i8, (const int8_t *, const int8_t *const *, size_t, size_t, int32_t *))                           \
    DO(void, dots_i8_signs, (const int8_t *, const uint8_t *const *, size_t, size_t, int32_t *))                    \
    DO(uint32_t, hamming, (const uint8_t *, const uint8_t *, size_t))                                                \
    DO(size_t, insert_u64, (uint64_t *, size_t, uint64_t))                                                           \
    DO(void, sketch_sums, (const ck_sketch_query *, const uint64_t *const *, size_t, int32_t *))                     \
    DO(float, quantize_i8, (const float *, size_t, int8_t *))                                                        \
    DO(void, dequantize, (ck_type, const void *, float *, size_t))                                                   \
    DO(void, convert_f32_to_f16, (const float *, uint16_t *, size_t))                                                \
    DO(void, convert_f16_to_f32, (const uint16_t *, float *, size_t))                                                \
    DO(void, rms_norm, (const float *, size_t, size_t, const float *, float, float *))                               \
    DO(void, layer_norm,                                                                                             \
       (const float *, const float *, size_t, size_t, const float *, const float *, float, float *))                 \
    DO(void, softmax, (float *, size_t))                                                                             \
    DO(ptrdiff_t, largest, (const float *, size_t))                                                                  \
    DO(void, silu_multiply, (const float *, const float *, float *, size_t))                                         \
    DO(void, gelu, (float *, size_t))                                                                                \
    DO(void, gelu_tanh, (float *, size_t))                                                                           \
    DO(void, add_scaled, (float *, const float *, float, size_t))                                                    \
    DO(void, rotate, (float *, size_t, size_t, size_t, int, const float *, const float *))                           \
    DO(void, finish_rows,                                                                                            \
       (const ck_finish *, const float *results, const float *gated, size_t width, size_t first, size_t rows,        \
        size_t column, size_t count))                                                                                \
    DO(void, attention,                                                                                              \
       (const float *, size_t, size_t, size_t, ck_head_cache, size_t, int, size_t, float, float *, size_t))

typedef struct {
#define CK_MEMBER(result, name, parameters) result(*name) parameters;
    CK_KERNELS(CK_MEMBER)
    /// Like `attention`, with products rounded where that is faster.
    void (*attention_fast)(const float *, size_t, size_t, size_t, ck_head_cache, size_t, int, size_t, float, float *,
                           size_t);
    const ck_engine_kernels *engine_f32;
    const ck_engine_kernels *engine_bf16;
    const ck_engine_kernels *engine_q8;
    const ck_engine_kernels *engine_q16;
    const ck_engine_kernels *engine_rows;
} ck_table;

/// The table in use.
extern _Thread_local const ck_table *ck_current;
#define ck_kernels (*ck_current)

/// For loops that are not in the table: whether the instruction set in use has AVX2.
static inline int ck_has_avx2(void) {
#if defined(__x86_64__)
    return ck_current != NULL && ck_active_isa() >= CK_ISA_AVX2;
#else
    return 0;
#endif
}

#define CK_SCALAR(result, name, parameters) result ck_##name##_scalar parameters;
#define CK_AVX2(result, name, parameters) result ck_##name##_avx2 parameters;
#define CK_AVX512(result, name, parameters) result ck_##name##_avx512 parameters;
#define CK_NEON(result, name, parameters) result ck_##name##_neon parameters;
CK_KERNELS(CK_SCALAR)
CK_KERNELS(CK_AVX2)
CK_KERNELS(CK_AVX512)
CK_KERNELS(CK_NEON)
extern const ck_engine_kernels ck_engine_f32_scalar, ck_engine_f32_avx2, ck_engine_f32_avx512, ck_engine_f32_neon;
extern const ck_engine_kernels ck_engine_bf16_amx, ck_engine_q8_avx512vnni, ck_engine_q16_avx512vnni,
    ck_engine_rows_avx512vnni, ck_engine_q8_avx2, ck_engine_q16_avx2, ck_engine_rows_avx2;
size_t ck_interleaved_bytes_avx512vnni(ck_type, size_t inputs);
void ck_interleave_avx512vnni(ck_type, const void *weight, size_t count, size_t inputs, void *out);
void ck_multiply_interleaved_avx512vnni(const void *activations, size_t rows, ck_type, const void *weight,
                                        size_t inputs, size_t count, float *results);
void ck_attention_amx(const float *, size_t, size_t, size_t, ck_head_cache, size_t, int, size_t, float, float *, size_t);
int32_t ck_dot_i8_avx512vnni(const int8_t *, const int8_t *, size_t);
void ck_dots_i8_avx512vnni(const int8_t *, const int8_t *const *, size_t, size_t, int32_t *);
void ck_dots_i8_signs_avx512vnni(const int8_t *, const uint8_t *const *, size_t, size_t, int32_t *);
size_t ck_insert_u64_avx512vnni(uint64_t *, size_t, uint64_t);
void ck_sketch_sums_avx512vnni(const ck_sketch_query *, const uint64_t *const *, size_t, int32_t *);
uint32_t ck_hamming_avx512vnni(const uint8_t *, const uint8_t *, size_t);

/// Bytes of one block, a constant where the type is one.
static inline __attribute__((always_inline)) size_t ck_block_bytes_of(const ck_type type) {
    switch (type) {
    case CK_F32: return 4;
    case CK_F16:
    case CK_BF16: return 2;
    case CK_Q4_0: return 18;
    case CK_Q4_1: return 20;
    case CK_Q5_0: return 22;
    case CK_Q5_1: return 24;
    case CK_Q8_0: return 34;
    case CK_Q2_K: return 84;
    case CK_Q3_K: return 110;
    case CK_Q4_K: return 144;
    case CK_Q5_K: return 176;
    case CK_Q6_K: return 210;
    case CK_IQ4_NL: return 18;
    case CK_IQ4_XS: return 136;
    }
    return 0;
}

/// The half-precision number at the start of a block.
static inline float ck_block_scale(const uint8_t *block) {
    uint16_t half;
    memcpy(&half, block, 2);
    return ck_f16_to_f32(half);
}

/// The same in functions that are compiled for hardware that converts.
#define ck_block_scale_fast(block) ((float)*(const ck_half *)(block))
typedef _Float16 ck_half __attribute__((aligned(1), may_alias));

#endif
