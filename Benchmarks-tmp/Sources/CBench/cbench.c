#define _GNU_SOURCE
#include "CBench.h"
#include <time.h>
static uint64_t ns(clockid_t c) {
    struct timespec t;
    clock_gettime(c, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}
uint64_t cb_mono(void) { return ns(CLOCK_MONOTONIC); }
uint64_t cb_thread_cpu(void) { return ns(CLOCK_THREAD_CPUTIME_ID); }
