// Includes stdint.h and stddef.h only: a header that pulls in time.h makes `timespec` ours in every Swift file.
#pragma once
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

/// What the hot path must know about a recorder. One per recorder, never freed: threads may look at it at any time.
typedef struct ol_core {
    uint32_t clock;      // ol_clock_*; changes at most once, from the counter to clock_gettime
    uint32_t flags;      // OL_FILTER | OL_SAMPLE | OL_ANNOUNCE_*
    uint64_t manual;     // nanoseconds of a manual clock
    uint64_t threshold;  // a trace is sampled when the low 63 bits of its id are below this
    void *_Nullable storage;  // unretained RecorderStorage
    void *_Nullable scope;    // unretained TaskLocal<Scope?>
    uint32_t generation;      // of the process: one more after each fork
    uint32_t padding;
    void *_Nullable session;  // retained for ever OpenSession; nil while none is open
} ol_core;
// Macros with a type rather than members of an enum, which are `Int` in Swift: a conversion at each use is slow to compile.
#define OL_FILTER 1u
#define OL_SAMPLE 2u
#define OL_ANNOUNCE_ROOTS 4u
#define OL_ANNOUNCE_ALL 8u
#define OL_CLOCK_COUNTER 0u
#define OL_CLOCK_MONOTONIC 1u
#define OL_CLOCK_MANUAL 2u

/// One per (thread, recorder). The thread-local pointer names the recorder used last; others hang on `next`.
typedef struct ol_thread {
    uint8_t *_Null_unspecified cur, *_Null_unspecified limit;
    ol_core *_Nullable core;
    uint64_t rng, span, trace_hi, trace_lo;
    void *_Nullable task;
    uint8_t *_Nullable chunk;
    uint32_t scope;  // of the innermost open synchronous span: 0 none, 1 recorded, 2 unsampled
    uint32_t number;
    struct ol_thread *_Nullable next;
    void *_Nullable frames;
    uint64_t recorded, filtered, dropped;  // written by this thread, read by the drainer
    uint32_t retired;                      // belongs to the process that forked this one
    uint32_t frame_count;
    uint64_t names[32];  // filter verdicts by address of a static name: address << 2 | verdict
} ol_thread;

extern _Thread_local ol_thread *_Nullable ol_tls __attribute__((tls_model("initial-exec")));
/// Non-zero on our own threads: what they do is not recorded, so that nothing feeds itself.
extern _Thread_local uint32_t ol_muted __attribute__((tls_model("initial-exec")));
static inline ol_thread *_Nullable ol_current(void) { return ol_tls; }
static inline void ol_set_current(ol_thread *_Nullable t) { ol_tls = t; }
static inline uint32_t ol_is_muted(void) { return ol_muted; }
static inline void ol_set_muted(uint32_t v) { ol_muted = v; }

// Clocks. Values of clock_gettime and of the manual clock carry bit 63, so that one recording may hold both kinds.
#define OL_NANOSECONDS_BIT 0x8000000000000000ull
static inline uint64_t ol_nanoseconds_bit(void) { return OL_NANOSECONDS_BIT; }
uint64_t ol_ticks_slow(const ol_core *c);
static inline uint64_t ol_counter(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t v;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(v));
    return v;
#else
    return 0;
#endif
}
static inline uint32_t ol_clock_kind(const ol_core *c) { return __atomic_load_n(&c->clock, __ATOMIC_RELAXED); }
static inline void ol_set_clock_kind(ol_core *c, uint32_t kind) { __atomic_store_n(&c->clock, kind, __ATOMIC_RELAXED); }
static inline uint64_t ol_ticks(const ol_core *c) {
    return __builtin_expect(ol_clock_kind(c) == OL_CLOCK_COUNTER, 1) ? ol_counter() : ol_ticks_slow(c);
}
static inline void ol_set_manual(ol_core *c, uint64_t v) { __atomic_store_n(&c->manual, v, __ATOMIC_RELAXED); }
static inline uint64_t ol_manual(const ol_core *c) { return __atomic_load_n(&c->manual, __ATOMIC_RELAXED); }
static inline void *_Nullable ol_session(const ol_core *c) { return __atomic_load_n(&c->session, __ATOMIC_ACQUIRE); }
static inline void ol_set_session(ol_core *c, void *_Nullable s) { __atomic_store_n(&c->session, s, __ATOMIC_RELEASE); }
/// 64 bits for a text that differ for other texts and seeds; never zero.
static inline uint64_t ol_seeded_hash(const uint8_t *p, size_t n, uint64_t seed) {
    uint64_t h = seed ^ (n * 0x9e3779b97f4a7c15ull);
    while (n > 0) {
        uint64_t w = 0;
        uint32_t low, high;
        if (n >= 8) {
            __builtin_memcpy(&w, p, 8);
        } else if (n >= 4) {  // not by a copy of n bytes: where the length is not known, that is a call
            __builtin_memcpy(&low, p, 4);
            __builtin_memcpy(&high, p + n - 4, 4);
            w = low | (uint64_t)high << 8 * (n - 4);
        } else {
            for (size_t i = 0; i < n; i++) w |= (uint64_t)p[i] << 8 * i;
        }
        __uint128_t m = (__uint128_t)(h ^ w ^ 0xa0761d6478bd642full) * (h + w * 2 + 0xe7037ed1a0b428dbull | 1);
        h = (uint64_t)(m >> 64) ^ (uint64_t)m;
        p += 8;
        n = n < 8 ? 0 : n - 8;
    }
    h ^= h >> 32;
    h *= 0xe7037ed1a0b428dbull;
    h ^= h >> 29;
    return h != 0 ? h : 1;
}
uint64_t ol_monotonic(void);
uint64_t ol_realtime(void);
/// 1 when the processor's counter may be read instead of the clock: invariant, and chosen by the kernel itself.
int ol_counter_is_safe(void);

