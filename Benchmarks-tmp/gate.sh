T=$(mktemp -d)
objcopy --strip-debug .build/release/Bench "$T/Bench"
SWIFT_DETERMINISTIC_HASHING=1 setarch -R valgrind -q --tool=callgrind --callgrind-out-file="$T/cg" "$T/Bench" "$@" >/dev/null 2>"$T/err"
grep -h -E "^desc: Trigger: Client Request:|^summary:|^totals:" "$T"/cg* | awk '/Trigger/{sub(/.*Client Request: /,"");n=$0} /^(summary|totals):/{if(n!=""){split(n,a,"#");printf "%-36s %8.1f\n",a[1],$2/a[2];n=""}}'
tail -3 $T/err
rm -rf "$T"
