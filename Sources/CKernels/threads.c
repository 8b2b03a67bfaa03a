#if defined(__linux__)
#define _GNU_SOURCE
#include <sched.h>
#endif
#include "ck_threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#if !defined(__linux__)
#include <sched.h>
#endif

// A region's state is one word, so that a worker joins a region or misses it in a single compare-and-swap:
// generation in the upper half, whether the region is open, and how many workers are inside. The caller waits only
// for workers that joined: one that the system has not scheduled cannot hold a region up.
#define OPEN (UINT64_C(1) << 16)
#define INSIDE (OPEN - 1)
#define GENERATION(state) ((state) >> 32)

// Workers look for the next region this long before they sleep. Regions of one forward pass follow each other
// within microseconds; waking a sleeper costs tens of them.
static const int64_t spin_nanoseconds = 200 * 1000;

// The tasks that are one thread's to begin with: neighbouring ones, so that it reads memory in long stretches. (Products
// of one row with small matrices, bound by memory, run 15 to 40% faster than when threads take turns.) Who has finished
// his own takes from the others.
struct share {
    _Alignas(64) _Atomic size_t next;
    size_t end;
};

struct ck_pool {
    _Alignas(64) _Atomic uint64_t state;
    _Alignas(64) struct share *shares;  // one for each thread
    ck_tasks body;
    void *context;
    size_t most;  // tasks that a thread takes at once
    _Atomic int sleepers;
    _Atomic bool stopping;
    pthread_mutex_t turn;  // held by the thread whose region runs
    pthread_mutex_t lock;  // guards sleeping
    pthread_cond_t wake;
    size_t started;
    pthread_t *threads;
};

static _Thread_local bool inside_region;
static _Thread_local size_t current_worker;

