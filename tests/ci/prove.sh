#!/usr/bin/env bash
# prove.sh - Frama-C on the scalar set, double. Eva: no alarm in any call over fixed shapes of nets with any data, see
# tests/prove/eva.c. WP: the functions named below, for all sizes, by the contracts of the header and of tests/prove: no byte read or
# written beside the arrays, nothing else written, every loop ends. Controls, faulty on purpose, must be refused by both.
# SPDX-License-Identifier: MIT
. "$(dirname "$0")/common.sh"
for tool in frama-c why3 z3 cvc4; do have $tool "the proofs" || close; done
LIMIT=900

# header NOTES [SED]: the annotated header, with a fault in it when there is a sed command; it must change something
header() {
    perl tests/prove/annotate.pl "tests/prove/$1.notes" <jacobian.h >"$2" || return
    [ -z "${3-}" ] || { cp "$2" "$2.sound" && sed -i "$3" "$2" && ! cmp -s "$2" "$2.sound"; }
}

frama() { limit frama-c -machdep gcc_x86_64 -kernel-warn-key annot:missing-spec=inactive "$@"; }

# eva EXPECTED NAME INPUTS FROM TO [SED [SHORT]]: the shapes INPUTS x FROM..TO x FROM..TO x 3 ends. The one check that must not
# hold is the end of the harness.
eva() {
    local copy=$OUT/$2.h report=$OUT/$2.eva verdict=refused shapes=$((($5 - $4 + 1) * ($5 - $4 + 1) * 3))
    header eva "$copy" "${6-}" || return
    local shape="-DINPUTS=$3 -DFROM=$4 -DTO=$5 -DSHORT=${7:-0}"
    frama -eva -cpp-extra-args="-DJAC_NO_SIMD -DJAC_SAMPLES=2 -U__GNUC__ $shape" -cpp-extra-args="-DJAC_FILE='\"$copy\"'" \
        -eva-use-spec jac_impl_overlap -eva-alloc-builtin fresh -warn-special-float none -eva-slevel 0 -eva-min-loop-unroll 40 \
        -eva-auto-loop-unroll 200 -eva-no-show-progress -eva-msg-key=-initial-state,-final-states tests/prove/eva.c >"$report" ||
        { tail "$report"; return 1; }
    if grep -q '^  0 alarms generated' "$report" && grep -q 'Assertions .* 0 unknown     1 invalid' "$report" &&
        grep -q "check 'control' got status invalid" "$report"; then verdict=proved; fi
    grep -A 3 'eva:alarm' "$report"
    echo "Eva: $2: $shapes shapes, $verdict" | tee -a "$OUT/figures"
    [ $verdict = "$1" ] || return
    echo "$([ "$1" = proved ] && echo $shapes || echo 1) passed, 0 failed"
}

# wp EXPECTED NAME WHAT [SED]: every goal of WHAT, -wp-fct FUNCTIONS, or those that are PROPERTIES, -wp-prop
wp() {
    local copy=$OUT/$2.h report=$OUT/$2.wp proved=0 goals=0 verdict=refused
    header wp "$copy" "${4-}" || return
    frama -cpp-extra-args="-DJAC_NO_SIMD -U__GNUC__ -DJAC_FILE='\"$copy\"'" -warn-special-float none -wp -wp-rte -rte-no-pointer-call -wp-prover cvc4,z3 \
        -wp-timeout $([ "$1" = proved ] && echo 60 || echo 3) -wp-par 1 $3 tests/prove/wp.c >"$report" 2>&1 || { tail "$report"; return 1; }
    read -r proved goals <<<"$(sed -n 's|^\[wp\] Proved goals: *\([0-9]*\) / \([0-9]*\)$|\1 \2|p' "$report")"
    [ "${goals:-0}" -gt 0 ] || { echo "$2: nothing to prove"; return 1; }
    if [ "$proved" -eq "$goals" ]; then verdict=proved; else grep -A 1 '^\[wp\] \[[FT]' "$report"; fi
    echo "WP: $2: $proved of $goals goals, $verdict" | tee -a "$OUT/figures"
    [ $verdict = "$1" ] || return
    echo "$([ "$1" = proved ] && echo $goals || echo 1) passed, 0 failed"
}

