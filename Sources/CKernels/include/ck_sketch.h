/// Sketches of vectors: the signs of their elements after a rotation, an eighth of their 8-bit codes, from which a product
/// with another vector can be estimated (Gao and Long, RaBitQ, arXiv 2405.12497).
#ifndef CK_SKETCH_H
#define CK_SKETCH_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The fewest elements there are sketches of: fewer signs tell too little.
enum { CK_SKETCH_LEAST = 64 };

/// Words of 64 bits that a sketch of `count` elements takes: two that are for others to use, but for their upper two bytes; the
/// signs; and what fills whole lines of the processor's cache.
static inline size_t ck_sketch_words(size_t count) { return (2 + (count + 63) / 64 + 7) / 8 * 8; }

/// Rotates a vector and keeps the signs: bit j of the words behind the first two, from the lowest of the first on, is set where
/// element j is not negative; what is behind the last is 0. With `q` the rotation of another vector, the product of both is about
/// result × the sum of q[j] where the bit is set and of -q[j] where it is not. 0 if all values are 0.
///
/// The rotation is always the same, and all is done in whole numbers: the same on every machine.
///
/// - scratch: room for `count` numbers. The first two words of `sketch` stay as they are.
float ck_sketch_i8(const int8_t *values, size_t count, int32_t *scratch, uint64_t *sketch);

/// A query as sketches are compared with it: rotated, in whole numbers from -7 to 7, bit by bit. Half of what a sketch leaves open
/// is more than what that does (the same paper).
typedef struct {
    /// Four planes, each as many words as a sketch has: of number j, in two's complement, bit k is where its sign is in a sketch. The
    /// rest are zeros.
    const uint64_t *planes;
    size_t words;
    /// The sum of all numbers.
    int32_t total;
    /// A score is at most the sketch's factor × (unit × the sum of numbers with the sketch's signs + margin) + the sketch's bias,
    /// but for rare errors.
    float unit, margin;
} ck_sketch_query;

/// Makes a query of a vector.
///
/// - factor: what products with the vector are multiplied by to be scores.
/// - deviations: so many standard deviations of an estimate are its margin.
/// - scratch: room for `count` numbers; planes: for 4 × `ck_sketch_words(count)`, which the query uses as long as it lives.
ck_sketch_query ck_sketch_query_i8(const int8_t *values, size_t count, float factor, float deviations, int32_t *scratch,
                                   uint64_t *planes);

/// For each sketch, the sum of the query's numbers where its bits are set, less the sum of the others.
void ck_sketch_sums(const ck_sketch_query *query, const uint64_t *const *sketches, size_t count, int32_t *sums);

/// Copies to `kept` those of `slots` whose sketches say that their scores may be above `bound`; returns how many.
///
/// The upper two bytes of the first word are the sketch's factor, of the second its bias, each the upper half of a Float32. A
/// factor of 0 says that there is no sketch: the slot is kept.
size_t ck_sketch_select(const ck_sketch_query *query, const uint64_t *const *sketches, const uint32_t *slots, size_t count,
                        float bound, uint32_t *kept);

#ifdef __cplusplus
}
#endif
#endif
