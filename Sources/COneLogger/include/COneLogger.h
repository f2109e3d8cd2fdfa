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
enum { OL_FILTER = 1, OL_SAMPLE = 2, OL_ANNOUNCE_ROOTS = 4, OL_ANNOUNCE_ALL = 8 };
enum { OL_CLOCK_COUNTER = 0, OL_CLOCK_MONOTONIC = 1, OL_CLOCK_MANUAL = 2 };

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
static inline uint64_t ol_hash(const uint8_t *p, size_t n, uint64_t seed) {
    uint64_t h = seed ^ (n * 0x9e3779b97f4a7c15ull);
    while (n > 0) {
        uint64_t w = 0;
        size_t k = n < 8 ? n : 8;
        __builtin_memcpy(&w, p, k);
        __uint128_t m = (__uint128_t)(h ^ w ^ 0xa0761d6478bd642full) * (h + w * 2 + 0xe7037ed1a0b428dbull | 1);
        h = (uint64_t)(m >> 64) ^ (uint64_t)m;
        p += k;
        n -= k;
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

// The record layout's numbers that the hot path needs as constants; RecordLayout.swift explains them.
enum { OL_RECORD_HEADER = 56, OL_TAG_EVENT = 9, OL_TAG_ERROR = 10, OL_FLAG_ERROR = 16, OL_KIND_SUMMARY = 5 };

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
