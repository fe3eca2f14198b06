# Builds for 64-bit ARM Linux on another machine, with Debian's cross compiler and multiarch libraries; programs run
# under qemu-user. scripts/check_arm64.sh installs all of these.

set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64)
set(CMAKE_CXX_FLAGS_INIT -Wno-stringop-overflow) # a false alarm of gcc 12 in std::copy, here alone
