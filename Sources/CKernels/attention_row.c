// Attention of a single query, over part of the positions and with bounded scores.
#include <math.h>
#include <string.h>

#include "CKernels.h"

void ck_attention_row(const float *query, ck_head_cache cache, size_t begin, size_t end, size_t dimension, float scale,
                      float cap, float *output) {
    if (begin >= end) return memset(output, 0, dimension * sizeof(float)), (void)0;
    size_t count = end - begin;
    size_t bytes = cache.type == CK_Q8_0 ? cache.stride / 32 * 34 : cache.stride * (cache.type == CK_F16 ? 2 : 4);
    float *scores = ck_scratch(CK_SCRATCH_ATTENTION, (count + dimension) * sizeof(float));
    float *row = scores + count;
    const char *keys = (const char *)cache.keys + begin * bytes;
    const char *values = (const char *)cache.values + begin * bytes;
    for (size_t p = 0; p < count; p++, keys += bytes) {
        if (cache.type == CK_Q8_0) ck_dequantize(CK_Q8_0, keys, row, dimension);
        float score = scale * (cache.type == CK_F16 ? ck_dot_f32_f16(query, (const uint16_t *)keys, dimension)
                               : ck_dot_f32(query, cache.type == CK_Q8_0 ? row : (const float *)keys, dimension));
        scores[p] = cap > 0 ? cap * tanhf(score / cap) : score;
    }
    ck_softmax(scores, count);
    memset(output, 0, dimension * sizeof(float));
    for (size_t p = 0; p < count; p++, values += bytes) {
        const float *value = (const float *)values;
        if (cache.type != CK_F32) {
            ck_dequantize(cache.type, values, row, dimension);
            value = row;
        }
        ck_add_scaled(output, value, scores[p], dimension);
    }
}
