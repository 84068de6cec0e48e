// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/panes/calm_combo_box.h"
