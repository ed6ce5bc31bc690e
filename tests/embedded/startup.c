/* startup.c - from reset to main on a Cortex-M4, and back to the emulator with main's status (semihosting).
 * With BOARD_STDIO newlib's printf writes through the emulator too; without it nothing here or below needs a heap.
 * SPDX-License-Identifier: MIT */
#include "board.h"
#include <stdarg.h>
#include <stdint.h>

extern uint64_t data_load[], data_start[], data_end[], bss_start[], bss_end[];
extern unsigned char stack_top[];
extern int main(void);
#ifdef BOARD_STDIO
#include <stdlib.h>
extern void initialise_monitor_handles(void);
#endif

static void call_emulator(unsigned operation, const void *argument)
{
    register unsigned r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xab" : "+r"(r0) : "r"(r1) : "memory");
}

static void leave(int status)
{
    const uint32_t block[2] = { 0x20026, (uint32_t)status };    /* ADP_Stopped_ApplicationExit */
    call_emulator(0x20, block);                                 /* SYS_EXIT_EXTENDED */
    for (;;) { }
}

static void fault(void) { leave(99); }

void reset(void);
void reset(void)
{
    *(volatile uint32_t *)0xe000ed88 |= 0xfu << 20;             /* CPACR: the FPU is on */
    __asm__ volatile("dsb\n\tisb" ::: "memory");
    for (volatile uint64_t *to = data_start, *from = data_load; to < data_end; to++, from++) *to = *from;
    for (volatile uint64_t *to = bss_start; to < bss_end; to++) *to = 0;
#ifdef BOARD_STDIO
    initialise_monitor_handles();
    exit(main());
#else
    leave(main());
#endif
}

__attribute__((section(".vectors"), used)) static const struct { void *stack; void (*reset)(void), (*faults[14])(void); } vectors = {
    stack_top, reset, { fault, fault, fault, fault, fault }
};

static void print_text(const char *text) { call_emulator(0x04, text); }     /* SYS_WRITE0 */

void board_print(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    for (; *format != 0; format++) {
        char text[12] = { 0 }, *digit = text + 10;
        text[0] = *format;
        if (*format != '%') { print_text(text); continue; }
        if (*++format == 's') { print_text(va_arg(arguments, const char *)); continue; }
        const int value = va_arg(arguments, int);
        unsigned rest = value < 0 ? 0u - (unsigned)value : (unsigned)value;
        const unsigned base = *format == 'x' ? 16 : 10;
        if (base == 16) rest = (unsigned)value;
        text[0] = 0;
        do *digit-- = "0123456789abcdef"[rest % base]; while ((rest /= base) > 0);
        if (base == 10 && value < 0) *digit-- = '-';
        print_text(digit + 1);
    }
    va_end(arguments);
}

enum { PAINTED = 1 << 16, PAINT = 0x5a };
static unsigned char *painted;

void board_paint_stack(void)
{
    unsigned char *sp;
    __asm__ volatile("mov %0, sp" : "=r"(sp));
    painted = sp - PAINTED;
    for (volatile unsigned char *p = painted; p < sp; p++) *p = PAINT;
}

unsigned board_stack_used(void)
{
    unsigned left = 0;
    while (left < PAINTED && painted[left] == PAINT) left++;
    return PAINTED - left;
}
