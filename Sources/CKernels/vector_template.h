// Element-wise kernels over vectors of VECTOR_BYTES, included once by each instruction set's file, which defines
// SUFFIX (of the kernels' names) and (the function attribute). Written with the compiler's vector types, so that
// one text serves all widths.
#include "kernels.h"

#include <math.h>

#include "vector_primitives.h"

// x · Φ(x), with erf(x/√2) = x · P(x²)/Q(x²) within 5e-7, fitted for |x| < 5.54, where it is 1 to single precision;
// the result at -5.54 stands for all below.
INLINE vec gelu_of(vec x) {
    x = larger(x, fill(-5.54f));
    vec c = smaller(x, fill(5.54f));
    vec t = c * c * fill(0.5f);
    vec p = madd(t, fill(-1.657050798e-06f), fill(2.953359898e-04f));
    p = madd(p, t, fill(1.170100321e-02f));
    p = madd(p, t, fill(7.711577945e-02f));
    p = madd(p, t, fill(3.984323930e-01f));
    p = madd(p, t, fill(1.128379120e+00f));
    vec q = madd(t, fill(2.762910957e-03f), fill(3.115800537e-02f));
    q = madd(q, t, fill(1.972037113e-01f));
    q = madd(q, t, fill(6.864264011e-01f));
    q = madd(q, t, fill(1));
    vec half = x * fill(0.5f);
    return madd(half * c * fill(0.707106781f), p / q, half);
}

INLINE vec gelu_tanh_of(vec x) {
    vec t = fill(-1.5957691216f) * madd(fill(0.044715f) * x * x, x, x);
    return x / (exponential(t) + 1);
}

INLINE vec silu_product(vec gate, vec up) { return gate * up / (exponential(-gate) + 1); }

float NAME(ck_dot_f32)(const float *a, const float *b, size_t count) {
    vec s0 = {}, s1 = {}, s2 = {}, s3 = {};
    size_t i = 0;
    for (; i + 4 * lanes <= count; i += 4 * lanes) {
        s0 = madd(load(a + i), load(b + i), s0);
        s1 = madd(load(a + i + lanes), load(b + i + lanes), s1);
        s2 = madd(load(a + i + 2 * lanes), load(b + i + 2 * lanes), s2);
        s3 = madd(load(a + i + 3 * lanes), load(b + i + 3 * lanes), s3);
    }
    for (; i + lanes <= count; i += lanes) s0 = madd(load(a + i), load(b + i), s0);
    if (i < count) s1 = madd(load_part(a + i, count - i), load_part(b + i, count - i), s1);
    return sum_of((s0 + s1) + (s2 + s3));
}

float NAME(ck_squared_distance_f32)(const float *a, const float *b, size_t count) {
    vec s0 = {}, s1 = {};
    size_t i = 0;
    for (; i + 2 * lanes <= count; i += 2 * lanes) {
        vec d0 = load(a + i) - load(b + i), d1 = load(a + i + lanes) - load(b + i + lanes);
        s0 = madd(d0, d0, s0);
        s1 = madd(d1, d1, s1);
    }
    for (; i + lanes <= count; i += lanes) {
        vec d = load(a + i) - load(b + i);
        s0 = madd(d, d, s0);
    }
    if (i < count) {
        vec d = load_part(a + i, count - i) - load_part(b + i, count - i);
        s1 = madd(d, d, s1);
    }
    return sum_of(s0 + s1);
}

float NAME(ck_dot_f32_f16)(const float *a, const uint16_t *b, size_t count) {
    vec s0 = {}, s1 = {};
    size_t i = 0;
    for (; i + 2 * lanes <= count; i += 2 * lanes) {
        s0 = madd(load(a + i), load_half(b + i), s0);
        s1 = madd(load(a + i + lanes), load_half(b + i + lanes), s1);
    }
    for (; i + lanes <= count; i += lanes) s0 = madd(load(a + i), load_half(b + i), s0);
    if (i < count) s1 = madd(load_part(a + i, count - i), load_half_part(b + i, count - i), s1);
    return sum_of(s0 + s1);
}

