#include <stdio.h>
#define JACOBIAN_IMPLEMENTATION                               // in exactly one .c or .cpp file
#include "jacobian.h"

static const double W1[] = { 1, -2,  0.5, 1,  -1, 3 };       // [3][2]: 2 inputs -> 3 units
static const double b1[] = { 0, 0.5, -1 };
static const double W2[] = { 1, 0, 2,  -1, 1, 0,  0, 2, 1 }; // [3][3]: 3 units -> 3 outputs
static const jac_layer layers[] = { JAC_DENSE(2, 3, W1, b1), JAC_RELU, JAC_DENSE(3, 3, W2, NULL), JAC_SOFTMAX };
static unsigned char memory[JAC_NET_SIZE_BOUND(2, 3, 4)];    // 2 inputs, no layer wider than 3, 4 layers

int main(void)
{
    jac_net net;
    double x[2] = { 1, 0.25 }, y[3], J[3 * 2];
    jac_status status = jac_net_init(&net, 2, layers, 4, memory, sizeof memory);
    if (status == JAC_OK) status = jac_forward_backward(&net, x, y, J);
    if (status != JAC_OK) { puts(jac_status_string(status)); return 1; }
    for (int o = 0; o < 3; o++)
        printf("y[%d] = %.6f   dy/dx = [% .6f % .6f]\n", o, y[o], J[o * 2], J[o * 2 + 1]);
    return 0;
}
