// cpp.cpp - how does the Jacobian look from C++? The net owns its memory, errors are exceptions, and J is seen as a row-major
// matrix where it lies: no copy, no matrix library. C++11 and later.
//
//     c++ -std=c++17 -O2 -I. examples/cpp.cpp -o cpp && ./cpp
//
//     y[0] = -0.801429   dy/dx = [ -0.510753 -0.071591  0.281730 ]
//     y[1] = -1.394000   dy/dx = [  0.962551  1.678235 -0.922970 ]
//     y + J dx is right to 6.5e-04 of the change
//     refused: a dense layer's inputs differ from what comes before it: compare layer bad_layer with the width before it
//
// With a library that has a matrix type the view is one line, and copies nothing either:
//     Eigen::Map<const Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>> J(data, O, N);
//     std::mdspan J(data, O, N);                                               // C++23
//
// SPDX-License-Identifier: MIT
#include <cmath>
#include <cstdio>
#include <numeric>
#include <stdexcept>
#include <vector>
#define JACOBIAN_IMPLEMENTATION
#include "jacobian.h"

// Rows and entries of a matrix that someone else owns: M(o, i) is data[o * columns + i].
template <class T> class matrix_view {
public:
    struct row_view {
        T *first, *last;
        T *begin() const { return first; }
        T *end() const { return last; }
    };
    matrix_view(T *data, std::size_t rows, std::size_t columns) : data_(data), rows_(rows), columns_(columns) {}
    std::size_t rows() const { return rows_; }
    T &operator()(std::size_t o, std::size_t i) const { return data_[o * columns_ + i]; }
    row_view row(std::size_t o) const { return { data_ + o * columns_, data_ + (o + 1) * columns_ }; }

private:
    T *data_;
    std::size_t rows_, columns_;
};

// A net with its memory. It may be moved, not copied: one net a thread.
class Net {
public:
    template <std::size_t L> Net(std::size_t n_in, const jac_layer (&chain)[L]) : memory_(jac_net_size(n_in, chain, L) + 1)
    {                                               // + 1: of a chain that is invalid the size is 0, and data() might be NULL
        must(jac_net_init(&net_, n_in, chain, L, memory_.data(), memory_.size()));
        y.resize(net_.n_out);
        J_.resize(net_.n_out * net_.n_in);
    }
    Net(const Net &) = delete;
    Net(Net &&) = default;

    std::vector<double> y;

    // y and J at x. The view lasts as long as the net, and shows what the last call wrote.
    matrix_view<const double> operator()(const std::vector<double> &x)
    {
        if (x.size() != net_.n_in) throw std::invalid_argument("x has the wrong length");
        must(jac_forward_backward(&net_, x.data(), y.data(), J_.data()));
        return { J_.data(), net_.n_out, net_.n_in };
    }

private:
    static void must(jac_status status) { if (status != JAC_OK) throw std::runtime_error(jac_status_string(status)); }
    std::vector<unsigned char> memory_;
    std::vector<double> J_;
    jac_net net_;
};

static const double W1[] = { 0.5, -1.0, 0.25,  1.5, 0.5, -0.75,  -0.5, 1.0, 1.0,  0.25, 0.75, -1.25 };    // [4][3]
static const double W2[] = { 1.0, -0.5, 0.5, 2.0,  -1.5, 1.0, 0.25, 0.5 };                                 // [2][4]
static const jac_layer layers[] = { JAC_DENSE(3, 4, W1, nullptr), JAC_TANH, JAC_DENSE(4, 2, W2, nullptr) };

int main()
{
    Net net(3, layers);
    const std::vector<double> x = { 0.5, -0.25, 1.0 }, x_new = { 0.5001, -0.2502, 1.0001 };
    net(x_new);
    const std::vector<double> y_new = net.y;                    // the truth, to hold y + J (x_new - x) against
    const matrix_view<const double> J = net(x);

    double worst = 0;
    for (std::size_t o = 0; o < J.rows(); o++) {
        std::printf("y[%zu] = % .6f   dy/dx = [", o, net.y[o]);
        for (double J_oi : J.row(o)) std::printf(" % .6f", J_oi);
        std::printf(" ]\n");
        const double change = std::inner_product(x_new.begin(), x_new.end(), J.row(o).begin(), 0.0)
                            - std::inner_product(x.begin(), x.end(), J.row(o).begin(), 0.0);
        worst = std::fmax(worst, std::fabs(net.y[o] + change - y_new[o]) / std::fabs(change));
    }
    std::printf("y + J dx is right to %.1e of the change\n", worst);

    try { Net wrong(4, layers); }                               // 4 inputs, but the first layer wants 3
    catch (const std::exception &error) { std::printf("refused: %s\n", error.what()); }
    return !(worst > 0 && worst < 1e-3 && &J(1, 0) == J.row(0).end());
}
