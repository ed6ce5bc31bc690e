#!/bin/sh
# snippets.sh - the README's snippets, taken from it and tried: the first program is examples/quickstart.c and the header's own, and
# prints what the README says; each way to build it builds it. A tool that is not installed is named. Part of `make test`.
# SPDX-License-Identifier: MIT
cd "$(dirname "$0")/.." || exit 1
root=$PWD
mkdir -p "${BUILD:-build}/snippets" && cd "${BUILD:-build}/snippets" || exit 1
work=$PWD
passed=0
failed=0
strict='-Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror'

check() {   # check WHAT COMMAND...
    what=$1; shift
    if "$@" >"$work/log" 2>&1; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "README.md, $what:"; tail -n 15 "$work/log"; fi
}
fence() {   # fence LANGUAGE N: the inside of the N-th block of that language
    awk -v open="\`\`\`$1" -v n="$2" '$0 == "```" && on { exit } on { print } $0 == open && ++seen == n { on = 1 }' "$root/README.md"
}
value() { sed -n "s/^#define $1 \"*\([^\"]*\)\"*\$/\1/p" "$root/jacobian.h"; }
run_is_as_printed() { "$1" > "$work/printed" && diff "$work/printed" "$work/expected"; }
in_folder() { folder=$1; shift; (cd "$folder" && "$@"); }

# the first program, in three places
fence c 1 > quickstart.c
fence text 2 > expected
awk '/>>contents/ { exit } />>quickstart/ { on = 1; next } on && /^ \*     / { print substr($0, 8) } on && /^ \*$/ { print "" }' "$root/jacobian.h" |
    awk '/^#include/ { on = 1 } on { print } /^}/ { exit }' > quickstart_header.c
check 'the first program is examples/quickstart.c' cmp quickstart.c "$root/examples/quickstart.c"
check 'the first program is the one of jacobian.h' cmp quickstart.c quickstart_header.c
awk '/>>contents/ { exit } / prints$/ { on = 1; next } on && /^ \*     / { print substr($0, 8) }' "$root/jacobian.h" > expected_header
check 'the output of the first program is the one in jacobian.h' cmp expected expected_header
check 'the first program prints its Jacobian' grep -q dy/dx expected

# plain cc and pkg-config: the lines as they stand, `cc` being the compiler under test, made quick
rm -rf bin plain packaged prefix fetched meson
mkdir -p bin plain packaged fetched meson/third_party
set -- ${CC:-cc}
compiler=$(command -v "$1"); shift
printf '#!/bin/sh\nexec %s "$@" -O0\n' "$compiler $*" > bin/cc
chmod +x bin/cc
PATH=$work/bin:$PATH
cp quickstart.c "$root/jacobian.h" plain
cp quickstart.c packaged
fence sh 1 > lines.sh
check 'plain cc' in_folder plain sh -ec "$(grep -v pkg-config "$work/lines.sh")"
check 'plain cc prints' run_is_as_printed plain/quickstart
check 'make install' make -s -C "$root" install PREFIX="$work/prefix"
if command -v pkg-config >/dev/null; then
    export PKG_CONFIG_PATH="$work/prefix/lib/pkgconfig"
    check 'pkg-config' in_folder packaged sh -ec "$(grep pkg-config "$work/lines.sh")"
    check 'pkg-config prints' run_is_as_printed packaged/quickstart
    check 'pkg-config knows the version' test "$(pkg-config --modversion jacobian)" = "$(value JAC_VERSION)"
else echo 'pkg-config is not installed: its line is not tried'; fi
check 'make uninstall' make -s -C "$root" uninstall PREFIX="$work/prefix"
check 'make uninstall leaves no file' test -z "$(find prefix -type f)"

check 'the version is made of its numbers' \
    test "$(value JAC_VERSION)" = "$(value JAC_VERSION_MAJOR).$(value JAC_VERSION_MINOR).$(value JAC_VERSION_PATCH)"

# the microcontroller's lines and the C++ function
fence c 3 > micro.c
cat >> micro.c <<'END'
static const float W[32 * 32];
static const jac_layer layers[] = { JAC_DENSE(4, 32, W, W), JAC_TANH, JAC_DENSE(32, 32, W, W), JAC_TANH, JAC_DENSE(32, 4, W, W) };
int main(void) { jac_net net; return jac_net_init(&net, 4, layers, 5, memory, sizeof memory) != JAC_OK; }
END
check 'the microcontroller lines' ${CC:-cc} -std=c99 $strict -I"$root" micro.c -o micro -lm
check 'the memory of a 4-32-32-4 net is enough' ./micro
if command -v "${CXX:-c++}" >/dev/null; then
    fence cpp 1 > app.cpp
    printf '#include <cstdio>\nint main() { jac_net net = jac_net(); std::printf("%%d\\n", static_cast<int>(jacobian(net, { 1.0 }).size())); }\n' >> app.cpp
    check 'C++' "${CXX:-c++}" -std=c++11 $strict -Wold-style-cast -I"$root" app.cpp -o app -lm
    check 'C++ runs' test "$(./app)" = 0
else echo 'no C++ compiler is installed: its snippet is not tried'; fi

# CMake and Meson
if command -v cmake >/dev/null; then
    fence cmake 1 > fetched/CMakeLists.txt
    cp quickstart.c fetched
    check 'CMake configures' cmake -S fetched -B fetched/build -DCMAKE_C_COMPILER="$(command -v cc)" -DFETCHCONTENT_SOURCE_DIR_JACOBIAN="$root"
    check 'CMake builds' cmake --build fetched/build
    check 'CMake prints' run_is_as_printed fetched/build/quickstart
else echo 'cmake is not installed: its snippet is not tried'; fi
if command -v meson >/dev/null; then
    fence meson 1 > meson/meson.build
    cp quickstart.c meson
    cp "$root/jacobian.h" meson/third_party
    check 'Meson configures' env CC="${CC:-cc}" meson setup meson/build meson
    check 'Meson builds' meson compile -C meson/build
    check 'Meson prints' run_is_as_printed meson/build/quickstart
else echo 'meson is not installed: its snippet is not tried'; fi

echo "$passed passed, $failed failed"
[ $failed -eq 0 ] && [ $passed -gt 0 ]
