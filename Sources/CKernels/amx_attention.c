// Attention of many queries on AMX: the blocks and running sums of attention_template.h with products in bfloat16.
//
// Scores decide exponentially, so that queries and keys are each split into two bfloat16 numbers, x = high + low, and three
// of the four products are added: 16 significant bits. Weights and values, which are averaged, are rounded to one.
#if defined(__x86_64__)
#include "attention_job.h"

#include <math.h>

#pragma clang attribute push(__attribute__((target("amx-tile,amx-bf16,amx-int8,avx512f,avx512bw,avx512dq,avx512vl,"  \
                                                   "avx512bf16,avx512vnni,avx512vbmi,avx2,fma,f16c,popcnt"))),       \
                             apply_to = function)
#include "amx_tiles.h"
#define SUFFIX amx
#define VECTOR_BYTES 64
#include "vector_primitives.h"

enum {
    key_block = 256,
    key_tiles = key_block / tile_rows,
    weight_tiles = key_block / tile_inputs,
    most_dimensions = 512,
};

typedef struct {
    char *queries;   // [16 queries][32 dimensions][high, low] tiles
    char *keys;      // of a block: [16 keys][32 dimensions][high, low] tiles
    char *values;    // of a block: [32 keys][16 dimensions] tiles
    char *weights;   // of 16 queries: [32 keys] tiles
    float *scores;   // of 16 queries: [16][key_block]
    float *output;   // [16 queries][16 dimensions] tiles
    float *largest;  // [queries]
    float *sums;     // [queries]
    size_t steps, outputs, queries_count, query_tiles;
} attention_state;

INLINE __m512 element(const void *base, ck_type type, size_t index) {
    return type == CK_F16 ? (__m512)load_half((const uint16_t *)base + index) : _mm512_loadu_ps((const float *)base + index);
}

INLINE __m512 widen(__m256i half) { return _mm512_castsi512_ps(_mm512_slli_epi32(_mm512_cvtepu16_epi32(half), 16)); }

// 32 numbers as two vectors of bfloat16 whose sum they are, to 16 bits.
INLINE void split(__m512 first, __m512 second, __m512i *high, __m512i *low) {
    *high = (__m512i)_mm512_cvtne2ps_pbh(second, first);
    __m512 first_rest = _mm512_sub_ps(first, widen(_mm512_castsi512_si256(*high)));
    __m512 second_rest = _mm512_sub_ps(second, widen(_mm512_extracti64x4_epi64(*high, 1)));
    *low = (__m512i)_mm512_cvtne2ps_pbh(second_rest, first_rest);
}

static attention_state make_state(const attention_job *job) {
    attention_state state = {.steps = job->dimension / tile_inputs, .outputs = job->dimension / tile_rows};
    state.queries_count = job->rows * job->group;
    state.query_tiles = (state.queries_count + tile_rows - 1) / tile_rows;
    size_t padded = state.query_tiles * tile_rows;
    size_t queries = state.query_tiles * state.steps * 2 * tile, keys = key_tiles * state.steps * 2 * tile;
    size_t values = weight_tiles * state.outputs * tile, output = state.query_tiles * state.outputs * tile;
    size_t scores = tile_rows * key_block * sizeof(float);
    char *memory = ck_scratch(CK_SCRATCH_ATTENTION, queries + keys + values + weight_tiles * tile + scores + output +
                                                        2 * padded * sizeof(float));
    state.queries = memory, memory += queries;
    state.keys = memory, memory += keys;
    state.values = memory, memory += values;
    state.weights = memory, memory += weight_tiles * tile;
    state.scores = (float *)memory, memory += scores;
    state.output = (float *)memory, memory += output;
    memset(state.output, 0, output);
    state.largest = (float *)memory, memory += padded * sizeof(float);
    state.sums = (float *)memory;
    for (size_t q = 0; q < padded; q++) state.largest[q] = -INFINITY, state.sums[q] = 0;
    return state;
}

static void pack_queries(const attention_job *job, attention_state *state) {
    __m512 scale = _mm512_set1_ps(job->scale);
    for (size_t q = 0; q < state->query_tiles * tile_rows; q++) {
        const float *query = query_of(job, q);
        char *out = state->queries + q / tile_rows * state->steps * 2 * tile + q % tile_rows * 64;
        for (size_t s = 0; s < state->steps; s++, query += tile_inputs, out += 2 * tile) {
            __m512i high = _mm512_setzero_si512(), low = high;
            if (q < state->queries_count)
                split(_mm512_mul_ps(_mm512_loadu_ps(query), scale), _mm512_mul_ps(_mm512_loadu_ps(query + 16), scale),
                      &high, &low);
            _mm512_storeu_si512(out, high);
            _mm512_storeu_si512(out + tile, low);
        }
    }
}

