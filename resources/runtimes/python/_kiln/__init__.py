# SPDX-License-Identifier: GPL-3.0-or-later
"""What the bootstrap needs seldom, loaded when it does."""
