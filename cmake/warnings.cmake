# SPDX-License-Identifier: MIT
# For our own programs only: a user's compiler may know warnings that ours does not.

add_library(converge_warnings INTERFACE)
target_compile_options(converge_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Werror)
