// LD_PRELOAD: counts allocations; the benchmark reads alloc_count() before and after.
#define _GNU_SOURCE
#include <stddef.h>
#include <stdint.h>
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
static uint64_t n;
uint64_t alloc_count(void) { return __atomic_load_n(&n, __ATOMIC_SEQ_CST); }
#define COUNT __atomic_fetch_add(&n, 1, __ATOMIC_RELAXED)
void *malloc(size_t s) { COUNT; return __libc_malloc(s); }
void *calloc(size_t a, size_t b) { COUNT; return __libc_calloc(a, b); }
void *realloc(void *p, size_t s) { COUNT; return __libc_realloc(p, s); }
void *memalign(size_t a, size_t s) { COUNT; return __libc_memalign(a, s); }
void *aligned_alloc(size_t a, size_t s) { COUNT; return __libc_memalign(a, s); }
int posix_memalign(void **p, size_t a, size_t s) { COUNT; *p = __libc_memalign(a, s); return *p ? 0 : 12; }
