// SPDX-License-Identifier: BSD-3-Clause
// The elementwise half of every cell, forward and backward. The formulas are those of
// models/network.hpp; a' is a pre-activation, s a gate, d_x is dL/dx.
#include "nullcline/numerics/simd_math.hpp"
#include "nullcline/training/internal/kernels.hpp"

namespace nullcline::training::internal::NULLCLINE_SIMD {

namespace {

using numerics::NULLCLINE_SIMD::multiply_add;
using numerics::NULLCLINE_SIMD::sigmoid_fast;
using numerics::NULLCLINE_SIMD::subtract_product;
using numerics::NULLCLINE_SIMD::tanh_fast;

template <class T>
using Batch = xsimd::batch<T>;

template <bool Relu, class B>
B activate(const B& x) {
  using T = typename B::value_type;
  if constexpr (Relu)
    return xsimd::max(B(T(0)), x);  // in this order NaN stays NaN
  else
    return tanh_fast(x);
}

/// phi'(x) d, given y = phi(x). The derivative of relu at 0 is 0.
template <bool Relu, class B>
B through_activation(const B& d, const B& y) {
  using T = typename B::value_type;
  if constexpr (Relu)
    return xsimd::select(y > B(T(0)), d, B(T(0)));
  else
    return subtract_product(d * y, y, d);
}

/// s (1 - s) d
template <class B>
B through_sigmoid(const B& d, const B& s) {
  const B ds = d * s;
  return subtract_product(ds, s, ds);
}

/// The arrays of one step as vectors: row by row, unit vector by unit vector.
template <class T>
class Rows {
 public:
  Rows(const CellStep<T>& step, Size n_gates) : s_(step), n_gates_(n_gates) {}

  using B = Batch<T>;
  B gate(Size g) const { return at(s_.gates, s_.gates_stride, vector_ * n_gates_ + g); }
  void set_gate(Size g, const B& x) { put(s_.gates, s_.gates_stride, vector_ * n_gates_ + g, x); }
  void set_d_gate(Size g, const B& x) {
    put(s_.d_gates, s_.d_gates_stride, vector_ * n_gates_ + g, x);
  }
  B state() const { return at(s_.state, s_.state_stride, vector_); }
  B next() const { return at(s_.next, s_.state_stride, vector_); }
  void set_next(const B& x) { put(s_.next, s_.state_stride, vector_, x); }
  B extra() const { return at(s_.extra, s_.extra_stride, vector_); }
  void set_extra(const B& x) { put(s_.extra, s_.extra_stride, vector_, x); }
  B extra_next() const { return at(s_.extra_next, s_.extra_stride, vector_); }
  void set_extra_next(const B& x) { put(s_.extra_next, s_.extra_stride, vector_, x); }
  B d_state() const { return at(s_.d_state, s_.d_state_stride, vector_); }
  void set_d_state(const B& x) { put(s_.d_state, s_.d_state_stride, vector_, x); }
  B d_extra() const { return at(s_.d_extra, s_.d_state_stride, vector_); }
  void set_d_extra(const B& x) { put(s_.d_extra, s_.d_state_stride, vector_, x); }
  void set_d_candidate(const B& x) { put(s_.d_candidate, s_.d_candidate_stride, vector_, x); }
  B alpha() const { return at(s_.alpha, 0, vector_); }

  template <class Body>
  void for_each(Body body) {
    for (row_ = 0; row_ < s_.n_rows; ++row_)
      for (vector_ = s_.v_begin; vector_ < s_.v_end; ++vector_) body(*this);
  }

 private:
  static constexpr Size kLanes = B::size;
  B at(const T* array, Size stride, Size vector) const {
    return B::load_unaligned(array + row_ * stride + vector * kLanes);
  }
  void put(T* array, Size stride, Size vector, const B& x) const {
    x.store_unaligned(array + row_ * stride + vector * kLanes);
  }

