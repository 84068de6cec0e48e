// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/runtime/mask.h"

#include <QTest>

using namespace kiln;

class tst_Mask : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aValueIsHiddenWhereverItStands()
    {
        const Mask mask({"s3cret", "s3cret-longer", "abc"});
        QCOMPARE(mask.applied("a s3cret b s3crets3cret"), std::string("a *** b ******"));
        QCOMPARE(mask.applied("s3cret-longer"), std::string("***")); // not the shorter one in it
        QCOMPARE(mask.applied("abc"), std::string("abc"));           // too short to be looked for
        QVERIFY(!mask.finds("s3 cret") && mask.finds("xs3cretx"));
    }
    void itIsHiddenAsItStandsInJson()
    {
        const Mask mask({"pa\"ss\\word"});
        const std::string json = "{\"key\": \"pa\\\"ss\\\\word\"}";
        QCOMPARE(mask.applied(json), std::string("{\"key\": \"***\"}"));
    }
    void theLinesOfAKeyAreHiddenOneByOne()
    {
        const Mask mask({"-----BEGIN KEY-----\r\nMIIEvQIBADAN\r\nab\r\n"});
        QVERIFY(mask.finds("MIIEvQIBADAN"));
        QCOMPARE(mask.applied("x MIIEvQIBADAN y"), std::string("x *** y"));
        QVERIFY(!mask.finds("ab"));
    }
};

QTEST_GUILESS_MAIN(tst_Mask)
#include "tst_mask.moc"