// Chunk header: u32 magic, u32 thread, u32 committed (producer, release), u32 consumed, u32 pinned, u32 size.
static inline void ol_publish(uint8_t *chunk, uint32_t offset) {
    __atomic_store_n((uint32_t *)(chunk + 8), offset, __ATOMIC_RELEASE);
}
static inline uint32_t ol_committed(const uint8_t *chunk) {
    return __atomic_load_n((const uint32_t *)(chunk + 8), __ATOMIC_ACQUIRE);
}

/// wyrand; never zero.
static inline uint64_t ol_next_id(ol_thread *t) {
    for (;;) {
        t->rng += 0xa0761d6478bd642full;
        __uint128_t m = (__uint128_t)t->rng * (t->rng ^ 0xe7037ed1a0b428dbull);
        uint64_t id = (uint64_t)(m >> 64) ^ (uint64_t)m;
        if (__builtin_expect(id != 0, 1)) return id;
    }
}
/// The Swift runtime's own function, the only one that says cheaply which task runs on this thread.
extern void *_Nullable swift_task_getCurrent(void) __attribute__((swiftcall));
static inline void *_Nullable ol_task(void) { return swift_task_getCurrent(); }

static inline uint64_t ol_name(const ol_thread *t, int i) { return t->names[i & 31]; }
static inline void ol_set_name(ol_thread *t, int i, uint64_t v) { t->names[i & 31] = v; }
// Counters written by one thread and read by another.
static inline void ol_add(uint64_t *p, uint64_t n) {
    __atomic_store_n(p, __atomic_load_n(p, __ATOMIC_RELAXED) + n, __ATOMIC_RELAXED);
}
static inline uint64_t ol_read(const uint64_t *p) { return __atomic_load_n(p, __ATOMIC_RELAXED); }
uint64_t ol_random(void);
// Touches each page, so that whoever writes there later meets no fault; what it holds is not kept.
void ol_touch(void *start, size_t size);
extern uint8_t ol_empty[64];
static inline uint8_t *ol_empty_chunk(void) { return ol_empty; }
/// Calls `exit(block)` when a thread that called ol_on_thread_exit ends, and the others around fork().
void ol_install(void (*exit)(void *), void (*prepare)(void), void (*parent)(void), void (*child)(void));
void ol_on_thread_exit(ol_thread *block);

// Signals: a handler that writes one byte, the signal's number, to a pipe. Nothing else is safe in a handler.
/// Installs the handler where the disposition is the default one; 1 when it did.
int ol_watch_signal(int signal_number, int pipe_fd);
/// From now on the handler of this process writes to another pipe; for a forked child.
void ol_set_signal_pipe(int pipe_fd);
/// Puts the default disposition back and sends the signal to this process.
void ol_die_by(int signal_number);

// Metrics. An instrument, and a series of it for each set of attributes; never freed: a handle may be used at any time.

/// What one value was measured in. Written by whoever holds the lock of its cell.
typedef struct ol_exemplar {
    double value;
    uint64_t time, span, trace_hi, trace_lo;
    uint32_t epoch, is_set;
} ol_exemplar;
/// The one example of a sum.
typedef struct ol_sum_exemplar {
    uint32_t lock, padding;
    ol_exemplar exemplar;
} ol_sum_exemplar;
/// A distribution; its counts follow, one more than there are bounds.
///
/// The lock is not the first field: the thread sanitizer takes a change of any other for a change of the first byte.
typedef struct ol_cell {
    uint32_t is_used, lock;
    double sum, min, max;
    ol_exemplar *_Nullable exemplars;
} ol_cell;
/// Neighbouring buckets of an exponential histogram.
typedef struct ol_buckets {
    ptrdiff_t first, count, capacity;
    uint64_t *_Nullable counts;
} ol_buckets;
/// An exponential histogram; begins like an ol_cell.
typedef struct ol_exponential {
    ol_cell cell;
    ptrdiff_t scale;
    uint64_t count, zeros;
    ol_buckets positive, negative;
} ol_exponential;

