/// A fixed set of threads that share the tasks of one parallel region at a time, and scratch memory per thread.
#ifndef CK_THREADS_H
#define CK_THREADS_H
#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ck_pool ck_pool;

/// Tasks begin ..< end of a parallel region. `worker` is below the pool's thread count and unique among those that run.
typedef void (*ck_tasks)(void *context, size_t begin, size_t end, size_t worker);

/// A pool that computes on `threads` threads: the caller of a region and `threads - 1` of its own.
/// NULL when memory is short; fewer threads when the system refuses to start them.
ck_pool *ck_pool_create(size_t threads);
void ck_pool_destroy(ck_pool *pool);
size_t ck_pool_threads(const ck_pool *pool);

/// Runs `body` for tasks 0 ..< count and returns when all are done. Each thread begins with a run of
/// neighbouring tasks and then takes what others have left: half of what is left of a run at a time, but no more than `most`
/// tasks (Polychronopoulos and Kuck 1987, "guided self-scheduling"). 1 is best for few, long tasks.
/// Callers on other threads wait their turn; a region inside a region, or without a pool, runs on its own thread.
void ck_pool_parallel(ck_pool *pool, size_t count, size_t most, ck_tasks body, void *context);

/// Cores that this process may run on.
size_t ck_available_cores(void);

/// At least `bytes` of memory of the calling thread, aligned to 64 bytes, with arbitrary contents.
/// The same slot gives the same memory again (grown if need be) until the thread ends.
void *ck_scratch(size_t slot, size_t bytes);

/// Who uses which scratch slot, so that nested kernels do not share one.
enum {
    CK_SCRATCH_ACTIVATIONS,
    CK_SCRATCH_PANEL,
    CK_SCRATCH_OUTPUT,
    CK_SCRATCH_ATTENTION,
    CK_SCRATCH_SLOTS
};

#ifdef __cplusplus
}
#endif
#endif
