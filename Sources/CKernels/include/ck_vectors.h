/// Products and distances of vectors.
#ifndef CK_VECTORS_H
#define CK_VECTORS_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Sum of a[i] * b[i].
float ck_dot_f32(const float *a, const float *b, size_t count);
/// Sum of (a[i] - b[i])².
float ck_squared_distance_f32(const float *a, const float *b, size_t count);
/// Sum of a[i] * b[i], where b is in half precision.
float ck_dot_f32_f16(const float *a, const uint16_t *b, size_t count);
/// Sum of a[i] * b[i], exact below 2^17 elements.
int32_t ck_dot_i8(const int8_t *a, const int8_t *b, size_t count);
/// Differing bits of two bit strings of `bytes` bytes.
uint32_t ck_hamming(const uint8_t *a, const uint8_t *b, size_t bytes);

/// One query against rows that lie anywhere in memory: results[i] = dot(query, rows[i]). Prefetches ahead, but for 8-bit
/// rows, which their user asks for as soon as it knows where they are.
void ck_dots_f32(const float *query, const float *const *rows, size_t rowCount, size_t count, float *results);
void ck_dots_f32_f16(const float *query, const uint16_t *const *rows, size_t rowCount, size_t count, float *results);
void ck_dots_i8(const int8_t *query, const int8_t *const *rows, size_t rowCount, size_t count, int32_t *results);
/// Rows of signs, a bit for each element from the lowest of the first byte: results[i] = sum of query[j] where bit j of the
/// row is set, less the sum of the others.
void ck_dots_i8_signs(const int8_t *query, const uint8_t *const *rows, size_t rowCount, size_t count, int32_t *results);
void ck_squared_distances_f32(const float *query, const float *const *rows, size_t rowCount, size_t count, float *results);
void ck_hammings(const uint8_t *query, const uint8_t *const *rows, size_t rowCount, size_t bytes, uint32_t *results);

/// values[i] ≈ quantized[i] * scale, with quantized in -127...127; returns the scale, 0 if all values are 0.
float ck_quantize_i8(const float *values, size_t count, int8_t *quantized);

#ifdef __cplusplus
}
#endif
#endif
