#!/bin/sh
# link.sh - the header as users meet it: in several files, languages, standards and precisions of one program; what must not
# compile or link; what an object file holds; installed. Needs a C compiler; the C++ checks need a C++ compiler.
# SPDX-License-Identifier: MIT
cd "$(dirname "$0")/.." || exit 1
export LC_ALL=C
CC=${CC:-cc}
CXX=${CXX:-c++}
out=${BUILD:-build}/link
mkdir -p "$out"
passed=0
failed=0

verdict() {     # verdict STATUS NAME: status 0 is a pass
    if [ "$1" -eq 0 ]; then passed=$((passed + 1)); return; fi
    failed=$((failed + 1))
    echo "FAILED: $2"
    head -n 20 "$out/log"
}
ok() {          # ok NAME COMMAND...: succeeds and says nothing
    name=$1
    shift
    "$@" >"$out/log" 2>&1 && [ ! -s "$out/log" ]
    verdict $? "$name"
}
refused() {     # refused NAME PATTERN COMMAND...: fails, for the reason given
    name=$1 pattern=$2
    shift 2
    if "$@" >"$out/log" 2>&1; then verdict 1 "$name: it was not refused"; return; fi
    grep -q "$pattern" "$out/log"
    verdict $? "$name: no '$pattern' in what it said"
}
c() { $CC -O0 "$@"; }                            # unless told otherwise
cpp() { $CXX -O0 -std=c++11 "$@"; }

warnings='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wdouble-promotion -Wundef -Wfloat-equal -Wcast-align -Werror'
warnings_cpp="$warnings -Wold-style-cast -Wzero-as-null-pointer-constant"
cxx=yes
command -v "${CXX%% *}" >/dev/null || { cxx=; echo "no C++ compiler ($CXX): the C++ checks are left out"; }

# Standards, without a warning: the implementation and a file that only calls
for std in c99 c11 c17 c2x; do
    for file in use_a use_b use_float; do ok "$std, $file.c" c -std=$std $warnings -fsyntax-only tests/$file.c; done
done
ok 'c99, use_static.c' c -std=c99 $warnings -fsyntax-only tests/use_static.c
for std in ${cxx:+c++11 c++14 c++17 c++20}; do
    ok "$std" $CXX -std=$std $warnings_cpp -fsyntax-only tests/use_cpp.cpp
    ok "$std, implementation" $CXX -std=$std $warnings_cpp -fsyntax-only -DJACOBIAN_IMPLEMENTATION tests/use_cpp.cpp
done
if [ $cxx ]; then ok 'c++11, float' $CXX -std=c++11 $warnings_cpp -fsyntax-only -DJAC_FLOAT -DJACOBIAN_IMPLEMENTATION tests/use_cpp.cpp; fi

ok 'no switch without a default' c -std=c99 $warnings -Wswitch-default -fsyntax-only tests/jacobian.c
ok 'rows and samples of INT_MAX' c -std=c99 $warnings -DJAC_ROWS=2147483647 -DJAC_SAMPLES=2147483647 -fsyntax-only tests/jacobian.c

# Names that system headers take as macros (windows.h, complex.h, Arduino.h)
macros='-Dfar= -Dnear= -Dsmall=char -Dinterface=struct -DIN= -DOUT= -DI=1.0fi -DF(x)=x -Dmin(a,b)=a -Dmax(a,b)=b'
ok 'after windows.h and the like' c -std=c99 $warnings $macros -fsyntax-only tests/jacobian.c
refused 'a macro that is a name of the header' error c -std=c99 $macros -Djac_forward= -fsyntax-only tests/jacobian.c

# Two C files, a C++ file, a float build and a static copy in one program
for file in a b float static; do ok "compile use_$file.c" c -DJAC_NO_SIMD -c tests/use_$file.c -o "$out/$file.o"; done
ok 'compile use_b.c for a float program' c -DJAC_NO_SIMD -DJAC_FLOAT -c tests/use_b.c -o "$out/b_float.o"
ok 'compile use_a.c for a float program' c -DJAC_FLOAT -c tests/use_a.c -o "$out/a_float.o"
ok 'compile use_b.c without the gate' c -DONLY_CALL -c tests/use_b.c -o "$out/b_call.o"
if [ $cxx ]; then
    ok 'compile use_cpp.cpp' cpp -c tests/use_cpp.cpp -o "$out/cpp.o"
    ok 'compile use_cpp.cpp with the implementation' cpp -DJAC_NO_SIMD -DJACOBIAN_IMPLEMENTATION -c tests/use_cpp.cpp -o "$out/cpp_gate.o"
    link=cpp
