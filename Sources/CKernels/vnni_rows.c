// Products of a few rows with block-quantised weights as they are stored, with AVX-512 VNNI.
//
// The instruction multiplies weights with the first digits of activations, and with the second ones where there are any.
#if defined(__x86_64__)
#include "kernels.h"

#pragma clang attribute push(                                                                                       \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"))), apply_to = function)
#include "vnni_row_format.h"

enum {
    outputs_at_once = 4,
    ahead = 3072,  // bytes by which weights are asked for before they are used
};

static size_t activation_bytes(size_t rows, size_t inputs) { return rows * row_bytes_of(inputs); }

static inline void store_digits(__m512i values, char *out) {
    __m512i upper = _mm512_srai_epi32(_mm512_add_epi32(values, _mm512_set1_epi32(128)), 8);
    __m512i lower = _mm512_sub_epi32(values, _mm512_slli_epi32(upper, 8));
    _mm_storeu_si128((__m128i *)out, _mm512_cvtepi32_epi8(upper));
    _mm_storeu_si128((__m128i *)(out + chunk_bytes / 2), _mm512_cvtepi32_epi8(lower));
}

static void pack_row(const float *input, size_t inputs, float outliers, char *out) {
    size_t blocks = inputs / block, all = groups_of(inputs) * group;
    float *scales = (float *)(out + chunks_of(inputs) * chunk_bytes), most = largest_without(input, inputs, outliers);
    uint64_t *bits = (uint64_t *)(scales + arrays * all);
    if (blocks % chunk) memset(out + blocks / chunk * chunk_bytes, 0, chunk_bytes);
    memset(scales, 0, arrays * all * sizeof(float) + bit_bytes(inputs));
    for (size_t b = 0; b < blocks; b++, input += block) {
        rounded_block own = round_block(input, most);
        char *digits = out + b / chunk * chunk_bytes + b % chunk * 16;
        store_digits(own.first, digits);
        store_digits(own.last, digits + chunk * 16);
        if (own.has_second_digit) set_bit(bits, b);
        scales[b] = own.scale, scales[all + b] = own.left + own.right;
        scales[2 * all + b] = own.left, scales[3 * all + b] = own.right;
    }
}

static void pack_activations(const float *input, size_t first, size_t rows, size_t inputs, float outliers,
                             void *packed) {
    for (size_t r = first; r < first + rows; r++)
        pack_row(input + r * inputs, inputs, outliers, (char *)packed + r * row_bytes_of(inputs));
}

// Σ u·q of 64 digits in 16 lanes, four for each block of a chunk, in units of 256·s.
ALWAYS __m512 multiply_half(__m512i weights, const int8_t *digits, const bool both) {
    __m512i high = _mm512_dpbusd_epi32(_mm512_setzero_si512(), weights, _mm512_loadu_si512(digits));
    if (!both) return _mm512_cvtepi32_ps(high);
    __m512i all = _mm512_dpbusd_epi32(_mm512_slli_epi32(high, 8), weights, _mm512_loadu_si512(digits + 128));
    return _mm512_mul_ps(_mm512_cvtepi32_ps(all), _mm512_set1_ps(SECOND_DIGIT));
}

// The same of both halves of a chunk; below 2²⁷ before it is scaled.
ALWAYS __m512 multiply_digits(__m512i first, __m512i last, const int8_t *digits, const bool both) {
    __m512i high = _mm512_dpbusd_epi32(_mm512_setzero_si512(), first, _mm512_loadu_si512(digits));
    high = _mm512_dpbusd_epi32(high, last, _mm512_loadu_si512(digits + 64));
    if (!both) return _mm512_cvtepi32_ps(high);
    __m512i all = _mm512_dpbusd_epi32(_mm512_slli_epi32(high, 8), first, _mm512_loadu_si512(digits + 128));
    all = _mm512_dpbusd_epi32(all, last, _mm512_loadu_si512(digits + 192));
    return _mm512_mul_ps(_mm512_cvtepi32_ps(all), _mm512_set1_ps(SECOND_DIGIT));
}

