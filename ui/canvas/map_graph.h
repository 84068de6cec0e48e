// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QString>

#include <array>
#include <vector>

namespace kiln::ui {

/// One box of the Map, in words and figures ready to be drawn. Kinds stand in columns from left to right.
struct MapNode
{
    enum class Kind { Trigger, Function, Service, Destination };
    enum class State {
        Idle,      ///< Well, and not used since the start.
        Ok,        ///< Well.
        Preparing, ///< On its way to being usable.
        Failed,    ///< What it did last went wrong.
        Invalid,   ///< Cannot be used until it is mended.
    };

    QString id; ///< Unique, and the same as long as it means the same thing.
    Kind kind = Kind::Function;
    State state = State::Idle;
    QString icon;   ///< A name of resources/icons; empty draws none.
    QString title;  ///< "checkout", "POST /orders"
    QString detail; ///< "py · 4 warm 2 busy · p99 31 ms"
    QString note;   ///< Beside the sparkline: "0.4 % cold".
    QString problem;
    QString function;              ///< The function it is, or belongs to.
    int trigger = -1;              ///< Its index in the function's triggers; -1 for others.
    bool hasSpark = false;         ///< Whether there is a sparkline at all.
    std::array<float, 30> spark{}; ///< Oldest first.

    bool operator==(const MapNode &) const = default;
};

/// The way that events take from one box to another.
struct MapEdge
{
    enum class Flow {
        Off,  ///< Nothing can come this way now.
        Idle, ///< Nothing came lately, or only at set times.
        Live,
        Failing,
    };

    QString from;
    QString to;
    Flow flow = Flow::Idle;
    double rate = 0; ///< Events per second.
    QString label;   ///< "42/s"; empty draws none.

    bool operator==(const MapEdge &) const = default;
};

/// What the Map shows at one moment: plain values, from any source. Edges name nodes that exist.
struct MapGraph
{
    std::vector<MapNode> nodes;
    std::vector<MapEdge> edges;

    bool operator==(const MapGraph &) const = default;
};

} // namespace kiln::ui