static inline void relax(void) {
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("isb" ::: "memory");
#endif
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void work(ck_pool *pool, size_t worker) {
    size_t threads = pool->started + 1;
    for (size_t i = 0; i < threads; i++) {
        struct share *share = &pool->shares[(worker + i) % threads];
        for (;;) {
            size_t next = atomic_load_explicit(&share->next, memory_order_relaxed);
            if (next >= share->end) break;
            size_t half = (share->end - next + 1) / 2, some = half < pool->most ? half : pool->most;
            // Others may have taken some meanwhile; those that are taken now are nobody else's all the same.
            size_t begin = atomic_fetch_add_explicit(&share->next, some, memory_order_relaxed);
            if (begin >= share->end) break;
            size_t end = share->end - begin < some ? share->end : begin + some;
            pool->body(pool->context, begin, end, worker);
        }
    }
}

static void deal(ck_pool *pool, size_t count) {
    size_t threads = pool->started + 1;
    for (size_t i = 0; i < threads; i++) {
        pool->shares[i].end = count * (i + 1) / threads;
        atomic_store_explicit(&pool->shares[i].next, count * i / threads, memory_order_relaxed);
    }
}

static bool is_news(const ck_pool *pool, uint64_t seen) {
    uint64_t state = atomic_load(&((ck_pool *)pool)->state);
    return ((state & OPEN) && GENERATION(state) != seen) || atomic_load(&((ck_pool *)pool)->stopping);
}

static void await_news(ck_pool *pool, uint64_t seen) {
    int64_t deadline = 0;
    for (unsigned i = 1;; i++) {
        if (is_news(pool, seen)) return;
        relax();
        if (i % 64 == 0) {
            int64_t time = now();
            if (deadline == 0) deadline = time + spin_nanoseconds;
            if (time > deadline) break;
        }
    }
    pthread_mutex_lock(&pool->lock);
    atomic_fetch_add(&pool->sleepers, 1);
    while (!is_news(pool, seen)) pthread_cond_wait(&pool->wake, &pool->lock);
    atomic_fetch_sub(&pool->sleepers, 1);
    pthread_mutex_unlock(&pool->lock);
}

struct start {
    ck_pool *pool;
    size_t worker;
};

static void *worker_main(void *argument) {
    struct start start = *(struct start *)argument;
    free(argument);
    ck_pool *pool = start.pool;
    inside_region = true;
    current_worker = start.worker;
    uint64_t seen = 0;
    while (!atomic_load(&pool->stopping)) {
        uint64_t state = atomic_load(&pool->state);
        if (!(state & OPEN) || GENERATION(state) == seen) {
            await_news(pool, seen);
            continue;
        }
        if (!atomic_compare_exchange_strong(&pool->state, &state, state + 1)) continue;
        seen = GENERATION(state);
        work(pool, start.worker);
        atomic_fetch_sub(&pool->state, 1);
    }
    return NULL;
}

ck_pool *ck_pool_create(size_t threads) {
    ck_pool *pool = NULL;
    if (posix_memalign((void **)&pool, 64, sizeof *pool) != 0) return NULL;
    *pool = (ck_pool){.started = 0};
    if (threads == 0) threads = 1;
    pool->threads = calloc(threads, sizeof *pool->threads);
    if (posix_memalign((void **)&pool->shares, 64, threads * sizeof *pool->shares) != 0) pool->shares = NULL;
    if (!pool->threads || !pool->shares) {
        free(pool->threads);
        free(pool->shares);
        free(pool);
        return NULL;
    }
    pthread_mutex_init(&pool->turn, NULL);
    pthread_mutex_init(&pool->lock, NULL);
    pthread_cond_init(&pool->wake, NULL);
    for (size_t i = 1; i < threads; i++) {
        struct start *start = malloc(sizeof *start);
        if (!start) break;
        *start = (struct start){pool, pool->started + 1};
        if (pthread_create(&pool->threads[pool->started], NULL, worker_main, start) != 0) {
            free(start);
            break;
        }
        pool->started++;
    }
    return pool;
}

void ck_pool_destroy(ck_pool *pool) {
    if (!pool) return;
    atomic_store(&pool->stopping, true);
    pthread_mutex_lock(&pool->lock);
    pthread_cond_broadcast(&pool->wake);
    pthread_mutex_unlock(&pool->lock);
    for (size_t i = 0; i < pool->started; i++) pthread_join(pool->threads[i], NULL);
    pthread_cond_destroy(&pool->wake);
    pthread_mutex_destroy(&pool->lock);
    pthread_mutex_destroy(&pool->turn);
    free(pool->threads);
    free(pool->shares);
    free(pool);
}

size_t ck_pool_threads(const ck_pool *pool) { return pool ? pool->started + 1 : 1; }

void ck_pool_parallel(ck_pool *pool, size_t count, size_t most, ck_tasks body, void *context) {
    if (most == 0) most = 1;
    if (!pool || pool->started == 0 || count < 2 || inside_region) {
        for (size_t i = 0; i < count; i += most) body(context, i, count - i < most ? count : i + most, current_worker);
        return;
    }
    pthread_mutex_lock(&pool->turn);
    inside_region = true;
    deal(pool, count);
    pool->body = body;
    pool->context = context;
    pool->most = most;
    uint64_t generation = GENERATION(atomic_load(&pool->state)) + 1;
    atomic_store(&pool->state, (generation << 32) | OPEN);
    if (atomic_load(&pool->sleepers) > 0) {
        pthread_mutex_lock(&pool->lock);
        pthread_cond_broadcast(&pool->wake);
        pthread_mutex_unlock(&pool->lock);
    }
    work(pool, 0);
    atomic_fetch_and(&pool->state, ~OPEN);
    for (unsigned i = 1; atomic_load(&pool->state) & INSIDE; i++) {
        relax();
        if (i % 4096 == 0) sched_yield();
    }
    inside_region = false;
    pthread_mutex_unlock(&pool->turn);
}

size_t ck_available_cores(void) {
#if defined(__linux__)
    cpu_set_t set;
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        int count = CPU_COUNT(&set);
        if (count > 0) return (size_t)count;
    }
#endif
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (size_t)count : 1;
}

struct scratch {
    void *memory[CK_SCRATCH_SLOTS];
    size_t bytes[CK_SCRATCH_SLOTS];
};

static pthread_key_t scratch_key;
static pthread_once_t scratch_once = PTHREAD_ONCE_INIT;

static void free_scratch(void *value) {
    struct scratch *scratch = value;
    for (int i = 0; i < CK_SCRATCH_SLOTS; i++) free(scratch->memory[i]);
    free(scratch);
}

static void make_scratch_key(void) { pthread_key_create(&scratch_key, free_scratch); }

void *ck_scratch(size_t slot, size_t bytes) {
    static _Thread_local struct scratch *mine;
    if (!mine) {
        pthread_once(&scratch_once, make_scratch_key);
        mine = calloc(1, sizeof *mine);
        if (!mine) abort();
        pthread_setspecific(scratch_key, mine);
    }
    if (mine->bytes[slot] < bytes) {
        free(mine->memory[slot]);
        mine->memory[slot] = NULL;
        size_t rounded = (bytes + 4095) & ~(size_t)4095;
        if (posix_memalign(&mine->memory[slot], 64, rounded) != 0) abort();
        mine->bytes[slot] = rounded;
    }
    return mine->memory[slot];
}