else
    echo 'int use_cpp(void); int use_cpp(void) { return 1; }' >"$out/cpp.c"
    ok 'compile a stand-in for use_cpp.cpp' c -c "$out/cpp.c" -o "$out/cpp.o"
    link=c
fi
program() {     # program NAME OBJECT...: links and runs
    name=$1
    shift
    ok "link $name" $link "$@" -lm -o "$out/program"
    ok "run $name" "$out/program"
}
all="$out/cpp.o $out/static.o"
program 'C, C++, float and static in one' "$out/a.o" "$out/b.o" "$out/float.o" $all
program 'a float caller beside a double one' "$out/a_float.o" "$out/b.o" "$out/float.o" $all
if [ $cxx ]; then program 'the implementation in C++' "$out/a.o" "$out/b_call.o" "$out/cpp_gate.o" "$out/float.o" "$out/static.o"; fi

# What links, as there is nothing to link: layers and a net of the other precision
for shares in -DJAC_FLOAT -UJAC_FLOAT; do
    [ $shares = -DJAC_FLOAT ] && main=-UJAC_FLOAT || main=-DJAC_FLOAT
    ok "compile use_mixed.c, $shares shares" c $warnings -DJAC_NO_SIMD $shares -DSHARES -c tests/use_mixed.c -o "$out/shares.o"
    ok "compile use_mixed.c, $main runs" c $warnings -DJAC_NO_SIMD $main -c tests/use_mixed.c -o "$out/mixed.o"
    ok "link use_mixed.c, $shares shares" c "$out/shares.o" "$out/mixed.o" -lm -o "$out/program"
    ok "run use_mixed.c, $shares shares" "$out/program"
done

# What must not link
link_of() { $link "$@" -lm -o "$out/no_program"; }
refused 'a float caller, a double implementation' 'ndefined.*jac_net_init' link_of "$out/a_float.o" "$out/b.o" $all
refused 'a double caller, a float implementation' 'ndefined.*jac_net_init' link_of "$out/a.o" "$out/b_float.o" $all
refused 'no implementation' 'ndefined.*jac_net_init' link_of "$out/a.o" "$out/b_call.o" "$out/float.o" $all
refused 'two implementations' 'ultiple definition.*jac_\|uplicate symbol.*jac_' link_of "$out/a.o" "$out/b.o" "$out/b.o" "$out/float.o" $all

# C++ has one definition of a type for all files of a program: a double and a float build share no name of one that differs. Only
# gcc's link-time optimisation looks at that. Without the renames, one at a time, it must object.
one_program() {         # one_program FOLDER OPTION...: the header there, in double and in float, in C++
    folder=$1
    shift
    $CXX -O1 -std=c++11 -flto -flto-partition=none -Werror=odr -I"$folder" -Itests "$@" "$out/odr_double.cpp" "$out/odr_float.cpp" \
        -lm -o "$out/odr"
}
two_types() {
    for real in float double; do $CXX -flto -DREAL=$real -DNAME=of_$real -fPIC -c "$out/odr.cpp" -o "$out/odr_$real.o" || return 0; done
    $CXX -flto -Werror=odr -shared "$out/odr_float.o" "$out/odr_double.o" -o "$out/odr.so"
}
echo 'struct shared { REAL v; }; int NAME(shared *s); int NAME(shared *s) { return s->v > 0; }' >"$out/odr.cpp"
renamed="$(sed -n 's/^#define \(jac_impl_[a-z]*\) jac_impl_[a-z]*_f32.*/\1/p' jacobian.h) jac_layer jac_net"
checks=$(($(echo $renamed | wc -w) + 4))
if [ ! $cxx ] || two_types >"$out/log" 2>&1 || ! grep -q 'One Definition Rule' "$out/log"; then
    echo "the C++ compiler ($CXX) does not compare types between files: $checks checks are left out"
