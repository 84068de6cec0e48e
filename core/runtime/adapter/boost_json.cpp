// SPDX-License-Identifier: GPL-3.0-or-later
// Boost.JSON compiled in, so that the program needs no shared library.
#include <boost/json/src.hpp>
