// Products of many rows with block-quantised weights, with AVX-512 VNNI.
//
// Weights, as stored or interleaved, are unpacked once for all rows into panels of 32 outputs, with signed digits w in blocks
// of 32 (of 16 where a format's scales belong to 16 weights): weight ≈ d·w + m. Activations have one or two digits
// (vnni_activations.h).
//
// The instruction multiplies unsigned by signed bytes. The unsigned ones are h + 128 and l, and the sums of a block begin
// at -128·Σw, which is the same for all rows and lies in the panel.
#if defined(__x86_64__)
#include "panel_engine.h"

#pragma clang attribute push(                                                                                       \
    __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx512vnni,avx2,fma,f16c"))), apply_to = function)
#include "transpose_avx512.h"
#include "vnni_activations.h"
#include "vnni_interleaved.h"

enum {
    panel_width = 32,
    most_rows = 6,
    vector_bytes = 64,
    lane_words = 16,
    line = panel_width * 4,  // bytes of a number of each output
};

// ---- panels ----

// A panel, block by block: d; where to begin; m if the format has minima; then digits as [steps of 4 inputs][outputs][4].
ALWAYS size_t block_inputs(const ck_type type) { return has_halves(type) ? block / 2 : block; }
ALWAYS size_t block_header(const ck_type type) { return (has_minimum(type) ? 3 : 2) * line; }
ALWAYS size_t panel_block(const ck_type type) { return block_header(type) + block_inputs(type) / 4 * line; }

static size_t panel_bytes(ck_type type, size_t inputs) { return inputs / block_inputs(type) * panel_block(type); }

// Scales of a group of blocks of 16 outputs; `place` is where they lie in the first block.
ALWAYS void store_scales(const ck_type type, __m512 *scales, size_t blocks, char *place) {
    size_t step = block / block_inputs(type) * panel_block(type);
    char turned[lane_words * vector_bytes] __attribute__((aligned(64)));
    store_transposed((__m512i *)scales, turned);
    for (size_t b = 0; b < blocks; b++) memcpy(place + b * step, turned + b * vector_bytes, vector_bytes);
}

// Half a chunk of digits of 16 outputs: four steps of each of its blocks. `place` is where the first lies.
ALWAYS void store_steps(const ck_type type, __m512i *digits, size_t blocks, char *place) {
    size_t step = block / block_inputs(type) * panel_block(type);
    char turned[lane_words * vector_bytes] __attribute__((aligned(64)));
    store_transposed(digits, turned);
    for (size_t b = 0; b < blocks; b++)
        for (size_t s = 0; s < 4; s++)
            memcpy(place + b * step + s * line, turned + (b * 4 + s) * vector_bytes, vector_bytes);
}

// Up to 16 blocks of 32 of up to 16 outputs, `stride` bytes apart.
ALWAYS void pack_group(const ck_type type, const uint8_t *weight, size_t stride, size_t count, size_t blocks,
                       char *panel) {
    group_scales scales[lane_words] = {};
    __m512 turned[lane_words];
    const size_t second = has_halves(type) ? panel_block(type) : 4 * line;
    for (size_t n = 0; n < count; n++) load_scales(type, weight + n * stride, blocks, &scales[n]);
    for (size_t h = 0; h < (has_halves(type) ? 2 : 1); h++) {
        for (size_t n = 0; n < lane_words; n++) turned[n] = n < count ? scales[n].scale[h] : _mm512_setzero_ps();
        store_scales(type, turned, blocks, panel + h * second);
        if (!has_minimum(type)) continue;
        for (size_t n = 0; n < lane_words; n++) turned[n] = n < count ? scales[n].minimum[h] : _mm512_setzero_ps();
        store_scales(type, turned, blocks, panel + h * second + 2 * line);
    }
    const __m512i offset = _mm512_set1_epi8((char)digit_offset(type));
    for (size_t c = 0; c < blocks; c += chunk) {
        __m512i first[lane_words], last[lane_words];
        size_t some = blocks - c < chunk ? blocks - c : chunk;
        for (size_t n = 0; n < lane_words; n++) {
            first[n] = last[n] = _mm512_setzero_si512();
            if (n >= count) continue;
            load_digits(type, weight + n * stride, c / chunk, some, &first[n], &last[n]);
            first[n] = _mm512_sub_epi8(first[n], offset), last[n] = _mm512_sub_epi8(last[n], offset);
        }
        char *place = panel + c * (block / block_inputs(type)) * panel_block(type) + block_header(type);
        store_steps(type, first, some, place);
        store_steps(type, last, some, place + second);
    }
}