INLINE void pack_keys(const attention_job *job, attention_state *state, const ck_type type, size_t first, size_t count) {
    char *out = state->keys;
    for (size_t k = 0; k < count; k += tile_rows)
        for (size_t s = 0; s < state->steps; s++, out += 2 * tile) {
            __m512i high[tile_rows], low[tile_rows];
            for (size_t i = 0; i < tile_rows; i++) {
                size_t at = (first + k + i) * job->cache.stride + s * tile_inputs;
                high[i] = low[i] = _mm512_setzero_si512();
                if (k + i < count)
                    split(element(job->cache.keys, type, at), element(job->cache.keys, type, at + 16), &high[i], &low[i]);
            }
            store_transposed(high, out);
            store_transposed(low, out + tile);
        }
}

// Neighbouring keys' values side by side.
INLINE void pack_values(const attention_job *job, attention_state *state, const ck_type type, size_t first,
                        size_t count) {
    const __m512i pairs = _mm512_set_epi16(31, 15, 30, 14, 29, 13, 28, 12, 27, 11, 26, 10, 25, 9, 24, 8, 23, 7, 22, 6, 21,
                                           5, 20, 4, 19, 3, 18, 2, 17, 1, 16, 0);
    for (size_t k = 0; k < (count + tile_inputs - 1) / tile_inputs * tile_inputs; k += 2) {
        char *out = state->values + k / tile_inputs * state->outputs * tile + k % tile_inputs / 2 * 64;
        for (size_t o = 0; o < state->outputs; o++, out += tile) {
            size_t at = (first + k) * job->cache.stride + o * tile_rows;
            __m512 even = _mm512_setzero_ps(), odd = even;
            if (k < count) even = element(job->cache.values, type, at);
            if (k + 1 < count) odd = element(job->cache.values, type, at + job->cache.stride);
            __m512i both = (__m512i)_mm512_cvtne2ps_pbh(odd, even);
            _mm512_storeu_si512(out, _mm512_permutexvar_epi16(pairs, both));
        }
    }
}

// Scores of 16 queries against `tiles` tiles of keys, two at a time; one beyond the last holds anything, and is not used.
static void multiply_keys(const attention_state *state, size_t query_tile, size_t tiles) {
    const char *queries = state->queries + query_tile * state->steps * 2 * tile, *keys = state->keys;
    const size_t stride = key_block * sizeof(float), next = state->steps * 2 * tile;
    for (size_t k = 0; k < tiles; k += 2, keys += next) {
        _tile_zero(0);
        _tile_zero(1);
        for (size_t s = 0; s < state->steps; s++, keys += 2 * tile) {
            _tile_loadd(4, queries + s * 2 * tile, 64);
            _tile_loadd(6, keys, 64);
            _tile_dpbf16ps(0, 4, 6);
            _tile_loadd(7, keys + next, 64);
            _tile_dpbf16ps(1, 4, 7);
            _tile_loadd(5, queries + s * 2 * tile + tile, 64);
            _tile_dpbf16ps(0, 5, 6);
            _tile_dpbf16ps(1, 5, 7);
            _tile_loadd(2, keys + tile, 64);
            _tile_dpbf16ps(0, 4, 2);
            _tile_loadd(3, keys + next + tile, 64);
            _tile_dpbf16ps(1, 4, 3);
        }
        _tile_stored(0, state->scores + k * tile_rows, stride);
        _tile_stored(1, state->scores + (k + 1) * tile_rows, stride);
    }
}

// Turns one query's scores of a block into weights, `count` of them seen and the rest of `width` zero, and shrinks what
// was summed before to the new maximum.
static void weigh(attention_state *state, size_t query, size_t count, size_t width) {
    const float *scores = state->scores + query % tile_rows * key_block;
    char *weights = state->weights + query % tile_rows * 64;
    __m512 most = _mm512_set1_ps(state->largest[query]);
    for (size_t k = 0; k < count; k += lanes) {
        __mmask16 mask = count - k < lanes ? (__mmask16)((1u << (count - k)) - 1) : 0xffff;
        most = _mm512_mask_max_ps(most, mask, most, _mm512_loadu_ps(scores + k));
    }
    float largest = _mm512_reduce_max_ps(most);
    __m512 sum = _mm512_setzero_ps(), part[2];
    for (size_t k = 0; k < width; k += tile_inputs) {
        for (size_t i = 0; i < 2; i++) {
            size_t at = k + i * lanes, left = at < count ? count - at : 0;
            __mmask16 mask = left < lanes ? (__mmask16)((1u << left) - 1) : 0xffff;
            vec e = exponential((vec)_mm512_loadu_ps(scores + at) - fill(largest));
            part[i] = _mm512_maskz_mov_ps(mask, (__m512)e);
            sum = _mm512_add_ps(sum, part[i]);
        }
        _mm512_storeu_si512(weights + k / tile_inputs * tile, (__m512i)_mm512_cvtne2ps_pbh(part[1], part[0]));
    }
    float shrink = expf(state->largest[query] - largest);
    state->largest[query] = largest;
    state->sums[query] = state->sums[query] * shrink + _mm512_reduce_add_ps(sum);
    if (shrink == 1) return;
    float *output = state->output + (query / tile_rows * state->outputs * tile_rows + query % tile_rows) * tile_rows;
    for (size_t o = 0; o < state->outputs; o++, output += tile_rows * tile_rows)
        _mm512_storeu_ps(output, _mm512_mul_ps(_mm512_loadu_ps(output), _mm512_set1_ps(shrink)));
}

