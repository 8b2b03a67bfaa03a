// Kernels over words, whose text is the same for all instruction sets.

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

// Twice the sum of what is chosen, less the sum of all. Eight elements a byte, chosen by a mask of their own bits.
void NAME(ck_dots_i8_signs)(const int8_t *query, const uint8_t *const *rows, size_t rowCount, size_t count, int32_t *results) {
    int32_t total = 0;
    for (size_t i = 0; i < count; i++) total += query[i];
    for (size_t row = 0; row < rowCount; row++) {
        const uint8_t *bits = rows[row];
        int32_t chosen = 0;
        size_t i = 0;
        for (; i + 8 <= count; i += 8) {
            int32_t byte = bits[i / 8];
            for (int k = 0; k < 8; k++) chosen += query[i + k] & -(byte >> k & 1);
        }
        for (; i < count; i++) chosen += query[i] & -(bits[i / 8] >> i % 8 & 1);
        results[row] = 2 * chosen - total;
    }
}

// Bits of a plane that a sketch has set too are worth 2^k each, those of the last plane -8.
void NAME(ck_sketch_sums)(const ck_sketch_query *query, const uint64_t *const *sketches, size_t count, int32_t *sums) {
    const uint64_t *planes = query->planes;
    const size_t words = query->words;
    for (size_t row = 0; row < count; row++) {
        int32_t chosen[4] = {0};
        for (size_t i = 2; i < words; i++) {
            uint64_t bits = sketches[row][i];
            for (size_t k = 0; k < 4; k++) chosen[k] += __builtin_popcountll(bits & planes[k * words + i]);
        }
        sums[row] = 2 * (chosen[0] + 2 * chosen[1] + 4 * chosen[2] - 8 * chosen[3]) - query->total;
    }
}

// What comes late is mostly among the last: from the end.
size_t NAME(ck_insert_u64)(uint64_t *sorted, size_t count, uint64_t key) {
    for (; count > 0 && sorted[count - 1] >= key; count--) sorted[count] = sorted[count - 1];
    sorted[count] = key;
    return count;
}