float NAME(ck_quantize_i8)(const float *values, size_t count, int8_t *quantized) {
    vec most = {};
    size_t i = 0;
    for (; i + lanes <= count; i += lanes) most = larger(most, __builtin_elementwise_abs(load(values + i)));
    if (i < count) most = larger(most, __builtin_elementwise_abs(load_part(values + i, count - i)));
    float largest = largest_of(most);
    vec inverse = fill(largest > 0 ? 127 / largest : 0);
    typedef int8_t bytes __attribute__((vector_size(lanes), aligned(1), may_alias));
    for (i = 0; i + lanes <= count; i += lanes) {
        vec scaled = __builtin_elementwise_roundeven(load(values + i) * inverse);
        *(bytes *)(quantized + i) = __builtin_convertvector(__builtin_convertvector(scaled, ivec), bytes);
    }
    for (; i < count; i++) quantized[i] = (int8_t)lrintf(values[i] * inverse[0]);
    return largest / 127;
}

void NAME(ck_convert_f32_to_f16)(const float *source, uint16_t *destination, size_t count) {
    size_t i = 0;
    for (; i + lanes <= count; i += lanes)
        *(half_vec_unaligned *)(destination + i) = __builtin_convertvector(load(source + i), half_vec);
    for (; i < count; i++) destination[i] = ck_f32_to_f16(source[i]);
}

void NAME(ck_convert_f16_to_f32)(const uint16_t *source, float *destination, size_t count) {
    size_t i = 0;
    for (; i + lanes <= count; i += lanes) store(destination + i, load_half(source + i));
    for (; i < count; i++) destination[i] = ck_f16_to_f32(source[i]);
}

// Sums of y and of y², y = x + residual, in one pass; y is left in `output`. Sums go over blocks of the row, so that
// their rounding stays small.
void NAME(ck_layer_norm)(const float *x, const float *residual, size_t rows, size_t width, const float *weight,
                                const float *bias, float epsilon, float *output) {
    size_t whole = width / lanes * lanes;
    for (size_t r = 0; r < rows; r++, x += width, output += width) {
        const float *other = residual ? residual + r * width : NULL;
        vec sum = {}, squares = {};
        for (size_t i = 0; i < whole; i += lanes) {
            vec y = other ? load(x + i) + load(other + i) : load(x + i);
            store(output + i, y);
            sum += y;
        }
        float tail = 0, tail_squares = 0;
        for (size_t i = whole; i < width; i++) tail += output[i] = other ? x[i] + other[i] : x[i];
        float mean = (sum_of(sum) + tail) / (float)width;
        for (size_t i = 0; i < whole; i += lanes) {
            vec d = load(output + i) - mean;
            squares = madd(d, d, squares);
        }
        for (size_t i = whole; i < width; i++) tail_squares += (output[i] - mean) * (output[i] - mean);
        float scale = 1 / sqrtf((sum_of(squares) + tail_squares) / (float)width + epsilon);
        for (size_t i = 0; i < whole; i += lanes)
            store(output + i, madd((load(output + i) - mean) * scale, load(weight + i), load(bias + i)));
        for (size_t i = whole; i < width; i++) output[i] = (output[i] - mean) * scale * weight[i] + bias[i];
    }
}

void NAME(ck_rms_norm)(const float *x, size_t rows, size_t width, const float *weight, float epsilon,
                              float *output) {
    size_t whole = width / lanes * lanes;
    for (size_t r = 0; r < rows; r++, x += width, output += width) {
        float squares = NAME(ck_dot_f32)(x, x, width);
        float scale = 1 / sqrtf(squares / (float)width + epsilon);
        for (size_t i = 0; i < whole; i += lanes) store(output + i, load(x + i) * scale * load(weight + i));
        for (size_t i = whole; i < width; i++) output[i] = x[i] * scale * weight[i];
    }
}

