// SPDX-License-Identifier: GPL-3.0-or-later
#include <QDirIterator>
#include <QFile>
#include <QMap>
#include <QRegularExpression>
#include <QSet>
#include <QTest>

/// The rules of the house that a compiler does not check: who may include whom, that Results are not dropped, that each
/// file states its licence.
class tst_House : public QObject
{
    Q_OBJECT

private:
    struct File
    {
        QString path; ///< From the repository's root.
        QStringList lines;
    };

    /// What each room may include besides itself. What is allowed to a room is not allowed to those that use it: each
    /// row says all.
    static QMap<QString, QStringList> rules()
    {
        const QStringList ground{QStringLiteral("core/base"), QStringLiteral("core/model")};
        const auto with = [&](std::initializer_list<const char *> more) {
            QStringList all = ground;
            for (const char *room : more)
                all << QLatin1String(room);
            return all;
        };
        const QStringList worker = with({"core/sandbox", "core/runtime"});
        const QStringList pool = worker + QStringList{QStringLiteral("core/worker")};
        const QStringList ui = with({"core/api", "core/store", "core/project", "ui/theme"});
        return {
            {QStringLiteral("core/base"), {}},
            {QStringLiteral("core/model"), {QStringLiteral("core/base")}},
            {QStringLiteral("core/sandbox"), ground},
            {QStringLiteral("core/runtime"), ground},
            {QStringLiteral("core/worker"), worker},
            {QStringLiteral("core/pool"), pool},
            // a compiler is run as a worker is, over the same two descriptors
            {QStringLiteral("core/build"), pool},
            // dispatch declares what it needs of a store itself (EventLog), and implements trigger's EventSink
            {QStringLiteral("core/dispatch"),
             pool + QStringList{QStringLiteral("core/pool"), QStringLiteral("core/trigger")}},
            {QStringLiteral("core/trigger"), ground},
            {QStringLiteral("core/store"), ground},
            {QStringLiteral("core/metrics"), ground},
            {QStringLiteral("core/load"), ground},
            {QStringLiteral("core/project"), ground},
            {QStringLiteral("core/egress"), ground},
            {QStringLiteral("core/gateway"), with({"core/trigger"})},
            {QStringLiteral("core/api"),
             with({"core/sandbox", "core/runtime", "core/worker", "core/pool", "core/build", "core/dispatch",
                   "core/trigger", "core/store", "core/metrics", "core/load", "core/project", "core/gateway",
                   "core/egress"})},
            {QStringLiteral("ui/theme"), ground},
            // a model makes the plain MapGraph that the canvas draws
            {QStringLiteral("ui/models"), ui + QStringList{QStringLiteral("ui/canvas")}},
            {QStringLiteral("ui/charts"), with({"ui/theme"})},
            {QStringLiteral("ui/editor"), with({"ui/theme"})},
            {QStringLiteral("ui/canvas"), with({"ui/theme"})},
            {QStringLiteral("ui/panes"), ui + QStringList{QStringLiteral("ui/models"), QStringLiteral("ui/charts"),
                                                          QStringLiteral("ui/editor"), QStringLiteral("ui/canvas")}},
            {QStringLiteral("ui/shell"),
             ui + QStringList{QStringLiteral("ui/models"), QStringLiteral("ui/charts"), QStringLiteral("ui/editor"),
                              QStringLiteral("ui/canvas"), QStringLiteral("ui/panes")}},
        };
    }

    /// The headers of a room that hold values or narrow interfaces only, for those who may not use the room's engine.
    static bool isValueHeader(const QString &from, const QString &header)
    {
        if (!from.startsWith(QLatin1String("ui/")) || from == QLatin1String("ui/shell"))
            return true;
        static const QSet<QString> values{QStringLiteral("core/api/snapshot.h"), QStringLiteral("core/store/query.h"),
                                          QStringLiteral("core/project/edit.h")};
        return !header.startsWith(QLatin1String("core/")) || header.startsWith(QLatin1String("core/base/")) ||
               header.startsWith(QLatin1String("core/model/")) || values.contains(header);
    }

    static QString roomOf(const QString &path)
    {
        const QStringList parts = path.split(QLatin1Char('/'));
        return parts.size() < 3 ? parts.value(0) : parts.at(0) + QLatin1Char('/') + parts.at(1);
    }

