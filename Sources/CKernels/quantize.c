// Floats to blocks. Layouts are those of blocks_template.h; how scales are chosen is ours: of a few candidates around the
// one that the largest weight asks for, each followed by the least-squares scale for its digits, the one with the smallest
// squared error. It is not written for speed: a file is quantised once.
#include "kernels.h"

#include <math.h>

enum { large_block = 256 };

static void store_half(uint8_t *place, float value) {
    uint16_t half = ck_f32_to_f16(value);
    memcpy(place, &half, 2);
}

static int clamp(long value, int least, int most) { return value < least ? least : value > most ? most : (int)value; }

// The nearest whole number in least ... most, in a form that loops over it become vectors of.
static inline float nearest(float value, float least, float most) {
    const float shift = 12582912;  // 1.5 * 2^23: what is added to it loses its fraction
    value = value < least ? least : value > most ? most : value;
    return value + shift - shift;
}

// Sums that tell how good digits are, of one block: Σx·q and Σq², and Σq and Σx beside them.
typedef struct {
    float products, squares, digits, values;
} digit_sums;

static digit_sums sums_of(const float *x, size_t count, float offset, float inverse, float least, float most) {
#pragma clang fp reassociate(on)
    digit_sums sums = {0};
    for (size_t i = 0; i < count; i++) {
        float q = nearest((x[i] + offset) * inverse, least, most);
        sums.products += x[i] * q, sums.squares += q * q, sums.digits += q, sums.values += x[i];
    }
    return sums;
}

// Σ(x + offset - scale·q)² for the best digits.
static float error_of(const float *x, size_t count, float offset, float scale, float least, float most) {
#pragma clang fp reassociate(on)
    float inverse = scale != 0 ? 1 / scale : 0, error = 0;
    for (size_t i = 0; i < count; i++) {
        float difference = x[i] + offset - scale * nearest((x[i] + offset) * inverse, least, most);
        error += difference * difference;
    }
    return error;
}

// Digits in least ... most for a scale.
static void round_to(const float *x, size_t count, float scale, int least, int most, int *digits) {
    float inverse = scale != 0 ? 1 / scale : 0;
    for (size_t i = 0; i < count; i++) digits[i] = (int)nearest(x[i] * inverse, (float)least, (float)most);
}

// The scale s for which s·q with least <= q <= most comes nearest to x. The side that reaches further, which is `least`,
// takes the largest weight.
static float best_scale(const float *x, size_t count, float least, float most) {
    enum { candidates = 7 };
    float largest = 0;
    for (size_t i = 0; i < count; i++)
        if (fabsf(x[i]) > fabsf(largest)) largest = x[i];
    float best = largest / least, smallest = error_of(x, count, 0, best, least, most);
    for (int c = -candidates; c <= candidates && largest != 0; c++) {
        digit_sums sums = sums_of(x, count, 0, least * (1 + 0.025f * (float)c) / largest, least, most);
        if (sums.squares == 0) continue;
        float scale = sums.products / sums.squares, error = error_of(x, count, 0, scale, least, most);
        if (error < smallest) smallest = error, best = scale;
    }
    return best;
}

static void quantize_q4_0(const float *x, uint8_t *block) {
    int digits[32];
    store_half(block, best_scale(x, 32, -8, 7));
    round_to(x, 32, ck_block_scale(block), -8, 7, digits);
    for (size_t i = 0; i < 16; i++) block[2 + i] = (uint8_t)((digits[i] + 8) | (digits[i + 16] + 8) << 4);
}

// The scale and the minimum (both not negative) for which scale·q - minimum, 0 <= q <= most, comes nearest to x.
static void best_scale_and_minimum(const float *x, size_t count, float most, float *scale, float *minimum) {
    enum { candidates = 8 };
    float low = 0, high = x[0];
    for (size_t i = 0; i < count; i++) low = fminf(low, x[i]), high = fmaxf(high, x[i]);
    *scale = 0, *minimum = -low;
    if (high <= low) return;
    float smallest = INFINITY, n = (float)count;
    for (int c = -candidates; c <= candidates; c++) {
        digit_sums sums = sums_of(x, count, -low, (most + 0.2f * (float)c) / (high - low), 0, most);
        float determinant = n * sums.squares - sums.digits * sums.digits;
        if (sums.squares == 0) continue;
        float s = 0, m = -1;
        if (determinant > 0) {
            s = (n * sums.products - sums.digits * sums.values) / determinant;
            m = (s * sums.digits - sums.values) / n;
        }
        // Equal digits leave the minimum open.
        if (m < 0) m = 0, s = sums.products / sums.squares;
        if (s <= 0) continue;
        float error = error_of(x, count, m, s, 0, most);
        if (error < smallest) smallest = error, *scale = s, *minimum = m;
    }
}

