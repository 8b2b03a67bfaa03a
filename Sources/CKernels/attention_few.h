// Attention of one row, as in decoding: straight from the cache, all scores at once. Included by attention_template.h.
//
// Neighbouring heads share the reading of keys and values. Every product and sum is made in the same order however many
// heads there are, so that a head's result is the same whatever stands beside it.

enum { most_heads = 4, keys_at_once = 4 };

#if VECTOR_BYTES == 64
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 4, 20, 5, 21, 8, 24, 9, 25, 12, 28, 13, 29)
#define ODD(a, b) __builtin_shufflevector(a, b, 2, 18, 3, 19, 6, 22, 7, 23, 10, 26, 11, 27, 14, 30, 15, 31)
#define EVEN_PAIRS(a, b) __builtin_shufflevector(a, b, 0, 1, 16, 17, 4, 5, 20, 21, 8, 9, 24, 25, 12, 13, 28, 29)
#define ODD_PAIRS(a, b) __builtin_shufflevector(a, b, 2, 3, 18, 19, 6, 7, 22, 23, 10, 11, 26, 27, 14, 15, 30, 31)
#elif VECTOR_BYTES == 32
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 4, 12, 5, 13)
#define ODD(a, b) __builtin_shufflevector(a, b, 2, 10, 3, 11, 6, 14, 7, 15)
#define EVEN_PAIRS(a, b) __builtin_shufflevector(a, b, 0, 1, 8, 9, 4, 5, 12, 13)
#define ODD_PAIRS(a, b) __builtin_shufflevector(a, b, 2, 3, 10, 11, 6, 7, 14, 15)
#else
#define EVEN(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define ODD(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
#define EVEN_PAIRS(a, b) __builtin_shufflevector(a, b, 0, 1, 4, 5)
#define ODD_PAIRS(a, b) __builtin_shufflevector(a, b, 2, 3, 6, 7)
#endif

typedef float four __attribute__((vector_size(16)));
typedef float four_unaligned __attribute__((vector_size(16), aligned(4), may_alias));

// The sums of four vectors' lanes.
INLINE four sums_of(const vec *v) {
    vec first = EVEN(v[0], v[1]) + ODD(v[0], v[1]), last = EVEN(v[2], v[3]) + ODD(v[2], v[3]);
    vec all = EVEN_PAIRS(first, last) + ODD_PAIRS(first, last);
    four sum = __builtin_shufflevector(all, all, 0, 1, 2, 3);
#if VECTOR_BYTES == 64
    four second = __builtin_shufflevector(all, all, 4, 5, 6, 7), third = __builtin_shufflevector(all, all, 8, 9, 10, 11);
    return (sum + second) + (third + __builtin_shufflevector(all, all, 12, 13, 14, 15));
#elif VECTOR_BYTES == 32
    return sum + __builtin_shufflevector(all, all, 4, 5, 6, 7);
#else
    return sum;
#endif
}

// Bytes by which keys and values are asked for before they are used. The hardware sees streams, too, but begins anew on each
// page, where addresses alone take long to find: those are asked for earlier.
enum { lines_ahead = 2048, pages_ahead = 8192, page = 4096, line = 64 };

// Asks for what comes after `count` elements from `index` on.
INLINE void ask_ahead(const void *base, const ck_type type, size_t index, size_t count) {
    const char *place = (const char *)base + (type == CK_Q8_0 ? index / 32 * 34 : index * (type == CK_F16 ? 2 : 4));
    size_t bytes = type == CK_Q8_0 ? count / 32 * 34 : count * (type == CK_F16 ? 2 : 4);
    for (size_t i = 0; i < bytes; i += line) __builtin_prefetch(place + lines_ahead + i);
    if ((uintptr_t)place % page < bytes) __builtin_prefetch(place + pages_ahead);
}

