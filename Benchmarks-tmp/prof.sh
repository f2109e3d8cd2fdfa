T=$(mktemp -d)
cp .build/release/Bench $T/Bench; objcopy --strip-debug $T/Bench
setarch -R valgrind -q --tool=callgrind --callgrind-out-file="$T/cg" "$T/Bench" "$@" >/dev/null 2>"$T/err"
for f in $T/cg.*; do grep -q "Client Request: $1#" $f && callgrind_annotate --threshold=100 $f 2>/dev/null | grep -E "^ *[0-9,]+ \(" | head -14; done
rm -rf $T
