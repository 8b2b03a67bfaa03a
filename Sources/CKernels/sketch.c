// Sketches of vectors: see ck_sketch.h.
#include "kernels.h"

#include <math.h>

#define ALWAYS static inline __attribute__((always_inline))

// Whole numbers with eight bits behind the point.
enum { POINT = 8 };

// Pseudo-random signs, 64 for each number: the finaliser of splitmix64.
static uint64_t random_bits(uint64_t number) {
    uint64_t x = (number + 1) * 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

// Sums and differences of rows: the Hadamard transform of every column of a square.
ALWAYS void transform_columns(int32_t *values, const size_t side) {
    for (size_t half = 1; half < side; half *= 2)
        for (size_t row = 0; row < side; row++) {
            if (row & half) continue;
            int32_t *upper = values + row * side, *lower = upper + half * side;
            for (size_t i = 0; i < side; i++) {
                int32_t a = upper[i], b = lower[i];
                upper[i] = a + b;
                lower[i] = a - b;
            }
        }
}

ALWAYS void transpose(int32_t *values, const size_t side) {
    for (size_t row = 0; row < side; row++)
        for (size_t i = row + 1; i < side; i++) {
            int32_t other = values[i * side + row];
            values[i * side + row] = values[row * side + i];
            values[row * side + i] = other;
        }
}

// The Hadamard transform of 4^k elements, in another order, divided by 2^k: a rotation, but for rounding. No element can become
// larger than the length of all.
ALWAYS void transform(int32_t *values, const int k) {
    const size_t side = (size_t)1 << k;
    transform_columns(values, side);
    transpose(values, side);
    transform_columns(values, side);
    for (size_t i = 0; i < side * side; i++) values[i] = (values[i] + (1 << (k - 1))) >> k;
}

// Transforms piece after piece, the last one in line with the end: pieces overlap where the size is no multiple.
ALWAYS void transform_pieces(int32_t *values, size_t count, size_t first, const int k) {
    const size_t size = (size_t)1 << 2 * k;
    for (size_t start = first; start + size < count; start += size) transform(values + start, k);
    transform(values + count - size, k);
}

ALWAYS void flip_signs(int32_t *values, size_t count, uint64_t round) {
    for (size_t i = 0; i < count; i += 64) {
        uint64_t bits = random_bits(round << 32 | i / 64);
        size_t end = count - i < 64 ? count - i : 64;
        for (size_t j = 0; j < end; j++) {
            int32_t sign = -(int32_t)(bits >> j & 1);
            values[i + j] = (values[i + j] ^ sign) - sign;
        }
    }
}

// Random signs and transforms: what one element held is spread over a piece. Twice where there are many pieces, the second
// time in others.
ALWAYS void rotate_all(const int8_t *values, size_t count, int32_t *out) {
    size_t size = CK_SKETCH_LEAST;
    while (4 * size <= count && size < 4096) size *= 4;
    for (size_t i = 0; i < count; i++) out[i] = (int32_t)values[i] * (1 << POINT);
    for (uint64_t round = 0; round < (count > 2 * size ? 2 : 1); round++) {
        size_t first = round * size / 2;
        flip_signs(out, count, round);
        switch (size) {
        case 64: transform_pieces(out, count, first, 3); break;
        case 256: transform_pieces(out, count, first, 4); break;
        case 1024: transform_pieces(out, count, first, 5); break;
        default: transform_pieces(out, count, first, 6); break;
        }
    }
}

// The lowest bits of eight bytes, as a byte: each is moved to a place of its own in the uppermost.
ALWAYS uint64_t lowest_bits(uint64_t bytes) { return (bytes & 0x0101010101010101u) * 0x0102040810204080u >> 56; }

// Bit k of 64 bytes.
ALWAYS uint64_t bits_of(const int8_t *bytes, unsigned k) {
    uint64_t word = 0;
    for (unsigned i = 0; i < 8; i++) {
        uint64_t eight;
        memcpy(&eight, bytes + 8 * i, 8);
        word |= lowest_bits(eight >> k) << 8 * i;
    }
    return word;
}

// Signs of a rotated vector; returns the sum of magnitudes.
ALWAYS int64_t signs_of(const int32_t *rotated, size_t count, uint64_t *signs) {
    int64_t magnitudes = 0;
    for (size_t i = 0; i < count; i += 64) {
        int8_t set[64] = {0};
        size_t end = count - i < 64 ? count - i : 64;
        for (size_t j = 0; j < end; j++) {
            int32_t x = rotated[i + j];
            set[j] = x >= 0;
            magnitudes += x < 0 ? -x : x;
        }
        signs[i / 64] = bits_of(set, 0);
    }
    return magnitudes;
}

// A rotated vector as whole numbers from -7 to 7, in four planes of bits; returns their sum.
ALWAYS int32_t planes_of(const int32_t *rotated, size_t count, float inverse, size_t words, uint64_t *planes) {
    int32_t total = 0;
    for (size_t i = 0; i < count; i += 64) {
        int8_t numbers[64] = {0};
        size_t end = count - i < 64 ? count - i : 64;
        for (size_t j = 0; j < end; j++) {
            float x = (float)rotated[i + j] * inverse;
            float away = x < 0 ? x - 0.5f : x + 0.5f;
            int32_t number = (int32_t)(away > 7 ? 7 : away < -7 ? -7 : away);
            numbers[j] = (int8_t)number;
            total += number;
        }
        for (unsigned k = 0; k < 4; k++) planes[k * words + 2 + i / 64] = bits_of(numbers, k);
    }
    return total;
}

#if defined(__x86_64__)
#define WITH_AVX2 __attribute__((target("avx2")))
WITH_AVX2 static int64_t sketch_avx2(const int8_t *values, size_t count, int32_t *scratch, uint64_t *sketch) {
    rotate_all(values, count, scratch);
    return signs_of(scratch, count, sketch + 2);
}

WITH_AVX2 static int32_t query_avx2(const int8_t *values, size_t count, float inverse, size_t words, int32_t *scratch,
                                    uint64_t *planes) {
    rotate_all(values, count, scratch);
    return planes_of(scratch, count, inverse, words, planes);
}
#endif

static int64_t squares_of(const int8_t *values, size_t count) {
    int64_t squares = 0;
    for (size_t i = 0; i < count; i++) squares += (int32_t)values[i] * values[i];
    return squares;
}

float ck_sketch_i8(const int8_t *values, size_t count, int32_t *scratch, uint64_t *sketch) {
    int64_t magnitudes = 0;
    memset(sketch + 2, 0, (ck_sketch_words(count) - 2) * sizeof *sketch);
    if (count < CK_SKETCH_LEAST) return 0;
#if defined(__x86_64__)
    if (ck_has_avx2()) magnitudes = sketch_avx2(values, count, scratch, sketch);
#endif
    if (!ck_has_avx2()) {
        rotate_all(values, count, scratch);
        magnitudes = signs_of(scratch, count, sketch + 2);
    }
    return magnitudes > 0 ? (float)((double)squares_of(values, count) * (1 << POINT) / (double)magnitudes) : 0;
}

ck_sketch_query ck_sketch_query_i8(const int8_t *values, size_t count, float factor, float deviations, int32_t *scratch,
                                   uint64_t *planes) {
    // A sketch keeps √(2/π) of a vector; what is left, √(1 − 2/π), lies in any direction.
    const double spread = 0.603;
    ck_sketch_query query = {.planes = planes, .words = ck_sketch_words(count)};
    memset(planes, 0, 4 * query.words * sizeof *planes);
    const int64_t squares = squares_of(values, count);
    if (count < CK_SKETCH_LEAST || squares == 0) return query;
    // The standard deviation of an element is 3: one in fifty is cut to 7.
    const double length = sqrt((double)squares), step = length / sqrt((double)count) / 3;
    const float inverse = (float)(1 / (step * (1 << POINT)));
#if defined(__x86_64__)
    if (ck_has_avx2()) query.total = query_avx2(values, count, inverse, query.words, scratch, planes);
#endif
    if (!ck_has_avx2()) {
        rotate_all(values, count, scratch);
        query.total = planes_of(scratch, count, inverse, query.words, planes);
    }
    query.unit = (float)(step * factor);
    query.margin = (float)(deviations * spread * length * factor);
    return query;
}

void ck_sketch_sums(const ck_sketch_query *query, const uint64_t *const *sketches, size_t count, int32_t *sums) {
    ck_kernels.sketch_sums(query, sketches, count, sums);
}

// The Float32 of whose bits a word has the upper half. Others may give a sketch meanwhile: it is there with all its
// signs once its factor is, which is therefore read first.
static float upper_half(const uint64_t *word) {
    uint32_t bits = (uint32_t)(__atomic_load_n(word, __ATOMIC_ACQUIRE) >> 32) & 0xffff0000u;
    float value;
    memcpy(&value, &bits, 4);
    return value;
}

size_t ck_sketch_select(const ck_sketch_query *query, const uint64_t *const *sketches, const uint32_t *slots, size_t count,
                        float bound, uint32_t *kept) {
    enum { some = 64 };
    int32_t sums[some];
    float factors[some], biases[some];
    size_t result = 0;
    for (size_t first = 0; first < count; first += some) {
        size_t left = count - first < some ? count - first : some;
        for (size_t i = 0; i < left; i++) {
            factors[i] = upper_half(sketches[first + i]);
            biases[i] = upper_half(sketches[first + i] + 1);
        }
        ck_kernels.sketch_sums(query, sketches + first, left, sums);
        for (size_t i = 0; i < left; i++) {
            float most = factors[i] * ((float)sums[i] * query->unit + query->margin) + biases[i];
            kept[result] = slots[first + i];
            result += (factors[i] == 0) | (most > bound);
        }
    }
    return result;
}