else
    printf '%s\n' '#define JACOBIAN_IMPLEMENTATION' '#include "jacobian.h"' '#include "use.h"' \
        'int main() { return !(use_float() && sizeof(jac_real) == 8 && net_is_right()); }' >"$out/odr_double.cpp"
    printf '%s\n' '#define JAC_FLOAT' '#define JACOBIAN_IMPLEMENTATION' '#include "jacobian.h"' '#include "use.h"' \
        'int use_float() { return sizeof(jac_real) == 4 && net_is_right(); }' >"$out/odr_float.cpp"
    ok 'double and float in one C++ program' one_program .
    ok 'run it' "$out/odr"
    ok 'double and float in one C++ program, scalar' one_program . -DJAC_NO_SIMD
    [ "$checks" -ge 12 ]
    verdict $? 'the renames of private types were found'
    mkdir -p "$out/shared_name"
    for name in $renamed; do
        sed "/^#define $name /d" jacobian.h >"$out/shared_name/jacobian.h"
        refused "one name for both $name" "$name.* violates" one_program "$out/shared_name" -DJAC_NO_SIMD
    done
fi

# Switches, and macros of the user's
refused '-ffast-math' 'jacobian.h: -ffast-math' c -ffast-math -fsyntax-only tests/use_b.c
refused '-ffinite-math-only' 'jacobian.h: -ffast-math' c -ffinite-math-only -fsyntax-only tests/use_b.c
if ! $CC --version | grep -q clang; then
    refused '-fsingle-precision-constant' compile_without_fsingle c -fsingle-precision-constant -fsyntax-only tests/use_b.c
fi
ok '-ffast-math, allowed' c -ffast-math -DJAC_ALLOW_FAST_MATH -fsyntax-only tests/use_b.c
ok '-ffast-math in a file that only calls' c -ffast-math -fsyntax-only tests/use_a.c
refused 'no rows' 'jacobian.h: JAC_ROWS' c -DJAC_ROWS=0 -fsyntax-only tests/use_a.c
refused 'no samples' 'jacobian.h: JAC_ROWS' c -DJAC_SAMPLES=0 -fsyntax-only tests/use_a.c
clash() { c $warnings -DNDEBUG -DI=7 '-Dmin(a,b)=((a)<(b)?(a):(b))' '-Dmax(a,b)=((a)>(b)?(a):(b))' -fsyntax-only "$@"; }
ok 'macros of the user, implementation' clash tests/use_b.c
ok 'macros of the user, calls' clash -Dreal=short -DN=10 -DO=3 -DL=2 -DM=1 -DK=5 tests/use_a.c
claims() {
    c $warnings -DJAC_NO_SIMD -include assert.h "-DJAC_ASSERT(c)=assert($1(c))" -c tests/use_b.c -o "$out/claims.o" &&
        $link "$out/a.o" "$out/claims.o" "$out/float.o" $all -lm -o "$out/claims" && "$out/claims"
}
ok 'JAC_ASSERT' claims
refused 'JAC_ASSERT, its claims turned round' 'ssert' claims '!'
mkdir -p "$out/renamed"
cp jacobian.h "$out/renamed/my_jacobian.h"
echo '#include "my_jacobian.h"' >"$out/renamed/use.c"
ok 'JAC_FILE' c -DJACOBIAN_IMPLEMENTATION '-DJAC_FILE="my_jacobian.h"' -fsyntax-only "$out/renamed/use.c"

# JAC_API decides what a shared library shows
shared() {
    c -DJAC_NO_SIMD -shared -fPIC -fvisibility=hidden "$@" tests/use_b.c -lm -o "$out/shared.so" &&
        nm -D --defined-only "$out/shared.so" >"$out/shown"
}
ok 'JAC_API' shared '-DJAC_API=__attribute__((visibility("default"))) extern'
grep -q jac_net_init "$out/shown"
verdict $? 'JAC_API shows the functions'
ok 'no JAC_API' shared
! grep -q jac_ "$out/shown"
verdict $? 'hidden functions stay hidden'

