#define _GNU_SOURCE
#include "COneLogger.h"
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/random.h>
#endif
#if defined(__x86_64__)
#include <cpuid.h>
#endif

_Thread_local ol_thread *ol_tls;
_Thread_local uint32_t ol_muted;
_Thread_local uint32_t ol_stripe_number;
uint8_t ol_empty[64];

static uint64_t nanoseconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}
uint64_t ol_monotonic(void) { return nanoseconds(CLOCK_MONOTONIC); }
uint64_t ol_realtime(void) { return nanoseconds(CLOCK_REALTIME); }
uint64_t ol_ticks_slow(const ol_core *c) {
    return OL_NANOSECONDS_BIT | (ol_clock_kind(c) == OL_CLOCK_MANUAL ? ol_manual(c) : ol_monotonic());
}

uint64_t ol_random(void) {
    uint64_t v = 0;
#if defined(__linux__)
    while (getrandom(&v, sizeof v, 0) != sizeof v) {
        if (errno != EINTR) return ol_monotonic() * 0x9e3779b97f4a7c15ull ^ (uint64_t)(uintptr_t)&v;
    }
#else
    arc4random_buf(&v, sizeof v);
#endif
    return v;
}

void ol_touch(void *start, size_t size) {
    const size_t page = 4096;
#if defined(MADV_POPULATE_WRITE)
    // One call instead of a fault per page; kernels before 5.14 refuse it.
    if (((uintptr_t)start | size) % page == 0 && madvise(start, size, MADV_POPULATE_WRITE) == 0) return;
#endif
    for (size_t at = 0; at < size; at += page) ((volatile char *)start)[at] = 0;
}

int ol_counter_is_safe(void) {
#if defined(__linux__) && defined(__x86_64__)
    // Every 64-bit processor knows this leaf. Asking first would be a second exit to a hypervisor, which takes 10 us.
    unsigned a, b, c, d;
    __cpuid(0x80000007, a, b, c, d);
    if (!(d & 1u << 8)) return 0;  // not invariant
    int file = open("/sys/devices/system/clocksource/clocksource0/current_clocksource", O_RDONLY | O_CLOEXEC);
    if (file < 0) return 0;
    char text[8] = {0};
    ssize_t n = read(file, text, 4);
    close(file);
    return n == 4 && memcmp(text, "tsc\n", 4) == 0;  // the kernel rejects counters that drift or differ by core
#elif defined(__aarch64__)
    return 1;  // the generic timer has a fixed rate and is the same on all cores, by architecture
#else
    return 0;
#endif
}

uint32_t ol_new_stripe(void) {
    static uint32_t last;
    do {
        ol_stripe_number = __atomic_add_fetch(&last, 1, __ATOMIC_RELAXED);
    } while (ol_stripe_number == 0);
    return ol_stripe_number;
}

static pthread_key_t key;
void ol_install(void (*exit)(void *), void (*prepare)(void), void (*parent)(void), void (*child)(void)) {
    pthread_key_create(&key, exit);
    pthread_atfork(prepare, parent, child);
}
void ol_on_thread_exit(ol_thread *block) { pthread_setspecific(key, block); }

// Set by whichever thread starts a recorder first, read by whichever thread the signal finds.
static int signal_pipe = -1;
static pid_t signal_owner;
static void on_signal(int number) {
    int saved = errno;
    unsigned char byte = (unsigned char)number;
    // A forked child has no thread that reads the pipe, and the pipe is its parent's: it dies as it would have.
    if (getpid() != __atomic_load_n(&signal_owner, __ATOMIC_ACQUIRE) ||
        write(__atomic_load_n(&signal_pipe, __ATOMIC_RELAXED), &byte, 1) != 1)
        ol_die_by(number);
    errno = saved;
}
void ol_set_signal_pipe(int pipe_fd) {
    __atomic_store_n(&signal_pipe, pipe_fd, __ATOMIC_RELAXED);
    __atomic_store_n(&signal_owner, getpid(), __ATOMIC_RELEASE);
}
int ol_watch_signal(int number, int pipe_fd) {
    struct sigaction now, handler;
    if (sigaction(number, NULL, &now) != 0 || (now.sa_flags & SA_SIGINFO) || now.sa_handler != SIG_DFL) return 0;
    ol_set_signal_pipe(pipe_fd);
    memset(&handler, 0, sizeof handler);
    handler.sa_handler = on_signal;
    handler.sa_flags = SA_RESTART;
    sigemptyset(&handler.sa_mask);
    return sigaction(number, &handler, NULL) == 0;
}
void ol_die_by(int number) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_handler = SIG_DFL;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    kill(getpid(), number);
}
