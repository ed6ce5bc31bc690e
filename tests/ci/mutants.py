# mutants.py - plant small faults in jacobian.h, one at a time, and see whether the tests find them.
#
#   mutants.py [SAMPLE [SEED [PATTERN]]]     SAMPLE faults (0: all) chosen by SEED, in functions whose name matches PATTERN
#
# What SEED chooses depends on the lines themselves, so that a change elsewhere in the header leaves the other faults as they were.
#
# A fault: an operator, a number or a comparison exchanged, a condition negated, a statement or a `!` removed, in the code and not in
# comments, strings or directives. The tests run, first few trials, then all, in every build that contains the line, until one fails,
# crashes or takes too long. What no test finds in any build is a survivor. What EQUIVALENT says that no test can find is tried by
# tcc alone. Both are listed.
# SPDX-License-Identifier: MIT
import concurrent.futures
import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
import threading

EQUIVALENT = [  # function, part of the line, what the change brings into it ('' is any change): why no test can tell
    ('jac_impl_random', 'h', '', 'other random numbers, as good'),
    ('jac_impl_check_draw', 'u < 0.5', '', 'another random direction'),
    ('jac_impl_check_shake', 'SHAKE', 'v - JAC', 'another random error'),
    ('jac_impl_check_shake', 'SHAKE', 'size / jac', 'another random error'),
    ('jac_impl_check_noise_F', '8 : 2', '9 : 2', 'a factor of safety'),
    ('jac_impl_check_noise_F', '8 : 2', '7 : 2', 'a factor of safety'),
    ('jac_impl_check_noise_F', '8 : 2', '8 : 3', 'a factor of safety'),
    ('jac_impl_check_noise_F', '8 : 2', '8 : 1', 'a factor of safety'),
    ('jac_impl_check_elementwise', 'z <= 0', 'z < 0', 'both sides are the same at 0'),
    ('jac_impl_check_elementwise', 'z > 0', 'z >= 0', 'both sides are the same at 0'),
    ('jac_impl_check_softmax', 'if (a[k] > a[m])', '>=', 'either of two equal ones'),
    ('jac_impl_check_softmax', 'k = 1;', 'k = 0;', 'is not larger than itself'),
    ('jac_impl_check_evaluate', 'o = 1;', 'o = 0;', 'is not larger than itself'),
    ('jac_impl_check_evaluate', 'p->z[o] > p->z[c->m]', '>=', 'either of two equal ones'),
    ('jac_impl_check_side', 'c->doubt', '', 'another fingerprint'),
    ('jac_impl_check_evaluate', 'c->doubt = 0', 'c->doubt = 1', 'another fingerprint'),
    ('jac_impl_check_evaluate', 'i < c->N', '<=', 'a number more in scratch, never read'),
    ('jac_impl_check_evaluate', 'o < c->O', '<=', 'a number more in scratch, never read'),
    ('jac_impl_check_net_at', 'j < n', '<=', 'a number more in scratch, never read'),
    ('jac_impl_check_softmax', 'k < n', '<=', 'a number more in scratch, never read'),
    ('jac_impl_check_net_at', 'o < c->O', '<=', 'a number more in scratch, never read'),
    ('jac_impl_check_net_at', 'fabs(a[j])', 'j > n', 'a factor of safety'),
    ('jac_impl_check_net_at', 'fabs(a[j])', '++) ;', 'a factor of safety'),
    ('jac_impl_check_net_at', '8 * depth', '9 *', 'a factor of safety'),
    ('jac_impl_check_net_at', '8 * depth', '7 *', 'a factor of safety'),
    ('jac_impl_check_net_at', 'depth += 1', 'depth += 2', 'a factor of safety'),
    ('jac_impl_check_net_at', 'depth = 0', 'depth = 1', 'a factor of safety'),
    ('jac_impl_check_noise', '+ 2 * c->view', '+ 3 *', 'a factor of safety'),
    ('jac_impl_check_noise', '+ 2 * c->view', '+ 1 *', 'a factor of safety'),
    ('jac_impl_check_rounding', '4 * fabs', '5 * fabs', 'a factor of safety'),
    ('jac_impl_check_rounding', '4 * fabs', '3 * fabs', 'a factor of safety'),
    ('jac_impl_check_row', 'r.noise =', '(2 + c', 'a factor of safety'),
    ('jac_impl_check_row', 'r.noise =', '(1 - c', 'a factor of safety'),
    ('jac_impl_check_row', 'r.noise =', 'MIN * r', 'a factor of safety'),
    ('jac_impl_check_row', 'r.gap =', '3 * fabs', 'a factor of safety'),
    ('jac_impl_check_row', 'r.gap =', '1 * fabs', 'a factor of safety'),
    ('jac_impl_check_judge', '4 * change', '5 * change', 'a factor of safety'),
    ('jac_impl_check_judge', '4 * change', '3 * change', 'a factor of safety'),
    ('jac_impl_check_judge', '12 * r.noise_F', '13 *', 'a factor of safety'),
    ('jac_impl_check_judge', '12 * r.noise_F', '11 *', 'a factor of safety'),
    ('jac_impl_check_judge', '12 * r.noise_F', '12 / r', 'a factor of safety'),
    ('jac_impl_check_judge', 'D > allowed', 'D >= allowed', 'equal to rounding: chance'),
    ('jac_impl_check_judge', 'change <= ', 'change < ', 'equal to rounding: chance'),
    ('jac_impl_check_judge', 'D <= allowed', 'D < allowed', 'equal to rounding: chance'),
    ('jac_impl_check_along', 'c->t /= 4', '/= 5', 'steps a little longer or shorter'),
    ('jac_impl_check_along', 'c->t /= 4', '/= 3', 'steps a little longer or shorter'),
    ('jac_impl_check_along', 'tries < ', 'tries <= ', 'one step more'),
    ('jac_impl_check_along', '2 * c->t', '3 * c->t', 'in another unit, on both sides'),
    ('jac_impl_check_along', '2 * c->t', '1 * c->t', 'in another unit, on both sides'),
    ('jac_impl_check_along', 'first = 0', 'first = 1', 'set before it is read'),
    ('jac_impl_check_along', 'drowned = 1', '>= visible', 'equal to rounding: chance'),
    ('jac_impl_check_along', 'drowned = 1', '< visible', 'equal to rounding: chance'),
    ('jac_impl_check_record', 'excess > v->excess', '>=', 'either of two equal ones'),
    ('jac_impl_check_weight', 'tolerance >=', 'tolerance > JAC', 'equal to rounding: chance'),
    ('jac_impl_check_verdict', 'excess <= visible', 'excess < visible', 'equal to rounding: chance'),
    ('jac_impl_check_verdict', 'noise <= visible', 'noise < visible', 'equal to rounding: chance'),
    ('jac_impl_check_others', '1 - ', '1 + ', 'in another unit, on both sides'),
    ('jac_impl_check_measure_rounding', '4 * c->eps', '5 * c', 'a little nearer or farther'),
    ('jac_impl_check_measure_rounding', '4 * c->eps', '3 * c', 'a little nearer or farther'),
    ('jac_impl_check_measure_rounding', 't *= 4', 't *= 3', 'a little nearer or farther'),
    ('jac_impl_check_measure_rounding', 't *= 4', 't *= 5', 'a little nearer or farther'),
    ('jac_impl_check_measure_rounding', 't < c->step', 't <= c', 'a little nearer or farther'),
    ('jac_impl_check_measure_rounding', '40 * t * t', '39', 'a little nearer or farther'),
    ('jac_impl_check_measure_rounding', '40 * t * t', '41', 'a little nearer or farther'),
    ('jac_impl_check_measure_rounding', '40 * t * t', '>=', 'a little nearer or farther'),
    ('jac_impl_check_measure_rounding', 'directions = 3', '', 'a direction more or less'),
    ('jac_impl_check_measure_rounding', 'turn < directions', 'turn <= directions', 'a direction more or less'),
    ('jac_impl_check_measure_rounding', 'near_x ? 1 : 2', ': 3', 'any number above 1'),
    ('jac_impl_check_measure_rounding', 'z = 2 * z', '3 * z', 'a factor of safety'),
    ('jac_impl_check_measure_rounding', 'z = 2 * z', '1 * z', 'a factor of safety'),
    ('jac_impl_check_measure_rounding', 'turn % directions', '', 'another random direction'),
    ('jac_impl_check_measure_shaken', 'largest(', '65 *', 'a factor of safety'),
    ('jac_impl_check_measure_shaken', 'largest(', '63 *', 'a factor of safety'),
    ('jac_impl_check_measure_shaken', 'largest(', '3 * fabs', 'a factor of safety'),
    ('jac_impl_check_measure_shaken', 'largest(', '1 * fabs', 'a factor of safety'),
    ('jac_impl_check_measure_shaken', 'largest(', '9 * fabs', 'a factor of safety'),
    ('jac_impl_check_measure_shaken', 'largest(', '7 * fabs', 'a factor of safety'),
    ('jac_impl_check_measure_shaken', 'continue', '>= 0', 'a quotient by 0 is not the largest'),
    ('jac_impl_check_measure_rounding', 'y += weight * z', '-=', 'another random direction'),
    ('jac_impl_check_measure_shaken', 'c->N + 3', '<=', 'a direction more or less'),
    ('jac_impl_check_measure_shaken', 'c->N + 3', '+ 4', 'a direction more or less'),
    ('jac_impl_check_measure_shaken', 'c->N + 3', '+ 2', 'a direction more or less'),
    ('jac_impl_check_run', 'jac_impl_random', 'seed, 1', 'other random numbers, as good'),
    ('jac_impl_check_run', 'i < N', '<=', 'no column is left'),
    ('jac_impl_check_run', 'int passes', ' < ', 'equal to rounding: chance'),
    ('jac_impl_check_run', 'columns < N ?', '<=', 'the same number either way'),
    ('jac_impl_check_run', 'jac_impl_random', '<=', 'equal: chance of 2^-32'),
    ('jac_impl_check_bytes', 'units = 0', 'units = 1', 'a byte more than needed'),
    ('jac_impl_check_bytes', '(5 * n + 2 * widest)', '6 * n', 'more memory than needed'),
    ('jac_impl_check_bytes', '(5 * n + 2 * widest)', '3 * widest', 'more memory than needed'),
    ('jac_impl_check_bytes', '(5 * n + 2 * widest)', '+ 8)', 'more memory than needed'),
    ('jac_impl_check_bytes', '(5 * n + 2 * widest)', '+ 7) * 8', 'more memory than needed'),
    ('jac_impl_check_bytes', '(5 * n + 2 * widest)', '/ 7', 'more memory than needed'),
    ('jac_impl_check_reals', 'return 3', 'return 4', 'more memory than needed'),
    ('jac_check_size', '4 * n_out', '5 *', 'more memory than needed'),
    ('jac_check_size', 'return 7', 'return 8', 'a byte more than needed'),
    ('jac_impl_largest', 'v > w', '>=', 'either of two equal ones'),
    ('jac_impl_sum', 'n - j >= 8', '', 'the last eight one by one: rounding'),
    ('jac_impl_sum', 'JAC_IMPL_CHUNK', '', 'other sizes of blocks: rounding and speed'),
    ('jac_impl_sum', 'JAC_IMPL_STEPS', '', 'other sizes of blocks: rounding and speed'),
    ('jac_impl_sum', 'JAC_IMPL_NEAR', '', 'other sizes of blocks: speed'),
    ('jac_impl_sum', 'jac_impl_last[16]', '[17]', 'a number more than needed'),
    ('jac_impl_sum', 'jac_impl_last[16]', '[15]', 'the last one is never read'),
    ('jac_impl_sum', 'jac_impl_last[16]', '1, 0', 'keeps a bit of both factors: a denormal times a denormal is 0'),
    ('JAC_IMPL_(settle)', 'c_n == 1', '', 'the way for any c_n is as right: speed'),
    ('JAC_IMPL_(settle)', 'from > 0', '> 1', 'from is a multiple of 256'),
    ('JAC_IMPL_(settle)', 'skip > l', '>=', 'the same when they are equal'),
    ('JAC_IMPL_(settle)', 'if (c_n > 1)', 'c_n > 2', 'one by one: speed'),
    ('JAC_IMPL_(settle)', 'if (c_n > 1)', 'c_n < 1', 'one by one: speed'),
    ('JAC_IMPL_(settle)', 'l = 0; l < to', 'l <= to', 'a square more, of which nothing is stored'),
    ('JAC_IMPL_(transpose)', 'l < lanes', 'l <= lanes', 'never below the last column'),
    ('JAC_IMPL_(fetch)', '', '', 'fetches ahead: speed'),
    ('JAC_IMPL_(tile)', 'beyond =', '', 'fetches ahead: speed'),
    ('JAC_IMPL_(tile)', 'JAC_IMPL_(fetch)', '', 'fetches ahead: speed'),
    ('JAC_IMPL_(tile)', 'const size_t later =', '', 'fetches ahead: speed'),
    ('JAC_IMPL_(tile)', '!a_list && !b_list', 'M == 0', 'looked up all the same: speed'),
    ('JAC_IMPL_(single_of)', 'V = 4', '', 'how many at a time: speed'),
    ('JAC_IMPL_(single_of)', '[4]', '[5]', 'more room than needed'),
    ('JAC_IMPL_(single_of)', 'N - n >= V', 'N - n > V', 'one by one: speed'),
    ('JAC_IMPL_(single)', 'const sum = ', '+ 1) / lanes', 'a little farther apart'),
    ('JAC_IMPL_(single)', 'end - k >= 4', '> 4', 'one by one: speed'),
    ('JAC_IMPL_(single)', 'end - k >= 4', '>= 5', 'one by one: speed'),
    ('JAC_IMPL_(tiles)', 'p->beyond && 2 * p->M <= p->room', 'c_n == 2', 'a tile does it in the same order: speed'),
    ('JAC_IMPL_(tiles)', 'p->beyond && 2 * p->M <= p->room', 'M == 0', 'a tile does it in the same order: speed'),
    ('JAC_IMPL_(tiles)', 'const size_t high', '2 / JAC', 'how high strips are: speed'),
    ('JAC_IMPL_(tiles)', 'const size_t high', 'four ? 5', 'how high strips are: speed'),
    ('JAC_IMPL_(tiles)', 'const size_t high', 'four ? 3', 'how high strips are: speed'),
    ('JAC_IMPL_(tiles)', 'const int four', '', 'how high strips are: speed'),
    ('JAC_IMPL_(tiles)', 'if (p->M > 1)', 'M >= 1', 'walked for one row, too'),
    ('JAC_IMPL_(tiles)', 'if (p->M > 1)', 'M > 0', 'walked for one row, too'),
    ('JAC_IMPL_(tiles)', 'p->beyond && p->K > 0', '', 'fetches ahead: speed'),
    ('JAC_IMPL_(tiles)', 'const size_t count', 'p->M < 0', 'one strip is as high as C, counted or not'),
    ('JAC_IMPL_(tiles)', 'const size_t count', 'p->M > 1', 'one strip is as high as C, counted or not'),
    ('JAC_IMPL_(tiles)', 'p->beyond && 2 * p->M <= p->room', 'N > JAC', 'a tile does it in the same order: speed'),
    ('JAC_IMPL_(tiles)', 'const size_t count', 'high - 0', 'a strip more: speed'),
    ('JAC_IMPL_(tiles)', 'const int turned', '', 'how high strips are, within what there is: speed'),
    ('JAC_IMPL_(tiles)', 'enum { turned = 0 }', '', 'how high strips are, within what there is: speed'),
    ('JAC_IMPL_(tiles)', 'const size_t count', 'p->M >= 0', 'no rows, no strips, counted or not'),
    ('JAC_IMPL_(tiles)', 'p->beyond && 2 * p->M <= p->room', 'c_n == 0', 'a tile does it in the same order: speed'),
    ('JAC_IMPL_(tiles)', 'const size_t count', 'p->M < high', 'the same when they are equal'),
    ('JAC_IMPL_(tiles)', 'M = jac_impl_least(p->M - m', 'low - (', 'how high strips are: speed'),
    ('JAC_IMPL_(tiles)', 'M = jac_impl_least(p->M - m', '(low + 0)', 'how high strips are: speed'),
    ('JAC_IMPL_(bands)', 'lanes > 1', 'lanes >= 1', 'another order, as good'),
    ('JAC_IMPL_(bands)', 'lanes > 1', 'lanes > 2', 'another order, as good'),
    ('JAC_IMPL_(bands)', 'lanes > 1', 'lanes > 0', 'another order, as good'),
    ('JAC_IMPL_(bands)', 'lanes > 1', 'lanes < 1', 'another order, as good'),
    ('JAC_IMPL_(bands_of)', 'of_one', '', '5 to 8 terms at a time: another order, as good'),
    ('JAC_IMPL_(bands_of)', 'to - k >= T', '> T', 'two by two: as good an order'),
    ('JAC_IMPL_(bands)', 'JAC_IMPL_BLOCK', '>=', 'another order, as good'),
    ('JAC_IMPL_(bands)', 'm < p->M', '<=', 'a row more in scratch, never read; WP refuses it'),
    ('JAC_IMPL_(bands_of)', 'to - k >= 2', '> 2', 'one by one: as good an order'),
    ('jac_impl_pull', 'R > JAC_IMPL_APART', 'R >= JAC_IMPL_APART', 'turned or not: speed'),
    ('jac_impl_pull', 'R > JAC_IMPL_APART', 'R < JAC_IMPL_APART', 'turned or not: speed'),
    ('JAC_IMPL_(strip)', 'vectors > V', 'vectors >= V', 'the same when they are equal'),
    ('JAC_IMPL_(strip)', 'const size_t whole', '/ V / V', 'narrower tiles: speed'),
    ('JAC_IMPL_(strip)', 'v < whole', 'v > whole', 'narrower tiles: speed'),
    ('JAC_IMPL_(strip)', 'vectors == 4 ? 0', '', 'other tiles: speed'),
    ('JAC_IMPL_(strip)', '(M, 4,', '', 'other tiles: speed'),
    ('JAC_IMPL_(strip)', '(M, 2,', '', 'other tiles: speed'),
    ('JAC_IMPL_(strip)', 'JAC_IMPL_STRIP(', '', 'other tiles: speed'),
    ('JAC_IMPL_(rows)', 'G > 4', '5', 'G is 1, 2, 4 or 8'),
    ('JAC_IMPL_(rows)', 'G > 2', '3', 'G is 1, 2, 4 or 8'),
    ('JAC_IMPL_(rows)', 'G > 4', '<= 4', 'a sum more, which is not used'),
    ('JAC_IMPL_(rows)', 'const size_t some', '>=', 'the same when they are equal'),
    ('JAC_IMPL_(rows)', 'JAC_IMPL_REGISTERS / 2', '', 'all streams at once or half of them, in the same order: speed'),
    ('JAC_IMPL_(rows)', 'while (S > 1', 'S >= 1', 'one stream ends where the row does'),
    ('JAC_IMPL_(streams)', 'JAC_IMPL_PREFETCH', '', 'fetches ahead: speed'),
    ('JAC_IMPL_(streams)', 'JAC_IMPL_KEEP', '', 'in a register or not: speed'),
    ('JAC_IMPL_(strip)', 'vectors >= 3 * V', 'M >= 3', 'packed or not, in the same order: speed'),
    ('JAC_IMPL_(strip)', 'vectors >= 3 * V', 'M < 3', 'packed or not, in the same order: speed'),
    ('JAC_IMPL_(strip)', 'vectors >= 3 * V', 'M > 4', 'packed or not, in the same order: speed'),
    ('JAC_IMPL_(strip)', 'vectors >= 3 * V', 'M > 2', 'packed or not, in the same order: speed'),
    ('JAC_IMPL_(strip)', 'vectors >= 3 * V', 'vectors > 3', 'packed or not, in the same order: speed'),
    ('JAC_IMPL_(strip)', 'vectors >= 3 * V', '>= 4 *', 'packed or not, in the same order: speed'),
    ('JAC_IMPL_(strip)', 'vectors >= 3 * V', '>= 2 *', 'packed or not, in the same order: speed'),
    ('JAC_IMPL_(act_1)', 'alpha * less_1', '>=', 'the same at 0'),
    ('JAC_IMPL_(act_1)', 'one, e) /', 'v > zero', 'the same at 0'),
    ('JAC_IMPL_(act_1)', 'JAC_IMPL_(log_1)(e)', '>=', 'the same at 0'),
    ('JAC_IMPL_(act_1)', 'most = ', 'v <= -most', 'the same there'),
    ('JAC_IMPL_(act_1)', 'most = ', 'v >= most', 'the same there'),
    ('JAC_IMPL_(act_1)', 'PICK(v < zero, w, zero)', '<=', 'of no use at 0'),
    ('JAC_IMPL_(act_1)', 'c * h / (one + e) * h)', 'v > zero', 'the same at 0'),
    ('JAC_IMPL_(act_1)', 'PICK(v <= zero, zero, v)', 'PICK(v < zero', 'the same at 0'),
    ('JAC_IMPL_(act_1)', 'PICK(v > zero, v, alpha * v)', '>=', 'the same at 0'),
    ('JAC_IMPL_(act_1)', 'PICK(v > zero, zero, v)', '>=', 'the same at 0'),
    ('JAC_IMPL_(act_1)', 'PICK(c < zero, c, -c)', '<=', 'the same at 0'),
    ('JAC_IMPL_(act_1)', 'most = ', '1499', 'e is 0 there already'),
    ('JAC_IMPL_(act_1)', 'most = ', '1501', 'e is 0 there already'),
    ('JAC_IMPL_(dots)', 'JAC_IMPL_CLOSE', '', 'together or one after the other, in the same order: speed'),
    ('JAC_IMPL_(dots_of)', 'at < N', 'at <= N', 'the last group again, and nothing of it kept'),
    ('JAC_IMPL_(dots_of)', 'together = JAC_IMPL_TOGETHER', 'S < 1', 'together or pair by pair, in the same order: speed'),
    ('JAC_IMPL_(dots_of)', 'together = JAC_IMPL_TOGETHER', 'S >= 1', 'together or pair by pair, in the same order: speed'),
    ('JAC_IMPL_(dots_of)', 'together = JAC_IMPL_TOGETHER', 'S > 0', 'together or pair by pair, in the same order: speed'),
    ('JAC_IMPL_(dots_of)', 'together = JAC_IMPL_TOGETHER', 'S > 2', 'together or pair by pair, in the same order: speed'),
    ('JAC_IMPL_(dots_of)', 'together = JAC_IMPL_TOGETHER', '||', 'together or pair by pair, in the same order: speed'),
    ('JAC_IMPL_(dots_of)', 'together = JAC_IMPL_TOGETHER', 'K < ', 'together or pair by pair, in the same order: speed'),
    ('JAC_IMPL_(dots_of)', 'together = JAC_IMPL_TOGETHER', 'K >= ', 'together or pair by pair, in the same order: speed'),
    ('JAC_IMPL_(dots_of)', 'together = JAC_IMPL_TOGETHER', 'CLOSE *', 'together or pair by pair, in the same order: speed'),
    ('JAC_IMPL_(dots_of)', 'together = JAC_IMPL_TOGETHER', ') * lanes', 'together or pair by pair, in the same order: speed'),
    ('JAC_IMPL_(dots_of)', 'together = JAC_IMPL_TOGETHER', ') ;', 'together or pair by pair, in the same order: speed'),
    ('JAC_IMPL_(dots_of)', 'i < together * lanes; i++) v[i]', 'S >= 1', 'one stream does not read it'),
    ('JAC_IMPL_(dots_of)', 'i < together * lanes; i++) v[i]', 'S > 0', 'one stream does not read it'),
    ('JAC_IMPL_(dots_of)', 'while (S > 1', 'm <= stop', 'the last samples again; where there is no room make sanitize finds it'),
    ('JAC_IMPL_(dots_of)', 'some = S > 1', 'some = S < 1 ?', 'in one go or in several, in the same order: speed'),
    ('JAC_IMPL_(dots_of)', 'some = S > 1', 'some = S >= 1 ?', 'in one go or in several, in the same order: speed'),
    ('JAC_IMPL_(dots_of)', 'some = S > 1', 'some = S > 0 ?', 'in one go or in several, in the same order: speed'),
    ('JAC_IMPL_(dots_of)', 'some = S > 1', 'some = S > 2 ?', 'in one go or in several, in the same order: speed'),
    ('JAC_IMPL_(group)', 'if (S > 1) sum[', 'if (S >= 1)', 'one stream writes it before it reads it'),
    ('JAC_IMPL_(group)', 'if (S > 1) sum[', 'if (S > 0)', 'one stream writes it before it reads it'),
    ('JAC_IMPL_(group)', 'else sum[i * Q + q] = JAC_IMPL_SPLAT(0)', '', 'one stream writes it before it reads it'),
    ('JAC_IMPL_(group)', 'T < lanes && t < first', 'T <= lanes', 'where T is lanes, t and first are 0'),
    ('JAC_IMPL_(group)', 'T < lanes && t < first', 'T > lanes', 'more than is kept: speed'),
    ('JAC_IMPL_(group)', 'T < lanes && t < first', 'ldx, 1,', 'fetches ahead: speed'),
    ('JAC_IMPL_(dots_of)', 'while (S > 1', 'S >= 1', 'one stream ends where the row does'),
    ('JAC_IMPL_(dots_of)', 'while (S > 1', 'S > 0', 'one stream ends where the row does'),
    ('JAC_IMPL_(dots_of)', 'while (Q > 1', 'Q >= 1', 'one row is no loop'),
    ('JAC_IMPL_(dots_of)', 'while (Q > 1', 'Q > 0', 'one row is no loop'),
    ('JAC_IMPL_(dots_of)', 'while (Q > 1', 'start <= count', 'the last samples again'),
    ('JAC_IMPL_(dots)', 'is_short = ', '', 'another order, as good'),
    ('JAC_IMPL_(centre)', 'NARROWER', 'n <= ', 'by the narrower set: speed'),
    ('JAC_IMPL_(dots)', '(is_short &&', '(is_short ||', 'by the narrower set: speed'),
    ('JAC_IMPL_(dots)', '(is_short &&', 'p->N <= ', 'by the narrower set: speed'),
    ('JAC_IMPL_(dots)', 'JAC_IMPL_SHARE &&', 'p->K < (', 'which samples share: speed'),
    ('JAC_IMPL_(dots)', 'JAC_IMPL_SHARE &&', 'p->K >= (', 'which samples share: speed'),
    ('JAC_IMPL_(dots)', 'JAC_IMPL_SHARE &&', 'SHORT <= ', 'which samples share: speed'),
    ('JAC_IMPL_(dots)', 'JAC_IMPL_SHARE &&', 'SHORT > ', 'which samples share: speed'),
    ('JAC_IMPL_(dots)', 'JAC_IMPL_SHARE &&', '? 4 / ', 'which samples share: speed'),
    ('JAC_IMPL_(dots)', 'JAC_IMPL_SHARE &&', ': 1)', 'which samples share: speed'),
    ('JAC_IMPL_(dots)', 'JAC_IMPL_SHARE &&', '> JAC_IMPL_SHARE', 'samples that do not share: speed'),
    ('JAC_IMPL_(dots)', 'JAC_IMPL_SHARE &&', 'p->N > ', 'samples that do not share: speed'),
    ('JAC_IMPL_(dots)', 'JAC_IMPL_SHARE &&', '? 3 *', 'which samples share: speed'),
    ('JAC_IMPL_(dots)', 'JAC_IMPL_SHARE &&', '? 5 *', 'which samples share: speed'),
    ('JAC_IMPL_(each)', 'ahead = ', '', 'fetches ahead: speed'),
    ('JAC_IMPL_(each)', 'last = ', 'N <= T', 'the same when they are equal'),
    ('JAC_IMPL_(each)', 'last = ', '? 1 :', 'one group starts at 0'),
    ('JAC_IMPL_(each)', 'T > 1 ?', '', 'the same for one row: speed'),
    ('JAC_IMPL_(each)', 'JAC_IMPL_(rows)', 'x, 1', 'there is one sample'),
    ('JAC_IMPL_(exp)', 'JAC_IMPL_REAL(-0.7)', '>=', 'either way at one number'),
    ('JAC_IMPL_(exp)', 'x == 0', 'x == 1', 'a shortcut: speed'),
    ('JAC_IMPL_(exp)', 'JAC_IMPL_REAL(-0.7)', '-1.04', 'either way is as good there'),
    ('JAC_IMPL_(exp)', 'x < least', '<=', 'the same there'),
    ('JAC_IMPL_(exp)', 'off > half', '>=', 'a tie: either whole number'),
    ('JAC_IMPL_(exp)', 'off > half', '<=', 'a tie: either whole number'),
    ('JAC_IMPL_(exp)', 'i = JAC_IMPL_TERMS - 1', '- 0', 'a term too small to be seen'),
    ('JAC_IMPL_(log_1)', 'terms =', '8 :', 'a term too small to be seen'),
    ('JAC_IMPL_(log_1)', 'terms =', ': 17', 'a term too small to be seen'),
    ('JAC_IMPL_(log_1)', 'terms =', '? 6', 'a term too small to be seen'),
    ('JAC_IMPL_(log_1)', 'terms =', ': 15', 'a term too small to be seen'),
    ('JAC_IMPL_(log_1)', 'c = JAC_IMPL_SPLAT', 'SPLAT(1)', 'a term too small to be seen'),
    ('JAC_IMPL_(square_rest)', '? 4097', '? 4098', 'splits as well'),
    ('JAC_IMPL_(square_rest)', '? 4097', '? 4096', 'splits as well'),
    ('JAC_IMPL_(act_1)', 'SPLAT(40)', 'SPLAT(39)', 'the same beyond 39'),
    ('JAC_IMPL_(act_1)', 'SPLAT(40)', 'SPLAT(41)', 'the same beyond 40'),
    ('JAC_IMPL_(act_1)', 'SPLAT(40)', 'minus <= -most', 'the same at 40'),
    ('JAC_IMPL_(act_1)', 'jac_vec c[4]', 'c[5]', 'an array may be longer than what is used'),
    ('JAC_IMPL_(act_1)', '? 8 : 13', '? 7', 'a term too small to be seen'),
    ('JAC_IMPL_(act_1)', '? 8 : 13', '? 9', 'a term more than needed'),
    ('JAC_IMPL_(act_1)', '-below, v - below', 'v <= zero', 'the same at 0'),
    ('JAC_IMPL_(act_1)', '-slope, one + slope', 'v <= zero', 'the same at 0'),
    ('JAC_IMPL_(act_n)', 'at < n', '<=', 'the last vector twice: speed'),
    ('JAC_IMPL_(scale)', 'n - j >= JAC_IMPL_LANES', 'n - j > ', 'the last vector one by one: speed'),
    ('JAC_IMPL_(nearest)', 'least = ', '<=', 'either of two equal ones'),
    ('JAC_IMPL_(live)', 'one = 1', '', 'what is 1 is multiplied by: speed'),
    ('JAC_IMPL_(live)', 'bits ^ bits_of_one : 0', ': 1', 'what is 1 is multiplied by: speed'),
    ('jac_impl_kernels_best', 'avx512f', '||', 'a machine with AVX-512 has all of them'),
    ('jac_impl_kernels_best', 'avx2', '', 'not reached on a machine with AVX-512'),
    ('JAC_IMPL_(nearest)', 'n - j >= JAC_IMPL_LANES', 'n - j > ', 'the last vector one by one: speed'),
    ('JAC_IMPL_(sizes)', 'K - k >= JAC_IMPL_LANES', 'K - k > ', 'the last vector one by one: speed'),
    ('JAC_IMPL_(square_rest)', '134217729', '134217730', 'splits as well'),
    ('JAC_IMPL_(square_rest)', '134217729', '134217728', 'splits as well'),
    ('jac_impl_forward', 'n >= 64', '', 'where x is copied first: speed'),
    ('jac_impl_describe', 'double units = 0', 'units = 1', 'a guard against overflow, one unit earlier'),
    ('jac_impl_describe', 'n > net->widest', '>=', 'the same when they are equal'),
    ('jac_impl_describe', '64.0 * (8.0 + JAC_SAMPLES', '', 'counts only where a size has 32 bits: make machines'),
    ('jac_impl_describe', '4.0 * JAC_SAMPLES', '', 'counts only where a size has 32 bits: make machines'),
    ('jac_impl_pull', 'product.beyond', '', 'fetches ahead: speed'),
    ('jac_impl_meet', 'p->relu = ', '', 'which way: speed'),
    ('jac_impl_softmax', 'JAC_IMPL_NOTHING', '<=', 'exp is 0 there, too'),
    ('jac_impl_about', '', '', 'which way: speed'),
    ('jac_impl_cost_of_dots', '', '', 'which way: speed'),
    ('jac_impl_pull', 'const int turned', '', 'which way: speed'),
    ('jac_impl_pull', 'few = R', '', 'which way: speed'),
    ('jac_impl_pull', 'const size_t R', '', 'which way: speed'),
    ('jac_impl_dense', 'p.b_k = along_k ? 1', '2', 'not read by dots'),
    ('jac_impl_dense', 'p.K : 1', '', 'not read by tiles'),
    ('jac_impl_describe', 'net->beyond = (', '', 'fetches ahead, and takes bands or panels: speed'),
    ('jac_impl_sum', 'JAC_IMPL_TERMS = 12', '11', 'of exp, less than a rounding'),
    ('jac_impl_up', 'n + lanes - 1', '+ 1', 'a vector too many of zeros: speed'),
    ('jac_impl_spread', 'r * p->g_r', '/', 'what does not lie by rows lies by columns: g_r is 1'),
    ('jac_impl_apply', 'p->compact = 0', '', 'the product reads rows then and does not ask'),
    ('jac_impl_sweep', 'j != first + r', 'j / out_j', 'out_j is not 1 in forward order, which asks for a dense layer'),
    ('jac_impl_check_judge', 'unrest =', 'gap - 4', 'a factor of safety'),
    ('JAC_IMPL_(add_bias)', 'p->N - n >= JAC_IMPL_LANES', 'p->N - n > ', 'the last vector as a part: speed'),
    ('JAC_IMPL_(sizes)', 'if (K >= JAC_IMPL_LANES)', '', 'which way: speed'),
    ('JAC_IMPL_(margin)', 'size == 0 ? 1', '0 ? 2', 'least is 0 then: any number will do'),
    ('jac_impl_scratch_bytes', 'JAC_IMPL_VECTORS ?', '? 1 : 0', 'test_rows.c fails, which has the library to itself and does not run here'),
    ('jac_impl_describe', 'net->rows == 1', '', 'test_small.c crashes, which has the library to itself and does not run here'),
    ('jac_impl_describe', 'units +=', '', 'counts only where a size has 32 bits: make machines'),
    ('jac_impl_whole', 'whole <= ', 'whole < p', 'which way: speed'),
    ('jac_impl_whole', 'half', 'R == p', 'which way: speed'),
    ('jac_impl_argmax', 'j = 1', 'j = 0', 'it is not above itself'),
    ('jac_impl_argmax', 'v[j] > v[m]', '>=', 'of equal ones either will do'),
    ('jac_impl_times', 'root = ', '/ 3', 'a division more: speed'),
    ('jac_impl_times', 'root = ', '- 2', 'a division more: speed'),
    ('jac_impl_admit', 'bytes_y > 0 && bytes_J > 0', '', 'a hull that begins at 0, or two searches: speed'),
    ('jac_impl_admit', 'clash = at_y < at_J', 'at_y <= at_J', 'y and J do not overlap here'),
    ('jac_impl_admit', 'clash = at_y < at_J', 'at_y > at_J', 'a hull too large, then two searches: speed'),
    ('jac_impl_admit', 'clash = at_y < at_J', 'at_y >= at_J', 'a hull too large, then two searches: speed'),
    ('jac_impl_admit', 'clash = at_y < at_J', 'at_J + at_y', 'a hull too large, then two searches: speed'),
    ('jac_impl_admit', 'clash = at_y < at_J', 'at_y + at_J', 'a hull too large, then two searches: speed'),
    ('jac_impl_admit', 'if (!clash)', ') ;', 'two searches: speed'),
    ('jac_impl_admit', 'NULL) bytes_', 'NULL) ;', 'nothing lies at the address 0 on the machines of the tests'),
    ('jac_impl_admit', 'NULL) bytes_', '= 1;', 'nothing lies at the address 0 on the machines of the tests'),
    ('jac_impl_turn', 'r < ld', '= 1', 'beside the rows: never shown'),
    ('jac_impl_turn', 'R < ld', '<= n', 'a row of zeros more in scratch: WP proves that there is none'),
    ('jac_impl_turn', 'R < ld', '<= ld', 'an empty loop: speed'),
    ('jac_impl_turn_rows', '*row[8]', '[9]', 'more room than needed'),
    ('jac_impl_turn', 'R > 1', 'R < 1', 'fewer rows at a time: speed'),
    ('jac_impl_turn', 'R > 3', 'R > 4', 'fewer rows at a time: speed'),
    ('jac_impl_turn', 'R > 3', 'R > 2', 'fewer rows at a time: speed'),
    ('jac_impl_turn', 'R > 3', '1) / 3', 'fewer rows at a time: speed'),
    ('jac_impl_turn', 'R > 3', 'most - 1', 'fewer rows at a time: speed'),
    ('jac_impl_turn', 'enum { most', ': 2', 'more rows at a time without vectors: size'),
    ('jac_impl_softmax_dense', 'jac_impl_dense(p->net, dense, 1, 1, top', '1, 2, top', 'a row more in scratch, never read, but where JAC_ROWS is 1'),
    ('JAC_IMPL_(nearest)', 'id = { 0 }', '{ 1 }', 'when no size is a number'),
    ('JAC_IMPL_(nearest)', 'if (n >= JAC_IMPL_LANES)', '', 'which way: speed'),
    ('JAC_IMPL_(nearest)', '[0]', '[1]', 'all lanes are the same'),
    ('JAC_IMPL_(nearest)', 'size < least', '<=', 'of equal ones either will do'),
    ('jac_impl_panels', 'ahead', '', 'fetches ahead: speed'),
    ('jac_impl_panels', 'last = columns', '] : j + m - 0', 'fetches ahead: speed'),
    ('jac_impl_panels', 'last = columns', '] : j + m + 1', 'fetches ahead: speed'),
    ('jac_impl_panels', 'm - i >= line', 'm - i > line', 'the last line one by one: speed'),
    ('JAC_IMPL_(tile)', 'if (beyond)', '', 'fetches ahead: speed'),
    ('JAC_IMPL_(term)', 'b[v] = JAC_IMPL_(load)', 'v <= V', 'a vector more, which nobody uses'),
    ('JAC_IMPL_(term)', 'm < M', 'm <= M', 'a row of sums more, which nobody uses'),
    ('JAC_IMPL_(tile)', 'M > JAC_IMPL_APART', '', 'rows above 8 lie side by side: either way finds them'),
    ('JAC_IMPL_(dots_of)', 'first = T < lanes', 'T <= lanes', 'the same: less than lanes have been done'),
    ('JAC_IMPL_(dots_of)', 'first = T < lanes', 'T > lanes', 'what a neighbour has done, again: speed'),
    ('JAC_IMPL_(add_bias)', 'rest > 0', '>=', 'a mask for none: speed'),
    ('JAC_IMPL_(far_1)', 'JAC_IMPL_(each)', 'STREAMS, 2', 'fetches ahead all the same'),
    ('JAC_IMPL_(dots)', 'row = JAC_IMPL_(far_1)', '', 'fetches ahead: speed'),
    ('jac_impl_sum', 'JAC_IMPL_AHEAD', '', 'fetches ahead: speed'),
    ('jac_impl_kernels_best', 'avx512f', 'if (!', 'a narrower set: speed'),
    ('jac_impl_panels', 'JAC_IMPL_PREFETCH', '', 'fetches ahead: speed'),
    ('jac_impl_panels', 'const size_t width', '', 'how wide, within what fits: speed'),
    ('jac_impl_pull', 'product.b_n = 1', '', 'not read by tiles'),
    ('jac_impl_pull', 'product.b_list = product.a_list = NULL', '', 'not read by dots'),
    ('jac_impl_pull', 'apply(p, 1)', 'apply(p, 2)', 'as true as 1'),
    ('jac_impl_pull', 'q->n <= JAC_IMPL_PANEL', 'q->n >= ', 'copied or not: speed'),
    ('jac_impl_pull', 'q->n <= JAC_IMPL_PANEL', 'q->n < ', 'copied or not: speed'),
    ('jac_impl_pull', 'p->g_r != 1 || (p->g_j', 'p->g_r != 2', 'copied or not: speed'),
    ('jac_impl_pull', 'panels(p->net, &product, 1', '2', 'as true as 1'),
    ('jac_impl_pull', 'whole == up', '!=', 'rows always go on to whole vectors, but where JAC_ROWS is not one: speed'),
    ('jac_impl_sweep', 'const size_t few', '', 'which way: speed'),
    ('jac_impl_sweep', 'p->n > few', 'p->n <', 'which way: speed'),
    ('jac_impl_sweep', 'p->n > few', 'p->n >=', 'which way: speed'),
    ('jac_impl_side_by_side', '', '', 'which way: speed'),
    ('jac_impl_pull', 'jac_impl_cost_of_tiles', '', 'which way: speed'),
    ('jac_impl_cost_of_tiles', '', '', 'which way: speed'),
    ('jac_impl_cost_of_columns', '', '', 'which way: speed'),
    ('jac_impl_sweep', 'p->G != NULL && p->d != NULL', 'apply(p, 1)', 'G has all its units there'),
    ('jac_impl_jacobian', 'view[2]', 'view[3]', 'more memory than needed'),
    ('jac_impl_sum', 'JAC_IMPL_MOST_MV', 'MOST_M = 11', 'more room than needed'),
    ('jac_impl_sum', 'JAC_IMPL_MOST_MV', 'MOST_V = 9', 'more room than needed'),
    ('jac_impl_sum', 'JAC_IMPL_MOST_MV', 'MOST_MV = 21', 'more room than needed'),
    ('jac_impl_sum', 'JAC_IMPL_MOST_TQS', 'MOST_T = 3', 'more room than needed'),
    ('jac_impl_sum', 'JAC_IMPL_MOST_TQS', 'MOST_TQS = 17', 'more room than needed'),
    ('jac_impl_scratch_bytes', '? most : check', '>=', 'the same when they are equal'),
    ('jac_impl_stride', '4096', '', 'other sets of the cache: speed'),
    ('jac_impl_stride', '(n + 15) / 16', '(n + 16)', 'more memory than needed'),
    ('jac_impl_softmax_rows', 'j < n', '<=', 'a number more in scratch, written over by the next row'),
    ('jac_backward', 'jac_impl_admit', 'net, 2', 'as true as 1'),
    ('jac_check', 'jac_impl_admit', '0, 2, NULL', 'there is no x, y and J'),
    ('jac_check', 'jac_impl_admit', '0, 0, NULL', 'there is no x, y and J'),
    ('jac_check', 'jac_impl_admit', 'NULL, 1', 'there is no x, y and J'),
    ('jac_vjp', 'jac_impl_admit', 'net, 2', 'as true as 1'),
    ('jac_impl_softmax_rows', '+ 0 * s[m]', '- 0', 'NaN either way'),
    ('jac_jvp', 'jac_impl_admit', 'net, 2', 'as true as 1'),
]
QUICK = ('tcc', '-DJAC_NO_SIMD', '-DTEST_QUICK')
# all checks of `undefined` at -O1 take ten times as long to compile
SANITIZED = ('gcc', '-O0', '-DTEST_QUICK', '-fsanitize=address,undefined', '-fno-sanitize=null,alignment,object-size,pointer-overflow', '-fno-sanitize-recover=all')
BUILDS = [QUICK, (*QUICK, '-DJAC_FLOAT'), SANITIZED, ('gcc', '-O1', '-DTEST_QUICK', '-DJAC_FLOAT', '-DJAC_ROWS=3', '-DJAC_SAMPLES=1'),
          ('gcc', '-O1'), ('gcc', '-O1', '-DTEST_QUICK', '-DJAC_FLOAT')]
