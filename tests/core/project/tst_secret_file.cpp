// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/project/secret_file.h"
#include "tests/core/project/temporary_workspace.h"

#include <QTest>

using namespace kiln;
using test::TemporaryWorkspace;
namespace fs = std::filesystem;

class tst_SecretFile : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void valuesAreKeptForThisUserOnly()
    {
        const TemporaryWorkspace workspace;
        const SecretFile file(workspace.folder());
        QVERIFY(file.read() && file.read()->empty());
        const std::string key = "-----BEGIN-----\nline = \"1\"\n\xff\n-----END-----\n";
        QVERIFY(file.set("API_KEY", "s3cret"));
        QVERIFY(file.set("PEM", key));
        QVERIFY(file.set("API_KEY", "changed"));
        const auto values = file.read();
        QVERIFY(values && values->size() == 2);
        QCOMPARE(values->at("API_KEY"), std::string("changed"));
        QCOMPARE(values->at("PEM"), key);
        const fs::path path = workspace.folder() / ".kiln/secrets";
        QVERIFY(fs::status(path).permissions() == fs::perms(0600));
        QVERIFY(fs::status(path.parent_path()).permissions() == fs::perms(0700));
        QVERIFY(file.remove("PEM"));
        QCOMPARE(file.remove("PEM").error().code, Error::Code::NotFound);
        QCOMPARE(file.read()->size(), std::size_t(1));
    }

    void whatIsNoNameOrNoValueIsRefused()
    {
        const TemporaryWorkspace workspace;
        const SecretFile file(workspace.folder());
        for (const char *name : {"", "1A", "A-B", "AWS_REGION", "KILN_X", "A B", "../x"})
            QVERIFY2(!file.set(name, "value"), name);
        QVERIFY(!file.set("A", "") && !file.set("A", std::string(SecretFile::maxValue + 1, 'x')) &&
                !file.set("A", std::string("a\0b", 3)));
        QVERIFY(!fs::exists(workspace.folder() / ".kiln/secrets"));
    }

    void aFileThatOthersMayReadOrThatIsSpoiltIsToldAndKept()
    {
        const TemporaryWorkspace workspace;
        const SecretFile file(workspace.folder());
        QVERIFY(file.set("A", "value"));
        const fs::path path = workspace.folder() / ".kiln/secrets";
        fs::permissions(path, fs::perms(0644));
        QCOMPARE(file.read().error().code, Error::Code::Untrusted);
        QVERIFY(!file.set("B", "value"));
        fs::permissions(path, fs::perms(0600));
        workspace.write(".kiln/secrets", "A !!!\n");
        QVERIFY(!file.read());
        QVERIFY(!file.set("B", "value"));
        QCOMPARE(workspace.read(".kiln/secrets"), std::string("A !!!\n"));
        fs::remove(path);
        fs::create_symlink("/etc/hostname", path);
        QVERIFY(!file.read());
        QVERIFY(!file.set("B", "value"));
    }
};

QTEST_GUILESS_MAIN(tst_SecretFile)
#include "tst_secret_file.moc"