# What an object file holds: functions and constants; nothing that changes, and nothing from outside but mathematics and copies
known='exp|expm1|log|log1p|tanh|erfc|cbrt|sqrt|mem(cpy|set|move)|__cpu_(model|indicator_init|features2)'
echo '#include "jacobian.h"' >"$out/object.c"
for flags in -O0 '-O0 -DJAC_FLOAT' '-O2 -DJAC_NO_SIMD' '-O2 -DJAC_NO_SIMD -DJAC_FLOAT'; do
    ok "object $flags" c $flags -fno-pic -fno-stack-protector -DJACOBIAN_IMPLEMENTATION -I. -c "$out/object.c" -o "$out/object.o"
    nm "$out/object.o" | grep -q ' T _*jac_net_init'
    verdict $? "nm reads the object $flags"
    nm -u "$out/object.o" | awk '{ print $NF }' | grep -Evx "_?($known)f?" >"$out/log"
    [ ! -s "$out/log" ]
    verdict $? "undefined symbols of the object $flags"
    nm "$out/object.o" | grep -i ' [bcdgs] ' >"$out/log"
    [ ! -s "$out/log" ]
    verdict $? "static data in the object $flags"
    nm "$out/object.o" | awk '$2 ~ /[TW]/ { print $3 }' | grep -v '^_\?jac_' >"$out/log"
    [ ! -s "$out/log" ]
    verdict $? "names without the prefix in the object $flags"
done

# The smallest blocks: JAC_ROWS and JAC_SAMPLES of 1. A 4-32-32-4 net then needs less than 1024 bytes (test_errors.c)
for test in errors memory; do
    ok "compile test_$test.c with blocks of 1" c -O1 -DJAC_NO_SIMD -DJAC_FLOAT -DJAC_ROWS=1 -DJAC_SAMPLES=1 \
        tests/test_$test.c -lm -o "$out/blocks_of_1"
    "$out/blocks_of_1" >"$out/log"
    verdict $? "test_$test.c with blocks of 1"
done
ok 'compile test_errors.c, one row and many samples' c -O1 -DJAC_NO_SIMD -DJAC_FLOAT -DJAC_ROWS=1 -DJAC_SAMPLES=64 \
    tests/test_errors.c -lm -o "$out/many_samples"
"$out/many_samples" >"$out/log"                 # the forward pass needs the most memory; in double, more than the test has room for
verdict $? 'test_errors.c, one row and many samples'

# Installed, used through pkg-config, and taken away again
root=$(cd "$out" && pwd)/root
rm -rf "$root"
ok 'make install' make -s --no-print-directory install DESTDIR="$root" PREFIX=/opt/jacobian
ok 'the header is installed' cmp jacobian.h "$root/opt/jacobian/include/jacobian.h"
printf '%s\n' '#define JACOBIAN_IMPLEMENTATION' '#include <jacobian.h>' 'int main(void) { return jac_status_string(JAC_OK) == NULL; }' \
    >"$out/installed.c"
if command -v pkg-config >/dev/null; then
    export PKG_CONFIG_SYSROOT_DIR="$root" PKG_CONFIG_LIBDIR="$root/opt/jacobian/lib/pkgconfig"
    ok 'pkg-config' pkg-config --exists jacobian
    flags=$(pkg-config --cflags --libs jacobian)
    [ "$(pkg-config --modversion jacobian)" = "$(sed -n 's/^#define JAC_VERSION "\(.*\)"/\1/p' jacobian.h)" ]
    verdict $? 'the version pkg-config tells'
else
    echo 'no pkg-config: the installed header is used by its path'
    flags="-I$root/opt/jacobian/include -lm"
fi
ok 'compile against the installed header' c -DJAC_NO_SIMD "$out/installed.c" $flags -o "$out/installed"
ok 'run it' "$out/installed"
ok 'make uninstall' make -s --no-print-directory uninstall DESTDIR="$root" PREFIX=/opt/jacobian
[ -z "$(find "$root" -type f)" ]
verdict $? 'make uninstall leaves nothing'

echo "$passed passed, $failed failed"
[ $failed -eq 0 ]
