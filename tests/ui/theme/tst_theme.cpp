// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/theme/format.h"
#include "ui/theme/icons.h"
#include "ui/theme/theme.h"

#include <QDir>
#include <QImage>
#include <QLocale>
#include <QTest>

#include <cmath>

using namespace kiln;
using namespace kiln::ui;
using namespace std::chrono_literals;

class tst_Theme : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QLocale::setDefault(QLocale(QStringLiteral("en_US"))); }

    void textIsReadableOnEveryGround_data()
    {
        QTest::addColumn<bool>("dark");
        QTest::newRow("dark") << true;
        QTest::newRow("light") << false;
    }

    void textIsReadableOnEveryGround()
    {
        QFETCH(bool, dark);
        const Theme t = dark ? Theme::darkTheme() : Theme::lightTheme();
        for (const QColor &ground : {t.background, t.surface, t.raised}) {
            for (const QColor &ink :
                 {t.text, t.muted, t.accent, t.cold, t.parked, t.zygote, t.warm, t.ok, t.error, t.throttled, t.blocked,
                  t.keyword, t.string, t.number, t.identifier, t.decorator, t.comment})
                QVERIFY2(contrast(ink, ground) >= 4.5,
                         qPrintable(
                             QStringLiteral("%1 on %2: %3").arg(ink.name(), ground.name()).arg(contrast(ink, ground))));
        }
        QVERIFY(contrast(t.onAccent, t.accent) >= 4.5);
        QVERIFY(contrast(t.text, t.selection) >= 4.5);
    }

    void figuresReadAsPeopleWriteThem()
    {
        QCOMPARE(durationText(840us), QStringLiteral("840 µs"));
        QCOMPARE(durationText(1700us), QStringLiteral("1.70 ms"));
        QCOMPARE(durationText(31'200ms), QStringLiteral("31.2 s"));
        QCOMPARE(durationText(125s), QStringLiteral("2 min 5 s"));
        QCOMPARE(durationText(999'700us), QStringLiteral("1.00 s"));
        QCOMPARE(countText(5204), QStringLiteral("5,204"));
        QCOMPARE(countText(12'400), QStringLiteral("12.4 k"));
        QCOMPARE(rateText(0.4), QStringLiteral("0.4/s"));
        QCOMPARE(sizeText(ByteSize{325'058'560}), QStringLiteral("310 MB"));
        QCOMPARE(untilText(WallTime(5h), WallTime(0s)), QStringLiteral("in 5 h"));
    }

    void everyIconDrawsSomething()
    {
        const QStringList names = QDir(QStringLiteral(":/icons")).entryList();
        QVERIFY(names.size() > 20);
        for (const QString &name : names) {
            const QImage image = icon(name.chopped(4)).pixmap(32, 32).toImage();
            bool drawn = false;
            for (int y = 0; y < image.height() && !drawn; ++y) {
                for (int x = 0; x < image.width() && !drawn; ++x)
                    drawn = image.pixelColor(x, y).alpha() > 100;
            }
            QVERIFY2(drawn, qPrintable(name));
        }
    }

private:
    /// WCAG 2.1, relative luminance and contrast ratio.
    static double contrast(const QColor &a, const QColor &b)
    {
        const auto luminance = [](const QColor &c) {
            const auto linear = [](double v) { return v <= 0.03928 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4); };
            return 0.2126 * linear(c.redF()) + 0.7152 * linear(c.greenF()) + 0.0722 * linear(c.blueF());
        };
        const double la = luminance(a), lb = luminance(b);
        return (std::max(la, lb) + 0.05) / (std::min(la, lb) + 0.05);
    }
};

QTEST_MAIN(tst_Theme)
#include "tst_theme.moc"
