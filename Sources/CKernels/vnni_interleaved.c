// Products of a few rows with interleaved block-quantised weights, with AVX-512 VNNI: as in vnni_rows.c, but all outputs of a
// vector at once. That takes five instructions for what takes eight there, and more of them multiply.
#if defined(__x86_64__)
#include "kernels.h"

#pragma clang attribute push(                                                                                       \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"))), apply_to = function)
#include "transpose_avx512.h"
#include "vnni_interleaved.h"
#include "vnni_row_format.h"

size_t ck_interleaved_bytes_avx512vnni(ck_type type, size_t inputs) {
    size_t bytes = 0;
#define SIZE(type, inputs) bytes = interleaved_size(type, inputs)
    FOR_INTERLEAVED(type, SIZE, inputs)
    return bytes;
}

// ---- interleaving ----

// Digits of up to four blocks of 16 outputs, four steps of each block: [block][step][output][4].
typedef struct {
    uint8_t first[chunk * 4 * vector], last[chunk * 4 * vector];  // of the first and of the last 16 inputs
} turned_chunk;

ALWAYS void turn_chunk(const ck_type type, const uint8_t *weight, size_t stride, size_t count, size_t c, size_t some,
                       turned_chunk *out) {
    __m512i first[set], last[set];
    for (size_t n = 0; n < set; n++) {
        first[n] = last[n] = _mm512_setzero_si512();
        if (n < count) load_digits(type, weight + n * stride, c, some, &first[n], &last[n]);
    }
    store_transposed(first, (char *)out->first);
    store_transposed(last, (char *)out->last);
}

ALWAYS void store_block(const ck_type type, const turned_chunk *turned, size_t b, uint8_t *out) {
    const uint8_t *first = turned->first + b * 4 * vector, *last = turned->last + b * 4 * vector;
    __m512i upper[2] = {_mm512_setzero_si512(), _mm512_setzero_si512()};
    for (size_t s = 0; s < 4; s++) {
        __m512i a = _mm512_loadu_si512(first + s * vector), z = _mm512_loadu_si512(last + s * vector);
        if (type == CK_Q8_0) {
            _mm512_storeu_si512(out + s * vector, a);
            _mm512_storeu_si512(out + (s + 4) * vector, z);
            continue;
        }
        _mm512_storeu_si512(out + s * vector, _mm512_or_si512(low_nibbles(a), _mm512_slli_epi16(low_nibbles(z), 4)));
        upper[0] = _mm512_or_si512(upper[0], _mm512_slli_epi16(high_nibbles(a), (unsigned)(2 * s)));
        upper[1] = _mm512_or_si512(upper[1], _mm512_slli_epi16(high_nibbles(z), (unsigned)(2 * s)));
    }
    if (type != CK_Q6_K) return;
    for (size_t h = 0; h < 2; h++) _mm512_storeu_si512(out + (4 + h) * vector, upper[h]);
}

// Scales of a stored block, of 256 where they are large, of output `n`.
ALWAYS void store_scales(const ck_type type, const uint8_t *stored, size_t n, uint8_t *out) {
    if (type == CK_Q4_K) {
        int64_t scales, minima;
        unpack_six_bits(stored + 4, &scales, &minima);
        memcpy(out + 2 * n, stored, 2), memcpy(out + 2 * set + 2 * n, stored + 2, 2);
        for (size_t b = 0; b < superblock; b++) {
            out[4 * set + b * 2 * set + n] = (uint8_t)(scales >> 8 * b);
            out[4 * set + b * 2 * set + set + n] = (uint8_t)(minima >> 8 * b);
        }
    } else if (type == CK_Q6_K) {
        memcpy(out + 2 * n, stored + 208, 2);
        for (size_t i = 0; i < 2 * superblock; i++) out[2 * set + i * set + n] = stored[192 + i];
    } else {
        memcpy(out + 2 * n, stored, 2);
        if (type == CK_Q4_1) memcpy(out + 2 * set + 2 * n, stored + 2, 2);
    }
}

ALWAYS void interleave_of(const ck_type type, const uint8_t *weight, size_t count, size_t inputs, uint8_t *out) {
    size_t blocks = inputs / block, stride = bytes_of_blocks(type, blocks);
    uint8_t *scales = out + blocks * interleaved_digits(type);
    for (size_t b = 0; b < blocks; b += chunk) {
        turned_chunk turned;
        size_t some = blocks - b < chunk ? blocks - b : chunk;
        // `load_digits` counts chunks from the beginning of a group.
        const uint8_t *from = weight + bytes_of_blocks(type, b / group * group);
        turn_chunk(type, from, stride, count, b % group / chunk, some, &turned);
        for (size_t i = 0; i < some; i++, out += interleaved_digits(type)) store_block(type, &turned, i, out);
    }
    size_t scaled = is_large(type) ? blocks / superblock : blocks;
    memset(scales, 0, scaled * interleaved_scales(type));
    for (size_t i = 0; i < scaled; i++, scales += interleaved_scales(type))
        for (size_t n = 0; n < count; n++)
            store_scales(type, weight + n * stride + i * ck_block_bytes_of(type), n, scales);
}

void ck_interleave_avx512vnni(ck_type type, const void *weight, size_t count, size_t inputs, void *out) {
    FOR_INTERLEAVED(type, interleave_of, weight, count, inputs, out)
}

// ---- products ----

// Bytes by which weights are asked for before they are used: two pages, so that their addresses are known in time, too.
enum { ahead = 8192 };

