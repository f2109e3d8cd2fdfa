#pragma once
#include <stddef.h>
#include <stdint.h>
#include <valgrind/callgrind.h>

static inline int cb_valgrind(void) { return RUNNING_ON_VALGRIND; }
static inline void cb_zero(void) { CALLGRIND_ZERO_STATS; }
static inline void cb_dump(const char *_Nonnull s) { CALLGRIND_DUMP_STATS_AT(s); }
extern uint64_t alloc_count(void) __attribute__((weak));
static inline uint64_t cb_allocs(void) { return alloc_count ? alloc_count() : 0; }
static inline int cb_counting(void) { return alloc_count != 0; }
static inline void cb_sink(uint64_t v) { __asm__ volatile("" : : "r"(v)); }
static inline uint64_t cb_opaque(uint64_t v) {
    __asm__ volatile("" : "+r"(v));
    return v;
}
static inline uint64_t cb_counter(void) {
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t v;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(v));
    return v;
#endif
}
uint64_t cb_mono(void);
uint64_t cb_thread_cpu(void);
