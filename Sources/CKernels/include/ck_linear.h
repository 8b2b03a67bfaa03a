/// Products of activations with weight matrices.
#ifndef CK_LINEAR_H
#define CK_LINEAR_H
#include "ck_blocks.h"

#ifdef __cplusplus
extern "C" {
#endif

/// output[r, n] = sum over k of input[r, k] * weight[n, k] in plain single precision, for the weight rows
/// begin ..< end. Input rows are contiguous; output rows are `outputStride` floats apart. The twin of the fast ones.
void ck_matmul_plain(const float *input, size_t rows, size_t inputs, ck_type type, const void *weight,
                     size_t begin, size_t end, float *output, size_t outputStride);

#ifdef __cplusplus
}
#endif
#endif