struct ol_instrument;
/// One cache line, so that two series never share one.
typedef struct ol_series {
    uint64_t value;            // bits of a sum or of a gauge
    void *_Nullable stripes;   // OL_STRIPES pointers to cells, made when two threads meet
    ol_cell *_Nullable cell;   // of a distribution
    ol_sum_exemplar *_Nullable exemplar;
    struct ol_instrument *_Null_unspecified instrument;
    uint64_t hash;
    const uint8_t *_Null_unspecified key;  // packed attributes, sorted
    size_t key_count;
} ol_series;
typedef struct ol_instrument {
    uint32_t kind;   // OL_METRIC_*
    uint32_t epoch;  // raised by each collection
    const double *_Null_unspecified bounds;
    ptrdiff_t bound_count, max_size, max_scale;
    uint32_t has_exemplars, padding;
    void *_Nullable owner;  // retained Instrument
    void *_Nullable table;  // u64 mask, then pointers to series
    ol_series *_Nullable base;  // without attributes
} ol_instrument;
#define OL_METRIC_COUNTER 0u
#define OL_METRIC_UP_DOWN 1u
#define OL_METRIC_GAUGE 2u
#define OL_METRIC_HISTOGRAM 3u
#define OL_METRIC_EXPONENTIAL 4u
enum { OL_STRIPES = 16 };

/// Which stripe this thread uses, from 1; given out at its first collision.
extern _Thread_local uint32_t ol_stripe_number __attribute__((tls_model("initial-exec")));
uint32_t ol_new_stripe(void);
static inline size_t ol_stripe(void) {
    uint32_t n = ol_stripe_number;
    return (n != 0 ? n : ol_new_stripe()) % OL_STRIPES;
}

