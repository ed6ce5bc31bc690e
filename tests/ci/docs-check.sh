#!/usr/bin/env bash
# docs-check.sh - every public name stands in the header's face, in a table of the README and in a test; functions with the same
# arguments; every link of the README leads somewhere; generated numbers are what their script writes, counts what the
# tests print. Called by `make docs-check`; the last line is `N passed, N failed`, with `, N skipped` where a tool is absent.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/common.sh"
passed=0
failed=0

check() {   # check MESSAGE COMMAND...: does the command succeed?
    message=$1; shift
    if "$@" >/dev/null; then passed=$((passed + 1)); else failed=$((failed + 1)); echo "$message"; fi
}
fails() { ! "$@"; }
word() { grep -qE "(^|-D|[^A-Za-z0-9_])$1([^A-Za-z0-9_]|\$)" "$2"; }

# the header's face, its comments above the include guard, the README's tables, all tests
sed '/You can stop reading here/q' jacobian.h > "$OUT/face"
sed '/^#ifndef JACOBIAN_H/q' jacobian.h > "$OUT/preface"
grep '^|' README.md > "$OUT/tables"
find tests -name '*.c' -o -name '*.cpp' -o -name '*.h' -o -name '*.sh' -o -name '*.py' | grep -v -e '^tests/bench/' -e '/docs-check.sh$' |
    xargs cat Makefile > "$OUT/tests"

