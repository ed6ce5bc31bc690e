/* board.h - what the emulated board offers a program. SPDX-License-Identifier: MIT */
#ifndef BOARD_H
#define BOARD_H

void board_print(const char *format, ...);      /* %d, %x and %s only; no heap, no floating point */
void board_paint_stack(void);                   /* from here on ... */
unsigned board_stack_used(void);                /* ... this many bytes below this frame were written */

#endif
