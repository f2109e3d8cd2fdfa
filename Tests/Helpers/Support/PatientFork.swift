import OneLoggerCore
import Synchronization

#if canImport(Glibc)
package import Glibc

/// Forks as soon as nothing is at work that a child needs, however slow the machine is.
///
/// The child hears signals again, which Dispatch blocks on its threads, and an alarm ends it when it hangs.
package func patientFork() -> pid_t {
    ForkPause.patience.store(300_000_000_000, ordering: .relaxed)
    let child = fork()
    if child == 0 {
        var none = sigset_t()
        unsafe sigemptyset(&none)
        unsafe pthread_sigmask(SIG_SETMASK, &none, nil)
        alarm(300)
    }
    return child
}
#endif
