/* use_cpp.cpp - the library in C++: called, or with -DJACOBIAN_IMPLEMENTATION compiled as well.
 * SPDX-License-Identifier: MIT */
#include "../jacobian.h"
#include "use.h"

int use_cpp(void) { return net_is_right(); }