// Minima's part of the products of a group with the row that lies `offset` bytes behind.
ALWAYS __m512 add_minima(const ck_type type, const group_scales *scales, const packed_rows *row, size_t offset, size_t b,
                         __m512 sum) {
    if (!has_halves(type)) {
        __m512 m = has_minimum(type) ? scales->minimum[0]
                                     : _mm512_mul_ps(scales->scale[0], _mm512_set1_ps((float)-digit_offset(type)));
        return _mm512_fmadd_ps(m, _mm512_loadu_ps(BEHIND(row->sums + b, offset)), sum);
    }
    for (size_t h = 0; h < 2; h++) {
        __m512 m = has_minimum(type) ? scales->minimum[h]
                                     : _mm512_mul_ps(scales->scale[h], _mm512_set1_ps((float)-digit_offset(type)));
        sum = _mm512_fmadd_ps(m, _mm512_loadu_ps(BEHIND(row->halves[h] + b, offset)), sum);
    }
    return sum;
}

// Adds the products of a chunk with one row; `lane` tells where its blocks' scales are.
ALWAYS __m512 multiply_chunk(const ck_type type, __m512i first, __m512i last, const int8_t *digits, const bool both,
                             __m512i lane, __m512 left, __m512 right, __m512 sum) {
    __m512 scale = _mm512_permutexvar_ps(lane, left);
    if (!has_halves(type)) return _mm512_fmadd_ps(multiply_digits(first, last, digits, both), scale, sum);
    sum = _mm512_fmadd_ps(multiply_half(first, digits, both), scale, sum);
    return _mm512_fmadd_ps(multiply_half(last, digits + 64, both), _mm512_permutexvar_ps(lane, right), sum);
}

// Adds the products of up to 16 blocks of one output; `rows`, and `count` where it is 16, are constants at each use.
ALWAYS void multiply_group(const ck_type type, const uint8_t *weight, size_t count, const packed_rows *row, size_t b,
                           const size_t rows, __m512 *sum) {
    uint64_t second_digits = second_digits_of(row->second_digits, row->stride, rows, b);
    const __m512i lanes = _mm512_setr_epi32(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3);
    group_scales scales;
    load_scales(type, weight, count, &scales);
    __m512 left[most_rows], right[most_rows];
    for (size_t r = 0; r < rows; r++) {
        sum[r] = add_minima(type, &scales, row, r * row->stride, b, sum[r]);
        __m512 s = _mm512_loadu_ps(BEHIND(row->scales + b, r * row->stride));
        left[r] = _mm512_mul_ps(scales.scale[0], s);
        right[r] = has_halves(type) ? _mm512_mul_ps(scales.scale[1], s) : left[r];
    }
    for (size_t c = 0; c < count; c += chunk, second_digits >>= chunk) {
        __m512i first, last, lane = _mm512_add_epi32(lanes, _mm512_set1_epi32((int)c));
        load_digits(type, weight, c / chunk, count - c < chunk ? count - c : chunk, &first, &last);
        const int8_t *digits = row->digits + (b + c) / chunk * chunk_bytes;
        bool both = second_digits & ((1 << chunk) - 1);
        for (size_t r = 0; r < rows; r++, digits += row->stride)
            sum[r] = both ? multiply_chunk(type, first, last, digits, true, lane, left[r], right[r], sum[r])
                          : multiply_chunk(type, first, last, digits, false, lane, left[r], right[r], sum[r]);
    }
}

// One output for `rows` rows, as sums that are still to be added up across lanes.
ALWAYS void multiply_output(const ck_type type, const uint8_t *weight, const packed_rows *row, size_t blocks,
                            const size_t rows, __m512 *sum) {
    size_t bytes = bytes_of_blocks(type, blocks), group_bytes = bytes_of_blocks(type, group), b = 0;
    for (size_t i = 0; i < bytes; i += 64) _mm_prefetch((const char *)weight + ahead + i, _MM_HINT_T0);
    for (size_t r = 0; r < rows; r++) sum[r] = _mm512_setzero_ps();
    for (; b + group <= blocks; b += group, weight += group_bytes)
        multiply_group(type, weight, group, row, b, rows, sum);
    if (b < blocks) multiply_group(type, weight, blocks - b, row, b, rows, sum);
}