# The names, from the header itself: `kind name` a line. JAC_IMPL_... and what follows "private" in a struct are not public,
# JAC_KIND_... are what the layer macros fill in.
awk '
    /^typedef (enum|struct) / { name = $3; kind = $2; print "type", name; inside = 1; next }
    /^}/ { inside = 0 }
    inside && /\/\* private \*\// { inside = 0 }
    inside {
        sub(/\/\*.*/, "")
        if (kind == "struct") { gsub(/[*;,]/, " "); sub(/^ *(const )?[a-z_]+( long)? /, ""); n = split($0, field, " "); for (i = 1; i <= n; i++) print "field", field[i] }
        else if (match($0, /JAC_[A-Z_]+/)) { constant = substr($0, RSTART, RLENGTH); if (constant !~ /^JAC_IMPL|^JAC_STATUSES/) print "constant", constant }
    }
    /^typedef .*\(\*[a-z_]+\)/ { match($0, /\(\*[a-z_]+/); print "type", substr($0, RSTART + 2, RLENGTH - 2) }
    /^typedef double/ { print "type", substr($3, 1, length($3) - 1) }
    /^    X\(JAC_/ { match($0, /JAC_[A-Z_]+/); print "status", substr($0, RSTART, RLENGTH) }
    /^ *#define JAC_/ { match($2, /^[A-Z_0-9]+/); macro = substr($2, 1, RLENGTH); if (macro !~ /^JAC_IMPL|^JAC_STATUSES$/) print "macro", macro }
    /^JAC_API .*jac_[a-z_]+\(/ { match($0, /jac_[a-z_]+\(/); print "function", substr($0, RSTART, RLENGTH - 1) }
' "$OUT/face" > "$OUT/names.all"
# a switch is whatever #if asks for, in the whole header
grep -E '^ *#' jacobian.h | grep -oE '(ifdef|ifndef|defined\() *JAC[A-Z_]+' | grep -oE 'JAC[A-Z_]+' |
    grep -vE '^JAC_IMPL|^JACOBIAN_H$|^JACOBIAN_IMPLEMENTATION_ONCE$' | sed 's/^/switch /' >> "$OUT/names.all"
sort -u "$OUT/names.all" > "$OUT/names"

# enough was found of each kind for the rest to mean something
for least in 'function 12' 'status 12' 'constant 5' 'macro 18' 'field 25' 'type 8' 'switch 9'; do
    set -- $least
    check "only $(grep -c "^$1 " "$OUT/names") names of kind $1 found, not $2: does docs-check still understand the header?" \
        test "$(grep -c "^$1 " "$OUT/names")" -ge "$2"
done

while read -r kind name; do
    check "$kind $name: not in a table of README.md" grep -qE "\`([^\`]*[^A-Za-z0-9_\`])?$name([^A-Za-z0-9_\`][^\`]*)?\`" "$OUT/tables"
    check "$kind $name: in no test" word "$name" "$OUT/tests"
    case $kind in
        function) check "function $name: no comment of its own in the header" grep -qE "^/\* $name -- " "$OUT/face" ;;
        switch) check "switch $name: not in the header's >>config" word "$name" "$OUT/preface" ;;
    esac
done < "$OUT/names"

# each function's arguments are the same in the README as in the header
awk '/^JAC_API .*jac_[a-z_]+\(/ { text = "" ; on = 1 }
     on { text = text " " $0 }
     on && /;/ {
         on = 0
         match(text, /jac_[a-z_]+\(.*\)/); text = substr(text, RSTART, RLENGTH - 1); at = index(text, "(")
         n = split(substr(text, at + 1), argument, ","); call = substr(text, 1, at)
         for (i = 1; i <= n; i++) { match(argument[i], /[A-Za-z_]+$/); call = call (i > 1 ? ", " : "") substr(argument[i], RSTART) }
         print call ")"
     }' "$OUT/face" > "$OUT/calls"
while read -r call; do
    check "README.md has no row for $call" grep -qF "| \`$call\` |" "$OUT/tables"
done < "$OUT/calls"

# so are the defaults
for macro in JAC_ROWS JAC_SAMPLES JAC_VERSION; do
    value=$(sed -n "s/^#define $macro //p" jacobian.h)
    check "README.md does not give $macro as $value" grep -qE "\`$macro\`( \|)? $value" "$OUT/tables"
done

# links, and places kept free for a figure
for link in $(grep -oE '\]\([^)#]+\)' README.md | sed 's/^](//; s/)$//' | sort -u); do
    check "README.md links to $link, which is not there" test -e "$link"
done
check "README.md: a figure is missing: $(grep -oE '@[A-Z_]+(:[a-z]+)?@' README.md | tr '\n' ' ')" fails grep -qE '@[A-Z_]+(:[a-z]+)?@' README.md
check "jacobian.h: a figure is missing: $(grep -oE '@[A-Z_]+@' jacobian.h)" fails grep -qE '@[A-Z_]+@' jacobian.h

# counts that the README gives are those that the tests print
tests=${BUILD:-build}/tests
make -s "$tests/test_errors_scalar" "$tests/test_accuracy_scalar" >/dev/null
calls=$(thousands "$("$tests/test_errors_scalar" | sed -n 's/ bad calls$//p')")
nets=$("$tests/test_accuracy_scalar" | awk '/ over [0-9]+ nets$/ { sum += $(NF - 1) } END { print sum }')
check "README.md does not speak of '$calls bad calls'" grep -qE "[^0-9,]$calls bad calls" README.md
check "README.md does not speak of '$nets nets'" grep -qE "whole J of $nets nets" README.md

# the exact values of the tests, and GELU's table in the header: make_references.py and make_golden.py write the same again
if find_python mpmath; then
    cp tests/make_references.py "$OUT"
    "$python" "$OUT/make_references.py" && "$python" "$OUT/make_references.py" --mills > "$OUT/mills"
    for name in activations softmax nets; do
        check "tests/references_$name.h is not what make_references.py writes" cmp -s "$OUT/references_$name.h" "tests/references_$name.h"
    done
    "$python" tests/make_golden.py "$OUT"
    for name in digits notebook; do
        check "tests/golden_$name.h is not what make_golden.py writes" cmp -s "$OUT/golden_$name.h" "tests/golden_$name.h"
    done
    sed -n '/ jac_impl_mills\[/,/^};/p' jacobian.h | grep JAC_IMPL_ROW > "$OUT/table"
    check "jac_impl_mills is not what make_references.py --mills prints" cmp -s "$OUT/mills" "$OUT/table"
    sed '$s/1/2/' "$OUT/table" > "$OUT/other"
    check "jac_impl_mills may end in another number" fails cmp -s "$OUT/mills" "$OUT/other"
else
    echo "no python3 with mpmath: exact values skipped"
    skipped=$((skipped + 1))
fi

# and a name that does not exist must be missed in all three places
for place in face tables tests; do check "jac_no_such_name was found in the $place" fails word jac_no_such_name "$OUT/$place"; done

printf 'docs\t%d\t%d\t0\n' "$passed" "$failed" >> "$OUT/results"
close
