internal import CKernels
import Dispatch

/// The threads that compute: a fixed number, which share one parallel region at a time.
///
/// Threads of Swift's own pool must not be held for the length of a forward pass, and a task group for each matrix
/// product costs more than the product: so `run` moves a whole forward pass to a thread of the pool's own, and
/// `parallel` inside it spreads each layer within microseconds.
package final class ComputePool: @unchecked Sendable {  // sound: the C pool is made for concurrent callers
    /// One thread for each core that the process may use.
    package static let shared = ComputePool()

    private let pool: OpaquePointer?
    private let queue = DispatchQueue(label: "footnote.compute", qos: .userInitiated)

    /// - Parameter threads: how many threads compute, callers included; nil for one for each core.
    package init(threads: Int? = nil) {
        pool = ck_pool_create(max(1, threads ?? ck_available_cores()))
    }

    deinit { ck_pool_destroy(pool) }

    /// The instruction set in use, by the name that `FOOTNOTE_ISA` takes.
    package static var instructionSet: String { String(cString: ck_isa_name(ck_active_isa())) }

    /// How many threads compute at once. Fewer than asked for if the system refused some.
    package var threads: Int { ck_pool_threads(pool) }

    /// Calls `body` for each task in `0 ..< count`, on all threads, and returns when all are done.
    ///
    /// Each thread begins with a run of neighbouring tasks and then takes what others have left. `worker` is below
    /// `threads`, and no two tasks that run at the same time have the same. Callers on other threads wait their turn; a call inside a task runs on its thread.
    package func parallel(_ count: Int, _ body: (_ task: Int, _ worker: Int) -> Void) {
        parallel(count, most: 1) { tasks, worker in
            for task in tasks { body(task, worker) }
        }
    }

    /// Splits `0 ..< count` into ranges of `grain` (the last one shorter) and calls `body` for each, on all threads.
    ///
    /// - Parameter most: so many neighbouring ranges may be handed to `body` as one, for work that is evenly heavy: threads then
    ///   meet less often.
    package func parallel(_ count: Int, grain: Int, most: Int = 1, _ body: (_ range: Range<Int>) -> Void) {
        parallel((count + grain - 1) / grain, most: most) { tasks, _ in
            body(tasks.lowerBound * grain..<min(count, tasks.upperBound * grain))
        }
    }

    /// Threads count references to `body` each time that they call it, and hold each other up by it.
    private func parallel(_ count: Int, most: Int, _ body: (_ tasks: Range<Int>, _ worker: Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            var region = Region(body: body)
            withUnsafeMutablePointer(to: &region) { region in
                ck_pool_parallel(
                    pool, count, most,
                    { context, begin, end, worker in
                        context?.assumingMemoryBound(to: Region.self).pointee.body(begin..<end, worker)
                    }, region)
            }
        }
    }

    /// Runs `body` on the pool's own thread, one caller after another, and returns its result.
    /// For callers in asynchronous code, which must not block.
    package func run<Value: Sendable>(_ body: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result(catching: body)) }
        }
    }

    private struct Region {
        let body: (Range<Int>, Int) -> Void
    }
}
