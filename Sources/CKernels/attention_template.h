// Attention in single precision over the tiles of matrix_template.h, which must be included first.
//
// Many queries: keys and values pass in blocks that stay in cache, with a running maximum and sum for each query (Dao et
// al. 2022, arXiv:2205.14135). Few queries, as in decoding: straight from the cache, all scores at once.

#include "attention_job.h"

// A block of keys and values of 128 positions is 32 kB each at 64 dimensions: they stay in a second-level cache while all
// queries pass over them, and the running maximum is brought up to date seldom.
enum { key_block = 128 };

typedef int8_t byte_vec __attribute__((vector_size(VECTOR_BYTES / 4)));

// Rows are whole blocks of 32 bytes with a scale, and a vector lies within one.
INLINE vec load_bytes(const void *base, size_t index) {
    const char *block = (const char *)base + index / 32 * 34;
    uint16_t scale;
    byte_vec digits;
    memcpy(&scale, block, sizeof scale);
    memcpy(&digits, block + 2 + index % 32, sizeof digits);
    return __builtin_convertvector(digits, vec) * fill(ck_f16_to_f32(scale));
}

INLINE vec load_cached(const void *base, ck_type type, size_t index) {
    if (type == CK_Q8_0) return load_bytes(base, index);
    return type == CK_F16 ? load_half((const uint16_t *)base + index) : load((const float *)base + index);
}

static float cached_element(const void *base, ck_type type, size_t index) {
    if (type == CK_Q8_0) {
        const char *block = (const char *)base + index / 32 * 34;
        uint16_t scale;
        memcpy(&scale, block, sizeof scale);
        return ck_f16_to_f32(scale) * ((const int8_t *)block + 2)[index % 32];
    }
    return type == CK_F16 ? ck_f16_to_f32(((const uint16_t *)base)[index]) : ((const float *)base)[index];
}

#include "attention_few.h"

// One element in single precision; `type` is a constant at each place of use, so that loops hold no question about it.
INLINE float element_of(const void *base, const ck_type type, size_t index) {
    return type == CK_F32 ? ((const float *)base)[index] : cached_element(base, type, index);
}

// Keys of a block, transposed into panels: panel j holds keys j * panel_width and following, [dimension][panel_width].
// The last panel is filled up with zeros.
INLINE void pack_keys_of(const attention_job *job, const ck_type type, size_t first, size_t count, float *packed) {
    size_t dimension = job->dimension;
    for (size_t k = 0; k < count; k++) {
        float *column = packed + k / panel_width * panel_width * dimension + k % panel_width;
        size_t index = (first + k) * job->cache.stride, i = 0;
        for (; i + lanes <= dimension; i += lanes) {
            vec values = load_cached(job->cache.keys, type, index + i);
#pragma clang loop unroll(full)
            for (size_t j = 0; j < lanes; j++) column[(i + j) * panel_width] = values[j];
        }
        for (; i < dimension; i++) column[i * panel_width] = element_of(job->cache.keys, type, index + i);
    }
    for (size_t k = count; k % panel_width != 0; k++)
        for (size_t i = 0; i < dimension; i++)
            packed[k / panel_width * panel_width * dimension + i * panel_width + k % panel_width] = 0;
}

// Values of a block in panels of columns: panel j holds columns j * panel_width and following, [key_block][panel_width].
INLINE void pack_values_of(const attention_job *job, const ck_type type, size_t first, size_t count, float *packed) {
    for (size_t i = 0; i < job->dimension; i += panel_width, packed += key_block * panel_width) {
        size_t width = job->dimension - i < panel_width ? job->dimension - i : panel_width;
        for (size_t k = 0; k < count; k++) {
            float *row = packed + k * panel_width;
            size_t index = (first + k) * job->cache.stride + i, j = 0;
            for (; j + lanes <= width; j += lanes) store(row + j, load_cached(job->cache.values, type, index + j));
            for (; j < panel_width; j++) row[j] = j < width ? element_of(job->cache.values, type, index + j) : 0;
        }
    }
}

INLINE void pack_block_of(const attention_job *job, const ck_type type, size_t first, size_t count, float *keys,
                          float *values) {
    pack_keys_of(job, type, first, count, keys);
    pack_values_of(job, type, first, count, values);
}

static void pack_block(const attention_job *job, size_t first, size_t count, float *keys, float *values) {
    if (job->cache.type == CK_F16) pack_block_of(job, CK_F16, first, count, keys, values);
    else if (job->cache.type == CK_Q8_0) pack_block_of(job, CK_Q8_0, first, count, keys, values);
    else pack_block_of(job, CK_F32, first, count, keys, values);
}

typedef struct {
    float *queries;   // [queries][dimension], scaled
    float *output;    // [queries][padded dimension]
    float *largest;   // [queries]
    float *sums;      // [queries]
    float *keys;      // panels of a block
    float *values;    // panels of a block
    float *scores;    // [TILE_ROWS][key_block]
    float *product;   // [TILE_ROWS][panel_width]
    size_t padded;
} attention_state;

