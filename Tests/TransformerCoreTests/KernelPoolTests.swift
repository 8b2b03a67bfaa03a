import Testing

import TransformerCore

@Suite struct KernelPoolTests {
    @Test(arguments: [1, 2, 3, 7]) func everyTaskRunsOnce(threads: Int) {
        let pool = ComputePool(threads: threads)
        for count in [0, 1, 7, 17, 63, 1023] {
            let hits = UnsafeMutablePointer<Int>.allocate(capacity: count + 1)
            defer { hits.deallocate() }
            for _ in 0..<50 {
                hits.update(repeating: 0, count: count + 1)
                pool.parallel(count) { task, worker in
                    hits[task] += 1
                    #expect(worker < pool.threads)
                }
                #expect((0..<count).allSatisfy { hits[$0] == 1 })
            }
        }
    }

    @Test func rangesCoverEverythingOnce() {
        let pool = ComputePool(threads: 2)
        let hits = UnsafeMutablePointer<Int>.allocate(capacity: 1023)
        defer { hits.deallocate() }
        hits.update(repeating: 0, count: 1023)
        pool.parallel(1023, grain: 17) { range in
            for index in range { hits[index] += 1 }
        }
        #expect((0..<1023).allSatisfy { hits[$0] == 1 })
    }

    @Test func regionInsideRegionRunsInline() {
        let pool = ComputePool(threads: 2)
        let sums = UnsafeMutablePointer<Int>.allocate(capacity: 8)
        defer { sums.deallocate() }
        sums.update(repeating: 0, count: 8)
        pool.parallel(8) { outer, _ in
            pool.parallel(10) { inner, _ in sums[outer] += inner }
        }
        #expect((0..<8).allSatisfy { sums[$0] == 45 })
    }

    @Test func concurrentCallersTakeTurns() async throws {
        let pool = ComputePool(threads: 2)
        let totals = try await withThrowingTaskGroup(of: Int.self) { group in
            for caller in 0..<8 {
                group.addTask {
                    try await pool.run {
                        let slots = UnsafeMutablePointer<Int>.allocate(capacity: 100)
                        defer { slots.deallocate() }
                        pool.parallel(100) { task, _ in slots[task] = task * caller }
                        return (0..<100).reduce(0) { $0 + slots[$1] }
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(totals.sorted() == (0..<8).map { $0 * 4950 })
    }
}
