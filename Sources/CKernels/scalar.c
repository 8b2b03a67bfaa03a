// Plain implementations: what the faster ones are compared with, and what runs where nothing faster fits.
#include "kernels.h"

#include <math.h>
#include <string.h>

#define BLOCK_SCALE(block) ck_block_scale(block)
#define NAME(name) name##_scalar
#include "blocks_template.h"

float ck_dot_f32_scalar(const float *a, const float *b, size_t count) {
    float sum = 0;
    for (size_t i = 0; i < count; i++) sum += a[i] * b[i];
    return sum;
}

float ck_squared_distance_f32_scalar(const float *a, const float *b, size_t count) {
    float sum = 0;
    for (size_t i = 0; i < count; i++) sum += (a[i] - b[i]) * (a[i] - b[i]);
    return sum;
}

float ck_dot_f32_f16_scalar(const float *a, const uint16_t *b, size_t count) {
    float sum = 0;
    for (size_t i = 0; i < count; i++) sum += a[i] * ck_f16_to_f32(b[i]);
    return sum;
}

int32_t ck_dot_i8_scalar(const int8_t *a, const int8_t *b, size_t count) {
    int32_t sum = 0;
    for (size_t i = 0; i < count; i++) sum += (int32_t)a[i] * b[i];
    return sum;
}

void ck_dots_i8_scalar(const int8_t *query, const int8_t *const *rows, size_t rowCount, size_t count, int32_t *results) {
    for (size_t i = 0; i < rowCount; i++) results[i] = ck_dot_i8_scalar(query, rows[i], count);
}

void ck_dots_i8_signs_scalar(const int8_t *query, const uint8_t *const *rows, size_t rowCount, size_t count, int32_t *results) {
    for (size_t row = 0; row < rowCount; row++) {
        int32_t sum = 0;
        for (size_t i = 0; i < count; i++) sum += rows[row][i / 8] >> i % 8 & 1 ? query[i] : -query[i];
        results[row] = sum;
    }
}

size_t ck_insert_u64_scalar(uint64_t *sorted, size_t count, uint64_t key) {
    for (; count > 0 && sorted[count - 1] >= key; count--) sorted[count] = sorted[count - 1];
    sorted[count] = key;
    return count;
}

void ck_sketch_sums_scalar(const ck_sketch_query *query, const uint64_t *const *sketches, size_t count, int32_t *sums) {
    for (size_t row = 0; row < count; row++) {
        sums[row] = 0;
        for (size_t i = 2 * 64; i < 64 * query->words; i++) {
            int32_t number = 0;
            for (size_t k = 0; k < 4; k++) number |= (int32_t)(query->planes[k * query->words + i / 64] >> i % 64 & 1) << k;
            if (number > 7) number -= 16;
            sums[row] += sketches[row][i / 64] >> i % 64 & 1 ? number : -number;
        }
    }
}

uint32_t ck_hamming_scalar(const uint8_t *a, const uint8_t *b, size_t bytes) {
    uint32_t sum = 0;
    for (size_t i = 0; i < bytes; i++) sum += (uint32_t)__builtin_popcount(a[i] ^ b[i]);
    return sum;
}

float ck_quantize_i8_scalar(const float *values, size_t count, int8_t *quantized) {
    float largest = 0;
    for (size_t i = 0; i < count; i++) largest = fmaxf(largest, fabsf(values[i]));
    float inverse = largest > 0 ? 127 / largest : 0;
    for (size_t i = 0; i < count; i++) quantized[i] = (int8_t)lrintf(values[i] * inverse);
    return largest / 127;
}

void ck_convert_f32_to_f16_scalar(const float *source, uint16_t *destination, size_t count) {
    for (size_t i = 0; i < count; i++) destination[i] = ck_f32_to_f16(source[i]);
}

void ck_convert_f16_to_f32_scalar(const uint16_t *source, float *destination, size_t count) {
    for (size_t i = 0; i < count; i++) destination[i] = ck_f16_to_f32(source[i]);
}

void ck_rms_norm_scalar(const float *x, size_t rows, size_t width, const float *weight, float epsilon, float *output) {
    for (size_t r = 0; r < rows; r++, x += width, output += width) {
        double squares = 0;
        for (size_t i = 0; i < width; i++) squares += (double)x[i] * x[i];
        float scale = 1 / sqrtf((float)(squares / (double)width) + epsilon);
        for (size_t i = 0; i < width; i++) output[i] = x[i] * scale * weight[i];
    }
}

void ck_layer_norm_scalar(const float *x, const float *residual, size_t rows, size_t width, const float *weight,
                          const float *bias, float epsilon, float *output) {
    for (size_t r = 0; r < rows; r++, x += width, output += width) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < width; i++) {
            output[i] = residual ? x[i] + residual[r * width + i] : x[i];
            sum += output[i];
        }
        float mean = (float)(sum / (double)width);
        for (size_t i = 0; i < width; i++) squares += (double)(output[i] - mean) * (output[i] - mean);
        float scale = 1 / sqrtf((float)(squares / (double)width) + epsilon);
        for (size_t i = 0; i < width; i++) output[i] = (output[i] - mean) * scale * weight[i] + bias[i];
    }
}

ptrdiff_t ck_largest_scalar(const float *x, size_t count) {
    ptrdiff_t best = -1;
    float highest = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        if (isnan(x[i]) || x[i] == INFINITY) return -1;
        if (x[i] > highest) highest = x[i], best = (ptrdiff_t)i;
    }
    return best;
}

