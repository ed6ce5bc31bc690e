/* use_b.c - the implementation: the header included plainly, twice, then with the gate, then again.
 * SPDX-License-Identifier: MIT */
#include "../jacobian.h"
#include "../jacobian.h"
#ifndef ONLY_CALL
#define JACOBIAN_IMPLEMENTATION
#endif
#include "../jacobian.h"
#include "../jacobian.h"
#include "use.h"

int use_b(void) { return net_is_right(); }
