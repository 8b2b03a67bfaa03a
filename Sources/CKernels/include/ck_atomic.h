/// Ordered loads and stores for tables that readers walk without a lock while one writer publishes into them.
#ifndef CK_ATOMIC_H
#define CK_ATOMIC_H
#include <stdint.h>

/// Reads a pointer; what its publisher wrote before storing it is visible afterwards.
static inline void *_Nullable ck_load_pointer(void *_Nullable const *_Nonnull place) {
    return __atomic_load_n(place, __ATOMIC_ACQUIRE);
}

/// Publishes a pointer together with everything written before.
static inline void ck_store_pointer(void *_Nullable *_Nonnull place, void *_Nullable value) {
    __atomic_store_n(place, value, __ATOMIC_RELEASE);
}

/// The same for words that hold an address and more.
static inline uint64_t ck_load_word(const uint64_t *_Nonnull place) { return __atomic_load_n(place, __ATOMIC_ACQUIRE); }
static inline void ck_store_word(uint64_t *_Nonnull place, uint64_t value) {
    __atomic_store_n(place, value, __ATOMIC_RELEASE);
}

/// Reads a byte that others may set at the same time; nothing else is ordered by it.
static inline uint8_t ck_load_mark(const uint8_t *_Nonnull place) {
    return __atomic_load_n(place, __ATOMIC_RELAXED);
}

/// Sets a byte that others may read at the same time; nothing else is ordered by it.
static inline void ck_store_mark(uint8_t *_Nonnull place, uint8_t value) {
    __atomic_store_n(place, value, __ATOMIC_RELAXED);
}

/// Reads a number that others may set at the same time; nothing else is ordered by it.
static inline uint32_t ck_load_number(const uint32_t *_Nonnull place) {
    return __atomic_load_n(place, __ATOMIC_RELAXED);
}

/// Sets a number that others may read at the same time; nothing else is ordered by it.
static inline void ck_store_number(uint32_t *_Nonnull place, uint32_t value) {
    __atomic_store_n(place, value, __ATOMIC_RELAXED);
}

/// Reads a count of versions. What was read before the call, of data that is only written after `ck_store_version`, is of the
/// version returned or an earlier one.
static inline uint64_t ck_load_version(const uint64_t *_Nonnull place) {
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return __atomic_load_n(place, __ATOMIC_ACQUIRE);
}

/// Sets a count of versions, before the data of the new one is written.
static inline void ck_store_version(uint64_t *_Nonnull place, uint64_t value) {
    __atomic_store_n(place, value, __ATOMIC_RELAXED);
    __atomic_thread_fence(__ATOMIC_RELEASE);
}
#endif