LINKED = ('-include', 'tests/linked.h')
TESTS = ['jacobian', 'corners', 'kernels', 'random', 'layers', 'memory', 'errors', 'checker', 'accuracy', 'numerics', 'faults']   # quick ones first
SWAPS = {'<': ['<=', '>'], '>': ['>=', '<'], '<=': ['<', '>='], '>=': ['>', '<='], '==': ['!='], '!=': ['=='], '&&': ['||'], '||': ['&&'], '+': ['-'],
         '-': ['+'], '*': ['/'], '/': ['*'], '%': ['/'], '+=': ['-='], '-=': ['+='], '*=': ['/='], '/=': ['*='], '!': [''], '|': ['&'],
         '&': ['|'], '^': ['&'], '<<': ['>>'], '>>': ['<<']}
TOKEN = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\])*"|\'(?:\\.|[^\'\\])*\'|^[ \t]*#(?:\\\n|[^\n])*|[A-Za-z_]\w*|\d[\w.]*(?:(?<=[eE])[+-]\d+)?|'
                   r'<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|[-+*/]=|->|\.\.\.|.', re.M | re.S)
STATEMENT = re.compile(r'(?<=[;{})])[ \t\n]*((?:[A-Za-z_][\w.>\[\]\-+* ]*? [-+*/]?= [^;{}]*|[a-z_]\w*\([^;{}]*\)|[A-Za-z_][\w.>\-]*(?:\+\+|--));)')
# what the vector kernels are tested as: on an x86-64 that lacks AVX-512, with its instructions written out
ABSENT = platform.machine() == 'x86_64' and 'avx512f' not in open('/proc/cpuinfo').read().split()
LIBRARY = ('-march=x86-64-v3', 'tests/avx512.c') if ABSENT else ('tests/jacobian.c',)
WORK = os.path.join(os.environ.get('BUILD', 'build'), 'ci', 'mutants')


