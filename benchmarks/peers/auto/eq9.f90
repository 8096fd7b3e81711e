! SPDX-License-Identifier: BSD-3-Clause
! Equation 9 of Jordan et al. (2021).
subroutine func(ndim, u, icp, par, ijac, f, dfdu, dfdp)
  implicit none
  integer, intent(in) :: ndim, icp(*), ijac
  double precision, intent(in) :: u(ndim), par(*)
  double precision, intent(out) :: f(ndim)
  double precision, intent(inout) :: dfdu(ndim, ndim), dfdp(ndim, *)
  double precision, parameter :: angle = acos(-1d0) / 20
  double precision :: c, s
  c = 1.5d0 * cos(angle)
  s = 1.5d0 * sin(angle)
  f(1) = 0.5d0 * (tanh(c * u(1) + s * u(2) + par(2)) - u(1))
  f(2) = 0.5d0 * (tanh(-s * u(1) + c * u(2) + par(1)) - u(2))
end subroutine func

subroutine stpnt(ndim, u, par, t)
  implicit none
  integer, intent(in) :: ndim
  double precision, intent(inout) :: u(ndim), par(*)
  double precision, intent(in) :: t
  par(1) = -0.5d0
  par(2) = 0.32d0
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