static attention_state make_state(const attention_job *job) {
    size_t queries = job->rows * job->group, dimension = job->dimension;
    size_t padded = (dimension + panel_width - 1) / panel_width * panel_width;
    size_t floats = queries * (dimension + padded + 2) + key_block * (dimension + padded) +
                    TILE_ROWS * (key_block + panel_width);
    float *memory = ck_scratch(CK_SCRATCH_ATTENTION, floats * sizeof(float));
    attention_state state = {.padded = padded};
    state.queries = memory, memory += queries * dimension;
    state.output = memory, memory += queries * padded;
    state.keys = memory, memory += key_block * dimension;
    state.values = memory, memory += key_block * padded;
    state.scores = memory, memory += TILE_ROWS * key_block;
    state.product = memory, memory += TILE_ROWS * panel_width;
    state.largest = memory, memory += queries;
    state.sums = memory;
    for (size_t q = 0; q < queries; q++) {
        const float *query = query_of(job, q);
        for (size_t i = 0; i < dimension; i++) state.queries[q * dimension + i] = query[i] * job->scale;
        for (size_t i = 0; i < padded; i++) state.output[q * padded + i] = 0;
        state.largest[q] = -INFINITY;
        state.sums[q] = 0;
    }
    return state;
}

// Turns the first `count` of one query's scores of a block into weights, those up to `width` into zeros, and returns the
// factor by which what was summed before shrinks to the new maximum. `width` is a number of whole panels.
static float weigh(attention_state *state, size_t query, float *scores, size_t count, size_t width) {
    float largest = state->largest[query];
    for (size_t k = count; k < width; k++) scores[k] = -INFINITY;
    vec most = fill(largest);
    for (size_t k = 0; k < count; k += lanes) most = larger(most, load(scores + k));
    largest = largest_of(most);
    vec sum = {};
    for (size_t k = 0; k < width; k += lanes) {
        // Scores beyond the last visible key are -infinity; the clamped exponential leaves 1e-38 of them.
        vec e = k < count ? exponential(load(scores + k) - largest) : (vec){};
        store(scores + k, e);
        sum += e;
    }
    float shrink = expf(state->largest[query] - largest);
    state->largest[query] = largest;
    state->sums[query] = state->sums[query] * shrink + sum_of(sum);
    return shrink;
}

// A block of `count` keys from `first_key` on, for the queries of a tile.
static void attend_tile(const attention_job *job, attention_state *state, size_t first_key, size_t count, size_t first,
                        size_t rows) {
    size_t dimension = job->dimension, last = seen_by(job, first + rows - 1) - first_key;
    size_t used = last < count ? last : count, width = (used + panel_width - 1) / panel_width * panel_width;
    float shrink[TILE_ROWS];
    for (size_t k = 0; k < width; k += panel_width)
        multiply_tiles(state->queries + first * dimension, dimension, rows, state->keys + k * dimension, dimension,
                       state->scores + k, key_block);
    for (size_t r = 0; r < rows; r++) {
        size_t seen = seen_by(job, first + r);
        size_t own = seen <= first_key ? 0 : seen - first_key < used ? seen - first_key : used;
        shrink[r] = weigh(state, first + r, state->scores + r * key_block, own, width);
    }
    for (size_t i = 0; i < state->padded; i += panel_width) {
        multiply_tiles(state->scores, key_block, rows, state->values + i * key_block, used, state->product, panel_width);
        for (size_t r = 0; r < rows; r++) {
            float *output = state->output + (first + r) * state->padded + i;
            for (size_t j = 0; j < panel_width; j += lanes)
                store(output + j, madd(load(output + j), fill(shrink[r]), load(state->product + r * panel_width + j)));
        }
    }
}

static void attend_many(const attention_job *job) {
    size_t queries = job->rows * job->group;
    attention_state state = make_state(job);
    size_t last = seen_by(job, queries - 1);
    for (size_t key = 0; key < last; key += key_block) {
        size_t count = last - key < key_block ? last - key : key_block;
        pack_block(job, key, count, state.keys, state.values);
        for (size_t q = 0; q < queries; q += TILE_ROWS) {
            size_t rows = queries - q < TILE_ROWS ? queries - q : TILE_ROWS;
            if (seen_by(job, q + rows - 1) > key) attend_tile(job, &state, key, count, q, rows);
        }
    }
    for (size_t q = 0; q < queries; q++) {
        float *output = output_of(job, q), inverse = 1 / state.sums[q];
        for (size_t i = 0; i < job->dimension; i++) output[i] = state.output[q * state.padded + i] * inverse;
    }
}

void NAME(ck_attention)(const float *queries, size_t query_stride, size_t rows, size_t group, ck_head_cache cache,
                        size_t visible, int causal, size_t dimension, float scale, float *output,
                        size_t output_stride) {
    attention_job job = {queries, query_stride, rows,  group,  cache,        visible,
                         causal,  dimension,    scale, output, output_stride};
    if (rows * group == 0) return;
    if ((rows == 1 || rows * group <= most_heads) && dimension % lanes == 0) attend_few(&job);
    else attend_many(&job);
}