// -128·Σw of each block of 16 outputs.
ALWAYS void store_beginnings(const ck_type type, size_t blocks, char *panel) {
    for (size_t b = 0; b < blocks; b++, panel += panel_block(type)) {
        __m512i sum = _mm512_setzero_si512();
        for (size_t s = 0; s < block_inputs(type) / 4; s++)
            sum = _mm512_dpbusd_epi32(sum, _mm512_set1_epi8(1),
                                      _mm512_loadu_si512(panel + block_header(type) + s * line));
        _mm512_storeu_si512(panel + line, _mm512_sub_epi32(_mm512_setzero_si512(), _mm512_slli_epi32(sum, 7)));
    }
}

ALWAYS void pack_panel_of(const ck_type type, const uint8_t *weight, size_t count, size_t inputs, char *panel) {
    size_t blocks = inputs / block, stride = bytes_of_blocks(type, blocks);
    for (size_t half = 0; half < 2; half++, weight += lane_words * stride, panel += vector_bytes) {
        size_t there = count < half * lane_words ? 0 : count - half * lane_words;
        for (size_t b = 0; b < blocks; b += group)
            pack_group(type, weight + bytes_of_blocks(type, b), stride, there < lane_words ? there : lane_words,
                       blocks - b < group ? blocks - b : group, panel + b * block / block_inputs(type) * panel_block(type));
        store_beginnings(type, inputs / block_inputs(type), panel);
    }
}

static void pack_panel(ck_type type, const void *weight, size_t count, size_t inputs, void *panel) {
    FOR_TYPE(type, pack_panel_of, weight, count, inputs, panel)
}

// A block of 16 outputs, or half of one where scales belong to 16 inputs.
ALWAYS void store_interleaved(const ck_type type, const __m512i *digits, __m512 scale, __m512 minimum, char *place) {
    const __m512i offset = _mm512_set1_epi8((char)digit_offset(type));
    __m512i sum = _mm512_setzero_si512();
    _mm512_storeu_ps(place, scale);
    if (has_minimum(type)) _mm512_storeu_ps(place + 2 * line, minimum);
    for (size_t s = 0; s < block_inputs(type) / 4; s++) {
        __m512i w = _mm512_sub_epi8(digits[s], offset);
        _mm512_storeu_si512(place + block_header(type) + s * line, w);
        sum = _mm512_dpbusd_epi32(sum, _mm512_set1_epi8(1), w);
    }
    _mm512_storeu_si512(place + line, _mm512_sub_epi32(_mm512_setzero_si512(), _mm512_slli_epi32(sum, 7)));
}

ALWAYS void pack_interleaved_of(const ck_type type, const uint8_t *weight, size_t count, size_t inputs, char *panel) {
    const size_t parts = block / block_inputs(type);
    for (size_t half = 0; half < 2; half++, weight += interleaved_size(type, inputs), panel += vector_bytes) {
        bool is_there = count > half * lane_words;
        const uint8_t *scales = weight + inputs / block * interleaved_digits(type);
        for (size_t b = 0; b < inputs / block; b++) {
            __m512i digits[8] = {};
            group_scales own = {};
            if (is_there) {
                load_interleaved_digits(type, weight + b * interleaved_digits(type), digits);
                load_interleaved_scales(type, scales, b, &own);
            }
            for (size_t h = 0; h < parts; h++)
                store_interleaved(type, digits + 4 * h, own.scale[h], own.minimum[h],
                                  panel + (b * parts + h) * panel_block(type));
        }
    }
}

static void pack_interleaved(ck_type type, const void *weight, size_t count, size_t inputs, void *panel) {
    FOR_INTERLEAVED(type, pack_interleaved_of, weight, count, inputs, panel)
}

// ---- activations ----

// A packed row: h + 128 of each block, then l of it if there are two digits; then scales of blocks, 256·s; then sums s·Σq of
// blocks; then those of halves; then bits that tell which blocks have second digits.
static inline size_t padded(size_t inputs) { return (inputs / block + 15) / 16 * 16; }

