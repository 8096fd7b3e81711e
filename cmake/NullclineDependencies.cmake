# Everything comes from Debian 12 packages; script/setup installs them.
find_package(Eigen3 3.4 REQUIRED NO_MODULE)
find_package(TBB REQUIRED)
find_package(fmt REQUIRED)
find_package(CLI11 REQUIRED)
find_package(nlohmann_json REQUIRED)
# Header-only; its CMake target drags in a library that Debian does not ship.
find_path(XSIMD_INCLUDE xsimd/xsimd.hpp REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(OPENBLAS REQUIRED IMPORTED_TARGET openblas)
pkg_check_modules(LAPACKE REQUIRED IMPORTED_TARGET lapacke)
pkg_check_modules(HDF5 REQUIRED IMPORTED_TARGET hdf5-serial)
# The library of dimension scales, which HDF5's .pc file does not name.
find_library(HDF5_HL_LIBRARY hdf5_hl HINTS ${HDF5_LIBRARY_DIRS} REQUIRED)
target_link_libraries(PkgConfig::HDF5 INTERFACE ${HDF5_HL_LIBRARY})
# libzip through pkg-config: Debian's CMake files for it demand its command-line tools as well.
pkg_check_modules(LIBZIP REQUIRED IMPORTED_TARGET libzip)
pkg_check_modules(TOMLPLUSPLUS REQUIRED IMPORTED_TARGET tomlplusplus)
