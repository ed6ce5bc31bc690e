/* use_a.c - a file that only calls the library, with the main of link.sh's programs. Compiled with JAC_FLOAT it calls the float
 * build. SPDX-License-Identifier: MIT */
#include "../jacobian.h"
#include "use.h"

int main(void) { return !(net_is_right() && use_b() && use_cpp() && use_float() && use_static()); }