ptrdiff_t NAME(ck_largest)(const float *x, size_t count) {
    vec most = fill(-INFINITY);
    ivec good = (ivec){} - 1;
    size_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        vec v = load(x + i);
        good &= v < fill(INFINITY);
        most = larger(most, v);
    }
    float highest = largest_of(most);
    for (size_t n = 0; n < lanes; n++)
        if (!good[n]) return -1;
    for (; i < count; i++) {
        if (!(x[i] < INFINITY)) return -1;
        highest = x[i] > highest ? x[i] : highest;
    }
    if (highest == -INFINITY) return -1;
    // Long stretches without it are passed over as a whole.
    enum { stretch = 16 * lanes };
    for (i = 0; i + stretch <= count; i += stretch) {
        vec there = fill(-INFINITY);
        for (size_t j = 0; j < stretch; j += lanes) there = larger(there, load(x + i + j));
        if (largest_of(there) == highest) break;
    }
    while (x[i] != highest) i++;
    return (ptrdiff_t)i;
}

void NAME(ck_softmax)(float *x, size_t count) {
    size_t whole = count / lanes * lanes;
    vec most = fill(-INFINITY);
    for (size_t i = 0; i < whole; i += lanes) most = larger(most, load(x + i));
    float largest = largest_of(most);
    for (size_t i = whole; i < count; i++) largest = x[i] > largest ? x[i] : largest;
    vec sum = {};
    for (size_t i = 0; i < whole; i += lanes) {
        vec e = exponential(load(x + i) - largest);
        store(x + i, e);
        sum += e;
    }
    float total = sum_of(sum);
    if (whole < count) {
        store_part(x + whole, exponential(load_part(x + whole, count - whole) - largest), count - whole);
        for (size_t i = whole; i < count; i++) total += x[i];
    }
    float inverse = 1 / total;
    for (size_t i = 0; i < whole; i += lanes) store(x + i, load(x + i) * inverse);
    for (size_t i = whole; i < count; i++) x[i] *= inverse;
}

void NAME(ck_silu_multiply)(const float *gate, const float *up, float *output, size_t count) {
    size_t i = 0;
    for (; i + lanes <= count; i += lanes) store(output + i, silu_product(load(gate + i), load(up + i)));
    if (i < count)
        store_part(output + i, silu_product(load_part(gate + i, count - i), load_part(up + i, count - i)), count - i);
}

void NAME(ck_gelu)(float *x, size_t count) {
    size_t i = 0;
    for (; i + lanes <= count; i += lanes) store(x + i, gelu_of(load(x + i)));
    if (i < count) store_part(x + i, gelu_of(load_part(x + i, count - i)), count - i);
}

void NAME(ck_gelu_tanh)(float *x, size_t count) {
    size_t i = 0;
    for (; i + lanes <= count; i += lanes) store(x + i, gelu_tanh_of(load(x + i)));
    if (i < count) store_part(x + i, gelu_tanh_of(load_part(x + i, count - i)), count - i);
}

void NAME(ck_add_scaled)(float *destination, const float *source, float scale, size_t count) {
    size_t i = 0;
    for (; i + lanes <= count; i += lanes)
        store(destination + i, madd(load(source + i), fill(scale), load(destination + i)));
    for (; i < count; i++) destination[i] += source[i] * scale;
}

// The partner of element j is j ^ 1 when interleaved: neighbours change places by a rotation of 64-bit lanes.
INLINE vec swap_neighbours(vec x) {
    typedef uint64_t lvec __attribute__((vector_size(VECTOR_BYTES)));
    return (vec)((lvec)x >> 32 | (lvec)x << 32);
}

void NAME(ck_rotate)(float *row, size_t heads, size_t headDimension, size_t pairs, int interleaved,
                            const float *cosines, const float *sines) {
    if ((interleaved ? 2 * pairs : pairs) % lanes != 0) {
        ck_rotate_scalar(row, heads, headDimension, pairs, interleaved, cosines, sines);
        return;
    }
    for (size_t h = 0; h < heads; h++, row += headDimension) {
        if (interleaved) {
            for (size_t i = 0; i < 2 * pairs; i += lanes) {
                vec x = load(row + i);
                store(row + i, madd(x, load(cosines + i), swap_neighbours(x) * load(sines + i)));
            }
            continue;
        }
        for (size_t i = 0; i < pairs; i += lanes) {
            vec x = load(row + i), y = load(row + pairs + i);
            store(row + i, madd(x, load(cosines + i), y * load(sines + i)));
            store(row + pairs + i, madd(y, load(cosines + pairs + i), x * load(sines + pairs + i)));
        }
    }
}
