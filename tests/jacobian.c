/* jacobian.c - the library as an object of its own: `make test` links it with the tests and examples. SPDX-License-Identifier: MIT */
#define JACOBIAN_IMPLEMENTATION
#include "../jacobian.h"
#include "sets.h"
