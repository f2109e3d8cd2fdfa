// What a program costs that does nothing: `check-idle.py` compares `Idle` with it.
import Glibc

let waits = CommandLine.arguments.count > 1
print("hello")
fflush(nil)
if waits { pause() }
_exit(0)
