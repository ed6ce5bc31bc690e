#!/usr/bin/env bash
# tools.sh [TARGET...] - install, on Debian, the packages that the heavy targets use: those of all targets, or of the ones named.
# What is installed already is left alone. SPDX-License-Identifier: MIT
set -u
while read -r target packages; do
    case " $* " in '  ' | *" $target "*) wanted="${wanted-} $packages" ;; esac
done <<'END'
test     gcc g++ clang make cmake meson pkg-config
docs-check python3-mpmath gcc make
export-check python3-numpy
mpi      openmpi-bin libopenmpi-dev
matrix   gcc g++ clang clang-16 clang-19 tcc musl-tools cppcheck clang-tidy
sanitize clang clang-19 libclang-rt-14-dev libclang-rt-19-dev valgrind
coverage clang-19 llvm-19 libclang-rt-19-dev
mutants  tcc
prove    frama-c-base why3 z3 cvc4
fuzz     clang libclang-rt-14-dev
machines qemu-user musl-tools gcc-i686-linux-gnu libc6-dev-i386-cross gcc-aarch64-linux-gnu libc6-dev-arm64-cross
machines gcc-arm-linux-gnueabihf libc6-dev-armhf-cross gcc-riscv64-linux-gnu libc6-dev-riscv64-cross
machines gcc-s390x-linux-gnu libc6-dev-s390x-cross gcc-mingw-w64-x86-64-posix wine64
machines gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm
embedded gcc-arm-none-eabi libnewlib-arm-none-eabi qemu-system-arm
END
wanted=$(printf '%s\n' ${wanted-} | sort -u)
present() { dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }
missing() { for package in $wanted; do present "$package" || echo "$package"; done; }

export DEBIAN_FRONTEND=noninteractive
for attempt in 1 2; do
    [ -n "$(missing)" ] || break
    [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null || { echo "needs apt-get and root"; break; }
    echo "attempt $attempt:" $(missing)
    apt-get update -qq -o DPkg::Lock::Timeout=300
    # together when that works; else one by one, so that one that cannot be had does not keep out the others
    apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 $(missing) >/dev/null ||
        for package in $(missing); do apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "$package" >/dev/null; done
done

absent=$(missing)
for package in $absent; do echo "$package: could not be installed"; done
echo "$(($(printf '%s\n' $wanted | wc -l) - $(printf '%s' "$absent" | grep -c .))) passed, $(printf '%s' "$absent" | grep -c .) failed"
[ -z "$absent" ]
