#!/bin/sh
# bench.sh - builds the benchmark into build/bench and runs it; arguments go to the program (see bench.c).
#   CC       the compiler of the main build (default cc); its rival, gcc or clang, is added when there is one
#   BUILDS   which builds of the library: "main native rival rival_native scalar" (default: all; with --quick main and scalar)
#   PYTHON   a Python that has NumPy (default: python3, then /usr/bin/python3)
# Needs a C compiler and a POSIX system, nothing else; OpenBLAS and NumPy join in when they are there.
set -e
cd "$(dirname "$0")/../.."
src=tests/bench out=build/bench
mkdir -p $out
all="main native rival rival_native scalar"
case " $* " in *" --quick "*) all="main scalar" ;; esac
CC=${CC:-cc} BUILDS=${BUILDS:-$all}
peers= objects=

# fresh STAMP TEXT FILES...: removes files that were made for another text
fresh()
{
    stamp=$out/$1 text=$2; shift 2
    [ "$(cat $stamp 2>/dev/null)" = "$text" ] || rm -f "$@"
    printf '%s\n' "$text" >$stamp
}
fresh compiler "$CC" $out/*.o
cmp -s jacobian.h $out/jacobian.h || cp jacobian.h $out        # a copy: the file may be edited while this builds

# compile OBJECT SOURCE COMPILER FLAGS...: unless the object is newer than the library and the benchmark
compile()
{
    object=$out/$1.o source=$src/$2; shift 2
    objects="$objects $object"
    newest=$(ls -t $object $out/jacobian.h $src/*.c $src/*.h $src/bench.sh 2>/dev/null | head -n 1)
    [ "$newest" = $object ] || { rm -f $object; echo "$* $source" >&2; "$@" -I$out -c $source -o $object & }
}

# library BUILD NAME COMPILER FLAGS...: the header as two peers, double and float
library()
{
    case " $BUILDS " in *" $1 "*) ;; *) return ;; esac
    build=$1 name=$2; shift 2
    compile ${build}_d variant.c "$@" -std=c99 -DNAME=peers_${build}_d "-DBUILD=\"$name\""
    compile ${build}_f variant.c "$@" -std=c99 -DNAME=peers_${build}_f "-DBUILD=\"$name\"" -DJAC_FLOAT
    peers="$peers X(peers_${build}_d) X(peers_${build}_f)"
    wait
}

family() { if "$1" --version 2>/dev/null | grep -q clang; then echo clang; else echo gcc; fi; }
mine=$(family "$CC") rival=clang
[ $mine = gcc ] || rival=gcc
command -v $rival >/dev/null && [ "$(family $rival)" = $rival ] || rival=
: >$out/empty.c
native=-march=native
"$CC" $native -c $out/empty.c -o $out/empty.o 2>/dev/null || native=

library main "$mine -O2" "$CC" -O2 -DMAIN
library native "$mine -O3 native" "$CC" -O3 $native
if [ -n "$rival" ]; then
    library rival "$rival -O2" $rival -O2
    library rival_native "$rival -O3 native" $rival -O3 $native
fi
library scalar "JAC_NO_SIMD" "$CC" -O2 -DJAC_NO_SIMD

compile textbook_d textbook.c "$CC" -O3 -DNAME=textbook_d -DWEIGHT=double -DNUMBER=double -DRESULT=double -DEXP=exp
compile textbook_f textbook.c "$CC" -O3 -DNAME=textbook_f -DWEIGHT=float -DNUMBER=float -DRESULT=float -DEXP=expf
compile reference_d textbook.c "$CC" -O2 -DNAME=reference_d -DWEIGHT=double "-DNUMBER=long double" -DRESULT=double -DEXP=expl
compile reference_f textbook.c "$CC" -O2 -DNAME=reference_f -DWEIGHT=float -DNUMBER=double -DRESULT=double -DEXP=exp
wait
compile blas_d blas.c "$CC" -O3 $native -DNAME=blas_d -DREAL=double -DEXP=exp '-DGEMV="cblas_dgemv"' '-DGEMM="cblas_dgemm"'
compile blas_f blas.c "$CC" -O3 $native -DNAME=blas_f -DREAL=float -DEXP=expf '-DGEMV="cblas_sgemv"' '-DGEMM="cblas_sgemm"'
compile limits limits.c "$CC" -O2
compile numpy numpy.c "$CC" -O2
wait
peers="$peers X(blas_d) X(blas_f) X(peers_numpy) X(textbook_d) X(textbook_f)"
fresh peers "$peers" $out/bench.o
compile bench bench.c "$CC" -O3 "-DPEERS=$peers"
wait
"$CC" $objects -o $out/bench -lm -ldl

for python in "${PYTHON:-python3}" /usr/bin/python3; do
    if "$python" -c 'import numpy' 2>/dev/null; then
        export BENCH_PYTHON="$python" BENCH_NUMPY_PEER=$src/numpy_peer.py
        break
    fi
done

case " $* " in *" --problems "*) exec $out/bench "$@" ;; esac
printf '#define JACOBIAN_IMPLEMENTATION\n#include "jacobian.h"\n' >$out/header.c
header="$CC -O2 -c $out/header.c -o $out/header.o"
command -v size >/dev/null && $header && echo "code of the implementation at -O2:" && size $out/header.o
exec $out/bench --compile "$header" "$@"
