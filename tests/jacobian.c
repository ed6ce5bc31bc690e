/* jacobian.c - the library as an object of its own: `make test` links it with the tests and examples. SPDX-License-Identifier: MIT */
#define JACOBIAN_IMPLEMENTATION
#ifndef JAC_ASSERT
#include <assert.h>
#define JAC_ASSERT(condition) assert(condition)     /* in every test */
#endif
#include "../jacobian.h"
#include "sets.h"
