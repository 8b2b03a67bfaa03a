// A square of words turned about its diagonal, for files that are compiled for AVX-512.
#include <immintrin.h>

// Transposes 16 rows of 16 words each and stores them.
static inline __attribute__((always_inline)) void store_transposed(__m512i rows[16], char *out) {
    __m512i a[16];
    for (int i = 0; i < 16; i += 2) {
        a[i] = _mm512_unpacklo_epi32(rows[i], rows[i + 1]);
        a[i + 1] = _mm512_unpackhi_epi32(rows[i], rows[i + 1]);
    }
    for (int i = 0; i < 16; i += 4) {
        rows[i] = _mm512_unpacklo_epi64(a[i], a[i + 2]);
        rows[i + 1] = _mm512_unpackhi_epi64(a[i], a[i + 2]);
        rows[i + 2] = _mm512_unpacklo_epi64(a[i + 1], a[i + 3]);
        rows[i + 3] = _mm512_unpackhi_epi64(a[i + 1], a[i + 3]);
    }
    for (int i = 0; i < 4; i++) {
        __m512i low0 = _mm512_shuffle_i32x4(rows[i], rows[4 + i], 0x88);
        __m512i high0 = _mm512_shuffle_i32x4(rows[i], rows[4 + i], 0xdd);
        __m512i low1 = _mm512_shuffle_i32x4(rows[8 + i], rows[12 + i], 0x88);
        __m512i high1 = _mm512_shuffle_i32x4(rows[8 + i], rows[12 + i], 0xdd);
        _mm512_storeu_si512(out + i * 64, _mm512_shuffle_i32x4(low0, low1, 0x88));
        _mm512_storeu_si512(out + (4 + i) * 64, _mm512_shuffle_i32x4(high0, high1, 0x88));
        _mm512_storeu_si512(out + (8 + i) * 64, _mm512_shuffle_i32x4(low0, low1, 0xdd));
        _mm512_storeu_si512(out + (12 + i) * 64, _mm512_shuffle_i32x4(high0, high1, 0xdd));
    }
}