[ -e "$HOME/.why3.conf" ] || why3 config detect >/dev/null 2>&1
# all LIST: the functions, of the scalar set unless they have no set
all() { echo "-wp-fct $(for f in "$@"; do echo -n "jac_impl_${f/%_/_scalar},"; done | sed 's/,$//')"; }
W='WP: goals proved for all sizes'
T='-wp-prop=@requires,@invariant'         # what calls require and loops keep takes half of the time; the other job has all the rest (-@)
in_turn 0 4 "WP: tiles, calls and loops" && job "$W" wp proved tiles_loops "$(all tiles_ add_bias_) $T"
in_turn 0 4 "WP: tiles" && job "$W" wp proved tiles "$(all tiles_ add_bias_) ${T//@/-@}"
in_turn 1 4 "WP: tile" && job "$W" wp proved tile "$(all tile_ term_ fetch_)"
in_turn 1 4 "WP: bands" && job "$W" wp proved bands "$(all bands_ bands_of_ band_)"
in_turn 2 4 "WP: settle" && job "$W" wp proved settle "$(all settle_ span_)"
in_turn 3 4 "WP: dots" && job "$W" wp proved dots "$(all dots_ short_1_ long_1_ each_ rows_ streams_ total_ load_ store_)"
in_turn 2 4 "WP: strips" && job "$W" wp proved strips "$(all place_ strip_ strip_1_ strip_2_ strip_3_ strip_4_ strip_5_)"
job "$W" wp proved sizes "$(all least times bytes)"
job "$W" wp proved kernels "$(all scale_ centre_ centre_of_ nearest_ sizes_ live_ turn turn_rows)"
job "$W" wp proved lemmas '-wp-fct within,before,down,heights,strip_at'
job 'WP: controls refused' wp refused overflow_unchecked "$(all times) -wp-prop=@ensures" '/\*a > JAC_IMPL_CAST(size_t, PTRDIFF_MAX) \/ b/d'
job 'WP: controls refused' wp refused term_too_many "$(all sizes_) -wp-prop=@assert" 's/k < K; k++) sum +=/k <= K; k++) sum +=/'
job 'WP: controls refused' wp refused list_off_by_one "$(all live_) -wp-prop=@assert" 's/list\[K\] = JAC/list[K + 1] = JAC/'
job 'WP: controls refused' wp refused row_too_many "$(all turn) -wp-prop=@assert" 's/jac_impl_least(at, R - T);/at;/'
job 'WP: controls refused' wp refused tile_at_the_edge "$(all place_) -wp-prop=@requires" 's/(V - 1) \* lanes - t->skip/V * lanes - t->skip/'
job 'WP: controls refused' wp refused term_too_far "$(all streams_) -wp-prop=@assert" 's/if (g + s < extra)/if (g + s <= extra)/'
for inputs in 1 2 3; do
    in_turn $((inputs % 3)) 3 "Eva: narrow_$inputs" && job 'Eva: shapes without an alarm' eva proved "narrow_$inputs" $inputs 1 3
done
job 'Eva: shapes without an alarm' eva proved wide 21 13 13
job 'Eva: shapes without an alarm' eva proved classes 2 25 25
job 'Eva: controls refused' eva refused unit_too_far 2 2 2 's/JAC_IMPL_(load)(z + j), &aj/JAC_IMPL_(load)(z + j + 1), \&aj/'
job 'Eva: controls refused' eva refused memory_too_small 2 2 2 's/+ JAC_SAMPLES \* net->n_cache/+ (JAC_SAMPLES - 1) * net->n_cache/'
job 'Eva: controls refused' eva refused J_too_short 2 2 2 '' 1
wait
cat "$OUT/figures"
table
close
