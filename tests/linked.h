/* linked.h - read before the header (-include), it tells it that the bodies are compiled already: in the object of jacobian.c, which a
 * whole program, test or example, is then linked with. SPDX-License-Identifier: MIT */
#define JACOBIAN_IMPLEMENTATION_ONCE
#define JAC_IMPL_REST
