// What a vector index needs beside products: see ck_index.h.
#define _GNU_SOURCE
#include "kernels.h"

#include <stdlib.h>
#include <sys/mman.h>

// In double precision, where every step is rounded in one way only: the stored bytes are the same on every machine.
float ck_split_f32(const float *values, size_t count, int8_t *high, int16_t *low) {
    float largest = 0;
    for (size_t i = 0; i < count; i++) {
        float size = values[i] < 0 ? -values[i] : values[i];
        if (size > largest) largest = size;
    }
    float scale = largest / 127;
    double inverse = scale > 0 ? 65536.0 / (double)scale : 0;
    const double most = 127 * 65536.0;
    for (size_t i = 0; i < count; i++) {
        double x = (double)values[i] * inverse;
        x = x > most ? most : x < -most ? -most : x;
        int32_t fixed = (int32_t)(x < 0 ? x - 0.5 : x + 0.5);
        int32_t nearest = (fixed + 32768) >> 16;
        high[i] = (int8_t)nearest;
        low[i] = (int16_t)(fixed - nearest * 65536);
    }
    return scale;
}

#if defined(__x86_64__)
#include <immintrin.h>

// What the plain loop does, to the bit. Returns how many it did.
__attribute__((target("avx2"))) static size_t join_eights(
    const int8_t *high, const int16_t *low, size_t count, float step, float *values) {
    const __m256 steps = _mm256_set1_ps(step);
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        __m256i h = _mm256_cvtepi8_epi32(_mm_loadl_epi64((const __m128i *)(high + i)));
        __m256i l = _mm256_cvtepi16_epi32(_mm_loadu_si128((const __m128i *)(low + i)));
        __m256i whole = _mm256_add_epi32(_mm256_slli_epi32(h, 16), l);
        _mm256_storeu_ps(values + i, _mm256_mul_ps(_mm256_cvtepi32_ps(whole), steps));
    }
    return i;
}
#endif

void ck_join_f32(const int8_t *high, const int16_t *low, size_t count, float scale, float *values) {
    double unit = (double)scale / 65536;
    // The whole number is exact in single precision, below 2^23, and so is the unit where it is a normal number.
    if (unit >= 0x1p-120 || unit == 0) {
        float step = (float)unit;
        size_t done = 0;
#if defined(__x86_64__)
        if (ck_has_avx2()) done = join_eights(high, low, count, step, values);
#endif
        for (size_t i = done; i < count; i++) values[i] = (float)(high[i] * 65536 + low[i]) * step;
        return;
    }
    for (size_t i = 0; i < count; i++) values[i] = (float)((double)(high[i] * 65536 + low[i]) * unit);
}

// In eight sums, so that an addition need not wait for the one before it.
double ck_squares_f32(const float *values, size_t count) {
    double sums[8] = {0};
    size_t i = 0;
    for (; i + 8 <= count; i += 8)
        for (size_t k = 0; k < 8; k++) sums[k] += (double)values[i + k] * (double)values[i + k];
    for (; i < count; i++) sums[i % 8] += (double)values[i] * (double)values[i];
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) + ((sums[4] + sums[5]) + (sums[6] + sums[7]));
}

// MARK: CRC-32C, the polynomial 0x1EDC6F41 reflected

static uint32_t crc_table[8][256];

__attribute__((constructor)) static void fill_crc_table(void) {
    for (uint32_t byte = 0; byte < 256; byte++) {
        uint32_t crc = byte;
        for (int bit = 0; bit < 8; bit++) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0);
        crc_table[0][byte] = crc;
    }
    for (int k = 1; k < 8; k++)
        for (int byte = 0; byte < 256; byte++)
            crc_table[k][byte] = crc_table[k - 1][byte] >> 8 ^ crc_table[0][crc_table[k - 1][byte] & 0xff];
}

// Eight bytes a step, a table for each of them.
static uint32_t crc_by_table(uint32_t crc, const uint8_t *bytes, size_t count) {
    for (; count >= 8; bytes += 8, count -= 8) {
        uint32_t a = crc ^ ((uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24);
        crc = crc_table[7][a & 0xff] ^ crc_table[6][a >> 8 & 0xff] ^ crc_table[5][a >> 16 & 0xff] ^ crc_table[4][a >> 24]
            ^ crc_table[3][bytes[4]] ^ crc_table[2][bytes[5]] ^ crc_table[1][bytes[6]] ^ crc_table[0][bytes[7]];
    }
    for (; count > 0; bytes++, count--) crc = crc >> 8 ^ crc_table[0][(crc ^ *bytes) & 0xff];
    return crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static uint32_t crc_by_instruction(uint32_t crc, const uint8_t *bytes, size_t count) {
    uint64_t sum = crc;
    for (; count >= 8; bytes += 8, count -= 8) {
        uint64_t word;
        memcpy(&word, bytes, 8);
        sum = __builtin_ia32_crc32di(sum, word);
    }
    crc = (uint32_t)sum;
    for (; count > 0; bytes++, count--) crc = __builtin_ia32_crc32qi(crc, *bytes);
    return crc;
}
#endif

uint32_t ck_crc32c(uint32_t crc, const void *bytes, size_t count) {
#if defined(__x86_64__)
    if (ck_has_avx2()) return ~crc_by_instruction(~crc, bytes, count);
#endif
    return ~crc_by_table(~crc, bytes, count);
}

// MARK: Pages

void *ck_map_pages(size_t bytes, int large) {
    // Twice the room, cut to an aligned piece: a large page needs its own alignment.
    char *start = mmap(NULL, 2 * bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) return NULL;
    char *aligned = (char *)(((uintptr_t)start + bytes - 1) / bytes * bytes);
    if (aligned > start) munmap(start, (size_t)(aligned - start));
    char *end = start + 2 * bytes;
    if (end > aligned + bytes) munmap(aligned + bytes, (size_t)(end - aligned - bytes));
#if defined(MADV_HUGEPAGE)
    if (large) madvise(aligned, bytes, MADV_HUGEPAGE);
#endif
    return aligned;
}

void ck_make_pages_large(void *pages, size_t bytes) {
#if defined(MADV_HUGEPAGE)
    madvise(pages, bytes, MADV_HUGEPAGE);
    // At once where the system can (Linux 6.1), else when it comes to it.
#if !defined(MADV_COLLAPSE)
#define MADV_COLLAPSE 25
#endif
    madvise(pages, bytes, MADV_COLLAPSE);
#else
    (void)pages, (void)bytes;
#endif
}

void ck_unmap_pages(void *pages, size_t bytes) { munmap(pages, bytes); }
