# coverage.py EXPORT HEADER FAILED - judge what llvm-cov exported: both sides of every branch of the header taken, and every condition of
# a decision seen to decide it alone (MC/DC). What is not and is not excused below is listed and added to FAILED.
# SPDX-License-Identifier: MIT
import json
import re
import sys

EXCUSED = {     # function, how the source of the branch or decision begins: the reason. At most three.
    ('jac_impl_describe', '64.0 * (8.0 + JAC_SAMPLES + JAC_ROWS)'): 'with 64 bits only 11 million layers are too many; with 32 bits it is reached',
}


def text(lines, place):
    line, column, last_line, last_column = place
    if line == last_line:
        return lines[line - 1][column - 1:last_column - 1]
    return lines[line - 1][column - 1:] + ' ...'


def main(export, header, failed):
    lines = open(header).read().splitlines()
    branches, decisions = {}, {}        # (function, file or macro, place) -> what was seen, over all builds and vector sets
    for function in json.load(open(export))['data'][0]['functions']:
        name = re.sub(r'_(scalar|sse2|avx2|avx512)$', '', re.sub('_f32$', '', function['name'].split(':')[-1]))
        if not function['filenames'][0].endswith(header):
            continue
        for *place, true, false, file, _, _ in function['branches']:
            seen = branches.setdefault((name, file, tuple(place)), [False, False])
            seen[0] |= true > 0
            seen[1] |= false > 0
        for *place, file, _, conditions in function['mcdc_records']:
            seen = decisions.setdefault((name, file, tuple(place)), [False] * len(conditions))
            seen[:] = [a or b for a, b in zip(seen, conditions)]

    failed, excused = int(failed), set()
    for kind, found, words in (('branches', branches, ('true', 'false')), ('conditions', decisions, None)):
        total, missed = sum(map(len, found.values())), 0
        for (name, _, place), seen in sorted(found.items(), key=lambda item: item[0][2]):
            if all(seen):
                continue
            source = text(lines, place)
            missed += seen.count(False)
            excuse = [(of, begin) for of, begin in EXCUSED if of == name and source.startswith(begin)]
            if excuse:
                excused.update(excuse)
                continue
            failed += seen.count(False)
            never = [words[k] if words else f'condition {k + 1}' for k, one in enumerate(seen) if not one]
            print(f'{header}:{place[0]}:{place[1]}: {name}: {source}: never {" and ".join(never)}{"" if words else " alone"}')
        print(f'{kind}: {total - missed} of {total}, {100 * (total - missed) / max(total, 1):.2f} %')
    for (name, source), reason in EXCUSED.items():
        print(f'excused: {name}: {source}: {reason}' if (name, source) in excused else f'no longer missed: {name}: {source}')
    failed += len(EXCUSED) - len(excused) + (len(EXCUSED) > 3)
    passed = sum(map(len, branches.values())) + sum(map(len, decisions.values())) - failed
    print(f'{passed} passed, {failed} failed')
    return failed > 0


sys.exit(main(*sys.argv[1:]))
