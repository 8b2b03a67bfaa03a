// Vectors of VECTOR_BYTES and what is done with them, for the file of one instruction set, which defines VECTOR_BYTES,
// SUFFIX (of its kernels' names) and the function attribute. Written with the compiler's vector types, so that one text
// serves all widths.
#define PASTE_(a, b) a##_##b
#define PASTE(a, b) PASTE_(a, b)
#define NAME(kernel) PASTE(kernel, SUFFIX)
#define INLINE static inline __attribute__((always_inline))

enum { lanes = VECTOR_BYTES / 4 };
typedef float vec __attribute__((vector_size(VECTOR_BYTES)));
typedef float vec_unaligned __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));
typedef int32_t ivec __attribute__((vector_size(VECTOR_BYTES)));
typedef int32_t ivec_unaligned __attribute__((vector_size(VECTOR_BYTES), aligned(4), may_alias));
typedef _Float16 half_vec __attribute__((vector_size(VECTOR_BYTES / 2)));
typedef _Float16 half_vec_unaligned __attribute__((vector_size(VECTOR_BYTES / 2), aligned(2), may_alias));

INLINE vec load(const float *p) { return *(const vec_unaligned *)p; }
INLINE void store(float *p, vec v) { *(vec_unaligned *)p = v; }
INLINE vec load_half(const uint16_t *p) { return __builtin_convertvector(*(const half_vec_unaligned *)p, vec); }
INLINE vec fill(float x) { return (vec){} + x; }
INLINE vec madd(vec a, vec b, vec c) { return __builtin_elementwise_fma(a, b, c); }
INLINE vec smaller(vec a, vec b) { return __builtin_elementwise_min(a, b); }
INLINE vec larger(vec a, vec b) { return __builtin_elementwise_max(a, b); }

// The last `count` < lanes elements, zeros after them.
INLINE vec load_part(const float *p, size_t count) {
    float part[lanes] = {0};
    memcpy(part, p, count * sizeof(float));
    return load(part);
}
INLINE void store_part(float *p, vec v, size_t count) {
    float part[lanes];
    store(part, v);
    memcpy(p, part, count * sizeof(float));
}
INLINE vec load_half_part(const uint16_t *p, size_t count) {
    uint16_t part[lanes] = {0};
    memcpy(part, p, count * 2);
    return load_half(part);
}

INLINE float sum_of(vec v) {
    float sums[lanes];
    store(sums, v);
    for (size_t n = lanes / 2; n > 0; n /= 2)
        for (size_t i = 0; i < n; i++) sums[i] += sums[i + n];
    return sums[0];
}
INLINE float largest_of(vec v) {
    float all[lanes];
    store(all, v);
    for (size_t n = lanes / 2; n > 0; n /= 2)
        for (size_t i = 0; i < n; i++) all[i] = all[i] > all[i + n] ? all[i] : all[i + n];
    return all[0];
}

// e^x within 1.2e-7 of it, for x from -87 to 88 and clamped to that: 2^n · e^r with |r| ≤ ln(2)/2.
INLINE vec exponential(vec x) {
    x = smaller(larger(x, fill(-87)), fill(88));
    vec n = __builtin_elementwise_roundeven(x * fill(1.44269504f));
    vec r = madd(n, fill(-0.693145752f), x);
    r = madd(n, fill(-1.42860677e-6f), r);
    vec p = madd(r, fill(8.31204978e-3f), fill(4.18945005e-2f));
    p = madd(p, r, fill(0.166671332f));
    p = madd(p, r, fill(0.499992017f));
    p = madd(p * r, r, r + 1);
    return (vec)((ivec)p + (__builtin_convertvector(n, ivec) << 23));
}
