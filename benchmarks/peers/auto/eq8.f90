! SPDX-License-Identifier: BSD-3-Clause
! equation 8 of Jordan et al. (2021).
subroutine func(ndim, u, icp, par, ijac, f, dfdu, dfdp)
  implicit none
  integer, intent(in) :: ndim, icp(*), ijac
  double precision, intent(in) :: u(ndim), par(*)
  double precision, intent(out) :: f(ndim)
  double precision, intent(inout) :: dfdu(ndim, ndim), dfdp(ndim, *)
  double precision :: c, s, r
  r = 1 / (1 + exp(-par(3)))
  c = par(2) * cos(par(1))
  s = par(2) * sin(par(1))
  f(1) = 0.5d0 * (tanh(c * r * u(1) - s * r * u(2)) - u(1))
  f(2) = 0.5d0 * (tanh(s * r * u(1) + c * r * u(2)) - u(2))
end subroutine func

subroutine stpnt(ndim, u, par, t)
  implicit none
  integer, intent(in) :: ndim
  double precision, intent(inout) :: u(ndim), par(*)
  double precision, intent(in) :: t
  par(1) = 0.1d0
  par(2) = 3
  par(3) = 0
  u = 0
end subroutine stpnt

subroutine bcnd
end subroutine bcnd
subroutine icnd
end subroutine icnd
subroutine fopt
end subroutine fopt
subroutine pvls
end subroutine pvls