ALWAYS size_t row_bytes_of(const size_t digits, size_t inputs) {
    return padded(inputs) * (digits * block + 4 * sizeof(float)) + bit_bytes(inputs);
}

typedef struct {
    const uint8_t *digits;
    const float *scales, *sums, *halves;
    const uint64_t *second_digits;
} packed_row;

ALWAYS packed_row row_at(const size_t digits, const void *activations, size_t row, size_t inputs) {
    const char *base = (const char *)activations + row * row_bytes_of(digits, inputs);
    const float *scales = (const float *)(base + padded(inputs) * digits * block);
    size_t all = padded(inputs);
    return (packed_row){(const uint8_t *)base, scales, scales + all, scales + 2 * all,
                        (const uint64_t *)(scales + 4 * all)};
}

ALWAYS void store_bytes(__m512i values, char *place) { _mm_storeu_si128((__m128i *)place, _mm512_cvtepi32_epi8(values)); }

ALWAYS void pack_row(const size_t digits, const float *input, size_t inputs, float most, char *out) {
    float *scales = (float *)(out + padded(inputs) * digits * block), *sums = scales + padded(inputs);
    float *halves = sums + padded(inputs);
    uint64_t *bits = (uint64_t *)(halves + 2 * padded(inputs));
    const __m512i shift = _mm512_set1_epi32(128 * 256);
    memset(bits, 0, bit_bytes(inputs));
    for (size_t b = 0; b < inputs / block; b++, input += block, out += digits * block) {
        rounded_block own = round_block(input, most);
        __m512i first = _mm512_add_epi32(own.first, shift), last = _mm512_add_epi32(own.last, shift);
        store_bytes(_mm512_srli_epi32(first, 8), out);
        store_bytes(_mm512_srli_epi32(last, 8), out + 16);
        if (digits == 2) store_bytes(first, out + block), store_bytes(last, out + block + 16);
        if (own.has_second_digit) set_bit(bits, b);
        scales[b] = own.scale, sums[b] = own.left + own.right;
        halves[2 * b] = own.left, halves[2 * b + 1] = own.right;
    }
}

ALWAYS void pack_rows(const size_t digits, const float *input, size_t first, size_t rows, size_t inputs, float outliers,
                      char *packed) {
    for (size_t r = first; r < first + rows; r++) {
        const float *row = input + r * inputs;
        float most = digits == 1 ? INFINITY : largest_without(row, inputs, outliers);
        pack_row(digits, row, inputs, most, packed + r * row_bytes_of(digits, inputs));
    }
}

// ---- products ----

// The digits at `place` of all rows, one block long, by those of the panel.
ALWAYS void multiply_block(const uint8_t *const *place, size_t offset, const size_t steps, const size_t rows,
                           const char *words, __m512i *left, __m512i *right) {
#pragma clang loop unroll(full)
    for (size_t s = 0; s < steps; s++, words += line) {
        __m512i w0 = _mm512_loadu_si512(words), w1 = _mm512_loadu_si512(words + vector_bytes);
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) {
            int32_t four;
            memcpy(&four, place[r] + offset + s * 4, 4);
            __m512i x = _mm512_set1_epi32(four);
            left[r] = _mm512_dpbusd_epi32(left[r], x, w0);
            right[r] = _mm512_dpbusd_epi32(right[r], x, w1);
        }
    }
}

// Adds d·s·q to the sums of all rows; `worth` is what the digit is, of the first.
ALWAYS void add_scaled(const __m512i *low, const __m512i *high, const packed_row *row, const size_t rows, size_t b,
                       float worth, const char *d, __m512 *left, __m512 *right) {
    __m512 d0 = _mm512_loadu_ps(d), d1 = _mm512_loadu_ps(d + vector_bytes);
    if (worth != 1) d0 = _mm512_mul_ps(d0, _mm512_set1_ps(worth)), d1 = _mm512_mul_ps(d1, _mm512_set1_ps(worth));
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        __m512 s = _mm512_set1_ps(row[r].scales[b]);
        left[r] = _mm512_fmadd_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(low[r]), d0), s, left[r]);
        right[r] = _mm512_fmadd_ps(_mm512_mul_ps(_mm512_cvtepi32_ps(high[r]), d1), s, right[r]);
    }
}

