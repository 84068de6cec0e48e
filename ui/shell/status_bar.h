// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/api/snapshot.h"

#include <QStatusBar>

#include <optional>
#include <string>

class QLabel;
class QToolButton;

namespace kiln::ui {

/// The bottom line: engine state, workers and memory, the isolation in force (a click shows the evidence of each
/// layer), the address (a click copies it), and at the right what was saved last, the rate and the size of history.
class StatusBar : public QStatusBar
{
    Q_OBJECT

public:
    explicit StatusBar(QWidget *parent = nullptr);

    void setSnapshot(const SnapshotPtr &snapshot);
    void setNoEngine(); ///< It could not be started.
    /// What was just done: "revision ab12cd34 ready".
    void setNote(const QString &note);

Q_SIGNALS:
    void copyRequested(const QString &text);

private:
    /// What engine, tier and address show, and in which theme.
    struct State
    {
        EngineLive::State engine;
        std::string address;
        bool addressFailed;
        bool trusted;
        std::optional<Tier> tier;
        bool dark;
        bool operator==(const State &) const = default;
    };

    void showState();
    void showEngine(const EngineLive &engine);
    void showTier(const EngineLive &engine);
    void showEvidence();

    QLabel *const m_dot;
    QLabel *const m_engine;
    QLabel *const m_workers;
    QToolButton *const m_tier;
    QToolButton *const m_address;
    QLabel *const m_note;
    QLabel *const m_rate;
    QLabel *const m_history;
    EngineLive m_live;
    bool m_trusted = true;
    std::optional<State> m_state; ///< As shown.
};

} // namespace kiln::ui
