/// Element-wise layers, each on `rows` rows on the calling thread. Strides are in floats.
#ifndef CK_LAYERS_H
#define CK_LAYERS_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// output = x / sqrt(mean(x²) + epsilon) * weight (Zhang and Sennrich 2019). May work in place.
void ck_rms_norm(const float *x, size_t rows, size_t width, const float *weight, float epsilon, float *output);
/// output = (y - mean(y)) / sqrt(var(y) + epsilon) * weight + bias with y = x, or x + residual unless that is NULL.
/// May work in place.
void ck_layer_norm(const float *x, const float *residual, size_t rows, size_t width, const float *weight,
                   const float *bias, float epsilon, float *output);
/// In place: exp(x - max) / sum.
void ck_softmax(float *x, size_t count);
/// Index of the largest element, the first among equals; -1 when some element is not a number or infinitely large, or
/// all are infinitely low.
ptrdiff_t ck_largest(const float *x, size_t count);
/// output[i] = gate[i] * sigmoid(gate[i]) * up[i].
void ck_silu_multiply(const float *gate, const float *up, float *output, size_t count);
/// In place: x * Φ(x), with the exact Φ (by erf).
void ck_gelu(float *x, size_t count);
/// In place: x * Φ(x), with the tanh approximation of Hendrycks and Gimpel 2016.
void ck_gelu_tanh(float *x, size_t count);
/// destination[i] += source[i].
void ck_add(float *destination, const float *source, size_t count);
/// destination[i] += source[i] * scale.
void ck_add_scaled(float *destination, const float *source, float scale, size_t count);

/// Rotates `heads` heads of one row by the angles of one position (Su et al. 2021). Elements are paired (2i, 2i+1) when
/// interleaved, else (i, i + pairs); those after 2 * pairs of a head stay as they are. Tables have 2 * pairs entries in
/// the order of the elements: the cosine of each one's angle, and the sine with the sign of what its partner adds.
void ck_rotate(float *row, size_t heads, size_t headDimension, size_t pairs, int interleaved,
               const float *cosines, const float *sines);

#ifdef __cplusplus
}
#endif
#endif