// `rows` rows, a constant at each place of use like the type and the number of digits, by the 32 outputs of a panel.
ALWAYS void multiply_rows(const ck_type type, const size_t digits, const void *activations, size_t first,
                          const size_t rows, const char *panel, size_t inputs, float *results) {
    const size_t steps = block_inputs(type) / 4, part = block / block_inputs(type);
    const uint8_t *place[most_rows];
    packed_row row[most_rows];
    uint64_t second_digits = 0;
    __m512 left[most_rows], right[most_rows];
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        row[r] = row_at(digits, activations, first + r, inputs);
        place[r] = row[r].digits;
        left[r] = right[r] = _mm512_setzero_ps();
    }
    for (size_t b = 0; b < inputs / block_inputs(type); b++, panel += panel_block(type)) {
        size_t offset = b / part * digits * block + b % part * (block / 2);
        __m512i low[most_rows], high[most_rows];
        __m512i begin0 = _mm512_loadu_si512(panel + line), begin1 = _mm512_loadu_si512(panel + line + vector_bytes);
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) low[r] = begin0, high[r] = begin1;
        multiply_block(place, offset, steps, rows, panel + block_header(type), low, high);
        add_scaled(low, high, row, rows, b / part, 1, panel, left, right);
        if (b % (part * blocks_of_word) == 0)
            second_digits = second_digits_of(row[0].second_digits, row_bytes_of(digits, inputs), rows, b / part);
        if (digits == 2 && (second_digits >> b / part % blocks_of_word & 1)) {
#pragma clang loop unroll(full)
            for (size_t r = 0; r < rows; r++) low[r] = high[r] = _mm512_setzero_si512();
            multiply_block(place, offset + block, steps, rows, panel + block_header(type), low, high);
            add_scaled(low, high, row, rows, b / part, SECOND_DIGIT, panel, left, right);
        }
        if (!has_minimum(type)) continue;
        __m512 m0 = _mm512_loadu_ps(panel + 2 * line), m1 = _mm512_loadu_ps(panel + 2 * line + vector_bytes);
#pragma clang loop unroll(full)
        for (size_t r = 0; r < rows; r++) {
            __m512 sum = _mm512_set1_ps(has_halves(type) ? row[r].halves[b] : row[r].sums[b]);
            left[r] = _mm512_fmadd_ps(m0, sum, left[r]), right[r] = _mm512_fmadd_ps(m1, sum, right[r]);
        }
    }
#pragma clang loop unroll(full)
    for (size_t r = 0; r < rows; r++) {
        _mm512_storeu_ps(results + r * panel_width, left[r]);
        _mm512_storeu_ps(results + r * panel_width + lane_words, right[r]);
    }
}

ALWAYS void multiply_of(const ck_type type, const size_t digits, const void *activations, size_t first, size_t rows,
                        const char *panel, size_t inputs, float *results) {
    for (; rows >= 6; rows -= 6, first += 6, results += 6 * panel_width)
        multiply_rows(type, digits, activations, first, 6, panel, inputs, results);
    for (; rows >= 2; rows -= 2, first += 2, results += 2 * panel_width)
        multiply_rows(type, digits, activations, first, 2, panel, inputs, results);
    if (rows) multiply_rows(type, digits, activations, first, 1, panel, inputs, results);
}

// Four shapes of panels serve all types.
ALWAYS void multiply(const size_t digits, const void *activations, size_t first, size_t rows, ck_type type,
                     const void *panel, size_t inputs, float *results) {
    if (has_halves(type) && has_minimum(type))
        multiply_of(CK_Q2_K, digits, activations, first, rows, panel, inputs, results);
    else if (has_halves(type)) multiply_of(CK_Q6_K, digits, activations, first, rows, panel, inputs, results);
    else if (has_minimum(type)) multiply_of(CK_Q4_1, digits, activations, first, rows, panel, inputs, results);
    else multiply_of(CK_Q8_0, digits, activations, first, rows, panel, inputs, results);
}

PANEL_ENGINE(ck_engine_q8_avx512vnni, 1, 48, pack_interleaved)
PANEL_ENGINE(ck_engine_q16_avx512vnni, 2, 48, pack_interleaved)

#pragma clang attribute pop
#endif
