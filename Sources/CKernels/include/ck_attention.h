/// Scaled dot-product attention. Strides are in elements.
#ifndef CK_ATTENTION_H
#define CK_ATTENTION_H
#include "ck_blocks.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Keys and values of one head: element (position, i) lies at [position * stride + i].
typedef struct {
    const void *keys;
    const void *values;
    size_t stride;
    ck_type type;  // CK_F32, CK_F16, or CK_Q8_0 with whole blocks to a stride
} ck_head_cache;

/// Attention of `group` neighbouring query heads that share one head of keys and values, softmax(scale * q·k) v, on the
/// calling thread. Query row i sees positions 0 ..< visible + i when causal, else 0 ..< visible.
/// Element i of head g in row r lies at [r * stride + g * headDimension + i], in queries as in the output.
void ck_attention(const float *queries, size_t queryStride, size_t rows, size_t group, ck_head_cache cache,
                  size_t visible, int causal, size_t headDimension, float scale, float *output, size_t outputStride);
/// The same, with factors rounded to 16 (scores) and 8 (weights and values) significant bits where that is faster.
void ck_attention_fast(const float *queries, size_t queryStride, size_t rows, size_t group, ck_head_cache cache,
                       size_t visible, int causal, size_t headDimension, float scale, float *output,
                       size_t outputStride);

/// One query over positions begin ..< end, softmax(bounded(scale * q·k)) v in single precision, where a score s is
/// bounded to cap * tanh(s / cap) unless cap is 0. For what the kernels above leave out: windows and bounded scores.
void ck_attention_row(const float *query, ck_head_cache cache, size_t begin, size_t end, size_t headDimension,
                      float scale, float cap, float *output);

#ifdef __cplusplus
}
#endif
#endif
