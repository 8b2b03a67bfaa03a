/// Number formats of stored weights.
#ifndef CK_BLOCKS_H
#define CK_BLOCKS_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// GGML's type numbers.
typedef enum {
    CK_F32 = 0,
    CK_F16 = 1,
    CK_Q4_0 = 2,
    CK_Q4_1 = 3,
    CK_Q5_0 = 6,
    CK_Q5_1 = 7,
    CK_Q8_0 = 8,
    CK_Q2_K = 10,
    CK_Q3_K = 11,
    CK_Q4_K = 12,
    CK_Q5_K = 13,
    CK_Q6_K = 14,
    CK_IQ4_NL = 20,
    CK_IQ4_XS = 23,
    CK_BF16 = 30,
} ck_type;

float ck_f16_to_f32(uint16_t half);
uint16_t ck_f32_to_f16(float value);

/// `count` numbers, a multiple of the type's block size, from storage to floats.
void ck_dequantize(ck_type type, const void *source, float *destination, size_t count);
/// Floats to blocks of Q8_0; `count` is a multiple of 32.
void ck_quantize_q8_0(const float *source, void *destination, size_t count);
/// Floats to F32, F16, Q8_0, Q4_0, Q4_K, Q5_K or Q6_K; `count` is a multiple of the type's block size. False for others.
bool ck_quantize(ck_type type, const float *source, void *destination, size_t count);
/// Floats to IEEE half precision, round to nearest even.
void ck_convert_f32_to_f16(const float *source, uint16_t *destination, size_t count);
void ck_convert_f16_to_f32(const uint16_t *source, float *destination, size_t count);

/// Bytes that `count` numbers of this type take.
size_t ck_type_bytes(ck_type type, size_t count);
/// Numbers of one block: 1 for plain numbers, else 32 or 256.
size_t ck_block_elements(ck_type type);
/// Bytes of one block.
size_t ck_block_bytes(ck_type type);

#ifdef __cplusplus
}
#endif
#endif