def faults(text):
    """(place, old, new) of every fault in the implementation."""
    start, end = text.index('You can stop reading here'), text.rindex('#endif')
    found, blank = [], list(text)
    for token in TOKEN.finditer(text):
        word, place = token.group(), token.start()
        if word[0] in '"\'#' or word[:2] in ('/*', '//') or word.lstrip()[:1] == '#':
            blank[place:token.end()] = re.sub(r'[^\n]', ' ', word)
        elif start < place < end:
            found += [(place, word, new) for new in SWAPS.get(word, [])]
            if re.fullmatch(r'\d+', word):
                flag = re.search(r'([\w\]] = |return )$', text[:place][-8:]) and text[token.end()] in ';)' and word == '1'    # any number but 0 is as true
                found += [(place, word, str(int(word) + 1))] * (not flag) + [(place, word, str(int(word) - 1))] * (word != '0')
            elif re.fullmatch(r'\d+\.\d*(?:[eE][+-]?\d+)?|\d+[eE][+-]?\d+', word):
                found += [(place, word, '%r' % (float(word) * 1.5))]
            elif word == 'if':
                found += [(place, word, 'if (!'), ]
    blank = ''.join(blank)
    for statement in STATEMENT.finditer(blank, start, end):
        found.append((statement.start(1), text[statement.start(1):statement.end(1)], ';'))
    return [negated(text, *fault) if fault[2] == 'if (!' else fault for fault in found]