// Scales and minima of eight sub-blocks to six bits each, in the 12 bytes and two halves at the start of a block.
static void store_six_bits(const float *scales, const float *minima, uint8_t *block, float *used, float *used_minima) {
    float largest = 0, largest_minimum = 0;
    for (size_t s = 0; s < 8; s++)
        largest = fmaxf(largest, scales[s]), largest_minimum = fmaxf(largest_minimum, minima[s]);
    store_half(block, largest / 63), store_half(block + 2, largest_minimum / 63);
    float d = ck_block_scale(block), m = ck_block_scale(block + 2);
    uint8_t *packed = block + 4;
    memset(packed, 0, 12);
    for (size_t s = 0; s < 8; s++) {
        int a = d > 0 ? clamp(lrintf(scales[s] / d), 0, 63) : 0, b = m > 0 ? clamp(lrintf(minima[s] / m), 0, 63) : 0;
        used[s] = d * (float)a, used_minima[s] = m * (float)b;
        if (s < 4) {
            packed[s] |= (uint8_t)a, packed[s + 4] |= (uint8_t)b;
        } else {
            packed[s + 4] = (uint8_t)((a & 15) | (b & 15) << 4);
            packed[s - 4] |= (uint8_t)(a >> 4 << 6), packed[s] |= (uint8_t)(b >> 4 << 6);
        }
    }
}

// Q4_K and Q5_K.
static void quantize_q45_k(const float *x, uint8_t *block, bool five) {
    float scales[8], minima[8], used[8], used_minima[8];
    int most = five ? 31 : 15;
    for (size_t s = 0; s < 8; s++) best_scale_and_minimum(x + s * 32, 32, (float)most, &scales[s], &minima[s]);
    store_six_bits(scales, minima, block, used, used_minima);
    uint8_t *fifths = block + 16, *nibbles = block + (five ? 48 : 16);
    memset(fifths, 0, five ? 160 : 128);
    for (size_t i = 0; i < large_block; i++) {
        size_t s = i / 32;
        int digit = used[s] > 0 ? clamp(lrintf((x[i] + used_minima[s]) / used[s]), 0, most) : 0;
        nibbles[s / 2 * 32 + i % 32] |= (uint8_t)((digit & 15) << s % 2 * 4);
        if (five) fifths[i % 32] |= (uint8_t)(digit >> 4 << s);
    }
}

static void quantize_q6_k(const float *x, uint8_t *block) {
    float scales[16], largest = 0;
    for (size_t s = 0; s < 16; s++) {
        scales[s] = best_scale(x + s * 16, 16, -32, 31);
        if (fabsf(scales[s]) > fabsf(largest)) largest = scales[s];
    }
    memset(block, 0, 208);
    store_half(block + 208, largest / -128);
    float d = ck_block_scale(block + 208);
    for (size_t s = 0; s < 16; s++) {
        int scale = d != 0 ? clamp(lrintf(scales[s] / d), -128, 127) : 0, digits[16];
        block[192 + s] = (uint8_t)(int8_t)scale;
        round_to(x + s * 16, 16, d * (float)scale, -32, 31, digits);
        size_t half = s / 8, quarter = s % 8 / 2, at = s % 2 * 16;
        uint8_t *low = block + half * 64 + quarter % 2 * 32 + at, *high = block + 128 + half * 32 + at;
        for (size_t i = 0; i < 16; i++) {
            low[i] |= (uint8_t)(((digits[i] + 32) & 15) << quarter / 2 * 4);
            high[i] |= (uint8_t)((digits[i] + 32) >> 4 << quarter * 2);
        }
    }
}

bool ck_quantize(ck_type type, const float *source, void *destination, size_t count) {
    size_t elements = ck_block_elements(type), bytes = ck_block_bytes(type);
    uint8_t *block = destination;
    switch (type) {
    case CK_F32: memcpy(destination, source, count * sizeof(float)); return true;
    case CK_F16: ck_convert_f32_to_f16(source, destination, count); return true;
    case CK_Q8_0: ck_quantize_q8_0(source, destination, count); return true;
    case CK_Q4_0:
    case CK_Q4_K:
    case CK_Q5_K:
    case CK_Q6_K: break;
    default: return false;
    }
    for (size_t i = 0; i < count; i += elements, block += bytes) {
        if (type == CK_Q4_0) quantize_q4_0(source + i, block);
        if (type == CK_Q4_K) quantize_q45_k(source + i, block, false);
        if (type == CK_Q5_K) quantize_q45_k(source + i, block, true);
        if (type == CK_Q6_K) quantize_q6_k(source + i, block);
    }
    return true;
}