ALWAYS __m512i four_digits(const int8_t *place) {
    int32_t four;
    memcpy(&four, place, 4);
    return _mm512_set1_epi32(four);
}

// Adds Σ u·q of steps `from` ..< `to` of one digit to the sums of all rows; `digits` are the first row's. Rows take turns, so that
// each product is ready when it is due; done row by row, the chains would fill the processor's queue.
ALWAYS void multiply_steps(const __m512i *weights, const int8_t *digits, size_t stride, const size_t rows,
                           const size_t from, const size_t to, __m512i *sum) {
#pragma clang loop unroll(full)
    for (size_t s = from; s < to; s++)
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++)
            sum[r] = _mm512_dpbusd_epi32(sum[r], weights[s],
                                         four_digits(digits + r * stride + s / 4 * (chunk * 16) + s % 4 * 4));
}

// The same of both digits, or of the first, scaled. (Where the second are zero, nothing is rounded in another way.)
ALWAYS void add_steps(const __m512i *weights, __m512 scale, const packed_rows *row, const size_t rows, size_t b,
                      const size_t from, const size_t to, const bool both, __m512 *sum) {
    const int8_t *digits = row->digits + b / chunk * chunk_bytes + b % chunk * 16;
    __m512i all[most_rows];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) all[r] = _mm512_setzero_si512();
    multiply_steps(weights, digits, row->stride, rows, from, to, all);
    if (both) {
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) all[r] = _mm512_slli_epi32(all[r], 8);
        multiply_steps(weights, digits + chunk_bytes / 2, row->stride, rows, from, to, all);
        scale = _mm512_mul_ps(scale, _mm512_set1_ps(SECOND_DIGIT));
    }
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        __m512 own = _mm512_mul_ps(scale, _mm512_set1_ps(*BEHIND(row->scales + b, r * row->stride)));
        sum[r] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(all[r]), own, sum[r]);
    }
}

// Adds the products of a block of 16 outputs with all rows.
ALWAYS void multiply_block(const ck_type type, const __m512i *weights, const group_scales *scales,
                           const packed_rows *row, const size_t rows, size_t b, bool both, __m512 *sum) {
    const size_t parts = has_halves(type) ? 2 : 1, some = steps / parts;
#pragma clang loop unroll(full)
    for (size_t h = 0; h < parts; h++) {
        if (both) add_steps(weights, scales->scale[h], row, rows, b, h * some, (h + 1) * some, true, sum);
        else add_steps(weights, scales->scale[h], row, rows, b, h * some, (h + 1) * some, false, sum);
        const float *sums = (parts == 1 ? row->sums : row->halves[h]) + b;
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++)
            sum[r] = _mm512_fmadd_ps(scales->minimum[h], _mm512_set1_ps(*BEHIND(sums, r * row->stride)), sum[r]);
    }
}

// 16 outputs for `rows` rows, a constant at each use like the type. What comes out for a row does not depend on the others.
ALWAYS void multiply_set(const ck_type type, const uint8_t *weight, const packed_rows *row, const size_t rows,
                         size_t blocks, __m512 *sum) {
    const uint8_t *scales = weight + blocks * interleaved_digits(type);
    uint64_t second_digits = 0;
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) sum[r] = _mm512_setzero_ps();
    for (size_t b = 0; b < blocks; b++, weight += interleaved_digits(type), second_digits >>= 1) {
        __m512i digits[steps];
        group_scales own;
        if (b % blocks_of_word == 0) second_digits = second_digits_of(row->second_digits, row->stride, rows, b);
        for (size_t i = 0; i < interleaved_digits(type); i += vector)
            _mm_prefetch((const char *)weight + ahead + i, _MM_HINT_T0);
        load_interleaved_digits(type, weight, digits);
        load_interleaved_scales(type, scales, b, &own);
        multiply_block(type, digits, &own, row, rows, b, second_digits & 1, sum);
    }
}

ALWAYS void multiply_sets(const ck_type type, const void *activations, size_t first, const size_t rows,
                          const uint8_t *weight, size_t inputs, size_t count, float *results) {
    const packed_rows row = rows_at(activations, first, inputs);
    results += first * count;
    for (size_t n = 0; n < count; n += set, weight += interleaved_size(type, inputs)) {
        __m512 sum[most_rows];
        __mmask16 there = count - n < set ? (__mmask16)((1u << (count - n)) - 1) : 0xffff;
        multiply_set(type, weight, &row, rows, inputs / block, sum);
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) _mm512_mask_storeu_ps(results + r * count + n, there, sum[r]);
    }
}

ALWAYS void multiply_interleaved_of(const ck_type type, const void *activations, size_t rows, const uint8_t *weight,
                                    size_t inputs, size_t count, float *results) {
    size_t r = 0;
    for (; r + 8 <= rows; r += 8) multiply_sets(type, activations, r, 8, weight, inputs, count, results);
    switch (rows - r) {
#define ROWS(n) \
    case n: multiply_sets(type, activations, r, n, weight, inputs, count, results); break;
        ROWS(1) ROWS(2) ROWS(3) ROWS(4) ROWS(5) ROWS(6) ROWS(7)
    default: break;
    }
}

void ck_multiply_interleaved_avx512vnni(const void *activations, size_t rows, ck_type type, const void *weight,
                                        size_t inputs, size_t count, float *results) {
    FOR_INTERLEAVED(type, multiply_interleaved_of, activations, rows, weight, inputs, count, results)
}

#pragma clang attribute pop
#endif