    static QList<File> sources(const QStringList &folders)
    {
        QList<File> files;
        const QDir root(QStringLiteral(KILN_SOURCE_DIR));
        for (const QString &folder : folders) {
            QDirIterator walk(root.filePath(folder), {QStringLiteral("*.h"), QStringLiteral("*.cpp")}, QDir::Files,
                              QDirIterator::Subdirectories);
            while (walk.hasNext()) {
                QFile file(walk.next());
                if (file.open(QIODevice::ReadOnly))
                    files << File{root.relativeFilePath(file.fileName()),
                                  QString::fromUtf8(file.readAll()).split(QLatin1Char('\n'))};
            }
        }
        return files;
    }

private Q_SLOTS:
    void noRoomIncludesWhatItMayNot()
    {
        static const QRegularExpression include(QStringLiteral("^\\s*#\\s*include\\s+\"([^\"]+)\""));
        const auto table = rules();
        int seen = 0;
        QStringList crossings;
        for (const File &file : sources({QStringLiteral("core"), QStringLiteral("ui")})) {
            const QString room = roomOf(file.path);
            QVERIFY2(table.contains(room),
                     qPrintable(file.path + QStringLiteral(" stands in a room that has no rule")));
            for (const QString &line : file.lines) {
                const auto match = include.match(line);
                if (!match.hasMatch() || match.captured(1).endsWith(QLatin1String(".moc")))
                    continue;
                ++seen;
                const QString target = roomOf(match.captured(1));
                const bool allowed = target == room || table.value(room).contains(target);
                if (!allowed || !isValueHeader(room, match.captured(1)))
                    crossings << QStringLiteral("%1 includes %2").arg(file.path, match.captured(1));
            }
        }
        QVERIFY2(crossings.isEmpty(), qPrintable(crossings.join(QLatin1Char('\n'))));
        QVERIFY(seen > 100);
    }

    void theTestSeesACrossing() // a rule that cannot fail is none
    {
        QVERIFY(!rules().value(QStringLiteral("core/pool")).contains(QStringLiteral("core/dispatch")));
        QVERIFY(!rules().value(QStringLiteral("ui/charts")).contains(QStringLiteral("ui/panes")));
        QVERIFY(!isValueHeader(QStringLiteral("ui/panes"), QStringLiteral("core/api/engine.h")));
        QCOMPARE(roomOf(QStringLiteral("core/sandbox/launcher/main.cpp")), QStringLiteral("core/sandbox"));
    }

    void coreKnowsNoQt()
    {
        static const QRegularExpression qt(QStringLiteral("^\\s*#\\s*include\\s*[<\"]Q[A-Za-z]"));
        for (const File &file : sources({QStringLiteral("core")})) {
            for (const QString &line : file.lines)
                QVERIFY2(!qt.match(line).hasMatch(), qPrintable(file.path + QStringLiteral(": ") + line));
        }
    }

    void theLauncherKnowsNeitherBoostNorQt()
    {
        for (const File &file : sources({QStringLiteral("core/sandbox/launcher")})) {
            for (const QString &line : file.lines)
                QVERIFY2(!line.contains(QLatin1String("#include <boost")),
                         qPrintable(file.path + QStringLiteral(": ") + line));
        }
    }

    void noResultMayBeDropped()
    {
        // A declaration in a header that returns Result must say [[nodiscard]] on its line or the one before.
        static const QRegularExpression declares(
            QStringLiteral("^\\s*(?:static |virtual |friend |inline )*(?:kiln::)?Result<[^;=(]*>\\s+[A-Za-z_]\\w*\\("));
        QStringList dropped;
        for (const File &file : sources({QStringLiteral("core"), QStringLiteral("ui"), QStringLiteral("app")})) {
            if (!file.path.endsWith(QLatin1String(".h")))
                continue;
            bool inPrivate = false;
            for (int i = 0; i < file.lines.size(); ++i) {
                const QString trimmed = file.lines.at(i).trimmed();
                if (trimmed.startsWith(QLatin1String("private")))
                    inPrivate = true;
                else if (trimmed.startsWith(QLatin1String("public")) ||
                         file.lines.at(i).startsWith(QLatin1String("};")))
                    inPrivate = false;
                if (inPrivate || !declares.match(file.lines.at(i)).hasMatch())
                    continue;
                const bool said = i > 0 && file.lines.at(i - 1).contains(QLatin1String("[[nodiscard]]"));
                if (!said)
                    dropped << QStringLiteral("%1:%2").arg(file.path).arg(i + 1);
            }
        }
        QVERIFY2(dropped.isEmpty(), qPrintable(dropped.join(QLatin1Char('\n'))));
    }

    void everySourceFileStatesItsLicence()
    {
        for (const File &file :
             sources({QStringLiteral("app"), QStringLiteral("core"), QStringLiteral("ui"), QStringLiteral("tests")}))
            QVERIFY2(file.lines.value(0).contains(QLatin1String("SPDX-License-Identifier: GPL-3.0-or-later")),
                     qPrintable(file.path));
    }
};

QTEST_GUILESS_MAIN(tst_House)
#include "tst_house.moc"
