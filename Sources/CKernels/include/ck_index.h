/// What a vector index needs beside products: vectors as fixed-point numbers in two parts, checksums, prefetching.
#ifndef CK_INDEX_H
#define CK_INDEX_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A vector as 24-bit fixed-point numbers, split into a coarse and a fine part:
/// values[i] ≈ (high[i] + low[i] / 65536) * scale, within scale / 131072, where high is in -127...127 and by itself the
/// nearest 8-bit code. Returns the scale: the largest magnitude / 127, 0 if all values are 0. The same on every machine.
float ck_split_f32(const float *values, size_t count, int8_t *high, int16_t *low);
/// The vector that two parts stand for.
void ck_join_f32(const int8_t *high, const int16_t *low, size_t count, float scale, float *values);

/// The sum of squares, in double precision.
double ck_squares_f32(const float *values, size_t count);

/// CRC-32C (Castagnoli), continued from `crc`; begin with 0.
uint32_t ck_crc32c(uint32_t crc, const void *bytes, size_t count);

/// Puts `key` in its place among `count` sorted numbers, before those equal to it; there is room for one more. Returns the place.
size_t ck_insert_u64(uint64_t *sorted, size_t count, uint64_t key);

/// Asks for memory ahead of its use.
static inline void ck_prefetch(const void *start, size_t bytes) {
    for (size_t i = 0; i < bytes; i += 64) __builtin_prefetch((const char *)start + i);
}

/// Zeros in pieces of `bytes`, aligned to them; NULL when there is no memory. In large pages where the system has some, if that is
/// what is wanted, or later, when much of a piece is in use.
void *ck_map_pages(size_t bytes, int large);
void ck_make_pages_large(void *pages, size_t bytes);
void ck_unmap_pages(void *pages, size_t bytes);

#ifdef __cplusplus
}
#endif
#endif