static void add_values(attention_state *state, size_t query_tile, size_t tiles) {
    float *output = state->output + query_tile * state->outputs * tile_rows * tile_rows;
    for (size_t o = 0; o < state->outputs; o++, output += tile_rows * tile_rows) {
        _tile_loadd(0, output, 64);
        for (size_t k = 0; k < tiles; k++) {
            _tile_loadd(4, state->weights + k * tile, 64);
            _tile_loadd(6, state->values + (k * state->outputs + o) * tile, 64);
            _tile_dpbf16ps(0, 4, 6);
        }
        _tile_stored(0, output, 64);
    }
}

static void attend_block(const attention_job *job, attention_state *state, size_t first, size_t count) {
    if (job->cache.type == CK_F16) {
        pack_keys(job, state, CK_F16, first, count);
        pack_values(job, state, CK_F16, first, count);
    } else {
        pack_keys(job, state, CK_F32, first, count);
        pack_values(job, state, CK_F32, first, count);
    }
    for (size_t t = 0; t < state->query_tiles; t++) {
        size_t begin = t * tile_rows, end = begin + tile_rows;
        size_t last = end < state->queries_count ? end : state->queries_count;
        size_t seen = seen_by(job, last - 1);
        if (seen <= first) continue;
        size_t some = seen - first < count ? seen - first : count;
        size_t tiles = (some + tile_inputs - 1) / tile_inputs;
        multiply_keys(state, t, (some + tile_rows - 1) / tile_rows);
        for (size_t q = begin; q < end; q++) {
            size_t own = q < last ? seen_by(job, q) : 0;
            own = own <= first ? 0 : own - first < some ? own - first : some;
            if (own == 0)
                for (size_t k = 0; k < tiles; k++)
                    _mm512_storeu_si512(state->weights + k * tile + q % tile_rows * 64, _mm512_setzero_si512());
            else
                weigh(state, q, own, tiles * tile_inputs);
        }
        add_values(state, t, tiles);
    }
}

static void store_output(const attention_job *job, const attention_state *state) {
    for (size_t q = 0; q < state->queries_count; q++) {
        float *output = output_of(job, q);
        const float *sums =
            state->output + (q / tile_rows * state->outputs * tile_rows + q % tile_rows) * tile_rows;
        __m512 inverse = _mm512_set1_ps(1 / state->sums[q]);
        for (size_t o = 0; o < state->outputs; o++)
            _mm512_storeu_ps(output + o * tile_rows,
                             _mm512_mul_ps(_mm512_loadu_ps(sums + o * tile_rows * tile_rows), inverse));
    }
}

void ck_attention_amx(const float *queries, size_t query_stride, size_t rows, size_t group, ck_head_cache cache,
                      size_t visible, int causal, size_t dimension, float scale, float *output,
                      size_t output_stride) {
    enum { few_queries = 8 };
    if (rows * group <= few_queries || dimension % tile_inputs != 0 || dimension > most_dimensions) {
        ck_attention_avx512(queries, query_stride, rows, group, cache, visible, causal, dimension, scale, output,
                            output_stride);
        return;
    }
    attention_job job = {queries, query_stride, rows,  group,  cache,        visible,
                         causal,  dimension,    scale, output, output_stride};
    attention_state state = make_state(&job);
    pack_queries(&job, &state);
    size_t last = seen_by(&job, state.queries_count - 1);
    _tile_loadconfig(&tile_configuration);
    for (size_t key = 0; key < last; key += key_block)
        attend_block(&job, &state, key, last - key < key_block ? last - key : key_block);
    _tile_release();
    store_output(&job, &state);
}

#pragma clang attribute pop
#endif