// The sums of four vectors' lanes.
ALWAYS __m128 add_lanes(__m512 a, __m512 b, __m512 c, __m512 d) {
    __m512 ab = _mm512_add_ps(_mm512_unpacklo_ps(a, b), _mm512_unpackhi_ps(a, b));
    __m512 cd = _mm512_add_ps(_mm512_unpacklo_ps(c, d), _mm512_unpackhi_ps(c, d));
    __m512d x = _mm512_castps_pd(ab), y = _mm512_castps_pd(cd);
    __m512 all = _mm512_add_ps(_mm512_castpd_ps(_mm512_unpacklo_pd(x, y)), _mm512_castpd_ps(_mm512_unpackhi_pd(x, y)));
    __m256 half = _mm256_add_ps(_mm512_castps512_ps256(all), _mm512_extractf32x8_ps(all, 1));
    return _mm_add_ps(_mm256_castps256_ps128(half), _mm256_extractf128_ps(half, 1));
}

ALWAYS void multiply_outputs(const ck_type type, const void *activations, size_t first, const size_t rows,
                             const uint8_t *weight, size_t inputs, size_t count, float *results) {
    const packed_rows row = rows_at(activations, first, inputs);
    size_t blocks = inputs / block, bytes = bytes_of_blocks(type, blocks);
    results += first * count;
    for (size_t n = 0; n < count; n += outputs_at_once) {
        size_t some = count - n < outputs_at_once ? count - n : outputs_at_once;
        __m512 sums[outputs_at_once][most_rows];
        for (size_t i = some; i < outputs_at_once; i++)
            for (size_t r = 0; r < rows; r++) sums[i][r] = _mm512_setzero_ps();
#pragma clang loop unroll(disable)
        for (size_t i = 0; i < some; i++, weight += bytes) multiply_output(type, weight, &row, blocks, rows, sums[i]);
        for (size_t r = 0; r < rows; r++)
            _mm_mask_storeu_ps(results + r * count + n, (__mmask8)((1u << some) - 1),
                               add_lanes(sums[0][r], sums[1][r], sums[2][r], sums[3][r]));
    }
}

ALWAYS void multiply_stored_of(const ck_type type, const void *activations, size_t rows, const uint8_t *weight,
                               size_t inputs, size_t count, float *results) {
    size_t r = 0;
    // Weights are unpacked once for as many rows as there are registers for.
    for (; r + 8 <= rows; r += 8) multiply_outputs(type, activations, r, 8, weight, inputs, count, results);
    switch (rows - r) {
    case 1: multiply_outputs(type, activations, r, 1, weight, inputs, count, results); break;
    case 2: multiply_outputs(type, activations, r, 2, weight, inputs, count, results); break;
    case 3: multiply_outputs(type, activations, r, 3, weight, inputs, count, results); break;
    case 4: multiply_outputs(type, activations, r, 4, weight, inputs, count, results); break;
    case 5:
        multiply_outputs(type, activations, r, 4, weight, inputs, count, results);
        multiply_outputs(type, activations, r + 4, 1, weight, inputs, count, results);
        break;
    case 6: multiply_outputs(type, activations, r, 6, weight, inputs, count, results); break;
    case 7:
        multiply_outputs(type, activations, r, 4, weight, inputs, count, results);
        multiply_outputs(type, activations, r + 4, 3, weight, inputs, count, results);
        break;
    default: break;
    }
}

static void multiply_stored(const void *activations, size_t rows, ck_type type, const void *weight, size_t inputs,
                            size_t count, float *results) {
    FOR_TYPE(type, multiply_stored_of, activations, rows, weight, inputs, count, results)
}

const ck_engine_kernels ck_engine_rows_avx512vnni = {
    .activation_bytes = activation_bytes,
    .pack_activations = pack_activations,
    .multiply_stored = multiply_stored,
    .interleaved_bytes = ck_interleaved_bytes_avx512vnni,
    .interleave = ck_interleave_avx512vnni,
    .multiply_interleaved = ck_multiply_interleaved_avx512vnni,
};

#pragma clang attribute pop
#endif
