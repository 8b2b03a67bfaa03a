// The table of kernels that instruction sets fill, and what their files share.
#ifndef KERNELS_H
#define KERNELS_H
#include "CKernels.h"

#include <string.h>

typedef struct {
    float (*dot_f32)(const float *, const float *, size_t);
    float (*squared_distance_f32)(const float *, const float *, size_t);
    float (*dot_f32_f16)(const float *, const uint16_t *, size_t);
    int32_t (*dot_i8)(const int8_t *, const int8_t *, size_t);
    uint32_t (*hamming)(const uint8_t *, const uint8_t *, size_t);
    float (*quantize_i8)(const float *, size_t, int8_t *);
    void (*dequantize)(ck_type, const void *, float *, size_t);
    void (*convert_f32_to_f16)(const float *, uint16_t *, size_t);
    void (*convert_f16_to_f32)(const uint16_t *, float *, size_t);
    void (*rms_norm)(const float *, size_t, size_t, const float *, float, float *);
    void (*layer_norm)(const float *, const float *, size_t, size_t, const float *, const float *, float, float *);
    void (*softmax)(float *, size_t);
    void (*silu_multiply)(const float *, const float *, float *, size_t);
    void (*gelu)(float *, size_t);
    void (*gelu_tanh)(float *, size_t);
    void (*add_scaled)(float *, const float *, float, size_t);
    void (*rotate)(float *, size_t, size_t, size_t, int, const float *, const float *);
    void (*attention)(const float *, size_t, size_t, ck_head_cache, size_t, int, size_t, float, float *, size_t);
} ck_table;

/// The table in use.
extern ck_table ck_kernels;

// Declares every kernel of one instruction set.
#define CK_DECLARE(suffix)                                                                                          \
    float ck_dot_f32_##suffix(const float *, const float *, size_t);                                                \
    float ck_squared_distance_f32_##suffix(const float *, const float *, size_t);                                   \
    float ck_dot_f32_f16_##suffix(const float *, const uint16_t *, size_t);                                         \
    int32_t ck_dot_i8_##suffix(const int8_t *, const int8_t *, size_t);                                             \
    uint32_t ck_hamming_##suffix(const uint8_t *, const uint8_t *, size_t);                                         \
    float ck_quantize_i8_##suffix(const float *, size_t, int8_t *);                                                 \
    void ck_dequantize_##suffix(ck_type, const void *, float *, size_t);                                            \
    void ck_convert_f32_to_f16_##suffix(const float *, uint16_t *, size_t);                                         \
    void ck_convert_f16_to_f32_##suffix(const uint16_t *, float *, size_t);                                         \
    void ck_rms_norm_##suffix(const float *, size_t, size_t, const float *, float, float *);                        \
    void ck_layer_norm_##suffix(const float *, const float *, size_t, size_t, const float *, const float *, float,  \
                                float *);                                                                           \
    void ck_softmax_##suffix(float *, size_t);                                                                      \
    void ck_silu_multiply_##suffix(const float *, const float *, float *, size_t);                                  \
    void ck_gelu_##suffix(float *, size_t);                                                                         \
    void ck_gelu_tanh_##suffix(float *, size_t);                                                                    \
    void ck_add_scaled_##suffix(float *, const float *, float, size_t);                                             \
    void ck_rotate_##suffix(float *, size_t, size_t, size_t, int, const float *, const float *);                    \
    void ck_attention_##suffix(const float *, size_t, size_t, ck_head_cache, size_t, int, size_t, float, float *,   \
                               size_t);

CK_DECLARE(scalar)

/// The half-precision number at the start of a block.
static inline float ck_block_scale(const uint8_t *block) {
    uint16_t half;
    memcpy(&half, block, 2);
    return ck_f16_to_f32(half);
}

#endif
