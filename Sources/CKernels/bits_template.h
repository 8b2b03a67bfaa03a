// Kernels over words of bits, whose text is the same for all instruction sets.

uint32_t NAME(ck_hamming)(const uint8_t *a, const uint8_t *b, size_t bytes) {
    uint64_t sum = 0;
    size_t i = 0;
    for (; i + 8 <= bytes; i += 8) {
        uint64_t x, y;
        memcpy(&x, a + i, 8);
        memcpy(&y, b + i, 8);
        sum += (uint64_t)__builtin_popcountll(x ^ y);
    }
    for (; i < bytes; i++) sum += (uint64_t)__builtin_popcount(a[i] ^ b[i]);
    return (uint32_t)sum;
}