void ck_softmax_scalar(float *x, size_t count) {
    float largest = -INFINITY;
    for (size_t i = 0; i < count; i++) largest = fmaxf(largest, x[i]);
    float sum = 0;
    for (size_t i = 0; i < count; i++) sum += x[i] = expf(x[i] - largest);
    for (size_t i = 0; i < count; i++) x[i] /= sum;
}

void ck_silu_multiply_scalar(const float *gate, const float *up, float *output, size_t count) {
    for (size_t i = 0; i < count; i++) output[i] = gate[i] / (1 + expf(-gate[i])) * up[i];
}

void ck_gelu_scalar(float *x, size_t count) {
    for (size_t i = 0; i < count; i++) x[i] = 0.5f * x[i] * erfcf(-x[i] * 0.70710678118654752f);
}

void ck_gelu_tanh_scalar(float *x, size_t count) {
    const float root = 0.7978845608028654f;  // sqrt(2/π)
    for (size_t i = 0; i < count; i++) {
        float t = root * (x[i] + 0.044715f * x[i] * x[i] * x[i]);
        x[i] = x[i] / (1 + expf(-2 * t));  // 0.5 * (1 + tanh(t)) without cancellation
    }
}

void ck_add_scaled_scalar(float *destination, const float *source, float scale, size_t count) {
    for (size_t i = 0; i < count; i++) destination[i] += source[i] * scale;
}

void ck_rotate_scalar(float *row, size_t heads, size_t headDimension, size_t pairs, int interleaved,
                      const float *cosines, const float *sines) {
    size_t step = interleaved ? 2 : 1, partner = interleaved ? 1 : pairs;
    for (size_t h = 0; h < heads; h++, row += headDimension) {
        for (size_t i = 0; i < pairs; i++) {
            size_t j = i * step, k = j + partner;
            float x = row[j], y = row[k];
            row[j] = x * cosines[j] + y * sines[j];
            row[k] = y * cosines[k] + x * sines[k];
        }
    }
}

static float cached(const void *data, ck_type type, size_t index) {
    return type == CK_F16 ? ck_f16_to_f32(((const uint16_t *)data)[index]) : ((const float *)data)[index];
}

void ck_attention_scalar(const float *queries, size_t queryStride, size_t rows, size_t group, ck_head_cache cache,
                         size_t visible, int causal, size_t headDimension, float scale, float *output,
                         size_t outputStride) {
    float *scores = ck_scratch(CK_SCRATCH_ATTENTION, (visible + rows) * sizeof(float));
    for (size_t q = 0; q < rows * group; q++) {
        size_t row = q / group, head = q % group * headDimension;
        const float *query = queries + row * queryStride + head;
        size_t seen = causal ? visible + row : visible;
        for (size_t p = 0; p < seen; p++) {
            float sum = 0;
            for (size_t i = 0; i < headDimension; i++)
                sum += query[i] * cached(cache.keys, cache.type, p * cache.stride + i);
            scores[p] = sum * scale;
        }
        ck_softmax_scalar(scores, seen);
        for (size_t i = 0; i < headDimension; i++) {
            float sum = 0;
            for (size_t p = 0; p < seen; p++) sum += scores[p] * cached(cache.values, cache.type, p * cache.stride + i);
            output[row * outputStride + head + i] = sum;
        }
    }
}

void ck_finish_rows_scalar(const ck_finish *finish, const float *results, const float *gated, size_t width,
                           size_t first, size_t rows, size_t column, size_t count) {
    for (size_t r = 0; r < rows; r++) {
        float *output = finish->output + (first + r) * finish->stride + column;
        for (size_t i = 0; i < count; i++) {
            float y = results[r * width + i] + (finish->bias ? finish->bias[column + i] : 0);
            switch (finish->epilogue) {
            case CK_STORE: break;
            case CK_ADD: y += output[i]; break;
            case CK_GELU: ck_gelu_scalar(&y, 1); break;
            case CK_GELU_TANH: ck_gelu_tanh_scalar(&y, 1); break;
            case CK_SILU_GATE: {
                float up = gated[r * width + i] + (finish->bias ? finish->bias[finish->gatedOffset + column + i] : 0);
                ck_silu_multiply_scalar(&y, &up, &y, 1);
            }
            }
            output[i] = y;
        }
    }
}

enum { panel_width = 16 };

static size_t panel_bytes(ck_type type, size_t inputs) {
    (void)type;
    return inputs * panel_width * sizeof(float);
}

static void pack_panel(ck_type type, const void *weight, size_t count, size_t inputs, void *panel) {
    memset(panel, 0, panel_bytes(type, inputs));
    for (size_t n = 0; n < count; n++)
        ck_dequantize_scalar(type, (const char *)weight + n * ck_type_bytes(type, inputs),
                             (float *)panel + n * inputs, inputs);
}

static void multiply(const void *activations, size_t first, size_t rows, ck_type type, const void *panel,
                     size_t inputs, float *results) {
    (void)type;
    for (size_t r = 0; r < rows; r++)
        for (size_t n = 0; n < panel_width; n++)
            results[r * panel_width + n] = ck_dot_f32_scalar((const float *)activations + (first + r) * inputs,
                                                             (const float *)panel + n * inputs, inputs);
}

const ck_engine_kernels ck_engine_f32_scalar = {
    .panel_outputs = panel_width,
    .rows_at_once = 16,
    .panel_bytes = panel_bytes,
    .pack_panel = pack_panel,
    .multiply = multiply,
};