static inline void *_Nullable ol_load(void *_Nullable const *_Nonnull p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }
static inline void ol_store(void *_Nullable *_Nonnull p, void *_Nullable v) { __atomic_store_n(p, v, __ATOMIC_RELEASE); }
/// Puts `v` where nothing is; 0 when another thread was first.
static inline int ol_claim(void *_Nullable *_Nonnull p, void *v) {
    void *nothing = NULL;
    return __atomic_compare_exchange_n(p, &nothing, v, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}
static inline ol_series *_Nullable ol_base(const ol_instrument *i) { return __atomic_load_n(&i->base, __ATOMIC_ACQUIRE); }
static inline void ol_set_base(ol_instrument *i, ol_series *s) { __atomic_store_n(&i->base, s, __ATOMIC_RELEASE); }
static inline void *_Nullable ol_stripes(const ol_series *s) { return __atomic_load_n(&s->stripes, __ATOMIC_ACQUIRE); }
static inline uint32_t ol_epoch(const ol_instrument *i) { return __atomic_load_n(&i->epoch, __ATOMIC_RELAXED); }
static inline void ol_set_epoch(ol_instrument *i, uint32_t v) { __atomic_store_n(&i->epoch, v, __ATOMIC_RELAXED); }

typedef union ol_bits {
    double number;
    uint64_t bits;
} ol_bits;
/// 0 when another thread changed the value meanwhile.
static inline int ol_try_add(uint64_t *p, double v) {
    ol_bits sum;
    uint64_t old = sum.bits = __atomic_load_n(p, __ATOMIC_RELAXED);
    sum.number += v;
    return __atomic_compare_exchange_n(p, &old, sum.bits, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}
static inline void ol_write(uint64_t *p, uint64_t v) { __atomic_store_n(p, v, __ATOMIC_RELAXED); }

/// Never waited for on the hot path: who does not get it takes another cell.
static inline int ol_try_lock(uint32_t *lock) {
    return __atomic_load_n(lock, __ATOMIC_RELAXED) == 0 && __atomic_exchange_n(lock, 1, __ATOMIC_ACQUIRE) == 0;
}
static inline void ol_unlock(uint32_t *lock) { __atomic_store_n(lock, 0, __ATOMIC_RELEASE); }

/// The first bucket whose bound is not below `v`; `n` when there is none.
static inline size_t ol_bucket(const double *bounds, size_t n, double v) {
    const double *p = bounds;
    while (n > 0) {
        size_t half = n / 2;
        int right = p[half] < v;
        p = right ? p + half + 1 : p;
        n = right ? n - half - 1 : half;
    }
    return (size_t)(p - bounds);
}
static inline uint64_t *ol_counts(ol_cell *c) { return (uint64_t *)(c + 1); }
/// Sum and extremes; with the lock held.
static inline void ol_measure(ol_cell *c, double v) {
    c->sum += v;
    if (v < c->min) c->min = v;
    if (v > c->max) c->max = v;
    c->is_used = 1;
}

static inline uint64_t ol_mix(uint64_t a, uint64_t b) {
    __uint128_t m = (__uint128_t)a * b;
    return (uint64_t)(m >> 64) ^ (uint64_t)m;
}
static inline uint64_t ol_word(const uint8_t *p, size_t n) {
    uint64_t v = 0;
    __builtin_memcpy(&v, p, n);
    return v;
}
static inline uint64_t ol_hash(const uint8_t *p, size_t n) {
    uint64_t h = n * 0x9e3779b97f4a7c15ull;
    for (; n >= 16; p += 16, n -= 16) h = ol_mix(ol_word(p, 8) ^ 0xa0761d6478bd642full, ol_word(p + 8, 8) ^ h);
    if (n >= 8) {
        h = ol_mix(ol_word(p, 8) ^ 0xe7037ed1a0b428dbull, ol_word(p + n - 8, 8) ^ h);
    } else if (n >= 4) {
        h = ol_mix((ol_word(p, 4) << 32 | ol_word(p + n - 4, 4)) ^ 0xe7037ed1a0b428dbull, h ^ 0x8ebc6af09c88c6e3ull);
    } else if (n > 0) {
        h = ol_mix(((uint64_t)p[0] << 16 | (uint64_t)p[n / 2] << 8 | p[n - 1]) ^ 0xe7037ed1a0b428dbull,
                   h ^ 0x8ebc6af09c88c6e3ull);
    }
    return h ^ h >> 32;
}
/// 1 when the bytes are the same; for keys, which are short.
static inline int ol_same(const uint8_t *a, const uint8_t *b, size_t n) {
    for (; n >= 8; a += 8, b += 8, n -= 8)
        if (ol_word(a, 8) != ol_word(b, 8)) return 0;
    for (; n > 0; a++, b++, n--)
        if (*a != *b) return 0;
    return 1;
}
static inline void *_Nullable *_Nonnull ol_slots(void *table) { return (void *_Nullable *)((uint64_t *)table + 1); }
/// The series with this key; without a lock, while others may be added.
static inline ol_series *_Nullable ol_find(const ol_instrument *i, const uint8_t *key, size_t n, uint64_t hash) {
    void *table = __atomic_load_n(&i->table, __ATOMIC_ACQUIRE);
    if (table == NULL) return NULL;
    uint64_t mask = *(uint64_t *)table;
    for (uint64_t place = hash & mask;; place = (place + 1) & mask) {
        ol_series *s = (ol_series *)__atomic_load_n(ol_slots(table) + place, __ATOMIC_ACQUIRE);
        if (s == NULL) return NULL;
        if (s->hash == hash && s->key_count == n && ol_same(s->key, key, n)) return s;
    }
}

// Tables for text; see tables.c.
extern const uint64_t ol_pow10_table[617][2];
extern const uint16_t ol_digits2[100];
extern const uint64_t ol_pow10_limit[20];
static inline uint64_t ol_pow10_high(int32_t k) { return ol_pow10_table[k + 292][0]; }
static inline uint64_t ol_pow10_low(int32_t k) { return ol_pow10_table[k + 292][1]; }
static inline uint16_t ol_two_digits(uint64_t i) { return ol_digits2[i]; }
static inline uint64_t ol_power_of_ten(int64_t i) { return ol_pow10_limit[i]; }

#if defined(__SSE2__)
typedef long long ol_v2 __attribute__((vector_size(16), aligned(1)));
typedef unsigned char ol_v16 __attribute__((vector_size(16), aligned(1)));
/// Copies 16 bytes; non-zero when one of them is a control character, a quote, a backslash or not ASCII.
static inline int ol_copy16_special(uint8_t *to, const uint8_t *from) {
    ol_v16 x = *(const ol_v16 *)from;
    *(ol_v16 *)to = x;
    ol_v16 bad = (ol_v16)(x < (unsigned char)32) | (ol_v16)(x == (unsigned char)34) | (ol_v16)(x == (unsigned char)92) |
                 (ol_v16)(x > (unsigned char)126);
    ol_v2 words = (ol_v2)bad;
    return (words[0] | words[1]) != 0;
}
#else
static inline int ol_copy16_special(uint8_t *to, const uint8_t *from) {
    int special = 0;
    for (int i = 0; i < 16; i++) {
        uint8_t c = from[i];
        to[i] = c;
        special |= c < 32 || c == 34 || c == 92 || c > 126;
    }
    return special;
}
#endif

#pragma clang assume_nonnull end
