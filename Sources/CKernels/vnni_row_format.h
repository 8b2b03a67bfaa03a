// How activations are packed for products of a few rows; for files that are compiled for AVX-512 with VNNI.
#ifndef VNNI_ROW_FORMAT_H
#define VNNI_ROW_FORMAT_H
#include "vnni_activations.h"

enum {
    chunk_bytes = 2 * chunk * block,
    most_rows = 8,
    arrays = 4,
};

static inline size_t chunks_of(size_t inputs) { return (inputs / block + chunk - 1) / chunk; }
static inline size_t groups_of(size_t inputs) { return (inputs / block + group - 1) / group; }

// A packed row: chunks of digits; then scales 256·s of all blocks; then sums s·Σq of blocks, of their first and of their last
// halves; then bits that tell which blocks have second digits. A chunk holds the first digits of the first 16 inputs of its
// four blocks, those of the last 16, then the second digits in the same order.
static inline size_t row_bytes_of(size_t inputs) {
    return chunks_of(inputs) * chunk_bytes + groups_of(inputs) * arrays * group * sizeof(float) + bit_bytes(inputs);
}

// Rows that are multiplied together. They lie as far apart as one is long, so that places in the first tell those in the others:
// there are not enough registers for all.
typedef struct {
    const int8_t *digits;
    const float *scales, *sums, *halves[2];
    const uint64_t *second_digits;
    size_t stride;  // bytes
} packed_rows;

static inline packed_rows rows_at(const void *activations, size_t row, size_t inputs) {
    const char *base = (const char *)activations + row * row_bytes_of(inputs);
    const float *scales = (const float *)(base + chunks_of(inputs) * chunk_bytes);
    size_t blocks = groups_of(inputs) * group;
    return (packed_rows){(const int8_t *)base,
                         scales,
                         scales + blocks,
                         {scales + 2 * blocks, scales + 3 * blocks},
                         (const uint64_t *)(scales + arrays * blocks),
                         row_bytes_of(inputs)};
}

// What lies `bytes` behind, as in the next row.
#define BEHIND(place, bytes) ((__typeof__(place))((const char *)(place) + (bytes)))

#endif