  const CellStep<T> s_;
  const Size n_gates_;
  Size row_ = 0, vector_ = 0;
};

// vanilla: the product lands in `next`, and h' = phi(a) replaces it there.
template <class T, bool Relu>
void vanilla_forward(const CellStep<T>& step) {
  Rows<T>(step, 1).for_each([](auto& x) { x.set_next(activate<Relu>(x.next())); });
}

template <class T, bool Relu>
void vanilla_backward(const CellStep<T>& step) {
  Rows<T>(step, 1).for_each(
      [](auto& x) { x.set_d_gate(0, through_activation<Relu>(x.d_state(), x.next())); });
}

// leaky: gates hold phi(a).
template <class T, bool Relu>
void leaky_forward(const CellStep<T>& step) {
  Rows<T>(step, 1).for_each([](auto& x) {
    const auto phi = activate<Relu>(x.gate(0));
    const auto h = x.state();
    x.set_gate(0, phi);
    x.set_next(multiply_add(x.alpha(), phi - h, h));
  });
}

template <class T, bool Relu>
void leaky_backward(const CellStep<T>& step) {
  Rows<T>(step, 1).for_each([](auto& x) {
    const auto d = x.d_state(), alpha = x.alpha();
    x.set_d_gate(0, through_activation<Relu>(alpha * d, x.gate(0)));
    x.set_d_state(subtract_product(alpha, d, d));
  });
}

// leaky-outside: `state` holds phi(v), `extra` holds v. The product lands in `next`, and phi(v')
// replaces it there. d_state is dL/dphi(v'); d_extra carries dL/dv from step to step.
template <class T, bool Relu>
void leaky_outside_forward(const CellStep<T>& step) {
  Rows<T>(step, 1).for_each([](auto& x) {
    const auto v = x.extra();
    const auto next = multiply_add(x.alpha(), x.next() - v, v);
    x.set_extra_next(next);
    x.set_next(activate<Relu>(next));
  });
}

template <class T, bool Relu>
void leaky_outside_backward(const CellStep<T>& step) {
  Rows<T>(step, 1).for_each([](auto& x) {
    const auto d_v = x.d_extra() + through_activation<Relu>(x.d_state(), x.next());
    const auto alpha = x.alpha();
    x.set_d_gate(0, alpha * d_v);
    x.set_d_extra(subtract_product(alpha, d_v, d_v));
  });
}

// ugrnn: gates g, c.
template <class T, bool Relu>
void ugrnn_forward(const CellStep<T>& step) {
  Rows<T>(step, 2).for_each([](auto& x) {
    const auto g = sigmoid_fast(x.gate(0)), c = activate<Relu>(x.gate(1));
    x.set_gate(0, g);
    x.set_gate(1, c);
    x.set_next(multiply_add(g, x.state() - c, c));
  });
}

template <class T, bool Relu>
void ugrnn_backward(const CellStep<T>& step) {
  Rows<T>(step, 2).for_each([](auto& x) {
    const auto d = x.d_state(), g = x.gate(0), c = x.gate(1);
    x.set_d_gate(0, through_sigmoid(d * (x.state() - c), g));
    x.set_d_gate(1, through_activation<Relu>(subtract_product(d, g, d), c));
    x.set_d_state(d * g);
  });
}

// gru, reset after the product: gates r, z, m = W_n h + b_h; `extra` holds A_n x + b_n, then n.
template <class T, bool Relu>
void gru_after_forward(const CellStep<T>& step) {
  Rows<T>(step, 3).for_each([](auto& x) {
    const auto r = sigmoid_fast(x.gate(0)), z = sigmoid_fast(x.gate(1));
    const auto n = activate<Relu>(multiply_add(r, x.gate(2), x.extra()));
    x.set_gate(0, r);
    x.set_gate(1, z);
    x.set_extra(n);
    x.set_next(multiply_add(z, x.state() - n, n));
  });
}

template <class T, bool Relu>
void gru_after_backward(const CellStep<T>& step) {
  Rows<T>(step, 3).for_each([](auto& x) {
    const auto d = x.d_state(), r = x.gate(0), z = x.gate(1), n = x.extra();
    const auto d_n = through_activation<Relu>(subtract_product(d, z, d), n);
    x.set_d_gate(0, through_sigmoid(d_n * x.gate(2), r));
    x.set_d_gate(1, through_sigmoid(d * (x.state() - n), z));
    x.set_d_gate(2, d_n * r);
    x.set_d_candidate(d_n);
    x.set_d_state(d * z);
  });
}

// gru, reset before the product: gates r, z, and r * h into extra_next; then `extra` holds the
// candidate's pre-activation, then n. Backward runs the stages in the opposite order: d_extra
// carries dL/d(r * h) from one to the other.
template <class T, bool Relu>
void gru_before_gates_forward(const CellStep<T>& step) {
  Rows<T>(step, 2).for_each([](auto& x) {
    const auto r = sigmoid_fast(x.gate(0));
    x.set_gate(0, r);
    x.set_gate(1, sigmoid_fast(x.gate(1)));
    x.set_extra_next(r * x.state());
  });
}

template <class T, bool Relu>
void gru_before_candidate_forward(const CellStep<T>& step) {
  Rows<T>(step, 2).for_each([](auto& x) {
    const auto n = activate<Relu>(x.extra());
    x.set_extra(n);
    x.set_next(multiply_add(x.gate(1), x.state() - n, n));
  });
}

template <class T, bool Relu>
void gru_before_candidate_backward(const CellStep<T>& step) {
  Rows<T>(step, 2).for_each([](auto& x) {
    const auto d = x.d_state(), z = x.gate(1), n = x.extra();
    x.set_d_candidate(through_activation<Relu>(subtract_product(d, z, d), n));
    x.set_d_gate(1, through_sigmoid(d * (x.state() - n), z));
    x.set_d_state(d * z);
  });
}

template <class T, bool Relu>
void gru_before_gates_backward(const CellStep<T>& step) {
  Rows<T>(step, 2).for_each([](auto& x) {
    const auto d_rh = x.d_extra(), r = x.gate(0);
    x.set_d_gate(0, through_sigmoid(d_rh * x.state(), r));
    x.set_d_state(multiply_add(d_rh, r, x.d_state()));
  });
}

// lstm: gates i, f, g, o; `extra` holds c, extra_next c'; d_extra carries dL/dc.
template <class T, bool Relu>
void lstm_forward(const CellStep<T>& step) {
  Rows<T>(step, 4).for_each([](auto& x) {
    const auto i = sigmoid_fast(x.gate(0)), f = sigmoid_fast(x.gate(1));
    const auto g = activate<Relu>(x.gate(2)), o = sigmoid_fast(x.gate(3));
    const auto c = multiply_add(f, x.extra(), i * g);
    x.set_gate(0, i);
    x.set_gate(1, f);
    x.set_gate(2, g);
    x.set_gate(3, o);
    x.set_extra_next(c);
    x.set_next(o * activate<Relu>(c));
  });
}

template <class T, bool Relu>
void lstm_backward(const CellStep<T>& step) {
  Rows<T>(step, 4).for_each([](auto& x) {
    const auto d = x.d_state(), i = x.gate(0), f = x.gate(1), g = x.gate(2), o = x.gate(3);
    const auto phi = activate<Relu>(x.extra_next());
    const auto d_c = x.d_extra() + through_activation<Relu>(d * o, phi);
    x.set_d_gate(0, through_sigmoid(d_c * g, i));
    x.set_d_gate(1, through_sigmoid(d_c * x.extra(), f));
    x.set_d_gate(2, through_activation<Relu>(d_c * i, g));
    x.set_d_gate(3, through_sigmoid(d * phi, o));
    x.set_d_extra(d_c * f);
  });
}

template <class T, bool Relu>
void fill(Kernels<T>& kernels) {
  using enum CellStage;
  const auto set = [&](CellStage stage, auto forward, auto backward) {
    kernels.forward[static_cast<int>(stage)][Relu] = forward;
    kernels.backward[static_cast<int>(stage)][Relu] = backward;
  };
  set(vanilla, vanilla_forward<T, Relu>, vanilla_backward<T, Relu>);
  set(leaky, leaky_forward<T, Relu>, leaky_backward<T, Relu>);
  set(leaky_outside, leaky_outside_forward<T, Relu>, leaky_outside_backward<T, Relu>);
  set(ugrnn, ugrnn_forward<T, Relu>, ugrnn_backward<T, Relu>);
  set(gru_after, gru_after_forward<T, Relu>, gru_after_backward<T, Relu>);
  set(gru_before_gates, gru_before_gates_forward<T, Relu>, gru_before_gates_backward<T, Relu>);
  set(gru_before_candidate, gru_before_candidate_forward<T, Relu>,
      gru_before_candidate_backward<T, Relu>);
  set(lstm, lstm_forward<T, Relu>, lstm_backward<T, Relu>);
}

}  // namespace

void fill_cells(Kernels<float>& kernels) {
  fill<float, false>(kernels);
  fill<float, true>(kernels);
}
void fill_cells(Kernels<double>& kernels) {
  fill<double, false>(kernels);
  fill<double, true>(kernels);
}

}  // namespace nullcline::training::internal::NULLCLINE_SIMD