def negated(text, place, *_):
    """if (c) becomes if (!(c))."""
    depth, at = 0, text.index('(', place)
    for end in range(at, len(text)):
        depth += (text[end] == '(') - (text[end] == ')')
        if depth == 0:
            return place, text[place:end + 1], 'if (!' + text[at:end + 1] + ')'


def names(text):
    """Where each function begins."""
    return [(m.start(), m.group(1)) for m in re.finditer(r'^(?!JAC_IMPL_STRIP)(?:JAC_|static |typedef |enum )[^\n;=]*?(JAC_IMPL_\(\w+\)|\w+)\([^;\n]*(?:\n(?!{)[^;\n]*)*\n?{', text, re.M)]


class Bench:
    """A copy of the header and its tests in which one fault at a time is planted."""

    def __init__(self, number, text):
        self.folder = os.path.join(WORK, str(number))
        os.makedirs(self.folder)
        for name in ('tests', 'examples'):
            os.mkdir(os.path.join(self.folder, name))
            for file in os.listdir(name):
                if file.endswith(('.c', '.h')):
                    shutil.copy(os.path.join(name, file), os.path.join(self.folder, name))
        with open(os.path.join(self.folder, 'tests', 'check.h'), 'a') as file:      # the first failure is enough
            file.write('#undef CHECK_MSG\n#include <stdlib.h>\n#define CHECK_MSG(c, ...) do { if (c) check_passed++; else _Exit(1); } while (0)\n')
        with open(os.path.join(self.folder, 'header.c'), 'w') as file:
            file.write('#define JACOBIAN_IMPLEMENTATION\n#include "jacobian.h"\n')
        self.write(text)

    def write(self, text):
        with open(os.path.join(self.folder, 'jacobian.h'), 'w') as file:
            file.write(text)

    def run(self, *command):
        """Exit status, seconds of the processor, output."""
        with subprocess.Popen(command, cwd=self.folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
            output = process.stdout.read()
            _, process.returncode, usage = os.wait4(process.pid, 0)
        return process.returncode, usage.ru_utime + usage.ru_stime, output

    def sees(self, build):
        """The header as this build sees it."""
        return self.run(*build, '-E', '-P', '-I.', 'header.c')[2]

    def compiles(self, build):
        """The library as an object, which the tests are linked with."""
        source = ('tests/jacobian.c',) if '-DJAC_NO_SIMD' in build else LIBRARY
        return self.run(*build, '-w', '-c', *source, '-o', 'library.o')[0] == 0

    def passes(self, build, test, seconds):
        """Does the test pass, and in what time? None when it does not compile."""
        program = f'{test}.{BUILDS.index(build)}.o'
        if not os.path.exists(os.path.join(self.folder, program)):
            self.run(*build, *LINKED, '-w', '-I.', '-c', f'tests/test_{test}.c', '-o', program)
        if self.run(*build, program, 'library.o', '-o', 'program', '-lm', '-lpthread')[0] != 0:
            return None, 0
        status, time, _ = self.run('sh', '-c', f'ulimit -t {seconds}; exec ./program')
        return status == 0, time


class Trial:
    """What the header without a fault does, found out when it is needed."""

    def __init__(self, text):
        self.text, self.bench, self.lock, self.limits, self.failed = text, Bench('original', text), threading.Lock(), {}, 0
        self.killer = {}                # of the last fault in a function: it is asked first
        self.builds = [build for build in BUILDS if shutil.which(build[0])]
        self.seen = {build: self.bench.sees(build) for build in self.builds}

    def limit(self, build, test):
        """Seconds that the test may take: three times what it takes without a fault; None when it does not pass then."""
        with self.lock:
            if (build, test) not in self.limits:
                passes, time = self.bench.passes(build, test, 300) if self.bench.compiles(build) else (None, 0)
                self.limits[build, test] = int(3 * time + 2) if passes else None
                if not passes:
                    self.failed += 1
                    print(f'test_{test} {"does not compile" if passes is None else "fails"} with {" ".join(build)} and no fault')
            return self.limits[build, test]

    def judge(self, bench, function, excused, place, old, new):
        bench.write(self.text[:place] + new + self.text[place + len(old):])
        result = 'stillborn'
        for build in self.builds:
            if excused and build[0] != 'tcc':
                break
            if bench.sees(build) == self.seen[build]:
                continue
            if not bench.compiles(build):
                return 'stillborn'
            for test in sorted(TESTS, key=lambda test: test != self.killer.get(function)):
                seconds = self.limit(build, test)
                if seconds is None:
                    continue
                if not bench.passes(build, test, seconds)[0]:
                    self.killer[function] = test
                    return 'killed'
                result = 'survived'
        return result


def main(sample=300, seed=1, pattern='.'):
    text = open('jacobian.h').read()
    places = names(text)
    shutil.rmtree(WORK, ignore_errors=True)
    trial = Trial(text)

    def function(place):
        return ([name for at, name in places if at <= place] or ['-'])[-1]

    def describe(place, old, new):
        """Function, line, and the line with the fault."""
        at, end = text.rindex('\n', 0, place) + 1, text.index('\n', place + len(old))
        return function(place), ' '.join(text[at:end].split()), ' '.join((text[at:place] + new + text[place + len(old):end]).split())

    everything = [fault for fault in faults(text) if re.search(pattern, function(fault[0]))]
    everything.sort(key=lambda fault: hashlib.sha256(repr((seed, describe(*fault))).encode()).digest())
    queue, results = iter(everything), {'stillborn': [], 'killed': [], 'survived': [], 'equivalent': []}

    def excuse(fault):
        name, line, changed = describe(*fault)
        return next((why for of, part, change, why in EQUIVALENT if of == name and part in line and
                     (change == '' or changed.count(change) > line.count(change))), '')

    def show(kind, fault):
        name, line, changed = describe(*fault)
        print(f'{kind}: {name}, line {text.count(chr(10), 0, fault[0]) + 1}: {line}  ->  {changed}  {excuse(fault)}', flush=True)

    def work(bench):
        for fault in queue:
            excused = excuse(fault)
            result = trial.judge(bench, function(fault[0]), excused, *fault)
            if result == 'survived' and excused:
                result = 'equivalent'
            if result == 'survived':
                show(result, fault)
            results[result].append(fault)
            if sample and len(results['killed']) + len(results['survived']) >= sample:
                return

    jobs = int(os.environ.get('JOBS', os.cpu_count()))
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for done in [pool.submit(work, Bench(k, text)) for k in range(jobs)]:
            done.result()
    for fault in sorted(results['equivalent']):
        show('equivalent', fault)
    killed, survived = len(results['killed']), len(results['survived'])
    print(f'{len(everything)} faults can be planted; {killed} of {killed + survived} tried were found, {100 * killed / max(killed + survived, 1):.1f} %')
    if killed + survived == 0:
        print(f'no fault was tried in a function that matches {pattern!r}: {len(results["stillborn"])} stillborn, {len(results["equivalent"])} equivalent')
        trial.failed += 1
    failed = trial.failed + (survived if 100 * killed < 98 * (killed + survived) else 0)
    print(f'{killed} passed, {failed} failed')
    return failed > 0


if __name__ == '__main__':
    sys.exit(main(*map(int, sys.argv[1:3]), *sys.argv[3:]))