// Scores of four positions from `p` on, of which those beyond the last count for nothing.
INLINE void score_four(const attention_job *job, const ck_type type, const float *queries, const size_t heads, size_t p,
                       size_t seen, float *scores, size_t score_stride) {
    size_t stride = job->cache.stride, dimension = job->dimension, place[keys_at_once];
    vec sums[most_heads][keys_at_once];
    for (size_t k = 0; k < keys_at_once; k++) place[k] = (p + k < seen ? p + k : seen - 1) * stride;
    for (size_t k = 0; k < keys_at_once; k++) ask_ahead(job->cache.keys, type, place[k], dimension);
#pragma clang loop unroll(full)
    for (size_t h = 0; h < heads; h++)
#pragma clang loop unroll(full)
        for (size_t k = 0; k < keys_at_once; k++) sums[h][k] = (vec){};
    for (size_t i = 0; i < dimension; i += lanes) {
#pragma clang loop unroll(full)
        for (size_t k = 0; k < keys_at_once; k++) {
            vec key = load_cached(job->cache.keys, type, place[k] + i);
#pragma clang loop unroll(full)
            for (size_t h = 0; h < heads; h++) sums[h][k] = madd(load(queries + h * dimension + i), key, sums[h][k]);
        }
    }
#pragma clang loop unroll(full)
    for (size_t h = 0; h < heads; h++)
        *(four_unaligned *)(scores + h * score_stride + p) = sums_of(sums[h]) * job->scale;
}

// Sums of `vectors` vectors of all positions' values from element `i` on, weighted by the scores of each head.
INLINE void mix(const attention_job *job, const ck_type type, const size_t heads, const size_t vectors, size_t i,
                size_t seen, const float *scores, size_t score_stride, float *output) {
    size_t stride = job->cache.stride, dimension = job->dimension;
    vec sums[most_heads][4];
#pragma clang loop unroll(full)
    for (size_t h = 0; h < heads; h++)
#pragma clang loop unroll(full)
        for (size_t v = 0; v < vectors; v++) sums[h][v] = (vec){};
    for (size_t p = 0; p < seen; p++) {
        vec values[4];
        ask_ahead(job->cache.values, type, p * stride + i, vectors * lanes);
#pragma clang loop unroll(full)
        for (size_t v = 0; v < vectors; v++)
            values[v] = load_cached(job->cache.values, type, p * stride + i + v * lanes);
#pragma clang loop unroll(full)
        for (size_t h = 0; h < heads; h++) {
            vec weight = fill(scores[h * score_stride + p]);
#pragma clang loop unroll(full)
            for (size_t v = 0; v < vectors; v++) sums[h][v] = madd(weight, values[v], sums[h][v]);
        }
    }
#pragma clang loop unroll(full)
    for (size_t h = 0; h < heads; h++)
#pragma clang loop unroll(full)
        for (size_t v = 0; v < vectors; v++) store(output + h * dimension + i + v * lanes, sums[h][v]);
}

INLINE void attend_heads(const attention_job *job, const ck_type type, const float *queries, const size_t heads,
                         size_t seen, float *output) {
    size_t score_stride = (seen + keys_at_once - 1) / keys_at_once * keys_at_once, i = 0;
    float *scores = ck_scratch(CK_SCRATCH_ATTENTION, heads * score_stride * sizeof(float));
    for (size_t p = 0; p < seen; p += keys_at_once)
        score_four(job, type, queries, heads, p, seen, scores, score_stride);
    for (size_t b = 0; b < lines_ahead; b += line) __builtin_prefetch((const char *)job->cache.values + b);
    for (size_t h = 0; h < heads; h++) NAME(ck_softmax)(scores + h * score_stride, seen);
    for (; i + 4 * lanes <= job->dimension; i += 4 * lanes)
        mix(job, type, heads, 4, i, seen, scores, score_stride, output);
    for (; i < job->dimension; i += lanes) mix(job, type, heads, 1, i, seen, scores, score_stride, output);
}

INLINE void attend_row(const attention_job *job, const ck_type type, const float *queries, size_t heads, size_t seen,
                       float *output) {
    for (; heads >= 4; heads -= 4, queries += 4 * job->dimension, output += 4 * job->dimension)
        attend_heads(job, type, queries, 4, seen, output);
    if (heads == 3) attend_heads(job, type, queries, 3, seen, output);
    if (heads == 2) attend_heads(job, type, queries, 2, seen, output);
    if (heads == 1) attend_heads(job, type, queries, 1, seen, output);
}

static void attend_few(const attention_job *job) {
    for (size_t q = 0; q < job->rows * job->group; q += job->group) {
        const float *queries = query_of(job, q);
        float *output = output_of(job, q);
        size_t seen = seen_by(job, q);
        if (job->cache.type == CK_F16) attend_row(job, CK_F16, queries, job->group, seen, output);
        else if (job->cache.type == CK_Q8_0) attend_row(job, CK_Q8_0, queries, job->group, seen, output);
        else attend_row(job, CK_F32, queries, job->group, seen, output);
    }
}
